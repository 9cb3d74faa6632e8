//! What takes a whole story to see.

mod backwards;
mod shops;

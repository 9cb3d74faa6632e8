//! What the window asks and what it is told: views of the use-cases, made for the screens, by name.

mod cards;
mod counter;
pub(crate) mod desk;
mod dispatch;
mod export;
mod form;
mod history;
mod import;
mod money;
mod remotes;
mod set_up;
mod settings;
mod sync_screen;
mod table;
mod twins;
#[cfg(test)]
mod types;
mod unsettled;
mod views;

pub use dispatch::App;
pub use views::Failure;

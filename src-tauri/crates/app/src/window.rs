//! What the window asks and what it is told: views of the use-cases, made for the screens, by name.

mod counter;
pub(crate) mod desk;
mod dispatch;
mod history;
mod set_up;
mod sync_screen;
#[cfg(test)]
mod types;
mod views;

pub use dispatch::App;
pub use views::Failure;

//! Keeping a till in step with its remotes: pushing what is queued, pulling what changed.
//!
//! [`engine::Engine`] is stepped: it owns no thread and no clock, and everything it talks to is passed in, so the whole
//! of it runs in a test without a network. Only a connector knows its remote's JSON; the engine reads a capability
//! record, never the remote's name.

pub mod backoff;
pub mod capabilities;
pub mod clock;
pub mod connector;
pub mod connectors;
pub mod credit;
pub mod engine;
pub mod http;
pub mod transport;
pub mod trouble;

pub use clock::Clock;
pub use connector::Connector;
pub use trouble::Trouble;

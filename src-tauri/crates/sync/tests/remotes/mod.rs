//! The connectors to other member systems, over real sockets.

mod conformance;
mod credit;
mod own;
mod samples;
mod server;
mod systems;
mod till;

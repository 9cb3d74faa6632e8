//! The connectors to other member systems, over real sockets.

mod alone;
mod conformance;
mod credit;
mod office;
mod own;
mod pace;
mod samples;
mod server;
mod systems;
mod till;

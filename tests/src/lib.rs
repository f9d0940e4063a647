//! End-to-end tests: the real binary, real clients, real servers.
//!
//! This library is what the tests under `tests/` stand on. Everything it starts
//! listens on a loopback port of its own, keeps its files in a temporary folder and
//! ends with the value that stands for it, so tests run side by side.

pub mod binary;
pub mod certs;
pub mod cutting;
pub mod hook;
pub mod http;
pub mod issuer;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod psql;
pub mod python;
pub mod says;
pub mod stage;
pub mod wait;
pub mod wire;
pub mod workspace;

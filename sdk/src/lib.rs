//! The guest contract (WIT) and the Rust SDK for filters.

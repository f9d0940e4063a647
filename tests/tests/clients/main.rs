//! Ordinary clients: drivers, and PostgreSQL's own tools.

mod between;
mod drivers;
mod oauth;
mod servers;
mod tools;

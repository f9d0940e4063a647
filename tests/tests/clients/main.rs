//! Ordinary clients: drivers, and PostgreSQL's own tools.

mod drivers;
mod oauth;
mod tools;

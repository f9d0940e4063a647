//! Ordinary clients: drivers, and PostgreSQL's own tools.

mod between;
mod drivers;
mod jdbc;
mod node;
mod oauth;
mod servers;
mod sqlalchemy;
mod tools;

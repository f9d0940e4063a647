//! What an identity may do, and what becomes of its session when it may not.

mod calls;
mod names;
mod rules;
mod settings;
mod statements;

//! What names mean, when somebody changes it: others, or the session itself.

mod others;
mod own;

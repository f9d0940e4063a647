//! The narrowgate command.

fn main() {}

//! Which values an agent must not see.

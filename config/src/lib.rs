//! The configuration as written: YAML, validated, with positions.

//! Sessions, operations, verdicts and the filter chain itself.

//! What is written down about a session.

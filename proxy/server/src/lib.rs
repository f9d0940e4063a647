//! A least-privilege gateway for AI agents.

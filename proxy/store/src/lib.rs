//! Approvals, sessions and recordings on disk.

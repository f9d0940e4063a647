//! Bounds that hold for the whole gateway.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::value::{ByteSize, HumanDuration};

/// Bounds that hold for the whole gateway. A change reaches what connects
/// after it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most connections of clients at a time. One more is refused.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections: u32,

    /// Most connections of one identity at a time.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections_per_identity: u32,

    /// Longest time from a connection to its session: TLS, token and the
    /// chain's consent.
    #[schemars(extend("x-minimum" = "100ms", "x-maximum" = "5m"))]
    pub handshake: HumanDuration,

    /// Longest time without a message from a client that is not waiting for
    /// anything.
    #[schemars(extend("x-minimum" = "1s", "x-maximum" = "7d"))]
    pub idle: HumanDuration,

    /// Longest message that is held in memory. Results, COPY data and large
    /// values stream past it.
    #[schemars(extend("x-minimum" = "16KiB", "x-maximum" = "1GiB"))]
    pub message_length: ByteSize,

    /// Longest statement, which must be held and parsed.
    #[schemars(extend("x-minimum" = "1KiB", "x-maximum" = "64MiB"))]
    pub statement_length: ByteSize,

    /// Most memory that one session's prepared statements, portals with their
    /// parameters and messages whose answers are due may take. What would take
    /// more fails, and the session goes on.
    #[schemars(extend("x-minimum" = "1MiB", "x-maximum" = "16GiB"))]
    pub session_memory: ByteSize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_identity: 1000,
            handshake: HumanDuration::secs(10),
            idle: HumanDuration::secs(60 * 60),
            message_length: ByteSize::mib(16),
            statement_length: ByteSize::mib(1),
            session_memory: ByteSize::mib(64),
        }
    }
}

//! The one unsafe call of the host: loading a compiled module.

use wasmtime::component::Component;

use crate::Engine;

/// Loads a module whose MAC has just been verified on these very bytes. `None`
/// when it is of another engine.
#[expect(
    unsafe_code,
    reason = "loading a compiled module is unsafe whatever is known of it"
)]
pub(super) fn deserialize(engine: &Engine, module: &[u8]) -> Option<Component> {
    // SAFETY: `Component::serialize` made these bytes in this program: their MAC
    // is good under a key that only our user can read. Wasmtime itself refuses
    // those of another version or configuration.
    unsafe { Component::deserialize(engine.inner(), module) }.ok()
}

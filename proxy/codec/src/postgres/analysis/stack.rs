//! Stack space for deep statements.
//!
//! A parse tree is as deep as its statement nests, and decoding, walking, analysing and dropping it recurse. An
//! ordinary thread's 2 MiB are enough for what [`super::fits_inline`] lets through; everything else runs on a
//! thread with [`STACK`] bytes, of which only the touched pages cost memory.

use std::cell::Cell;
use std::thread;

/// Stack of a thread for deep statements, in bytes. Holds what libpg_query's own guard (2 MiB of C stack, as in
/// the server) and [`super::Limits::max_depth`] let through, in debug builds too.
pub(super) const STACK: usize = 256 << 20;

thread_local! {
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Says that the current thread has [`STACK`] bytes.
pub(super) fn mark_roomy() {
    ROOMY.set(true);
}

/// Whether the current thread has [`STACK`] bytes.
pub(super) fn is_roomy() -> bool {
    ROOMY.get()
}

/// Runs `work` here if this thread is roomy, else on a thread that is. `None` when no thread could be started
/// or `work` panicked.
pub(super) fn with_room<R: Send>(work: impl FnOnce() -> R + Send) -> Option<R> {
    if is_roomy() {
        return Some(work());
    }
    thread::scope(|scope| {
        let builder = thread::Builder::new()
            .name("analyser".to_owned())
            .stack_size(STACK);
        let handle = builder.spawn_scoped(scope, || {
            mark_roomy();
            work()
        });
        handle.ok()?.join().ok()
    })
}

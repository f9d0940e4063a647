//! The functions of a statement and why they count as harmless or not.

use std::sync::Arc;

/// A function that the statement calls, or an operator or cast that is not the server's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionUse {
    /// Where it lives; empty when no schema on the path has it. When several schemas have a function of the
    /// name there is an entry for each, since which one is called hangs on the arguments' types.
    pub schema: Arc<str>,
    pub name: Arc<str>,
    pub group: FunctionGroup,
    /// It cannot do harm: the group is pure or session, and no user's namesake could be called instead. Also
    /// true for `set_config` with a constant name, whose effect is in [`super::Statement::settings`].
    pub harmless: bool,
    /// Only views that the statement names call it.
    pub via_view: bool,
}

/// What is known about a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FunctionGroup {
    /// Built in; the result depends on the arguments alone.
    Pure,
    /// Built in; tells about the caller's own session, the clock, or random numbers.
    Session,
    /// Built in; reads names, definitions and privileges from the system catalog.
    Catalog,
    /// From an extension whose functions are known to be pure.
    Extension,
    /// Built in, but may run SQL, read files or others' data, sleep, signal, lock, send or change settings.
    Unlisted,
    /// A user's own, or not found.
    User,
}

impl FunctionGroup {
    /// Whether functions of the group do no harm by themselves.
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Pure | Self::Session | Self::Extension)
    }
}

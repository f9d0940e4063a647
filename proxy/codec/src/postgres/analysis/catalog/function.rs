//! Functions, types and other named objects, as far as calls are resolved to them.

use std::sync::Arc;

/// A function, procedure or aggregate. Those of pg_catalog are merged by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub schema: Arc<str>,
    pub name: Arc<str>,
    /// At least one function of the name returns a set.
    pub returns_set: bool,
    /// Names of the result's columns when it returns several and all functions of the name agree.
    pub columns: Option<Arc<[Arc<str>]>>,
    /// The result is a row whose columns are not known from here (`record`, or namesakes that differ).
    pub returns_row: bool,
    /// The extension it belongs to.
    pub extension: Option<Arc<str>>,
    /// Runs with its owner's rights.
    pub security_definer: bool,
}

/// A user-defined operator or cast function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct NamedObject {
    pub(in super::super) schema: Arc<str>,
    pub(in super::super) name: Arc<str>,
    pub(in super::super) extension: Option<Arc<str>>,
}

/// A data type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct TypeInfo {
    pub(in super::super) oid: u32,
    pub(in super::super) schema: Arc<str>,
    /// `pg_type.typtype`: b base, c composite, d domain, e enum, p pseudo, r range, m multirange.
    pub(in super::super) typtype: char,
    pub(in super::super) extension: Option<Arc<str>>,
    /// The relation of a composite type, or 0.
    pub(in super::super) relation: u32,
}

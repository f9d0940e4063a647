//! Small readers of parse tree nodes.

use pg_query::NodeEnum;
use pg_query::protobuf::{AConst, Node, RangeVar, a_const};

/// The enumeration inside a node.
pub(super) fn inner(node: &Node) -> Option<&NodeEnum> {
    node.node.as_ref()
}

/// The enumeration inside an optional boxed node.
pub(super) fn boxed(node: &Option<Box<Node>>) -> Option<&NodeEnum> {
    node.as_ref().and_then(|node| node.node.as_ref())
}

/// The text of a String node.
pub(super) fn text(node: &Node) -> Option<&str> {
    match inner(node) {
        Some(NodeEnum::String(string)) => Some(&string.sval),
        _ => None,
    }
}

/// The texts of a list of String nodes; other nodes are left out.
pub(super) fn texts(nodes: &[Node]) -> Vec<&str> {
    nodes.iter().filter_map(text).collect()
}

/// A possibly qualified name: (schema, name). Longer names keep their last two parts.
pub(super) fn qualified(nodes: &[Node]) -> (Option<&str>, &str) {
    let mut parts = nodes.iter().rev().filter_map(text);
    let name = parts.next().unwrap_or("");
    (parts.next(), name)
}

/// An optional string, which protobuf spells as empty.
pub(super) fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A dotted name for logs.
pub(super) fn dotted(nodes: &[Node]) -> String {
    texts(nodes).join(".")
}

/// A literal as text, the way SET and options read it.
pub(super) fn literal_text(constant: &AConst) -> Option<String> {
    use a_const::Val;
    if constant.isnull {
        return None;
    }
    Some(match constant.val.as_ref()? {
        Val::Ival(value) => value.ival.to_string(),
        Val::Fval(value) => value.fval.clone(),
        Val::Boolval(value) => value.boolval.to_string(),
        Val::Sval(value) => value.sval.clone(),
        Val::Bsval(value) => value.bsval.clone(),
    })
}

/// A relation name from a list of strings: catalog, schema, relation.
pub(super) fn range_var(nodes: &[Node]) -> RangeVar {
    let mut parts = nodes.iter().rev().filter_map(text).map(str::to_owned);
    RangeVar {
        relname: parts.next().unwrap_or_default(),
        schemaname: parts.next().unwrap_or_default(),
        catalogname: parts.next().unwrap_or_default(),
        inh: true,
        ..RangeVar::default()
    }
}

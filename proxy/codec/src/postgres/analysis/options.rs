//! Values of settings and options, as text.

use pg_query::NodeEnum;
use pg_query::protobuf::Node;

use super::Change;
use super::nodes::{boxed, inner, literal_text};

/// The values of a setting or option.
pub(super) fn values<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> Change {
    let mut values = Vec::new();
    for node in nodes.into_iter().filter_map(inner) {
        let value = match node {
            NodeEnum::AConst(constant) => literal_text(constant),
            NodeEnum::String(string) => Some(string.sval.clone()),
            NodeEnum::Integer(integer) => Some(integer.ival.to_string()),
            NodeEnum::Float(float) => Some(float.fval.clone()),
            NodeEnum::Boolean(boolean) => Some(boolean.boolval.to_string()),
            // SET TIME ZONE INTERVAL '…'.
            NodeEnum::TypeCast(cast) => match boxed(&cast.arg) {
                Some(NodeEnum::AConst(constant)) => literal_text(constant),
                _ => None,
            },
            _ => None,
        };
        match value {
            Some(value) => values.push(value),
            None => return Change::Computed,
        }
    }
    Change::To(values)
}

pub(super) fn is_false(value: &str) -> bool {
    matches!(
        value.to_lowercase().as_str(),
        "false" | "off" | "0" | "no" | "f" | "n"
    )
}

/// The value of a named option, as text.
pub(super) fn option(options: &[Node], name: &str) -> Option<String> {
    options
        .iter()
        .filter_map(inner)
        .find_map(|node| match node {
            NodeEnum::DefElem(option) if option.defname == name => {
                match values(option.arg.as_deref()) {
                    Change::To(values) => values.into_iter().next(),
                    _ => None,
                }
            }
            _ => None,
        })
}

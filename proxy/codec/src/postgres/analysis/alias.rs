//! Aliases of items and of their columns.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::protobuf::{Alias, Node};

use super::lineage::{Field, RowShape, Value};
use super::nodes::text;
use super::scope::Item;

/// Gives an item its alias and column aliases.
pub(super) fn aliased(mut item: Item, alias: Option<&Alias>) -> Item {
    let Some(alias) = alias else { return item };
    item.name = Arc::from(alias.aliasname.as_str());
    item.schema = None;
    if !alias.colnames.is_empty() {
        let mut row = (*item.row).clone();
        rename(&mut row, &alias.colnames);
        item.row = Rc::new(row);
    }
    item
}

/// Renames the first columns of a row; an open row gets columns of these names.
pub(super) fn rename(row: &mut RowShape, names: &[Node]) {
    for (index, name) in names.iter().filter_map(text).enumerate() {
        match (row.fields.get_mut(index), &row.open) {
            (Some(field), _) => field.name = Arc::from(name),
            (None, Some(open)) => {
                let value = Value {
                    lineage: Rc::clone(open),
                    typmod: -1,
                    ..Value::default()
                };
                row.fields.push(Field {
                    name: Arc::from(name),
                    value,
                });
            }
            (None, None) => {}
        }
    }
}

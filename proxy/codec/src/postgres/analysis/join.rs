//! Joins: conditions, merged columns, aliases.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::protobuf::{Alias, JoinExpr};

use super::alias::aliased;
use super::analyser::Analyser;
use super::lineage::{Field, RowShape, Value};
use super::nodes::{boxed, text};
use super::scope::{Item, Scope};
use super::{How, UnresolvedKind};

impl Analyser<'_> {
    pub(super) fn join(&mut self, join: &JoinExpr, scope: &mut Scope<'_>) {
        let outer_floor = scope.floor;
        let start = scope.items.len();
        if let Some(left) = boxed(&join.larg) {
            self.add_item(left, scope);
        }
        let middle = scope.items.len();
        if let Some(right) = boxed(&join.rarg) {
            self.add_item(right, scope);
        }
        let using: Vec<String> = if join.is_natural {
            natural_columns(scope, start, middle)
        } else {
            join.using_clause
                .iter()
                .filter_map(text)
                .map(str::to_owned)
                .collect()
        };
        if !using.is_empty() {
            self.merge_columns(join, &using, scope, start, middle);
        }
        scope.floor = start;
        self.condition_opt(&join.quals, scope);
        scope.floor = outer_floor;
        if let Some(alias) = &join.alias {
            self.alias_join(alias, scope, start);
        }
    }

    /// USING and NATURAL: one column for two of the same name, in front of the others.
    pub(super) fn merge_columns(
        &mut self,
        join: &JoinExpr,
        using: &[String],
        scope: &mut Scope<'_>,
        start: usize,
        middle: usize,
    ) {
        let side = |items: &[Item], name: &str| -> Option<Value> {
            let mut fields = items
                .iter()
                .filter(|item| item.bare)
                .flat_map(|item| item.row.fields.iter());
            let found = fields
                .find(|field| &*field.name == name)
                .map(|field| field.value.clone());
            let open = || {
                let mut any = RowShape::default();
                for item in items.iter().filter(|item| item.bare) {
                    any.open_as(&item.row);
                }
                any.open
            };
            found.or_else(|| {
                open().map(|lineage| Value {
                    lineage,
                    typmod: -1,
                    ..Value::default()
                })
            })
        };
        let mut merged = Vec::new();
        self.operator_named(None, "=");
        for name in using {
            let left = scope
                .items
                .get(start..middle)
                .and_then(|items| side(items, name));
            let right = scope
                .items
                .get(middle..)
                .and_then(|items| side(items, name));
            let (Some(left), Some(right)) = (left, right) else {
                self.unresolved(UnresolvedKind::Column, name.as_str());
                continue;
            };
            let both = Value::union([&left, &right]);
            self.read_columns(&both.lineage);
            self.influence(&both, How::Other);
            merged.push(Field {
                name: Arc::from(name.as_str()),
                value: merged_value(join.jointype, &left, &right, &both),
            });
        }
        let mut row = RowShape {
            fields: merged.clone(),
            open: None,
        };
        for item in scope.items.iter().skip(start).filter(|item| item.bare) {
            let rest = item
                .row
                .fields
                .iter()
                .filter(|field| !using.iter().any(|name| **name == *field.name));
            row.fields.extend(rest.cloned());
            row.open_as(&item.row);
        }
        self.steps(row.fields.len() * 4);
        scope
            .items
            .iter_mut()
            .skip(start)
            .for_each(|item| item.bare = false);
        let mut item = Item::new(Arc::from(""), Rc::new(row));
        item.named = false;
        scope.items.push(item);
        if let Some(alias) = &join.join_using_alias {
            let mut item = Item::new(
                Arc::from(alias.aliasname.as_str()),
                Rc::new(RowShape {
                    fields: merged,
                    open: None,
                }),
            );
            item.bare = false;
            scope.items.push(item);
        }
    }

    /// An alias on a join hides the names of its sides.
    pub(super) fn alias_join(&mut self, alias: &Alias, scope: &mut Scope<'_>, start: usize) {
        let mut row = RowShape::default();
        for item in scope.items.drain(start..).filter(|item| item.bare) {
            row.fields.extend(item.row.fields.iter().cloned());
            row.open_as(&item.row);
        }
        scope
            .items
            .push(aliased(Item::new(Arc::from(""), Rc::new(row)), Some(alias)));
    }
}

fn natural_columns(scope: &Scope<'_>, start: usize, middle: usize) -> Vec<String> {
    let names = |items: &[Item]| -> Vec<Arc<str>> {
        items
            .iter()
            .filter(|item| item.bare)
            .flat_map(|item| item.row.fields.iter().map(|field| field.name.clone()))
            .collect()
    };
    let right = scope.items.get(middle..).map(names).unwrap_or_default();
    let left = scope
        .items
        .get(start..middle)
        .map(names)
        .unwrap_or_default();
    left.iter()
        .filter(|name| right.contains(name))
        .map(|name| name.to_string())
        .collect()
}

/// The merged column is the left one (the right one in a right join), unless their types differ so that it is
/// cast, or a full join makes it a COALESCE.
fn merged_value(jointype: i32, left: &Value, right: &Value, both: &Value) -> Value {
    use pg_query::protobuf::JoinType;
    let kept = if jointype == JoinType::JoinRight as i32 {
        right
    } else {
        left
    };
    let mut value = both.clone();
    value.type_oid = kept.type_oid;
    value.typmod = kept.typmod;
    if jointype != JoinType::JoinFull as i32 {
        let same = left.type_oid == right.type_oid && left.typmod == right.typmod;
        value.expected = kept.expected;
        value.loose = kept.loose || !same;
        // The side that needs no cast stands for both, unless an outer join decides.
        if !same && jointype == JoinType::JoinInner as i32 {
            value.alternative = right.expected;
        }
    }
    value
}

//! Column references: bare and qualified names, system columns, whole rows.

use std::rc::Rc;

use pg_query::NodeEnum;
use pg_query::protobuf::ColumnRef;

use super::UnresolvedKind;
use super::analyser::Analyser;
use super::catalog::system_column;
use super::lineage::{ColumnKey, Lineage, Value};
use super::nodes::{inner, text, texts};
use super::scope::{Found, Item, Scope};

impl Analyser<'_> {
    pub(super) fn column_ref(&mut self, column: &ColumnRef, scope: &Scope<'_>) -> Value {
        let names = texts(&column.fields);
        let star = Self::star(column).is_some();
        let value = match names.as_slice() {
            // `item.*` as an argument is the whole row.
            [] if star => self.all_rows(scope),
            [item] if star => self.named_row(None, item, scope),
            [schema, item] if star => self.named_row(Some(schema), item, scope),
            [name] if column.fields.len() == 1 => self.bare_name(name, scope),
            [item, name] => self.qualified_name(None, item, name, scope),
            [schema, item, name] => self.qualified_name(Some(schema), item, name, scope),
            [_, schema, item, name] => self.qualified_name(Some(schema), item, name, scope),
            _ => {
                self.unresolved(UnresolvedKind::Construct, names.join("."));
                Value::unknown()
            }
        };
        self.read_columns(&value.lineage);
        value
    }

    /// A bare name: a column, else a system column, else a whole row.
    pub(super) fn bare_name(&mut self, name: &str, scope: &Scope<'_>) -> Value {
        let perhaps = match scope.column(name) {
            Found::One(value) => return value,
            Found::Perhaps(value) => Some(value),
            Found::Ambiguous => {
                self.unresolved(UnresolvedKind::AmbiguousColumn, name);
                return Value::unknown();
            }
            Found::None => None,
        };
        match (perhaps, self.no_column(name, scope)) {
            (Some(perhaps), Some(value)) => perhaps.or_else(&value),
            (Some(value), None) | (None, Some(value)) => value,
            (None, None) => {
                self.unresolved(UnresolvedKind::Column, name);
                Value::unknown()
            }
        }
    }

    /// What a bare name means that is no column: a system column, else a whole row.
    fn no_column(&self, name: &str, scope: &Scope<'_>) -> Option<Value> {
        if let Some(attnum) = system_column(name) {
            let mut level = Some(scope);
            while let Some(scope) = level {
                if let Some(oid) = scope.bare_items().find_map(|item| item.relation) {
                    return Some(self.system_value(oid, attnum));
                }
                level = scope.parent;
            }
        }
        match scope.item(None, name) {
            Found::One(item) => Some(Self::whole_row(item)),
            _ => None,
        }
    }

    pub(super) fn qualified_name(
        &mut self,
        schema: Option<&str>,
        item: &str,
        name: &str,
        scope: &Scope<'_>,
    ) -> Value {
        let found = match scope.item(schema, item) {
            Found::One(found) => found,
            _ => {
                // `column.field` has no meaning in SQL without parentheses, so there is nothing else to try.
                self.unresolved(UnresolvedKind::Relation, item);
                return Value::unknown();
            }
        };
        if let Some(field) = found.row.fields.iter().find(|field| &*field.name == name) {
            return field.value.clone();
        }
        if let (Some(attnum), Some(oid)) = (system_column(name), found.relation) {
            return self.system_value(oid, attnum);
        }
        if let Some(open) = &found.row.open {
            return Value {
                lineage: Rc::clone(open),
                typmod: -1,
                ..Value::default()
            };
        }
        // `item.function` calls the function on the whole row.
        let row = Self::whole_row(found);
        if self.catalog.functions(name).is_empty() {
            self.unresolved(UnresolvedKind::Column, name);
            return Value::unknown();
        }
        let called = self.call_named(None, name);
        self.result_of(&called, &row, name)
    }

    pub(super) fn named_row(
        &mut self,
        schema: Option<&str>,
        item: &str,
        scope: &Scope<'_>,
    ) -> Value {
        match scope.item(schema, item) {
            Found::One(found) => Self::whole_row(found),
            _ => {
                self.unresolved(UnresolvedKind::Relation, item);
                Value::unknown()
            }
        }
    }

    pub(super) fn all_rows(&self, scope: &Scope<'_>) -> Value {
        Value::union(&scope.bare_items().map(Self::whole_row).collect::<Vec<_>>())
    }

    pub(super) fn system_value(&self, oid: u32, attnum: i16) -> Value {
        let key = ColumnKey::whole(oid, attnum);
        Value {
            expected: Some((oid, attnum)),
            ..Value::of(Lineage {
                keys: vec![key],
                direct: true,
                ..Lineage::default()
            })
        }
    }

    pub(super) fn whole_row(item: &Item) -> Value {
        let mut value = Value::of(item.row.whole());
        if item.row.open.is_none() {
            value.fields = Some(Rc::new(item.row.fields.clone()));
        }
        // The server reports the relation of a whole-row reference with attribute number 0.
        value.expected = item.relation.map(|oid| (oid, 0));
        value.loose = true;
        value
    }

    /// Whether a column reference is a `*`, and of what.
    pub(super) fn star(column: &ColumnRef) -> Option<Vec<&str>> {
        let last = column.fields.last()?;
        matches!(inner(last), Some(NodeEnum::AStar(_)))
            .then(|| column.fields.iter().filter_map(text).collect())
    }
}

//! Names that are visible at one query level, and how a name finds its meaning.

use std::rc::Rc;
use std::sync::Arc;

use super::lineage::{Lineage, RowShape, Value};

/// Something in FROM (or the target of a modification) that names can refer to.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Alias or relation name.
    pub(super) name: Arc<str>,
    /// Schema, for `schema.table.column`; none when there is an alias.
    pub(super) schema: Option<Arc<str>>,
    pub(super) row: Rc<RowShape>,
    /// The relation's OID when it is one, for system columns and whole rows.
    pub(super) relation: Option<u32>,
    /// `name.column` finds it.
    pub(super) named: bool,
    /// A bare `column` finds its columns, and `*` expands them.
    pub(super) bare: bool,
}

impl Item {
    pub(super) fn new(name: Arc<str>, row: Rc<RowShape>) -> Self {
        Self {
            name,
            schema: None,
            row,
            relation: None,
            named: true,
            bare: true,
        }
    }
}

/// A common table expression that can be referred to.
#[derive(Debug, Clone)]
pub(super) struct Cte {
    pub(super) name: Arc<str>,
    pub(super) row: Rc<RowShape>,
}

/// One query level. A sub-select's scope points to the level around it.
#[derive(Debug, Default)]
pub(super) struct Scope<'p> {
    pub(super) parent: Option<&'p Scope<'p>>,
    /// Whether the parent's items are visible: not for a sub-select in FROM without LATERAL.
    pub(super) sees_parent_items: bool,
    pub(super) items: Vec<Item>,
    pub(super) ctes: Vec<Cte>,
    /// Items before this index are out of sight for the moment (JOIN … ON sees its own two sides).
    pub(super) floor: usize,
}

/// What a name means.
pub(super) enum Found<T> {
    One(T),
    /// Nothing for sure, but there are rows that may have a column of any name.
    Perhaps(T),
    None,
    Ambiguous,
}

impl<'p> Scope<'p> {
    /// A level inside another, which sees the outer level's items.
    pub(super) fn inside(parent: &'p Scope<'p>) -> Self {
        Self {
            parent: Some(parent),
            sees_parent_items: true,
            ..Self::default()
        }
    }

    /// A level in another's FROM, which sees the outer level's common table expressions but not its items.
    pub(super) fn beside(parent: &'p Scope<'p>) -> Self {
        Self {
            sees_parent_items: false,
            ..Self::inside(parent)
        }
    }

    fn visible(&self) -> &[Item] {
        self.items.get(self.floor..).unwrap_or(&[])
    }

    /// Common table expression of a name, innermost first.
    pub(super) fn cte(&self, name: &str) -> Option<&Cte> {
        let mut scope = Some(self);
        while let Some(level) = scope {
            if let Some(cte) = level.ctes.iter().rev().find(|cte| &*cte.name == name) {
                return Some(cte);
            }
            scope = level.parent;
        }
        None
    }

    /// A bare column name. Of rows that may have it, none is passed over: the value may be each one's.
    pub(super) fn column(&self, name: &str) -> Found<Value> {
        let mut scope = Some(self);
        let mut sees = true;
        let mut perhaps: Option<Value> = None;
        while let Some(level) = scope {
            if sees {
                match (level.column_here(name), &perhaps) {
                    (Found::None, _) => {}
                    (Found::Perhaps(value), None) => perhaps = Some(value),
                    (Found::Perhaps(value), Some(nearer)) => {
                        perhaps = Some(nearer.or_else(&value));
                    }
                    (Found::One(value), Some(nearer)) => return Found::One(nearer.or_else(&value)),
                    (found, _) => return found,
                }
            }
            sees = level.sees_parent_items;
            scope = level.parent;
        }
        perhaps.map_or(Found::None, Found::Perhaps)
    }

    /// A bare column name at this level alone.
    pub(super) fn column_here(&self, name: &str) -> Found<Value> {
        let mut found: Option<Value> = None;
        let mut open: Option<Lineage> = None;
        for item in self.visible().iter().filter(|item| item.bare) {
            let mut matching = item.row.fields.iter().filter(|field| &*field.name == name);
            if let Some(field) = matching.next() {
                if found.is_some() || matching.next().is_some() {
                    return Found::Ambiguous;
                }
                found = Some(field.value.clone());
            } else if let Some(lineage) = &item.row.open {
                open.get_or_insert_default().add(lineage);
            }
        }
        match (found, open) {
            (Some(value), _) => Found::One(value),
            (None, Some(lineage)) => Found::Perhaps(Value::of(lineage)),
            (None, None) => Found::None,
        }
    }

    /// An item by name, and by schema where one is given.
    pub(super) fn item(&self, schema: Option<&str>, name: &str) -> Found<&Item> {
        let mut scope = Some(self);
        let mut sees = true;
        while let Some(level) = scope {
            if sees {
                let mut matching = level.visible().iter().filter(|item| {
                    item.named
                        && &*item.name == name
                        && schema.is_none_or(|schema| item.schema.as_deref() == Some(schema))
                });
                if let Some(item) = matching.next() {
                    return if matching.next().is_some() {
                        Found::Ambiguous
                    } else {
                        Found::One(item)
                    };
                }
            }
            sees = level.sees_parent_items;
            scope = level.parent;
        }
        Found::None
    }

    /// All items that names can reach from here, for system columns.
    pub(super) fn bare_items(&self) -> impl Iterator<Item = &Item> {
        self.visible().iter().filter(|item| item.bare)
    }
}

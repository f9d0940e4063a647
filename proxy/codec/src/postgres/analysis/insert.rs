//! INSERT, ON CONFLICT included.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{InsertStmt, Node, OnConflictAction, OnConflictClause};

use super::analyser::Analyser;
use super::lineage::{Field, RowShape, Value};
use super::nodes::{boxed, given, inner};
use super::scope::{Item, Scope};
use super::{Access, Action, How, Into, Relation, UnresolvedKind};

impl Analyser<'_> {
    pub(super) fn insert(&mut self, insert: &InsertStmt, outer: &Scope<'_>) -> Option<RowShape> {
        self.acts(Action::Insert);
        let mut scope = Scope::inside(outer);
        if let Some(with) = &insert.with_clause {
            self.with(with, &mut scope);
        }
        let var = insert.relation.as_ref()?;
        let item = self.relation_item(var, Access::WRITE);
        let relation = item
            .relation
            .and_then(|oid| self.relation_by_oid(oid).cloned());
        let columns = self.insert_columns(&insert.cols, relation.as_deref(), &scope);
        let source = match boxed(&insert.select_stmt) {
            Some(NodeEnum::SelectStmt(select)) => self.select(select, Scope::inside(&scope)),
            Some(_) => (*Self::unknown_row()).clone(),
            None => RowShape::default(),
        };
        let written: Vec<i16> = match &relation {
            Some(relation) if insert.cols.is_empty() => relation
                .columns
                .iter()
                .map(|column| column.attnum)
                .collect(),
            _ => columns.clone(),
        };
        if let Some(relation) = &relation {
            for attnum in written {
                self.write_column(relation.oid, attnum);
            }
            self.assign_all(relation, &columns, &source);
        }
        if let Some(conflict) = &insert.on_conflict_clause {
            self.on_conflict(
                conflict,
                &item,
                relation.as_deref(),
                &columns,
                &source,
                &scope,
            );
        }
        self.returning(insert.returning_clause.as_ref(), item, scope)
    }

    /// Attribute numbers that the source's columns go to, in its order.
    pub(super) fn insert_columns(
        &mut self,
        cols: &[Node],
        relation: Option<&Relation>,
        scope: &Scope<'_>,
    ) -> Vec<i16> {
        let Some(relation) = relation else {
            return Vec::new();
        };
        if cols.is_empty() {
            return relation
                .columns
                .iter()
                .map(|column| column.attnum)
                .collect();
        }
        let mut attnums = Vec::with_capacity(cols.len());
        for column in cols.iter().filter_map(inner) {
            if let NodeEnum::ResTarget(target) = column {
                let attnum = self.target_column(relation, &target.name);
                let places = self.subscripts(target, scope);
                self.assign(relation, attnum, &places);
                attnums.push(attnum);
            }
        }
        attnums
    }

    /// The attribute number of a column that is assigned, or 0.
    pub(super) fn target_column(&mut self, relation: &Relation, name: &str) -> i16 {
        match relation.column(name) {
            Some(column) => column.attnum,
            None => {
                self.unresolved(UnresolvedKind::Column, name);
                0
            }
        }
    }

    /// Notes the flow of every source column into its target.
    pub(super) fn assign_all(&mut self, relation: &Relation, columns: &[i16], source: &RowShape) {
        if source.open.is_some() {
            for attnum in columns {
                self.assign(relation, *attnum, &Value::unknown());
            }
        }
        for (attnum, field) in columns.iter().zip(&source.fields) {
            self.assign(relation, *attnum, &field.value);
        }
    }

    pub(super) fn assign(&mut self, relation: &Relation, attnum: i16, value: &Value) {
        if value.lineage.is_constant() {
            return;
        }
        let column = self.column_of(relation, attnum);
        self.flow(&value.lineage, Into::Column(column));
    }

    fn on_conflict(
        &mut self,
        conflict: &OnConflictClause,
        target: &Item,
        relation: Option<&Relation>,
        columns: &[i16],
        source: &RowShape,
        scope: &Scope<'_>,
    ) {
        let mut level = Scope::inside(scope);
        level.items.push(target.clone());
        if let Some(infer) = &conflict.infer {
            // Whether a row conflicts tells whether its value is there already.
            for element in infer.index_elems.iter().filter_map(inner) {
                let NodeEnum::IndexElem(element) = element else {
                    continue;
                };
                let value = match given(&element.name) {
                    Some(name) => self.expr(&column_named(name), &level),
                    None => self.expr_opt(&element.expr, &level),
                };
                let whole = value.lineage.direct;
                self.influence(&value, if whole { How::Equality } else { How::Other });
            }
            self.condition_opt(&infer.where_clause, &level);
        }
        let inferred = conflict
            .infer
            .as_ref()
            .is_some_and(|infer| !infer.index_elems.is_empty());
        if !inferred && let Some(relation) = relation {
            // Any unique index may be meant.
            for attnum in columns.iter().filter(|attnum| **attnum > 0) {
                let key = super::lineage::ColumnKey::whole(relation.oid, *attnum);
                self.predicates.insert((key, How::Equality));
            }
        }
        if conflict.action != OnConflictAction::OnconflictUpdate as i32 {
            return;
        }
        self.acts(Action::Update);
        level.items.push(excluded(relation, columns, source));
        // Bare names mean the target's columns: `excluded` is only reached by its name.
        self.assignments(&conflict.target_list, relation, &level);
        self.condition_opt(&conflict.where_clause, &level);
    }
}

/// The row that was to be inserted, under the name `excluded`.
fn excluded(relation: Option<&Relation>, columns: &[i16], source: &RowShape) -> Item {
    let row = match relation {
        Some(relation) => {
            let fields = relation.columns.iter().map(|column| {
                let given = columns
                    .iter()
                    .position(|attnum| *attnum == column.attnum)
                    .and_then(|index| source.fields.get(index));
                let value = match (given, &source.open) {
                    (Some(field), _) => Value {
                        expected: None,
                        loose: true,
                        ..field.value.clone()
                    },
                    (None, Some(_)) => Value::unknown(),
                    (None, None) => Value::default(),
                };
                Field {
                    name: column.name.clone(),
                    value,
                }
            });
            Rc::new(RowShape {
                fields: fields.collect(),
                open: None,
            })
        }
        None => Analyser::unknown_row(),
    };
    let mut item = Item::new(Arc::from("excluded"), row);
    item.bare = false;
    item
}

/// A reference to a bare column.
pub(super) fn column_named(name: &str) -> NodeEnum {
    let field = Node {
        node: Some(NodeEnum::String(pg_query::protobuf::String {
            sval: name.to_owned(),
        })),
    };
    NodeEnum::ColumnRef(pg_query::protobuf::ColumnRef {
        fields: vec![field],
        location: 0,
    })
}

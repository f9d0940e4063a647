//! UPDATE and DELETE, and what all modifications share: assignments and RETURNING.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{
    DeleteStmt, MultiAssignRef, Node, ResTarget, ReturningClause, ReturningOptionKind, UpdateStmt,
};

use super::analyser::Analyser;
use super::lineage::{RowShape, Value};
use super::nodes::{boxed, inner};
use super::scope::{Item, Scope};
use super::{Access, Action, Relation};

impl Analyser<'_> {
    pub(super) fn update(&mut self, update: &UpdateStmt, outer: &Scope<'_>) -> Option<RowShape> {
        self.acts(Action::Update);
        let mut scope = Scope::inside(outer);
        if let Some(with) = &update.with_clause {
            self.with(with, &mut scope);
        }
        let var = update.relation.as_ref()?;
        let item = self.relation_item(var, Access::WRITE);
        let relation = item
            .relation
            .and_then(|oid| self.relation_by_oid(oid).cloned());
        scope.items.push(item.clone());
        self.from(&update.from_clause, &mut scope);
        self.assignments(&update.target_list, relation.as_deref(), &scope);
        self.condition_opt(&update.where_clause, &scope);
        self.returning_here(update.returning_clause.as_ref(), &item, scope)
    }

    pub(super) fn delete(&mut self, delete: &DeleteStmt, outer: &Scope<'_>) -> Option<RowShape> {
        self.acts(Action::Delete);
        let mut scope = Scope::inside(outer);
        if let Some(with) = &delete.with_clause {
            self.with(with, &mut scope);
        }
        let var = delete.relation.as_ref()?;
        let item = self.relation_item(var, Access::WRITE);
        scope.items.push(item.clone());
        self.from(&delete.using_clause, &mut scope);
        self.condition_opt(&delete.where_clause, &scope);
        self.returning_here(delete.returning_clause.as_ref(), &item, scope)
    }

    /// `SET column = value` lists, also of several columns at once.
    pub(super) fn assignments(
        &mut self,
        targets: &[Node],
        relation: Option<&Relation>,
        scope: &Scope<'_>,
    ) {
        let mut source: Option<RowShape> = None;
        for node in targets.iter().filter_map(inner) {
            let NodeEnum::ResTarget(target) = node else {
                continue;
            };
            let places = self.subscripts(target, scope);
            let value = match boxed(&target.val) {
                Some(NodeEnum::MultiAssignRef(assign)) => {
                    if assign.colno <= 1 || source.is_none() {
                        source = Some(self.assign_source(assign, scope));
                    }
                    let index = usize::try_from(assign.colno.saturating_sub(1)).unwrap_or(0);
                    let field = source
                        .as_ref()
                        .and_then(|row| row.fields.get(index))
                        .map(|field| field.value.clone());
                    field.unwrap_or_else(Value::unknown)
                }
                Some(value) => self.expr(value, scope),
                None => Value::default(),
            };
            if let Some(relation) = relation {
                let attnum = self.target_column(relation, &target.name);
                self.write_column(relation.oid, attnum);
                self.assign(relation, attnum, &value);
                self.assign(relation, attnum, &places);
            }
        }
    }

    /// What tells where inside a column a value goes: it can be read from there as well.
    pub(super) fn subscripts(&mut self, target: &ResTarget, scope: &Scope<'_>) -> Value {
        let mut places = Vec::new();
        for step in target.indirection.iter().filter_map(inner) {
            if let NodeEnum::AIndices(indices) = step {
                places.push(self.expr_opt(&indices.lidx, scope));
                places.push(self.expr_opt(&indices.uidx, scope));
            }
        }
        Value::union(&places)
    }

    /// The right-hand side of `(a, b) = …`.
    fn assign_source(&mut self, assign: &MultiAssignRef, scope: &Scope<'_>) -> RowShape {
        match boxed(&assign.source) {
            Some(NodeEnum::RowExpr(row)) => {
                let fields = row
                    .args
                    .iter()
                    .filter_map(inner)
                    .map(|node| super::lineage::Field {
                        name: Arc::from(""),
                        value: self.expr(node, scope),
                    });
                RowShape {
                    fields: fields.collect(),
                    open: None,
                }
            }
            Some(NodeEnum::SubLink(link)) => match boxed(&link.subselect) {
                Some(NodeEnum::SelectStmt(select)) => self.select(select, Scope::inside(scope)),
                _ => RowShape::default(),
            },
            Some(other) => {
                let value = self.expr(other, scope);
                RowShape {
                    fields: vec![super::lineage::Field {
                        name: Arc::from(""),
                        value,
                    }],
                    open: None,
                }
            }
            None => RowShape::default(),
        }
    }

    /// RETURNING of an INSERT, whose level has no items yet.
    pub(super) fn returning(
        &mut self,
        clause: Option<&ReturningClause>,
        item: Item,
        mut scope: Scope<'_>,
    ) -> Option<RowShape> {
        scope.items.push(item.clone());
        self.returning_here(clause, &item, scope)
    }

    /// RETURNING, with the rows before and after under `old` and `new` (servers from 18).
    pub(super) fn returning_here(
        &mut self,
        clause: Option<&ReturningClause>,
        item: &Item,
        mut scope: Scope<'_>,
    ) -> Option<RowShape> {
        let clause = clause?;
        let mut names = [
            (ReturningOptionKind::ReturningOptionOld, "old"),
            (ReturningOptionKind::ReturningOptionNew, "new"),
        ];
        for option in clause.options.iter().filter_map(inner) {
            if let NodeEnum::ReturningOption(option) = option {
                self.since(180_000, "RETURNING WITH");
                for (kind, name) in &mut names {
                    if *kind as i32 == option.option {
                        *name = option.value.as_str();
                    }
                }
            }
        }
        if self.catalog.server_version >= 180_000 {
            for (_, name) in names {
                if !scope
                    .items
                    .iter()
                    .any(|item| item.named && &*item.name == name)
                {
                    let mut row = (*item.row).clone();
                    row.fields
                        .iter_mut()
                        .for_each(|field| field.value.loose = true);
                    let mut version = Item::new(Arc::from(name), Rc::new(row));
                    version.bare = false;
                    version.relation = item.relation;
                    scope.items.push(version);
                }
            }
        }
        Some(self.targets(&clause.exprs, &scope))
    }
}

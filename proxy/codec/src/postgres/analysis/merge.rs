//! MERGE.

use pg_query::NodeEnum;
use pg_query::protobuf::{CmdType, MergeStmt, MergeWhenClause};

use super::analyser::Analyser;
use super::lineage::{Field, RowShape};
use super::nodes::{boxed, inner};
use super::scope::Scope;
use super::{Access, Action, Relation};

impl Analyser<'_> {
    pub(super) fn merge(&mut self, merge: &MergeStmt, outer: &Scope<'_>) -> Option<RowShape> {
        self.since(150_000, "MERGE");
        self.acts(Action::Merge);
        let mut scope = Scope::inside(outer);
        if let Some(with) = &merge.with_clause {
            self.with(with, &mut scope);
        }
        let var = merge.relation.as_ref()?;
        let item = self.relation_item(var, Access::WRITE);
        let relation = item
            .relation
            .and_then(|oid| self.relation_by_oid(oid).cloned());
        // The source does not see the target.
        if let Some(source) = boxed(&merge.source_relation) {
            self.add_item(source, &mut scope);
        }
        let mut sources = std::mem::take(&mut scope.items);
        scope.items.push(item.clone());
        scope.items.append(&mut sources);
        self.condition_opt(&merge.join_condition, &scope);
        for clause in merge.merge_when_clauses.iter().filter_map(inner) {
            if let NodeEnum::MergeWhenClause(clause) = clause {
                self.when(clause, relation.as_deref(), &scope);
            }
        }
        if merge.returning_clause.is_some() {
            self.since(170_000, "MERGE RETURNING");
            // RETURNING * gives the source's columns before the target's.
            let mut items = std::mem::take(&mut scope.items);
            items.rotate_left(1);
            scope.items = items;
        }
        self.returning_here(merge.returning_clause.as_ref(), &item, scope)
    }

    fn when(&mut self, clause: &MergeWhenClause, relation: Option<&Relation>, scope: &Scope<'_>) {
        self.condition_opt(&clause.condition, scope);
        match CmdType::try_from(clause.command_type) {
            Ok(CmdType::CmdUpdate) => {
                self.acts(Action::Update);
                self.assignments(&clause.target_list, relation, scope);
            }
            Ok(CmdType::CmdDelete) => self.acts(Action::Delete),
            Ok(CmdType::CmdInsert) => {
                self.acts(Action::Insert);
                let fields = clause.values.iter().filter_map(inner).map(|node| Field {
                    name: std::sync::Arc::from(""),
                    value: self.expr(node, scope),
                });
                let source = RowShape {
                    fields: fields.collect(),
                    open: None,
                };
                if let Some(relation) = relation {
                    let columns = self.insert_columns(&clause.target_list, Some(relation), scope);
                    for attnum in &columns {
                        self.write_column(relation.oid, *attnum);
                    }
                    self.assign_all(relation, &columns, &source);
                }
            }
            _ => {}
        }
    }
}

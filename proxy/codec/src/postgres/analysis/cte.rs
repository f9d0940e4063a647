//! Common table expressions, recursive and modifying ones included.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{CommonTableExpr, SelectStmt, SetOperation, WithClause};

use super::alias::rename;
use super::analyser::Analyser;
use super::lineage::{Field, Lineage, RowShape, Value};
use super::nodes::{boxed, inner, text};
use super::scope::{Cte, Scope};
use super::{Action, UnresolvedKind};

/// Rounds after which a recursive query's lineage that still grows is given up.
const MAX_ROUNDS: usize = 24;

impl Analyser<'_> {
    /// Adds a WITH clause's expressions to a level.
    pub(super) fn with(&mut self, with: &WithClause, scope: &mut Scope<'_>) {
        let expressions: Vec<&CommonTableExpr> = with
            .ctes
            .iter()
            .filter_map(|node| match inner(node) {
                Some(NodeEnum::CommonTableExpr(expression)) => Some(&**expression),
                _ => None,
            })
            .collect();
        if with.recursive {
            // Each may refer to all, also to later ones, which count as unknown until their turn.
            for expression in &expressions {
                scope.ctes.push(Cte {
                    name: Arc::from(expression.ctename.as_str()),
                    row: Self::unknown_row(),
                });
            }
        }
        for expression in expressions {
            let mut row = if with.recursive {
                self.recursive(expression, scope)
            } else {
                self.cte_query(expression, scope)
            };
            rename(&mut row, &expression.aliascolnames);
            self.search_and_cycle(expression, &mut row);
            let cte = Cte {
                name: Arc::from(expression.ctename.as_str()),
                row: Rc::new(row),
            };
            match scope
                .ctes
                .iter_mut()
                .find(|known| known.name == cte.name)
                .filter(|_| with.recursive)
            {
                Some(known) => *known = cte,
                None => scope.ctes.push(cte),
            }
        }
    }

    fn cte_query(&mut self, expression: &CommonTableExpr, scope: &Scope<'_>) -> RowShape {
        let modified = match boxed(&expression.ctequery) {
            Some(NodeEnum::SelectStmt(select)) => return self.select(select, Scope::inside(scope)),
            Some(NodeEnum::InsertStmt(insert)) => self.insert(insert, scope),
            Some(NodeEnum::UpdateStmt(update)) => self.update(update, scope),
            Some(NodeEnum::DeleteStmt(delete)) => self.delete(delete, scope),
            Some(NodeEnum::MergeStmt(merge)) => self.merge(merge, scope),
            _ => {
                self.unresolved(UnresolvedKind::Construct, "WITH");
                return (*Self::unknown_row()).clone();
            }
        };
        self.flags.modifying_cte = true;
        modified.unwrap_or_default()
    }

    /// A query that may refer to itself: its first part gives the columns, then lineage grows until it stands.
    fn recursive(&mut self, expression: &CommonTableExpr, scope: &mut Scope<'_>) -> RowShape {
        let Some(NodeEnum::SelectStmt(select)) = boxed(&expression.ctequery) else {
            return self.cte_query(expression, scope);
        };
        if select.op != SetOperation::SetopUnion as i32 {
            return self.cte_query(expression, scope);
        }
        let mut row = self.first_part(select, scope);
        rename(&mut row, &expression.aliascolnames);
        self.search_and_cycle(expression, &mut row);
        for _ in 0..MAX_ROUNDS {
            self.set_cte(scope, expression, row.clone());
            let mut next = self.cte_query(expression, scope);
            rename(&mut next, &expression.aliascolnames);
            self.search_and_cycle(expression, &mut next);
            let stands = next.fields.len() == row.fields.len()
                && next
                    .fields
                    .iter()
                    .zip(&row.fields)
                    .all(|(a, b)| a.value.lineage.same_sources(&b.value.lineage));
            if stands {
                // The columns of SEARCH and CYCLE are added by the caller.
                return self.cte_query(expression, scope);
            }
            row = next;
        }
        for field in &mut row.fields {
            field.value = Value::unknown();
        }
        row
    }

    /// The part before UNION, which does not refer to the query itself.
    fn first_part(&mut self, select: &SelectStmt, scope: &Scope<'_>) -> RowShape {
        let mut level = Scope::inside(scope);
        if let Some(with) = &select.with_clause {
            self.with(with, &mut level);
        }
        match &select.larg {
            Some(left) => self.select(left, Scope::inside(&level)),
            None => RowShape::default(),
        }
    }

    fn set_cte(&self, scope: &mut Scope<'_>, expression: &CommonTableExpr, row: RowShape) {
        if let Some(known) = scope
            .ctes
            .iter_mut()
            .find(|known| *known.name == *expression.ctename)
        {
            known.row = Rc::new(row);
        }
    }

    /// SEARCH and CYCLE add columns that are made of others.
    fn search_and_cycle(&mut self, expression: &CommonTableExpr, row: &mut RowShape) {
        let whole = |row: &RowShape, names: &[pg_query::Node]| {
            let mut lineage = Lineage::default();
            for name in names.iter().filter_map(text) {
                if let Some(field) = row.fields.iter().find(|field| &*field.name == name) {
                    lineage.add(&field.value.lineage);
                }
            }
            Value::of(lineage)
        };
        if let Some(search) = &expression.search_clause {
            let value = whole(row, &search.search_col_list);
            row.fields.push(Field {
                name: Arc::from(search.search_seq_column.as_str()),
                value,
            });
        }
        if let Some(cycle) = &expression.cycle_clause {
            let value = whole(row, &cycle.cycle_col_list);
            row.fields.push(Field {
                name: Arc::from(cycle.cycle_mark_column.as_str()),
                value: value.clone(),
            });
            row.fields.push(Field {
                name: Arc::from(cycle.cycle_path_column.as_str()),
                value,
            });
        }
    }

    /// Notes an action that a part of the statement carries out.
    pub(super) fn acts(&mut self, action: Action) {
        self.flags.modifies |= matches!(
            action,
            Action::Insert | Action::Update | Action::Delete | Action::Merge
        );
        self.actions.insert(action);
    }
}

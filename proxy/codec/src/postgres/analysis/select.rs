//! SELECT, VALUES and set operations.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{LockingClause, Node, SelectStmt, SetOperation, a_const};

use super::analyser::Analyser;
use super::lineage::{Field, Lineage, RowShape, Value};
use super::nodes::{boxed, inner, texts};
use super::scope::{Found, Scope};
use super::{Action, How, Into, UnresolvedKind};

impl Analyser<'_> {
    /// A query at a level of its own, which the caller made and linked to what is around it.
    pub(super) fn select(&mut self, select: &SelectStmt, mut scope: Scope<'_>) -> RowShape {
        if !self.step() {
            return (*Self::unknown_row()).clone();
        }
        // What holds around a query does not hold for columns of its own.
        let held = self.held.take();
        if let Some(with) = &select.with_clause {
            self.with(with, &mut scope);
        }
        let row = if select.op != SetOperation::SetopNone as i32
            && select.op != SetOperation::Undefined as i32
        {
            self.set_operation(select, &scope)
        } else if select.values_lists.is_empty() {
            self.plain_select(select, &mut scope)
        } else {
            self.values(&select.values_lists, &scope)
        };
        for key in &select.sort_clause {
            self.sort_by(key, &row, &scope, true);
        }
        for bound in [&select.limit_offset, &select.limit_count] {
            let value = self.expr_opt(bound, &scope);
            self.influence(&value, How::Other);
        }
        for locking in select.locking_clause.iter().filter_map(inner) {
            if let NodeEnum::LockingClause(locking) = locking {
                self.locking(locking, &scope);
            }
        }
        if let Some(made) = select
            .into_clause
            .as_ref()
            .and_then(|into| into.rel.as_ref())
        {
            let (schema, name) = self.make_relation(made);
            self.flags.creates_from_query = true;
            self.literal_dependent = true;
            self.acts(Action::Create);
            self.flow(&row.whole(), Into::NewRelation { schema, name });
        }
        self.held = held;
        row
    }

    fn plain_select(&mut self, select: &SelectStmt, scope: &mut Scope<'_>) -> RowShape {
        self.from(&select.from_clause, scope);
        self.condition_opt(&select.where_clause, scope);
        self.held = self.held_setting(select, scope);
        let row = self.targets(&select.target_list, scope);
        self.held = None;
        for key in &select.group_clause {
            self.group_by(key, &row, scope);
        }
        self.condition_opt(&select.having_clause, scope);
        for window in select.window_clause.iter().filter_map(inner) {
            if let NodeEnum::WindowDef(window) = window {
                self.window(window, scope);
            }
        }
        let plain_distinct = select
            .distinct_clause
            .iter()
            .all(|node| node.node.is_none());
        if !select.distinct_clause.is_empty() && plain_distinct {
            self.influence_of(&row.whole(), How::Other);
        } else {
            for key in &select.distinct_clause {
                self.sort_by(key, &row, scope, true);
            }
        }
        row
    }

    /// VALUES: each column may come from any of the rows.
    pub(super) fn values(&mut self, lists: &[Node], scope: &Scope<'_>) -> RowShape {
        let mut columns: Vec<Lineage> = Vec::new();
        let single = lists.len() == 1;
        let mut fields = Vec::new();
        for list in lists.iter().filter_map(inner) {
            let NodeEnum::List(list) = list else { continue };
            for (index, node) in list.items.iter().filter_map(inner).enumerate() {
                let value = self.expr(node, scope);
                if single {
                    let value = Value {
                        expected: None,
                        loose: false,
                        alternative: None,
                        ..value
                    };
                    fields.push(Field {
                        name: Arc::from(format!("column{}", index + 1)),
                        value,
                    });
                } else if let Some(column) = columns.get_mut(index) {
                    column.add(&value.lineage);
                } else {
                    columns.push((*value.lineage).clone());
                }
            }
        }
        let several = columns.into_iter().enumerate().map(|(index, mut lineage)| {
            lineage.direct = false;
            Field {
                name: Arc::from(format!("column{}", index + 1)),
                value: Value::of(lineage),
            }
        });
        fields.extend(several);
        RowShape { fields, open: None }
    }

    fn set_operation(&mut self, select: &SelectStmt, scope: &Scope<'_>) -> RowShape {
        let mut side = |side: &Option<Box<SelectStmt>>| match side {
            Some(side) => self.select(side, Scope::inside(scope)),
            None => RowShape::default(),
        };
        let left = side(&select.larg);
        let right = side(&select.rarg);
        if left.fields.len() != right.fields.len() && left.open.is_none() && right.open.is_none() {
            self.unresolved(UnresolvedKind::ResultShape, "set operation");
        }
        let mut row = RowShape::default();
        row.open_as(&left);
        row.open_as(&right);
        // What has no counterpart has one among the columns of any name.
        for field in right.fields.iter().skip(left.fields.len()) {
            if let Some(open) = &mut row.open {
                Rc::make_mut(open).add(&field.value.lineage);
            }
        }
        for (index, field) in left.fields.iter().enumerate() {
            let mut lineage = (*field.value.lineage).clone();
            if let Some(other) = right.fields.get(index) {
                let both_whole = lineage.direct && other.value.lineage.direct;
                lineage.add(&other.value.lineage);
                lineage.direct = both_whole;
            } else if let Some(open) = &right.open {
                lineage.add(open);
            }
            row.fields.push(Field {
                name: field.name.clone(),
                value: Value::of(lineage),
            });
        }
        // Only UNION ALL keeps every row; everything else compares them.
        if !(select.all && select.op == SetOperation::SetopUnion as i32) {
            self.influence_of(&left.whole(), How::Other);
            self.influence_of(&right.whole(), How::Other);
        }
        row
    }

    /// A sort key: an output column by number or name, else an expression. (SQL92 rule; PostgreSQL,
    /// `findTargetlistEntrySQL92`.)
    fn sort_by(&mut self, key: &Node, row: &RowShape, scope: &Scope<'_>, outputs_first: bool) {
        let node = match inner(key) {
            Some(NodeEnum::SortBy(sort)) => {
                if !sort.use_op.is_empty() {
                    self.operator(&sort.use_op);
                }
                boxed(&sort.node)
            }
            other => other,
        };
        let Some(node) = node else { return };
        match node {
            NodeEnum::AConst(constant) => {
                self.literal_dependent = true;
                let position = match &constant.val {
                    Some(a_const::Val::Ival(position)) => usize::try_from(position.ival)
                        .ok()
                        .and_then(|n| n.checked_sub(1)),
                    _ => None,
                };
                match position.and_then(|position| row.fields.get(position)) {
                    Some(field) => self.influence(&field.value, How::Other),
                    None => self.influence_of(&row.whole(), How::Other),
                }
            }
            NodeEnum::ColumnRef(column) if column.fields.len() == 1 => {
                let name = texts(&column.fields)
                    .first()
                    .copied()
                    .unwrap_or("")
                    .to_owned();
                let output = row.fields.iter().filter(|field| *field.name == *name);
                let output = Value::union(output.map(|field| &field.value));
                let has_output = row.fields.iter().any(|field| *field.name == *name);
                // Names of queries around it come last.
                let input = scope.column_here(&name);
                let has_input = matches!(input, Found::One(_) | Found::Ambiguous);
                let perhaps = matches!(input, Found::Perhaps(_)) && !outputs_first;
                if has_output && (outputs_first || !has_input) {
                    self.influence(&output, How::Other);
                }
                if perhaps || !has_output || (has_input && !outputs_first) {
                    let value = self.expr(node, scope);
                    self.influence(&value, How::Other);
                }
            }
            _ => {
                let value = self.expr(node, scope);
                self.influence(&value, How::Other);
            }
        }
    }

    fn group_by(&mut self, key: &Node, row: &RowShape, scope: &Scope<'_>) {
        match inner(key) {
            Some(NodeEnum::GroupingSet(set)) => {
                for part in &set.content {
                    self.group_by(part, row, scope);
                }
            }
            Some(NodeEnum::RowExpr(list)) => {
                for part in &list.args {
                    self.group_by(part, row, scope);
                }
            }
            // An empty grouping set.
            None => {}
            _ => self.sort_by(key, row, scope, false),
        }
    }

    /// FOR UPDATE and its like write the rows' headers and make others wait.
    fn locking(&mut self, locking: &LockingClause, scope: &Scope<'_>) {
        self.flags.locks_rows = true;
        let mut named: Vec<u32> = Vec::new();
        for node in locking.locked_rels.iter().filter_map(inner) {
            if let NodeEnum::RangeVar(var) = node {
                self.understood.push(var.location);
                if let Found::One(item) = scope.item(None, &var.relname) {
                    named.extend(item.relation);
                }
            }
        }
        let all = locking.locked_rels.is_empty() || named.is_empty();
        for record in &mut self.relations {
            if record.access.read && (all || record.oid().is_some_and(|oid| named.contains(&oid))) {
                record.access.write = true;
            }
        }
    }
}

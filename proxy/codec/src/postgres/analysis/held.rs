//! `SELECT set_config(name, …) FROM pg_settings WHERE name = '…'`, by which clients (pg_dump) change a setting where
//! the server has it: targets are computed for the rows that WHERE lets through and no others, so that the name
//! is as good as written.

use std::rc::Rc;

use pg_query::NodeEnum;
use pg_query::protobuf::{AExpr, AExprKind, BoolExprType, Node, SelectStmt, a_const};

use super::analyser::Analyser;
use super::lineage::{ColumnKey, Constness, Value};
use super::nodes::{boxed, inner, qualified};
use super::scope::Scope;

impl Analyser<'_> {
    /// The column of pg_settings, and it alone in FROM, that WHERE holds to a text.
    pub(super) fn held_setting(
        &mut self,
        select: &SelectStmt,
        scope: &Scope<'_>,
    ) -> Option<(ColumnKey, Rc<str>)> {
        let settings = self.catalog.relation("pg_catalog", "pg_settings")?.oid;
        let ([Some(NodeEnum::RangeVar(_))], [item]) = (
            select
                .from_clause
                .iter()
                .map(inner)
                .collect::<Vec<_>>()
                .as_slice(),
            scope.items.as_slice(),
        ) else {
            return None;
        };
        if item.relation != Some(settings) {
            return None;
        }
        match boxed(&select.where_clause)? {
            NodeEnum::BoolExpr(all) if all.boolop == BoolExprType::AndExpr as i32 => {
                let mut parts = all.args.iter().filter_map(inner);
                parts.find_map(|part| self.held_by(part, scope))
            }
            condition => self.held_by(condition, scope),
        }
    }

    fn held_by(&mut self, condition: &NodeEnum, scope: &Scope<'_>) -> Option<(ColumnKey, Rc<str>)> {
        let NodeEnum::AExpr(equal) = condition else {
            return None;
        };
        let (Some(NodeEnum::ColumnRef(column)), Some(text)) =
            (boxed(&equal.lexpr), plain_text(&equal.rexpr))
        else {
            return None;
        };
        if !is_equality(equal) || !self.operator(&equal.name) {
            return None;
        }
        let value = self.column_ref(column, scope);
        Some((only_column(&value)?, text))
    }

    /// The text that a value has to be: written as such, or held to it.
    pub(super) fn held_text(&self, value: &Value) -> Option<Rc<str>> {
        match (&value.constant, &self.held) {
            (Constness::Text(text), _) => Some(Rc::clone(text)),
            (_, Some((key, text))) if only_column(value) == Some(*key) => Some(Rc::clone(text)),
            _ => None,
        }
    }
}

/// The column that a value is, unchanged.
fn only_column(value: &Value) -> Option<ColumnKey> {
    match value.lineage.keys.as_slice() {
        [only] if value.lineage.direct && !value.lineage.unknown => Some(*only),
        _ => None,
    }
}

fn is_equality(condition: &AExpr) -> bool {
    condition.kind == AExprKind::AexprOp as i32 && qualified(&condition.name).1 == "="
}

fn plain_text(node: &Option<Box<Node>>) -> Option<Rc<str>> {
    match boxed(node) {
        Some(NodeEnum::AConst(constant)) => match &constant.val {
            Some(a_const::Val::Sval(text)) => Some(Rc::from(text.sval.as_str())),
            _ => None,
        },
        _ => None,
    }
}

//! What decides which rows come: conditions, sort keys, join columns.

use pg_query::NodeEnum;
use pg_query::protobuf::{AExpr, AExprKind};

use super::analyser::Analyser;
use super::lineage::{Constness, Lineage, Value};
use super::nodes::{boxed, qualified};
use super::scope::Scope;
use super::{How, Into};

impl Analyser<'_> {
    /// Notes that a value decides over rows, order or a branch.
    pub(super) fn influence(&mut self, value: &Value, how: How) {
        self.influence_of(&value.lineage, how);
    }

    pub(super) fn influence_of(&mut self, lineage: &Lineage, how: How) {
        if !self.steps(lineage.keys.len()) {
            return;
        }
        self.flags.unknown_predicate |= lineage.unknown;
        self.predicate_calls.extend(lineage.calls.iter().cloned());
        for key in &lineage.keys {
            self.predicates.insert((*key, how));
        }
    }

    /// Notes that a value goes elsewhere.
    pub(super) fn flow(&mut self, lineage: &Lineage, into: Into) {
        if lineage.is_constant() {
            return;
        }
        let same = |(from, to): &(Lineage, Into)| *to == into && from.same_sources(lineage);
        if !self.flows.iter().any(same) {
            self.flows.push((lineage.clone(), into));
        }
    }

    /// A condition that chooses rows. Comparisons of a whole column with constants, joined by AND and OR, are
    /// told apart from everything else.
    pub(super) fn condition(&mut self, node: &NodeEnum, scope: &Scope<'_>) {
        match node {
            NodeEnum::BoolExpr(expr) if !is_not(expr.boolop) => {
                for argument in expr.args.iter().filter_map(|node| node.node.as_ref()) {
                    self.condition(argument, scope);
                }
            }
            NodeEnum::AExpr(operation) => self.comparison(operation, scope),
            _ => {
                let value = self.expr(node, scope);
                self.influence(&value, How::Other);
            }
        }
    }

    fn comparison(&mut self, operation: &AExpr, scope: &Scope<'_>) {
        use AExprKind::{AexprIn, AexprOp, AexprOpAny};
        let kind = AExprKind::try_from(operation.kind);
        let equals = qualified(&operation.name).1 == "="
            && matches!(kind, Ok(AexprOp | AexprOpAny | AexprIn));
        let left = boxed(&operation.lexpr)
            .map(|node| self.expr(node, scope))
            .unwrap_or_default();
        let right = boxed(&operation.rexpr)
            .map(|node| self.expr(node, scope))
            .unwrap_or_default();
        let harmless = self.operator(&operation.name);
        let constant =
            |value: &Value| value.constant != Constness::Not && value.lineage.is_constant();
        let whole = |value: &Value| value.lineage.direct && !value.lineage.unknown;
        let how = if equals
            && harmless
            && ((whole(&left) && constant(&right)) || (whole(&right) && constant(&left)))
        {
            How::Equality
        } else {
            How::Other
        };
        let both = Value::union([&left, &right]);
        self.influence(&both, how);
        if !harmless {
            self.flags.unknown_predicate = true;
            self.argument_flow(&both, qualified(&operation.name).1);
        }
    }

    pub(super) fn condition_opt(&mut self, node: &Option<Box<pg_query::Node>>, scope: &Scope<'_>) {
        if let Some(node) = boxed(node) {
            self.condition(node, scope);
        }
    }
}

fn is_not(boolop: i32) -> bool {
    boolop == pg_query::protobuf::BoolExprType::NotExpr as i32
}

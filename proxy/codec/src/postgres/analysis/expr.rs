//! Expressions: where their values come from, and what they call.

use std::rc::Rc;

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AExpr, AExprKind, AIndirection, CaseExpr, Node, SqlValueFunctionOp, SubLink, SubLinkType,
    TypeCast, WindowDef, XmlExpr, a_const,
};

use super::analyser::Analyser;

use super::lineage::{Constness, Lineage, Value};
use super::nodes::{boxed, inner};

use super::scope::Scope;
use super::{How, UnresolvedKind};

impl Analyser<'_> {
    /// The value of an expression that may be absent.
    pub(super) fn expr_opt(&mut self, node: &Option<Box<Node>>, scope: &Scope<'_>) -> Value {
        match boxed(node) {
            Some(node) => self.expr(node, scope),
            None => Value::constant(Constness::Not),
        }
    }

    /// The union of a list of expressions.
    pub(super) fn exprs<'n>(
        &mut self,
        nodes: impl IntoIterator<Item = &'n Node>,
        scope: &Scope<'_>,
    ) -> Value {
        let mut lineage = Lineage::default();
        for node in nodes.into_iter().filter_map(inner) {
            lineage.add(&self.expr(node, scope).lineage);
        }
        Value::of(lineage)
    }

    /// The value of an expression.
    pub(super) fn expr(&mut self, node: &NodeEnum, scope: &Scope<'_>) -> Value {
        if !self.step() {
            return Value::unknown();
        }
        match node {
            NodeEnum::ColumnRef(column) => self.column_ref(column, scope),
            NodeEnum::AConst(constant) => match &constant.val {
                Some(a_const::Val::Sval(text)) => {
                    Value::constant(Constness::Text(Rc::from(text.sval.as_str())))
                }
                Some(a_const::Val::Boolval(value)) => {
                    Value::constant(Constness::Boolean(value.boolval))
                }
                _ => Value::constant(Constness::Literal),
            },
            NodeEnum::ParamRef(parameter) => {
                self.parameters = self
                    .parameters
                    .max(u16::try_from(parameter.number).unwrap_or(u16::MAX));
                Value::constant(Constness::Parameter)
            }
            NodeEnum::AExpr(operation) => self.operation(operation, scope),
            NodeEnum::BoolExpr(expr) => self.exprs(&expr.args, scope),
            NodeEnum::TypeCast(cast) => self.type_cast(cast, scope),
            NodeEnum::CollateClause(collate) => self.expr_opt(&collate.arg, scope).computed(),
            NodeEnum::FuncCall(call) => self.deciding(|it| it.call(call, scope)),
            NodeEnum::SubLink(link) => self.deciding(|it| it.sub_link(link, scope)),
            NodeEnum::CaseExpr(case) => self.case(case, scope),
            NodeEnum::CoalesceExpr(expr) => self.exprs(&expr.args, scope),
            NodeEnum::MinMaxExpr(expr) => self.exprs(&expr.args, scope),
            NodeEnum::NullTest(test) => self.expr_opt(&test.arg, scope).computed(),
            NodeEnum::BooleanTest(test) => self.expr_opt(&test.arg, scope).computed(),
            NodeEnum::RowExpr(row) => self.exprs(&row.args, scope),
            NodeEnum::AArrayExpr(array) => self.list(&array.elements, scope),
            NodeEnum::List(list) => self.list(&list.items, scope),
            NodeEnum::AIndirection(indirection) => self.indirection(indirection, scope),
            NodeEnum::NamedArgExpr(argument) => self.expr_opt(&argument.arg, scope),
            NodeEnum::GroupingFunc(grouping) => {
                self.exprs(&grouping.args, scope);
                Value::default()
            }
            NodeEnum::SqlvalueFunction(function) => {
                let schema = SqlValueFunctionOp::SvfopCurrentSchema as i32;
                self.literal_dependent |= function.op == schema;
                Value::default()
            }
            NodeEnum::XmlExpr(xml) => self.xml(xml, scope),
            NodeEnum::XmlSerialize(xml) => self.expr_opt(&xml.expr, scope).computed(),
            NodeEnum::SetToDefault(_) => Value::constant(Constness::Literal),
            NodeEnum::CurrentOfExpr(_) => {
                self.literal_dependent = true;
                Value::default()
            }
            NodeEnum::ResTarget(target) => self.expr_opt(&target.val, scope),
            NodeEnum::MultiAssignRef(assign) => self.expr_opt(&assign.source, scope).computed(),
            NodeEnum::MergeSupportFunc(_) => {
                self.since(170_000, "merge_action");
                Value::default()
            }
            _ => self.deciding(|it| it.json(node, scope)),
        }
    }

    /// A value with what decides over it: its order in a window, a filter, whether there is one. Where a statement
    /// does it, it is told of as predicates; of those of a view nobody hears, so there they are part of the value.
    fn deciding(&mut self, value: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.views.is_empty() {
            return value(self);
        }
        let before = std::mem::take(&mut self.predicates);
        let unknown = std::mem::take(&mut self.flags.unknown_predicate);
        let mut value = value(self);
        let mut keys: Vec<_> = self.predicates.iter().map(|(key, _)| *key).collect();
        keys.dedup();
        let decides = Lineage {
            keys,
            unknown: self.flags.unknown_predicate,
            ..Lineage::default()
        };
        if !decides.is_constant() {
            Rc::make_mut(&mut value.lineage).add(&decides);
        }
        self.predicates.extend(before);
        self.flags.unknown_predicate |= unknown;
        value
    }

    /// A list of values; constant as a whole when all are.
    fn list(&mut self, items: &[Node], scope: &Scope<'_>) -> Value {
        let mut lineage = Lineage::default();
        let mut constant = Constness::Parameter;
        for item in items.iter().filter_map(inner) {
            let value = self.expr(item, scope);
            lineage.add(&value.lineage);
            if value.constant == Constness::Not {
                constant = Constness::Not;
            }
        }
        Value {
            constant,
            ..Value::of(lineage)
        }
    }

    fn operation(&mut self, operation: &AExpr, scope: &Scope<'_>) -> Value {
        let left = self.expr_opt(&operation.lexpr, scope);
        let right = self.expr_opt(&operation.rexpr, scope);
        let harmless = self.operator(&operation.name);
        let taken = match super::nodes::qualified(&operation.name).1 {
            "->" if harmless => self.member_of(&left, &right, false),
            "->>" if harmless => self.member_of(&left, &right, true),
            _ => None,
        };
        if let Some(value) = taken {
            return value;
        }
        let mut value = Value::union([&left, &right]);
        if !harmless {
            self.argument_flow(&value, &super::nodes::dotted(&operation.name));
            return Value::of(Lineage {
                unknown: true,
                ..(*value.lineage).clone()
            });
        }
        if operation.kind == AExprKind::AexprOp as i32
            && left.lineage.is_constant()
            && right.lineage.is_constant()
        {
            let constants = [&left, &right]
                .into_iter()
                .zip([&operation.lexpr, &operation.rexpr]);
            if constants
                .into_iter()
                .all(|(value, node)| node.is_none() || value.constant != Constness::Not)
            {
                value.constant = Constness::Parameter;
            }
        }
        value
    }

    fn type_cast(&mut self, cast: &TypeCast, scope: &Scope<'_>) -> Value {
        let value = self.expr_opt(&cast.arg, scope);
        let Some(name) = &cast.type_name else {
            return value.computed();
        };
        let target = self.cast_to(name, &value);
        if !target.harmless {
            self.argument_flow(&value, &target.name);
        }
        let mut result = value.computed();
        result.type_oid = target.oid;
        if target.opaque {
            result.lineage = Rc::new(Lineage {
                unknown: true,
                ..(*result.lineage).clone()
            });
        }
        if value.constant != Constness::Not && target.harmless {
            result.constant = if matches!(value.constant, Constness::Text(_)) {
                value.constant.clone()
            } else {
                Constness::Parameter
            };
        }
        // A cast to the column's own type is nothing, and the server goes on to report the column.
        if value.expected.is_some() && target.oid != 0 && target.oid == value.type_oid {
            result.expected = value.expected;
            result.alternative = value.alternative;
            result.loose = value.typmod != -1 || !name.typmods.is_empty() || value.loose;
            if name.typmods.is_empty() {
                result.lineage = value.lineage;
            }
        }
        result
    }

    fn case(&mut self, case: &CaseExpr, scope: &Scope<'_>) -> Value {
        let mut lineage = Lineage::default();
        let tested = self.expr_opt(&case.arg, scope);
        if case.arg.is_some() {
            self.operator_named(None, "=");
        }
        self.influence(&tested, How::Other);
        lineage.add(&tested.lineage);
        for when in case.args.iter().filter_map(inner) {
            if let NodeEnum::CaseWhen(when) = when {
                let condition = self.expr_opt(&when.expr, scope);
                self.influence(&condition, How::Other);
                lineage.add(&condition.lineage);
                lineage.add(&self.expr_opt(&when.result, scope).lineage);
            }
        }
        lineage.add(&self.expr_opt(&case.defresult, scope).lineage);
        Value::of(lineage)
    }

    fn sub_link(&mut self, link: &SubLink, scope: &Scope<'_>) -> Value {
        let tested = self.expr_opt(&link.testexpr, scope);
        let Some(NodeEnum::SelectStmt(select)) = boxed(&link.subselect) else {
            self.unresolved(UnresolvedKind::Construct, "sub-select");
            return Value::unknown();
        };
        match link.oper_name.as_slice() {
            [] if link.testexpr.is_some() => self.operator_named(None, "="),
            name => name.is_empty() || self.operator(name),
        };
        let row = self.select(select, Scope::inside(scope));
        match SubLinkType::try_from(link.sub_link_type) {
            // How many rows there are shows what chose them, and that is noted as predicates.
            Ok(SubLinkType::ExistsSublink) => Value::default(),
            Ok(SubLinkType::ExprSublink) if row.fields.len() == 1 => {
                let value = row
                    .fields
                    .first()
                    .map(|field| field.value.clone())
                    .unwrap_or_default();
                // A sub-select's value is a parameter to the query around it: not a column any more.
                Value {
                    expected: None,
                    loose: false,
                    alternative: None,
                    constant: Constness::Not,
                    type_oid: 0,
                    ..value
                }
            }
            _ => {
                let mut lineage = row.whole();
                lineage.add(&tested.lineage);
                Value::of(lineage)
            }
        }
    }

    fn indirection(&mut self, indirection: &AIndirection, scope: &Scope<'_>) -> Value {
        let mut value = self.expr_opt(&indirection.arg, scope);
        for step in indirection.indirection.iter().filter_map(inner) {
            value = match step {
                NodeEnum::String(field) => self.field(&value, &field.sval),
                NodeEnum::AIndices(indices) => {
                    let from = self.expr_opt(&indices.lidx, scope);
                    let to = self.expr_opt(&indices.uidx, scope);
                    match indices.is_slice {
                        false => self.member_of(&value, &to, false),
                        true => None,
                    }
                    .unwrap_or_else(|| Value::union([&value, &from, &to]))
                }
                _ => value.computed(),
            };
        }
        value
    }

    /// PARTITION BY, ORDER BY and frame bounds of a window.
    pub(super) fn window(&mut self, window: &WindowDef, scope: &Scope<'_>) {
        // What a window of another name is made of is not looked up.
        self.flags.unknown_predicate |=
            !self.views.is_empty() && (!window.refname.is_empty() || !window.name.is_empty());
        for node in window.partition_clause.iter().chain(&window.order_clause) {
            let value = self.sort_key(node, scope);
            self.influence(&value, How::Other);
        }
        for bound in [&window.start_offset, &window.end_offset] {
            let value = self.expr_opt(bound, scope);
            self.influence(&value, How::Other);
        }
    }

    /// An expression that may be wrapped in a SortBy.
    pub(super) fn sort_key(&mut self, node: &Node, scope: &Scope<'_>) -> Value {
        match inner(node) {
            Some(NodeEnum::SortBy(sort)) => {
                if !sort.use_op.is_empty() {
                    self.operator(&sort.use_op);
                }
                self.expr_opt(&sort.node, scope)
            }
            Some(other) => self.expr(other, scope),
            None => Value::default(),
        }
    }

    fn xml(&mut self, xml: &XmlExpr, scope: &Scope<'_>) -> Value {
        let named = self.exprs(&xml.named_args, scope);
        let plain = self.exprs(&xml.args, scope);
        Value::union([&named, &plain])
    }
}

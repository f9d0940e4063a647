//! Select lists: their values, stars and names.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{
    ColumnRef, JsonExprOp, MinMaxOp, Node, ResTarget, SqlValueFunctionOp, SubLinkType, XmlExprOp,
};

use super::UnresolvedKind;
use super::analyser::Analyser;
use super::lineage::{Field, RowShape, Value};
use super::nodes::{boxed, given, inner, qualified, text};
use super::scope::{Found, Scope};

/// Most entries of a select list (PostgreSQL, `MaxTupleAttributeNumber`).
const MAX_TARGETS: usize = 1_664;

impl Analyser<'_> {
    /// The columns of a select list or RETURNING list.
    pub(super) fn targets(&mut self, targets: &[Node], scope: &Scope<'_>) -> RowShape {
        let mut row = RowShape::default();
        for node in targets.iter().filter_map(inner) {
            let NodeEnum::ResTarget(target) = node else {
                self.unresolved(UnresolvedKind::Construct, "target");
                continue;
            };
            self.target(target, scope, &mut row);
        }
        row
    }

    fn target(&mut self, target: &ResTarget, scope: &Scope<'_>, row: &mut RowShape) {
        let Some(value) = boxed(&target.val) else {
            return;
        };
        match value {
            NodeEnum::ColumnRef(column) => {
                if let Some(names) = Self::star(column) {
                    self.star_of(&names, column, scope, row);
                    return;
                }
            }
            NodeEnum::AIndirection(indirection) => {
                let ends_in_star = indirection.indirection.last().and_then(inner);
                if matches!(ends_in_star, Some(NodeEnum::AStar(_))) {
                    let mut without = (**indirection).clone();
                    without.indirection.pop();
                    let value = self.expr(&NodeEnum::AIndirection(Box::new(without)), scope);
                    self.row_of(&value, row);
                    return;
                }
            }
            _ => {}
        }
        let name = match given(&target.name) {
            Some(name) => Arc::from(name),
            None => Arc::from(column_name(value).unwrap_or_else(|| "?column?".to_owned())),
        };
        let mut value = self.expr(value, scope);
        if let Some(fields) = value.fields.as_mut() {
            // A field of a row that went through a select list is computed for the server.
            for field in Rc::make_mut(fields) {
                field.value.expected = None;
                field.value.alternative = None;
            }
        }
        row.fields.push(Field { name, value });
    }

    /// `*` or `item.*`.
    fn star_of(
        &mut self,
        names: &[&str],
        column: &ColumnRef,
        scope: &Scope<'_>,
        row: &mut RowShape,
    ) {
        let items = match names {
            [] => scope
                .bare_items()
                .map(|item| Rc::clone(&item.row))
                .collect(),
            [.., item] => {
                let schema = if names.len() > 1 {
                    names.get(names.len() - 2).copied()
                } else {
                    None
                };
                match scope.item(schema, item) {
                    Found::One(found) => vec![Rc::clone(&found.row)],
                    _ => {
                        self.unresolved(
                            UnresolvedKind::Relation,
                            super::nodes::dotted(&column.fields),
                        );
                        Vec::new()
                    }
                }
            }
        };
        for item in items {
            if item.open.is_some() && item.fields.is_empty() {
                self.unresolved(UnresolvedKind::ResultShape, "*");
                row.open_as(&item);
            }
            self.read_columns(&item.whole());
            if !self.steps(item.fields.len() * 4) {
                return;
            }
            if row.fields.len() + item.fields.len() > MAX_TARGETS {
                self.unresolved(UnresolvedKind::TooComplex, "*");
                return;
            }
            row.fields.extend(item.fields.iter().cloned());
        }
    }

    /// `(value).*`.
    fn row_of(&mut self, value: &Value, row: &mut RowShape) {
        match &value.fields {
            Some(fields) => row.fields.extend(fields.iter().cloned()),
            None => {
                self.unresolved(UnresolvedKind::ResultShape, "*");
                row.open = Some(Rc::clone(&value.lineage));
            }
        }
    }
}

/// The name that the server gives an expression (PostgreSQL, `FigureColname`).
pub(super) fn column_name(node: &NodeEnum) -> Option<String> {
    strong_name(node).or_else(|| weak_name(node))
}

/// A name that stands against the name of a cast around it.
fn strong_name(node: &NodeEnum) -> Option<String> {
    let fixed = |name: &str| Some(name.to_owned());
    match node {
        NodeEnum::ColumnRef(column) => column.fields.iter().rev().find_map(text).map(str::to_owned),
        NodeEnum::AIndirection(indirection) => {
            let field = indirection
                .indirection
                .iter()
                .rev()
                .find_map(text)
                .map(str::to_owned);
            field.or_else(|| boxed(&indirection.arg).and_then(strong_name))
        }
        NodeEnum::FuncCall(call) => Some(qualified(&call.funcname).1.to_owned()),
        NodeEnum::AExpr(operation)
            if operation.kind == pg_query::protobuf::AExprKind::AexprNullif as i32 =>
        {
            fixed("nullif")
        }
        NodeEnum::TypeCast(cast) => boxed(&cast.arg).and_then(strong_name),
        NodeEnum::CollateClause(collate) => boxed(&collate.arg).and_then(strong_name),
        NodeEnum::GroupingFunc(_) => fixed("grouping"),
        NodeEnum::MergeSupportFunc(_) => fixed("merge_action"),
        NodeEnum::SubLink(link) => match SubLinkType::try_from(link.sub_link_type) {
            Ok(SubLinkType::ExistsSublink) => fixed("exists"),
            Ok(SubLinkType::ArraySublink) => fixed("array"),
            Ok(SubLinkType::ExprSublink) => sub_select_name(node),
            _ => None,
        },
        NodeEnum::CaseExpr(case) => boxed(&case.defresult).and_then(strong_name),
        NodeEnum::AArrayExpr(_) => fixed("array"),
        NodeEnum::RowExpr(_) => fixed("row"),
        NodeEnum::CoalesceExpr(_) => fixed("coalesce"),
        NodeEnum::MinMaxExpr(expr) => fixed(if expr.op == MinMaxOp::IsGreatest as i32 {
            "greatest"
        } else {
            "least"
        }),
        NodeEnum::SqlvalueFunction(function) => SqlValueFunctionOp::try_from(function.op)
            .ok()
            .and_then(value_function_name)
            .map(str::to_owned),
        NodeEnum::XmlExpr(xml) => xml_name(xml.op).map(str::to_owned),
        NodeEnum::XmlSerialize(_) => fixed("xmlserialize"),
        NodeEnum::JsonParseExpr(_) => fixed("json"),
        NodeEnum::JsonScalarExpr(_) => fixed("json_scalar"),
        NodeEnum::JsonSerializeExpr(_) => fixed("json_serialize"),
        NodeEnum::JsonObjectConstructor(_) => fixed("json_object"),
        NodeEnum::JsonArrayConstructor(_) | NodeEnum::JsonArrayQueryConstructor(_) => {
            fixed("json_array")
        }
        NodeEnum::JsonObjectAgg(_) => fixed("json_objectagg"),
        NodeEnum::JsonArrayAgg(_) => fixed("json_arrayagg"),
        NodeEnum::JsonFuncExpr(query) => fixed(match JsonExprOp::try_from(query.op) {
            Ok(JsonExprOp::JsonExistsOp) => "json_exists",
            Ok(JsonExprOp::JsonValueOp) => "json_value",
            _ => "json_query",
        }),
        _ => None,
    }
}

/// A name that an expression has only when nothing better is known.
fn weak_name(node: &NodeEnum) -> Option<String> {
    match node {
        NodeEnum::TypeCast(cast) => cast
            .type_name
            .as_ref()
            .map(|name| qualified(&name.names).1.to_owned()),
        NodeEnum::CollateClause(collate) => boxed(&collate.arg).and_then(weak_name),
        NodeEnum::AIndirection(indirection) => boxed(&indirection.arg).and_then(weak_name),
        NodeEnum::CaseExpr(_) => Some("case".to_owned()),
        _ => None,
    }
}

fn sub_select_name(node: &NodeEnum) -> Option<String> {
    let NodeEnum::SubLink(link) = node else {
        return None;
    };
    let NodeEnum::SelectStmt(select) = boxed(&link.subselect)? else {
        return None;
    };
    let mut select = select;
    while let Some(left) = &select.larg {
        select = left;
    }
    let NodeEnum::ResTarget(target) = select.target_list.first().and_then(inner)? else {
        return None;
    };
    match given(&target.name) {
        Some(name) => Some(name.to_owned()),
        None => boxed(&target.val).and_then(column_name),
    }
}

fn value_function_name(op: SqlValueFunctionOp) -> Option<&'static str> {
    use SqlValueFunctionOp as Op;
    Some(match op {
        Op::SvfopCurrentDate => "current_date",
        Op::SvfopCurrentTime | Op::SvfopCurrentTimeN => "current_time",
        Op::SvfopCurrentTimestamp | Op::SvfopCurrentTimestampN => "current_timestamp",
        Op::SvfopLocaltime | Op::SvfopLocaltimeN => "localtime",
        Op::SvfopLocaltimestamp | Op::SvfopLocaltimestampN => "localtimestamp",
        Op::SvfopCurrentRole => "current_role",
        Op::SvfopCurrentUser => "current_user",
        Op::SvfopUser => "user",
        Op::SvfopSessionUser => "session_user",
        Op::SvfopCurrentCatalog => "current_catalog",
        Op::SvfopCurrentSchema => "current_schema",
        Op::SqlvalueFunctionOpUndefined => return None,
    })
}

fn xml_name(op: i32) -> Option<&'static str> {
    Some(match XmlExprOp::try_from(op).ok()? {
        XmlExprOp::IsXmlconcat => "xmlconcat",
        XmlExprOp::IsXmlelement => "xmlelement",
        XmlExprOp::IsXmlforest => "xmlforest",
        XmlExprOp::IsXmlparse => "xmlparse",
        XmlExprOp::IsXmlpi => "xmlpi",
        XmlExprOp::IsXmlroot => "xmlroot",
        XmlExprOp::IsXmlserialize => "xmlserialize",
        XmlExprOp::IsDocument | XmlExprOp::Undefined => return None,
    })
}

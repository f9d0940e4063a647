//! The SQL/JSON constructors and query functions: their values come from their arguments.

use pg_query::NodeEnum;
use pg_query::protobuf::{JsonAggConstructor, JsonValueExpr, Node};

use super::analyser::Analyser;
use super::lineage::{Lineage, Value};
use super::nodes::{boxed, inner};
use super::scope::Scope;
use super::{How, UnresolvedKind};

impl Analyser<'_> {
    /// Expressions of SQL/JSON; any node that is not one is a construct that is not understood.
    pub(super) fn json(&mut self, node: &NodeEnum, scope: &Scope<'_>) -> Value {
        match node {
            NodeEnum::JsonIsPredicate(predicate) => {
                self.since(160_000, "IS JSON");
                self.expr_opt(&predicate.expr, scope).computed()
            }
            NodeEnum::JsonObjectConstructor(constructor) => {
                self.since(160_000, "JSON_OBJECT");
                self.exprs(&constructor.exprs, scope)
            }
            NodeEnum::JsonArrayConstructor(constructor) => {
                self.since(160_000, "JSON_ARRAY");
                self.exprs(&constructor.exprs, scope)
            }
            NodeEnum::JsonArrayQueryConstructor(constructor) => {
                self.since(160_000, "JSON_ARRAY");
                match boxed(&constructor.query) {
                    Some(NodeEnum::SelectStmt(select)) => {
                        Value::of(self.select(select, Scope::inside(scope)).whole())
                    }
                    _ => self.not_understood("JSON_ARRAY"),
                }
            }
            NodeEnum::JsonObjectAgg(aggregate) => {
                self.since(160_000, "JSON_OBJECTAGG");
                let mut lineage = Lineage::default();
                if let Some(pair) = &aggregate.arg {
                    lineage.add(&self.expr_opt(&pair.key, scope).lineage);
                    lineage.add(&self.json_value(pair.value.as_deref(), scope).lineage);
                }
                self.json_aggregate(aggregate.constructor.as_deref(), scope);
                Value::of(lineage)
            }
            NodeEnum::JsonArrayAgg(aggregate) => {
                self.since(160_000, "JSON_ARRAYAGG");
                let value = self.json_value(aggregate.arg.as_deref(), scope);
                self.json_aggregate(aggregate.constructor.as_deref(), scope);
                value
            }
            NodeEnum::JsonKeyValue(pair) => {
                let key = self.expr_opt(&pair.key, scope);
                let value = self.json_value(pair.value.as_deref(), scope);
                Value::union([&key, &value])
            }
            NodeEnum::JsonValueExpr(value) => self.json_value(Some(value), scope),
            NodeEnum::JsonArgument(argument) => self.json_value(argument.val.as_deref(), scope),
            NodeEnum::JsonParseExpr(parse) => {
                self.since(170_000, "JSON");
                self.json_value(parse.expr.as_deref(), scope)
            }
            NodeEnum::JsonScalarExpr(scalar) => {
                self.since(170_000, "JSON_SCALAR");
                self.expr_opt(&scalar.expr, scope).computed()
            }
            NodeEnum::JsonSerializeExpr(serialize) => {
                self.since(170_000, "JSON_SERIALIZE");
                self.json_value(serialize.expr.as_deref(), scope)
            }
            NodeEnum::JsonFuncExpr(query) => {
                self.since(170_000, "JSON_QUERY");
                let context = self.json_value(query.context_item.as_deref(), scope);
                let path = self.expr_opt(&query.pathspec, scope);
                let passing = self.exprs(&query.passing, scope);
                let mut value = Value::union([&context, &path, &passing]);
                for behavior in [&query.on_empty, &query.on_error].into_iter().flatten() {
                    let fallback = self.expr_opt(&behavior.expr, scope);
                    value = Value::union([&value, &fallback]);
                }
                value
            }
            _ => self.not_understood("expression"),
        }
    }

    fn not_understood(&mut self, what: &str) -> Value {
        self.unresolved(UnresolvedKind::Construct, what);
        Value::unknown()
    }

    pub(super) fn json_value(&mut self, value: Option<&JsonValueExpr>, scope: &Scope<'_>) -> Value {
        match value {
            Some(value) => self.expr_opt(&value.raw_expr, scope).computed(),
            None => Value::default(),
        }
    }

    fn json_aggregate(&mut self, constructor: Option<&JsonAggConstructor>, scope: &Scope<'_>) {
        let Some(constructor) = constructor else {
            return;
        };
        for order in &constructor.agg_order {
            let value = self.sort_key(order, scope);
            self.influence(&value, How::Other);
        }
        if let Some(filter) = boxed(&constructor.agg_filter) {
            self.condition(filter, scope);
        }
        if let Some(window) = &constructor.over {
            self.window(window, scope);
        }
    }

    /// Values of DEFAULT … ON EMPTY and ON ERROR of JSON_TABLE's columns.
    pub(super) fn json_table_defaults(&mut self, columns: &[Node], scope: &Scope<'_>) -> Value {
        let mut lineage = Lineage::default();
        for column in columns.iter().filter_map(inner) {
            if let NodeEnum::JsonTableColumn(column) = column {
                for behavior in [&column.on_empty, &column.on_error].into_iter().flatten() {
                    lineage.add(&self.expr_opt(&behavior.expr, scope).lineage);
                }
                lineage.add(&self.json_table_defaults(&column.columns, scope).lineage);
            }
        }
        Value::of(lineage)
    }

    /// Names of JSON_TABLE's columns, nested ones included.
    pub(super) fn json_table_names(columns: &[Node], names: &mut Vec<String>) {
        for column in columns.iter().filter_map(inner) {
            if let NodeEnum::JsonTableColumn(column) = column {
                if column.columns.is_empty() {
                    names.push(column.name.clone());
                } else {
                    Self::json_table_names(&column.columns, names);
                }
            }
        }
    }
}

//! FROM: what each item's columns are and come from.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{
    JsonTable, Node, RangeFunction, RangeSubselect, RangeTableFunc, RangeVar,
};

use super::alias::aliased;
use super::analyser::Analyser;
use super::lineage::{Field, RowShape, Value};
use super::nodes::{boxed, given, inner, qualified};
use super::scope::{Item, Scope};
use super::target::column_name;
use super::{Access, How, UnresolvedKind, harmless};

impl Analyser<'_> {
    /// Adds a FROM list to a level.
    pub(super) fn from(&mut self, nodes: &[Node], scope: &mut Scope<'_>) {
        for node in nodes.iter().filter_map(inner) {
            self.add_item(node, scope);
        }
    }

    /// Adds one item; a join adds its sides.
    pub(super) fn add_item(&mut self, node: &NodeEnum, scope: &mut Scope<'_>) {
        if !self.step() {
            return;
        }
        match node {
            NodeEnum::RangeVar(var) => {
                let item = self.named_item(var, scope);
                scope.items.push(item);
            }
            NodeEnum::RangeSubselect(select) => self.sub_select(select, scope),
            NodeEnum::RangeFunction(function) => self.function_item(function, scope),
            NodeEnum::RangeTableFunc(table) => self.xml_table(table, scope),
            NodeEnum::JsonTable(table) => self.json_table(table, scope),
            NodeEnum::RangeTableSample(sample) => {
                if let Some(relation) = boxed(&sample.relation) {
                    self.add_item(relation, scope);
                }
                let arguments = self.exprs(&sample.args, scope);
                self.influence(&arguments, How::Other);
                let repeatable = self.expr_opt(&sample.repeatable, scope);
                self.influence(&repeatable, How::Other);
                if !matches!(qualified(&sample.method).1, "system" | "bernoulli") {
                    self.call_named(qualified(&sample.method).0, qualified(&sample.method).1);
                }
            }
            NodeEnum::JoinExpr(join) => self.join(join, scope),
            _ => self.unresolved(UnresolvedKind::Construct, "FROM"),
        }
    }

    /// A name in FROM: a common table expression, else a relation.
    fn named_item(&mut self, var: &RangeVar, scope: &Scope<'_>) -> Item {
        if given(&var.schemaname).is_none()
            && given(&var.catalogname).is_none()
            && let Some(cte) = scope.cte(&var.relname)
        {
            self.understood.push(var.location);
            let row = Rc::clone(&cte.row);
            let name = cte.name.clone();
            return aliased(Item::new(name, row), var.alias.as_ref());
        }
        self.relation_item(var, Access::READ)
    }

    /// A relation as an item, with what is done to it noted.
    pub(super) fn relation_item(&mut self, var: &RangeVar, access: Access) -> Item {
        let Some(relation) = self.use_relation(var, access) else {
            let item = Item::new(Arc::from(var.relname.as_str()), Self::unknown_row());
            return aliased(item, var.alias.as_ref());
        };
        let mut item = Item::new(relation.name.clone(), self.relation_row(&relation));
        item.schema = Some(relation.schema.clone());
        item.relation = Some(relation.oid);
        aliased(item, var.alias.as_ref())
    }

    fn sub_select(&mut self, select: &RangeSubselect, scope: &mut Scope<'_>) {
        let Some(NodeEnum::SelectStmt(query)) = boxed(&select.subquery) else {
            self.unresolved(UnresolvedKind::Construct, "FROM");
            return;
        };
        let inside = if select.lateral {
            Scope::inside(scope)
        } else {
            Scope::beside(scope)
        };
        let row = self.select(query, inside);
        let mut item = aliased(
            Item::new(Arc::from(""), Rc::new(row)),
            select.alias.as_ref(),
        );
        item.named = select.alias.is_some();
        scope.items.push(item);
    }

    fn function_item(&mut self, function: &RangeFunction, scope: &mut Scope<'_>) {
        let mut row = RowShape::default();
        let mut name = None;
        let single = function.functions.len() == 1;
        for entry in function.functions.iter().filter_map(inner) {
            let NodeEnum::List(entry) = entry else {
                continue;
            };
            let Some(call) = entry.items.first().and_then(inner) else {
                continue;
            };
            let definitions = match entry.items.get(1).and_then(inner) {
                Some(NodeEnum::List(list)) => list.items.as_slice(),
                _ => function.coldeflist.as_slice(),
            };
            let alias = function
                .alias
                .as_ref()
                .filter(|_| single)
                .map(|alias| alias.aliasname.as_str());
            self.function_columns(call, definitions, alias, scope, &mut row);
            name = name.or_else(|| column_name(call));
        }
        if function.ordinality {
            row.fields.push(Field {
                name: Arc::from("ordinality"),
                value: Value::default(),
            });
        }
        let item = Item::new(Arc::from(name.unwrap_or_default().as_str()), Rc::new(row));
        scope.items.push(aliased(item, function.alias.as_ref()));
    }

    /// The columns of one function in FROM.
    fn function_columns(
        &mut self,
        call: &NodeEnum,
        definitions: &[Node],
        alias: Option<&str>,
        scope: &Scope<'_>,
        row: &mut RowShape,
    ) {
        let value = self.expr(call, scope).computed();
        let (schema, name) = match call {
            NodeEnum::FuncCall(call) => qualified(&call.funcname),
            _ => (None, ""),
        };
        // The arguments decide how many rows there are.
        self.influence(
            &value,
            if harmless::takes_apart(name) {
                How::Cardinality
            } else {
                How::Other
            },
        );
        let field = |name: &str| Field {
            name: Arc::from(name),
            value: value.clone(),
        };
        if !definitions.is_empty() {
            for definition in definitions.iter().filter_map(inner) {
                if let NodeEnum::ColumnDef(definition) = definition {
                    if let Some(type_name) = &definition.type_name {
                        self.cast_to(type_name, &Value::default());
                    }
                    row.fields.push(field(&definition.colname));
                }
            }
            return;
        }
        if name.is_empty() {
            row.fields.push(field(
                alias
                    .map_or_else(|| column_name(call).unwrap_or_default(), str::to_owned)
                    .as_str(),
            ));
            return;
        }
        let called = self.describe(schema, name);
        if name == "unnest" && called.known {
            // One column per array, unless an array's elements are rows, which are only reached by name here.
            let arrays = if let NodeEnum::FuncCall(call) = call {
                call.args.len()
            } else {
                1
            };
            let only = alias.filter(|_| arrays == 1).unwrap_or(name);
            row.fields.extend((0..arrays).map(|_| field(only)));
            row.open = Some(Rc::clone(&value.lineage));
            return;
        }
        match called.columns {
            Some(columns) if !called.open_row => {
                row.fields.extend(columns.iter().map(|name| field(name)))
            }
            _ if called.open_row || !called.known => row.open = Some(Rc::clone(&value.lineage)),
            _ => row.fields.push(field(alias.unwrap_or(name))),
        }
    }

    fn xml_table(&mut self, table: &RangeTableFunc, scope: &mut Scope<'_>) {
        let document = self.expr_opt(&table.docexpr, scope);
        let rows = self.expr_opt(&table.rowexpr, scope);
        let namespaces = self.exprs(&table.namespaces, scope);
        let value = Value::union([&document, &rows, &namespaces]);
        self.influence(&value, How::Other);
        let mut row = RowShape::default();
        for column in table.columns.iter().filter_map(inner) {
            let NodeEnum::RangeTableFuncCol(column) = column else {
                continue;
            };
            if let Some(type_name) = &column.type_name {
                self.cast_to(type_name, &Value::default());
            }
            let path = self.expr_opt(&column.colexpr, scope);
            let default = self.expr_opt(&column.coldefexpr, scope);
            row.fields.push(Field {
                name: Arc::from(column.colname.as_str()),
                value: Value::union([&value, &path, &default]),
            });
        }
        scope.items.push(aliased(
            Item::new(Arc::from("xmltable"), Rc::new(row)),
            table.alias.as_ref(),
        ));
    }

    fn json_table(&mut self, table: &JsonTable, scope: &mut Scope<'_>) {
        self.since(170_000, "JSON_TABLE");
        let context = self.json_value(table.context_item.as_deref(), scope);
        let passing = self.exprs(&table.passing, scope);
        let defaults = self.json_table_defaults(&table.columns, scope);
        let value = Value::union([&context, &passing, &defaults]);
        self.influence(&value, How::Other);
        let mut names = Vec::new();
        Self::json_table_names(&table.columns, &mut names);
        let fields = names
            .iter()
            .map(|name| Field {
                name: Arc::from(name.as_str()),
                value: value.clone(),
            })
            .collect();
        let item = Item::new(
            Arc::from("json_table"),
            Rc::new(RowShape { fields, open: None }),
        );
        scope.items.push(aliased(item, table.alias.as_ref()));
    }
}

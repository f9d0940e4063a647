//! Definition statements: what they make and drop. Those that change what exists are in `ddl_alter`.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    ConstrType, Constraint, CreateStmt, CreateTableAsStmt, IndexStmt, Node, ObjectType,
    ReindexObjectType, TruncateStmt, VacuumStmt, ViewStmt,
};

use super::analyser::{Analyser, Outcome};
use super::lineage::Value;
use super::nodes::{boxed, given, inner};
use super::object::is_cascade;
use super::scope::{Item, Scope};
use super::utility::outcome;
use super::walk::walk;
use super::{Access, Action, Control, How, Into, UnresolvedKind};

impl Analyser<'_> {
    /// A definition statement, or anything else that the grammar knows.
    pub(super) fn definition(&mut self, node: &NodeEnum, scope: &Scope<'_>) -> Outcome {
        let made = |tag: &str| outcome(Action::Create, tag, Control::Ddl);
        match node {
            NodeEnum::CreateStmt(create) => {
                self.create_table(create);
                self.calls_below(node);
                made("CREATE TABLE")
            }
            NodeEnum::CreateForeignTableStmt(create) => {
                if let Some(base) = &create.base_stmt {
                    self.create_table(base);
                }
                self.calls_below(node);
                self.flags.secret_text |= !create.options.is_empty();
                made("CREATE FOREIGN TABLE")
            }
            NodeEnum::CreateTableAsStmt(create) => self.create_table_as(create, scope),
            NodeEnum::ViewStmt(view) => self.create_view(view, scope),
            NodeEnum::IndexStmt(index) => self.create_index(index),
            NodeEnum::TruncateStmt(truncate) => self.truncate(truncate),
            NodeEnum::DropStmt(drop) => self.drop_objects(drop),
            NodeEnum::VacuumStmt(vacuum) => self.vacuum(vacuum),
            NodeEnum::RefreshMatViewStmt(refresh) => {
                if let Some(relation) = refresh
                    .relation
                    .as_ref()
                    .and_then(|var| self.use_relation(var, Access::WRITE))
                {
                    let row = self.relation_row(&relation);
                    let own = |field: &super::lineage::Field| {
                        field
                            .value
                            .lineage
                            .keys
                            .iter()
                            .any(|key| key.relation != relation.oid)
                    };
                    if row.fields.iter().any(own) {
                        self.flow(
                            &row.whole(),
                            Into::NewRelation {
                                schema: relation.schema.clone(),
                                name: relation.name.clone(),
                            },
                        );
                    }
                }
                outcome(Action::Refresh, "REFRESH MATERIALIZED VIEW", Control::None)
            }
            NodeEnum::ClusterStmt(cluster) => {
                let access = Access::WRITE.with(Access::DEFINE);
                match &cluster.relation {
                    Some(var) => {
                        // Which columns an index has is not told; they order the rows from now on.
                        let item = self.relation_item(var, access);
                        self.influence_of(&item.row.whole(), How::Other);
                    }
                    None => self.whole_database(access),
                }
                outcome(Action::Cluster, "CLUSTER", Control::None)
            }
            NodeEnum::ReindexStmt(reindex) => {
                match &reindex.relation {
                    Some(var) => self.relation_or_index(var, Access::DEFINE),
                    None if reindex.kind == ReindexObjectType::ReindexObjectSchema as i32 => {
                        self.object("schema", &reindex.name);
                        self.whole_schema(&reindex.name, Access::DEFINE, None);
                    }
                    None => {
                        self.object("database", &reindex.name);
                        self.whole_database(Access::DEFINE);
                    }
                }
                outcome(Action::Reindex, "REINDEX", Control::None)
            }
            NodeEnum::CreateSeqStmt(create) => {
                if let Some(var) = &create.sequence {
                    self.make_relation(var);
                }
                made("CREATE SEQUENCE")
            }
            NodeEnum::CreateTrigStmt(trigger) => {
                if let Some(var) = &trigger.relation {
                    self.member("trigger", var, Access::DEFINE, &trigger.trigname);
                }
                if let Some(var) = &trigger.constrrel {
                    self.use_relation(var, Access::DEFINE);
                }
                self.functions_named("function", &trigger.funcname, false);
                self.code("CREATE TRIGGER", node)
            }
            NodeEnum::RuleStmt(rule) => {
                if let Some(var) = &rule.relation {
                    self.member("rule", var, Access::ALL, &rule.rulename);
                }
                self.relations_below(node);
                self.code("CREATE RULE", node)
            }
            NodeEnum::CreateFunctionStmt(create) => {
                let (kind, tag) = match create.is_procedure {
                    true => ("procedure", "CREATE PROCEDURE"),
                    false => ("function", "CREATE FUNCTION"),
                };
                self.makes(kind, &create.funcname);
                self.code(tag, node)
            }
            NodeEnum::CreateExtensionStmt(create) => {
                self.object("extension", &create.extname);
                self.code("CREATE EXTENSION", node)
            }
            NodeEnum::CreatePlangStmt(create) => {
                self.object("language", &create.plname);
                self.code("CREATE LANGUAGE", node)
            }
            NodeEnum::CreateEventTrigStmt(create) => {
                self.object("event trigger", &create.trigname);
                self.functions_named("function", &create.funcname, false);
                self.code("CREATE EVENT TRIGGER", node)
            }
            NodeEnum::CreatePolicyStmt(policy) => {
                if let Some(var) = &policy.table {
                    self.member("policy", var, Access::DEFINE, &policy.policy_name);
                }
                self.code("CREATE POLICY", node)
            }
            NodeEnum::CreateSchemaStmt(create) => {
                // Without a name it has that of its owner.
                let owner = || {
                    create
                        .authrole
                        .as_ref()
                        .and_then(|role| self.role_name(role))
                };
                let name = given(&create.schemaname).map(str::to_owned).or_else(owner);
                let name = name.unwrap_or_else(|| {
                    self.unresolved(UnresolvedKind::Construct, "CREATE SCHEMA");
                    String::new()
                });
                self.object("schema", &name);
                self.creation = Some(std::sync::Arc::from(name));
                for element in create.schema_elts.iter().filter_map(inner) {
                    let (action, ..) = self.definition(element, scope);
                    self.actions.insert(action);
                }
                made("CREATE SCHEMA")
            }
            NodeEnum::CreateStatsStmt(create) => {
                self.relations_of(&create.relations, Access::DEFINE);
                if !create.defnames.is_empty() {
                    self.makes("statistics", &create.defnames);
                }
                self.calls_below(node);
                made("CREATE STATISTICS")
            }
            NodeEnum::CreateRoleStmt(create) => {
                self.object("role", &create.role);
                self.memberships(&create.options);
                self.flags.secret_text = true;
                made("CREATE ROLE")
            }
            NodeEnum::CreatedbStmt(create) => {
                self.object("database", &create.dbname);
                made("CREATE DATABASE")
            }
            NodeEnum::DropdbStmt(drop) => {
                self.object("database", &drop.dbname);
                outcome(Action::Drop, "DROP DATABASE", Control::Ddl)
            }
            NodeEnum::DropRoleStmt(drop) => {
                for role in drop.roles.iter().filter_map(inner) {
                    if let NodeEnum::RoleSpec(role) = role {
                        self.role(Some(role));
                    }
                }
                outcome(Action::Drop, "DROP ROLE", Control::Ddl)
            }
            NodeEnum::DropOwnedStmt(drop) => {
                self.flags.cascade |= is_cascade(drop.behavior);
                self.owned(&drop.roles);
                outcome(Action::Drop, "DROP OWNED", Control::Ddl)
            }
            _ => self.alteration(node),
        }
    }

    /// A statement that brings code into the server.
    fn code(&mut self, tag: &str, node: &NodeEnum) -> Outcome {
        self.flags.creates_code = true;
        self.calls_below(node);
        outcome(Action::Create, tag, Control::Ddl)
    }

    /// Notes every function that is called anywhere below a node.
    pub(super) fn calls_below(&mut self, node: &NodeEnum) {
        let Ok(walked) = walk(node, self.limits.max_depth) else {
            return;
        };
        for name in walked.functions {
            let mut parts = name.iter().rev();
            if let Some(last) = parts.next() {
                self.call_named(parts.next().map(String::as_str), last);
            }
        }
    }

    /// Notes every relation that is named anywhere below a node, with all that could be done to it.
    pub(super) fn relations_below(&mut self, node: &NodeEnum) {
        let Ok(walked) = walk(node, self.limits.max_depth) else {
            return;
        };
        for named in walked
            .relations
            .into_iter()
            .filter(|named| !named.name.is_empty())
        {
            let var = pg_query::protobuf::RangeVar {
                catalogname: named.catalog,
                schemaname: named.schema,
                relname: named.name,
                location: named.location,
                inh: true,
                ..Default::default()
            };
            // A rule's own `new` and `old` are not relations.
            if given(&var.schemaname).is_none() && matches!(var.relname.as_str(), "new" | "old") {
                self.understood.push(var.location);
            } else if !self.understood.contains(&var.location) || var.location <= 0 {
                self.use_relation(&var, Access::ALL);
            }
        }
    }

    fn create_table(&mut self, create: &CreateStmt) {
        let made = create.relation.as_ref().map(|var| self.make_relation(var));
        let table = made.map_or_else(String::new, |(schema, name)| format!("{schema}.{name}"));
        for parent in create.inh_relations.iter().filter_map(inner) {
            if let NodeEnum::RangeVar(var) = parent {
                self.use_relation(var, Access::DEFINE);
            }
        }
        for element in create
            .table_elts
            .iter()
            .chain(&create.constraints)
            .filter_map(inner)
        {
            match element {
                NodeEnum::TableLikeClause(like) => {
                    if let Some(var) = &like.relation {
                        self.use_relation(var, Access::DEFINE);
                    }
                }
                NodeEnum::ColumnDef(column) => {
                    self.column_constraints(&column.constraints, &table);
                }
                NodeEnum::Constraint(constraint) => self.constraint(constraint),
                _ => {}
            }
        }
    }

    /// What is said of a column, or of a domain, within something of a name.
    pub(super) fn column_constraints(&mut self, constraints: &[Node], within: &str) {
        for constraint in constraints.iter().filter_map(inner) {
            if let NodeEnum::Constraint(constraint) = constraint {
                self.constraint(constraint);
                if constraint.contype == ConstrType::ConstrDefault as i32 {
                    self.default_of(&constraint.raw_expr, within);
                }
            }
        }
    }

    /// A default is stored with every row that does not say otherwise, and no such statement shows it.
    pub(super) fn default_of(&mut self, expression: &Option<Box<Node>>, within: &str) {
        let value = self.expr_opt(expression, &Scope::default());
        self.flow(&value.lineage, Into::NewName(within.to_owned()));
    }

    /// A foreign key looks rows up in the table it refers to.
    pub(super) fn constraint(&mut self, constraint: &Constraint) {
        if constraint.contype == ConstrType::ConstrForeign as i32
            && let Some(var) = &constraint.pktable
        {
            self.use_relation(var, Access::DEFINE.with(Access::READ));
        }
    }

    fn create_table_as(&mut self, create: &CreateTableAsStmt, scope: &Scope<'_>) -> Outcome {
        self.flags.creates_from_query = true;
        let made = create
            .into
            .as_ref()
            .and_then(|into| into.rel.as_ref())
            .map(|var| self.make_relation(var));
        let mut execute = None;
        let row = match boxed(&create.query) {
            Some(query) => {
                let (action, _, row, control) = self.statement(query, scope);
                self.actions.insert(action);
                if let Control::Execute { name } = control {
                    execute = Some(name);
                }
                row.unwrap_or_default()
            }
            None => Default::default(),
        };
        if let Some((schema, name)) = made {
            let lineage = if execute.is_some() {
                super::lineage::Lineage::unknown()
            } else {
                row.whole()
            };
            self.flow(&lineage, Into::NewRelation { schema, name });
        }
        self.flags.result_elsewhere = false;
        let matview = create.objtype == ObjectType::ObjectMatview as i32;
        let tag = if matview {
            "CREATE MATERIALIZED VIEW"
        } else {
            "CREATE TABLE AS"
        };
        match execute {
            Some(name) => {
                // What the prepared statement reads is known to the session alone.
                self.unresolved(UnresolvedKind::Construct, "CREATE TABLE AS EXECUTE");
                outcome(Action::Create, tag, Control::Execute { name })
            }
            None => outcome(Action::Create, tag, Control::Ddl),
        }
    }

    fn create_view(&mut self, view: &ViewStmt, scope: &Scope<'_>) -> Outcome {
        self.flags.creates_from_query = true;
        let made = view.view.as_ref().map(|var| self.make_relation(var));
        if let Some(NodeEnum::SelectStmt(select)) = boxed(&view.query) {
            self.actions.insert(Action::Select);
            let row = self.select(select, Scope::inside(scope));
            if let Some((schema, name)) = made {
                self.flow(&row.whole(), Into::NewRelation { schema, name });
            }
        }
        outcome(Action::Create, "CREATE VIEW", Control::Ddl)
    }

    fn create_index(&mut self, index: &IndexStmt) -> Outcome {
        if let Some(var) = &index.relation {
            let item = self.relation_item(var, Access::DEFINE);
            self.index_columns(&index.index_params, &item);
            self.condition_over(&index.where_clause, &item);
            // An index lives where its table does.
            let table = item.relation.and_then(|oid| self.relation_by_oid(oid));
            if let (Some(name), Some(table)) = (given(&index.idxname), table) {
                let name = format!("{}.{name}", table.schema);
                self.object("index", &name);
            }
        }
        outcome(Action::Create, "CREATE INDEX", Control::Ddl)
    }

    /// A unique index tells whether values repeat.
    fn index_columns(&mut self, elements: &[Node], item: &Item) {
        let mut scope = Scope::default();
        scope.items.push(item.clone());
        for element in elements.iter().filter_map(inner) {
            if let NodeEnum::IndexElem(element) = element {
                let value = match given(&element.name) {
                    Some(name) => self.expr(&super::insert::column_named(name), &scope),
                    None => self.expr_opt(&element.expr, &scope),
                };
                self.influence(&value, How::Other);
            }
        }
    }

    fn truncate(&mut self, truncate: &TruncateStmt) -> Outcome {
        self.flags.modifies = true;
        self.flags.cascade |= is_cascade(truncate.behavior);
        self.relations_of(&truncate.relations, Access::WRITE);
        outcome(Action::Truncate, "TRUNCATE TABLE", Control::None)
    }

    fn vacuum(&mut self, vacuum: &VacuumStmt) -> Outcome {
        if vacuum.rels.is_empty() {
            self.whole_database(Access::DEFINE);
        }
        for node in vacuum.rels.iter().filter_map(inner) {
            if let NodeEnum::VacuumRelation(relation) = node
                && let Some(var) = &relation.relation
            {
                self.use_relation(var, Access::DEFINE);
            }
        }
        if vacuum.is_vacuumcmd {
            outcome(Action::Vacuum, "VACUUM", Control::None)
        } else {
            outcome(Action::Analyze, "ANALYZE", Control::None)
        }
    }

    /// An expression of a definition over a relation's columns, stored in one of them.
    pub(super) fn stored(&mut self, expression: &Option<Box<Node>>, item: &Item) -> Value {
        let mut scope = Scope::default();
        scope.items.push(item.clone());
        self.expr_opt(expression, &scope)
    }
}

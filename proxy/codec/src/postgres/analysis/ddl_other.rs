//! Definition statements on what holds no rows: types, operators, servers, publications, and whatever else the
//! grammar knows.

use pg_query::NodeEnum;
use pg_query::protobuf::{Node, ObjectType, PublicationObjSpecType, RangeVar};

use super::analyser::{Analyser, Outcome};
use super::nodes::{boxed, dotted, inner};
use super::object::kind_name;
use super::utility::outcome;
use super::{Action, Control, UnresolvedKind};

impl Analyser<'_> {
    /// A statement without a place of its own: every relation and call in it counts as used in every way.
    pub(super) fn other_definition(&mut self, node: &NodeEnum) -> Outcome {
        let known = self.in_a_schema(node).or_else(|| self.in_no_schema(node));
        self.relations_below(node);
        self.calls_below(node);
        let (action, tag) = match known {
            Some((action, tag)) => (action, tag.to_owned()),
            None => {
                // What it names is not known here.
                let tag = variant_name(node);
                self.unresolved(UnresolvedKind::Construct, tag.as_str());
                let action = match tag.starts_with("alter") {
                    true => Action::Alter,
                    false => Action::Other(tag.clone()),
                };
                (action, tag.to_uppercase())
            }
        };
        self.flags.secret_text |= matches!(
            node,
            NodeEnum::CreateUserMappingStmt(_)
                | NodeEnum::AlterUserMappingStmt(_)
                | NodeEnum::CreateForeignServerStmt(_)
                | NodeEnum::AlterForeignServerStmt(_)
                | NodeEnum::CreateFdwStmt(_)
                | NodeEnum::AlterFdwStmt(_)
                | NodeEnum::CreateSubscriptionStmt(_)
                | NodeEnum::AlterSubscriptionStmt(_)
        );
        self.flags.creates_code |= matches!(
            node,
            NodeEnum::CreateFdwStmt(_)
                | NodeEnum::AlterFdwStmt(_)
                | NodeEnum::CreateCastStmt(_)
                | NodeEnum::CreateConversionStmt(_)
                | NodeEnum::CreateTransformStmt(_)
                | NodeEnum::CreateAmStmt(_)
                | NodeEnum::CreateOpClassStmt(_)
                | NodeEnum::AlterOpFamilyStmt(_)
                | NodeEnum::AlterOperatorStmt(_)
                | NodeEnum::AlterTypeStmt(_)
                | NodeEnum::CreateDomainStmt(_)
                | NodeEnum::AlterDomainStmt(_)
                | NodeEnum::DefineStmt(_)
        );
        outcome(action, &tag, Control::Ddl)
    }

    /// Objects that live in schemas.
    fn in_a_schema(&mut self, node: &NodeEnum) -> Option<(Action, &'static str)> {
        Some(match node {
            NodeEnum::DefineStmt(define) => {
                let kind = ObjectType::try_from(define.kind).unwrap_or(ObjectType::Undefined);
                self.makes(kind_name(kind), &define.defnames);
                (Action::Create, defined(kind))
            }
            NodeEnum::CreateDomainStmt(create) => {
                self.makes("domain", &create.domainname);
                self.column_constraints(&create.constraints, &dotted(&create.domainname));
                (Action::Create, "CREATE DOMAIN")
            }
            NodeEnum::CompositeTypeStmt(create) => {
                if let Some(var) = &create.typevar {
                    self.understood.push(var.location);
                    self.makes("type", &type_names(var));
                }
                (Action::Create, "CREATE TYPE")
            }
            NodeEnum::CreateEnumStmt(create) => {
                self.makes("type", &create.type_name);
                (Action::Create, "CREATE TYPE")
            }
            NodeEnum::CreateRangeStmt(create) => {
                self.makes("type", &create.type_name);
                (Action::Create, "CREATE TYPE")
            }
            NodeEnum::CreateConversionStmt(create) => {
                self.makes("conversion", &create.conversion_name);
                self.functions_named("function", &create.func_name, false);
                (Action::Create, "CREATE CONVERSION")
            }
            NodeEnum::CreateOpClassStmt(create) => {
                self.makes("operator class", &create.opclassname);
                if !create.opfamilyname.is_empty() {
                    self.anywhere("operator family", &create.opfamilyname);
                }
                (Action::Create, "CREATE OPERATOR CLASS")
            }
            NodeEnum::CreateOpFamilyStmt(create) => {
                self.makes("operator family", &create.opfamilyname);
                (Action::Create, "CREATE OPERATOR FAMILY")
            }
            NodeEnum::AlterDomainStmt(alter) => {
                self.type_object("domain", &alter.type_name, false);
                // Other changes of a domain come with a constraint, whose calls are noted.
                if !matches!(boxed(&alter.def), Some(NodeEnum::Constraint(_))) {
                    self.default_of(&alter.def, &dotted(&alter.type_name));
                }
                (Action::Alter, "ALTER DOMAIN")
            }
            NodeEnum::AlterEnumStmt(alter) => {
                self.type_object("type", &alter.type_name, false);
                (Action::Alter, "ALTER TYPE")
            }
            NodeEnum::AlterTypeStmt(alter) => {
                self.type_object("type", &alter.type_name, false);
                (Action::Alter, "ALTER TYPE")
            }
            NodeEnum::AlterOperatorStmt(alter) => {
                if let Some(operator) = &alter.opername {
                    self.anywhere("operator", &operator.objname);
                }
                (Action::Alter, "ALTER OPERATOR")
            }
            NodeEnum::AlterOpFamilyStmt(alter) => {
                self.anywhere("operator family", &alter.opfamilyname);
                (Action::Alter, "ALTER OPERATOR FAMILY")
            }
            NodeEnum::AlterCollationStmt(alter) => {
                self.anywhere("collation", &alter.collname);
                (Action::Alter, "ALTER COLLATION")
            }
            NodeEnum::AlterTsdictionaryStmt(alter) => {
                self.anywhere("text search", &alter.dictname);
                (Action::Alter, "ALTER TEXT SEARCH DICTIONARY")
            }
            NodeEnum::AlterTsconfigurationStmt(alter) => {
                self.anywhere("text search", &alter.cfgname);
                (Action::Alter, "ALTER TEXT SEARCH CONFIGURATION")
            }
            NodeEnum::AlterStatsStmt(alter) => {
                self.anywhere("statistics", &alter.defnames);
                (Action::Alter, "ALTER STATISTICS")
            }
            _ => return None,
        })
    }

    /// Objects whose names are whole as they stand: they live in the database or in the cluster.
    fn in_no_schema(&mut self, node: &NodeEnum) -> Option<(Action, &'static str)> {
        Some(match node {
            NodeEnum::CreateCastStmt(create) => {
                self.cast_object(create.sourcetype.as_ref(), create.targettype.as_ref());
                if let Some(function) = &create.func {
                    self.functions_named("function", &function.objname, false);
                }
                (Action::Create, "CREATE CAST")
            }
            NodeEnum::CreateTransformStmt(create) => {
                self.transform_object(create.type_name.as_ref(), &create.lang);
                for function in [&create.fromsql, &create.tosql].into_iter().flatten() {
                    self.functions_named("function", &function.objname, false);
                }
                (Action::Create, "CREATE TRANSFORM")
            }
            NodeEnum::CreateAmStmt(create) => {
                self.object("access method", &create.amname);
                self.functions_named("function", &create.handler_name, false);
                (Action::Create, "CREATE ACCESS METHOD")
            }
            NodeEnum::CreateFdwStmt(create) => {
                self.object("foreign data wrapper", &create.fdwname);
                (Action::Create, "CREATE FOREIGN DATA WRAPPER")
            }
            NodeEnum::AlterFdwStmt(alter) => {
                self.object("foreign data wrapper", &alter.fdwname);
                (Action::Alter, "ALTER FOREIGN DATA WRAPPER")
            }
            NodeEnum::CreateForeignServerStmt(create) => {
                self.object("server", &create.servername);
                self.object("foreign data wrapper", &create.fdwname);
                (Action::Create, "CREATE SERVER")
            }
            NodeEnum::AlterForeignServerStmt(alter) => {
                self.object("server", &alter.servername);
                (Action::Alter, "ALTER SERVER")
            }
            NodeEnum::CreateUserMappingStmt(create) => {
                self.role(create.user.as_ref());
                self.object("server", &create.servername);
                (Action::Create, "CREATE USER MAPPING")
            }
            NodeEnum::AlterUserMappingStmt(alter) => {
                self.role(alter.user.as_ref());
                self.object("server", &alter.servername);
                (Action::Alter, "ALTER USER MAPPING")
            }
            NodeEnum::DropUserMappingStmt(drop) => {
                self.role(drop.user.as_ref());
                self.object("server", &drop.servername);
                (Action::Drop, "DROP USER MAPPING")
            }
            NodeEnum::ImportForeignSchemaStmt(import) => {
                self.object("server", &import.server_name);
                self.object("schema", &import.local_schema);
                // Which tables it makes is known to the other server alone.
                self.unresolved(UnresolvedKind::Construct, "IMPORT FOREIGN SCHEMA");
                (Action::Create, "IMPORT FOREIGN SCHEMA")
            }
            NodeEnum::CreateSubscriptionStmt(create) => {
                self.object("subscription", &create.subname);
                (Action::Create, "CREATE SUBSCRIPTION")
            }
            NodeEnum::AlterSubscriptionStmt(alter) => {
                self.object("subscription", &alter.subname);
                (Action::Alter, "ALTER SUBSCRIPTION")
            }
            NodeEnum::DropSubscriptionStmt(drop) => {
                self.object("subscription", &drop.subname);
                (Action::Drop, "DROP SUBSCRIPTION")
            }
            NodeEnum::CreatePublicationStmt(create) => {
                self.publication(&create.pubname, &create.pubobjects, create.for_all_tables);
                (Action::Create, "CREATE PUBLICATION")
            }
            NodeEnum::AlterPublicationStmt(alter) => {
                self.publication(&alter.pubname, &alter.pubobjects, alter.for_all_tables);
                (Action::Alter, "ALTER PUBLICATION")
            }
            NodeEnum::CreateTableSpaceStmt(create) => {
                self.object("tablespace", &create.tablespacename);
                (Action::Create, "CREATE TABLESPACE")
            }
            NodeEnum::AlterTableSpaceOptionsStmt(alter) => {
                self.object("tablespace", &alter.tablespacename);
                (Action::Alter, "ALTER TABLESPACE")
            }
            NodeEnum::DropTableSpaceStmt(drop) => {
                self.object("tablespace", &drop.tablespacename);
                (Action::Drop, "DROP TABLESPACE")
            }
            NodeEnum::AlterDatabaseRefreshCollStmt(alter) => {
                self.object("database", &alter.dbname);
                (Action::Alter, "ALTER DATABASE")
            }
            _ => return None,
        })
    }

    /// What is published leaves by replication: tables of whole schemas, and those to come, cannot be told.
    fn publication(&mut self, name: &str, objects: &[Node], all_tables: bool) {
        self.object("publication", name);
        let whole = |node: &NodeEnum| match node {
            NodeEnum::PublicationObjSpec(object) => {
                object.pubobjtype != PublicationObjSpecType::PublicationobjTable as i32
            }
            _ => true,
        };
        if all_tables || objects.iter().filter_map(inner).any(whole) {
            self.unresolved(UnresolvedKind::Construct, "PUBLICATION FOR ALL TABLES");
        }
    }

    /// A composite type, which no statement reads as a relation although the grammar has it as one.
    pub(super) fn composite_type(&mut self, var: &RangeVar, missing_ok: bool) {
        self.understood.push(var.location);
        self.type_object("type", &type_names(var), missing_ok);
    }
}

/// The parts of a composite type's name.
fn type_names(var: &RangeVar) -> Vec<Node> {
    let part = |text: &String| Node {
        node: Some(NodeEnum::String(pg_query::protobuf::String {
            sval: text.clone(),
        })),
    };
    [&var.schemaname, &var.relname]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(part)
        .collect()
}

/// The tag of a CREATE that the grammar has in common for several kinds.
fn defined(kind: ObjectType) -> &'static str {
    match kind {
        ObjectType::ObjectAggregate => "CREATE AGGREGATE",
        ObjectType::ObjectCollation => "CREATE COLLATION",
        ObjectType::ObjectOperator => "CREATE OPERATOR",
        ObjectType::ObjectType => "CREATE TYPE",
        _ => "CREATE TEXT SEARCH",
    }
}

/// A tag for a statement that has none here, from the grammar's own name for it.
fn variant_name(node: &NodeEnum) -> String {
    let debug = format!("{node:?}");
    let name: String = debug
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric())
        .collect();
    let mut words = String::new();
    for c in name.trim_end_matches("Stmt").chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

//! Definition statements that change what exists: ALTER, RENAME, GRANT, COMMENT, and everything that has no
//! place of its own.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AlterTableCmd, AlterTableStmt, AlterTableType, ConstrType, GrantStmt, ObjectType, RangeVar,
    RenameStmt,
};

use super::analyser::{Analyser, Outcome};
use super::nodes::{boxed, inner};
use super::object::{is_cascade, kind_name};
use super::scope::Item;
use super::utility::outcome;
use super::{Access, Action, Control, Into};

impl Analyser<'_> {
    pub(super) fn alteration(&mut self, node: &NodeEnum) -> Outcome {
        let altered = |tag: &str| outcome(Action::Alter, tag, Control::Ddl);
        match node {
            NodeEnum::AlterTableStmt(alter) => self.alter_table(alter, node),
            NodeEnum::RenameStmt(rename) => self.rename_object(rename),
            NodeEnum::AlterObjectSchemaStmt(alter) => {
                let kind = ObjectType::try_from(alter.object_type).unwrap_or(ObjectType::Undefined);
                match (&alter.relation, boxed(&alter.object)) {
                    (Some(var), _) => self.renamed(var, &alter.newschema),
                    (None, Some(object)) => {
                        self.named_object(kind, object, Access::DEFINE, alter.missing_ok)
                    }
                    (None, None) => {}
                }
                altered(&format!("ALTER {}", kind_name(kind).to_uppercase()))
            }
            NodeEnum::AlterOwnerStmt(alter) => {
                let kind = ObjectType::try_from(alter.object_type).unwrap_or(ObjectType::Undefined);
                match (&alter.relation, boxed(&alter.object)) {
                    (Some(var), _) => {
                        self.use_relation(var, Access::DEFINE);
                    }
                    (None, Some(object)) => self.named_object(kind, object, Access::DEFINE, false),
                    (None, None) => {}
                }
                altered(&format!("ALTER {}", kind_name(kind).to_uppercase()))
            }
            NodeEnum::AlterSeqStmt(alter) => {
                if let Some(var) = &alter.sequence {
                    self.use_relation(var, Access::DEFINE);
                }
                altered("ALTER SEQUENCE")
            }
            NodeEnum::AlterPolicyStmt(alter) => {
                if let Some(var) = &alter.table {
                    self.use_relation(var, Access::DEFINE);
                }
                self.flags.creates_code = true;
                self.calls_below(node);
                altered("ALTER POLICY")
            }
            NodeEnum::AlterFunctionStmt(alter) => {
                if let Some(function) = &alter.func {
                    self.object("function", &super::nodes::dotted(&function.objname));
                }
                self.flags.creates_code = true;
                altered("ALTER FUNCTION")
            }
            NodeEnum::AlterExtensionStmt(alter) => {
                self.object("extension", &alter.extname);
                self.flags.creates_code = true;
                altered("ALTER EXTENSION")
            }
            NodeEnum::AlterExtensionContentsStmt(alter) => {
                self.object("extension", &alter.extname);
                self.flags.creates_code = true;
                altered("ALTER EXTENSION")
            }
            NodeEnum::AlterEventTrigStmt(alter) => {
                self.object("event trigger", &alter.trigname);
                self.flags.creates_code = true;
                altered("ALTER EVENT TRIGGER")
            }
            NodeEnum::AlterRoleStmt(alter) => {
                self.object(
                    "role",
                    alter.role.as_ref().map_or("", |role| &role.rolename),
                );
                self.flags.secret_text = true;
                altered("ALTER ROLE")
            }
            NodeEnum::AlterRoleSetStmt(alter) => {
                self.object(
                    "role",
                    alter.role.as_ref().map_or("", |role| &role.rolename),
                );
                self.flags.lasting_setting = true;
                altered("ALTER ROLE")
            }
            NodeEnum::AlterDatabaseSetStmt(alter) => {
                self.object("database", &alter.dbname);
                self.flags.lasting_setting = true;
                altered("ALTER DATABASE")
            }
            NodeEnum::AlterDatabaseStmt(alter) => {
                self.object("database", &alter.dbname);
                altered("ALTER DATABASE")
            }
            NodeEnum::AlterSystemStmt(_) => {
                self.flags.lasting_setting = true;
                altered("ALTER SYSTEM")
            }
            NodeEnum::GrantStmt(grant) => self.grant(grant),
            NodeEnum::GrantRoleStmt(grant) => {
                for role in grant
                    .granted_roles
                    .iter()
                    .chain(&grant.grantee_roles)
                    .filter_map(inner)
                {
                    match role {
                        NodeEnum::AccessPriv(role) => self.object("role", &role.priv_name),
                        NodeEnum::RoleSpec(role) => self.object("role", &role.rolename),
                        _ => {}
                    }
                }
                let (action, tag) = if grant.is_grant {
                    (Action::Grant, "GRANT ROLE")
                } else {
                    (Action::Revoke, "REVOKE ROLE")
                };
                outcome(action, tag, Control::Ddl)
            }
            NodeEnum::AlterDefaultPrivilegesStmt(alter) => {
                let grant = alter.action.as_ref().is_none_or(|action| action.is_grant);
                self.actions
                    .insert(if grant { Action::Grant } else { Action::Revoke });
                altered("ALTER DEFAULT PRIVILEGES")
            }
            NodeEnum::ReassignOwnedStmt(_) => altered("REASSIGN OWNED"),
            NodeEnum::CommentStmt(comment) => {
                let kind = ObjectType::try_from(comment.objtype).unwrap_or(ObjectType::Undefined);
                if let Some(object) = boxed(&comment.object) {
                    self.named_object(kind, object, Access::DEFINE, false);
                }
                outcome(Action::Comment, "COMMENT", Control::Ddl)
            }
            NodeEnum::SecLabelStmt(label) => {
                let kind = ObjectType::try_from(label.objtype).unwrap_or(ObjectType::Undefined);
                if let Some(object) = boxed(&label.object) {
                    self.named_object(kind, object, Access::DEFINE, false);
                }
                altered("SECURITY LABEL")
            }
            _ => self.anything_else(node),
        }
    }

    /// A statement without a place of its own: everything in it counts as used in every way.
    fn anything_else(&mut self, node: &NodeEnum) -> Outcome {
        self.relations_below(node);
        self.calls_below(node);
        let (action, tag) = match node {
            NodeEnum::CreateUserMappingStmt(_) => (Action::Create, "CREATE USER MAPPING"),
            NodeEnum::CreateForeignServerStmt(_) => (Action::Create, "CREATE SERVER"),
            NodeEnum::CreateFdwStmt(_) => (Action::Create, "CREATE FOREIGN DATA WRAPPER"),
            NodeEnum::CreateSubscriptionStmt(_) => (Action::Create, "CREATE SUBSCRIPTION"),
            NodeEnum::CreatePublicationStmt(_) => (Action::Create, "CREATE PUBLICATION"),
            NodeEnum::CreateTableSpaceStmt(_) => (Action::Create, "CREATE TABLESPACE"),
            NodeEnum::CreateDomainStmt(_) => (Action::Create, "CREATE DOMAIN"),
            NodeEnum::CreateCastStmt(_) => (Action::Create, "CREATE CAST"),
            NodeEnum::CreateConversionStmt(_) => (Action::Create, "CREATE CONVERSION"),
            NodeEnum::CreateTransformStmt(_) => (Action::Create, "CREATE TRANSFORM"),
            NodeEnum::CreateAmStmt(_) => (Action::Create, "CREATE ACCESS METHOD"),
            NodeEnum::CreateOpClassStmt(_) => (Action::Create, "CREATE OPERATOR CLASS"),
            NodeEnum::CreateOpFamilyStmt(_) => (Action::Create, "CREATE OPERATOR FAMILY"),
            NodeEnum::CompositeTypeStmt(_)
            | NodeEnum::CreateEnumStmt(_)
            | NodeEnum::CreateRangeStmt(_) => (Action::Create, "CREATE TYPE"),
            NodeEnum::DefineStmt(define) => {
                let kind = ObjectType::try_from(define.kind).unwrap_or(ObjectType::Undefined);
                self.object(kind_name(kind), &super::nodes::dotted(&define.defnames));
                self.flags.creates_code = true;
                return outcome(
                    Action::Create,
                    &format!("CREATE {}", kind_name(kind).to_uppercase()),
                    Control::Ddl,
                );
            }
            NodeEnum::DropUserMappingStmt(_) => (Action::Drop, "DROP USER MAPPING"),
            NodeEnum::DropSubscriptionStmt(_) => (Action::Drop, "DROP SUBSCRIPTION"),
            NodeEnum::DropTableSpaceStmt(_) => (Action::Drop, "DROP TABLESPACE"),
            NodeEnum::ImportForeignSchemaStmt(import) => {
                self.object("schema", &import.local_schema);
                (Action::Create, "IMPORT FOREIGN SCHEMA")
            }
            NodeEnum::AlterUserMappingStmt(_) => (Action::Alter, "ALTER USER MAPPING"),
            NodeEnum::AlterForeignServerStmt(_) => (Action::Alter, "ALTER SERVER"),
            NodeEnum::AlterSubscriptionStmt(_) => (Action::Alter, "ALTER SUBSCRIPTION"),
            other => {
                let tag = variant_name(other);
                return outcome(
                    if tag.starts_with("alter") {
                        Action::Alter
                    } else {
                        Action::Other(tag.clone())
                    },
                    &tag.to_uppercase(),
                    Control::Ddl,
                );
            }
        };
        self.flags.secret_text |= matches!(
            node,
            NodeEnum::CreateUserMappingStmt(_)
                | NodeEnum::AlterUserMappingStmt(_)
                | NodeEnum::CreateForeignServerStmt(_)
                | NodeEnum::AlterForeignServerStmt(_)
                | NodeEnum::CreateFdwStmt(_)
                | NodeEnum::CreateSubscriptionStmt(_)
                | NodeEnum::AlterSubscriptionStmt(_)
        );
        self.flags.creates_code |= matches!(
            node,
            NodeEnum::CreateFdwStmt(_)
                | NodeEnum::CreateCastStmt(_)
                | NodeEnum::CreateConversionStmt(_)
                | NodeEnum::CreateTransformStmt(_)
                | NodeEnum::CreateAmStmt(_)
                | NodeEnum::CreateOpClassStmt(_)
                | NodeEnum::CreateDomainStmt(_)
        );
        outcome(action, tag, Control::Ddl)
    }

    fn alter_table(&mut self, alter: &AlterTableStmt, node: &NodeEnum) -> Outcome {
        let kind = ObjectType::try_from(alter.objtype).unwrap_or(ObjectType::Undefined);
        let tag = format!("ALTER {}", kind_name(kind).to_uppercase());
        if let Some(var) = &alter.relation {
            if kind == ObjectType::ObjectType {
                // ALTER TYPE on a composite type, which is no relation that statements read.
                self.understood.push(var.location);
                self.object("type", &var.relname);
            } else {
                let unresolved = self.unresolved.len();
                let item = self.relation_item(var, Access::DEFINE);
                if alter.missing_ok && item.relation.is_none() {
                    self.unresolved.truncate(unresolved);
                }
                for command in alter.cmds.iter().filter_map(inner) {
                    if let NodeEnum::AlterTableCmd(command) = command {
                        self.alter_command(command, &item);
                    }
                }
            }
        }
        self.calls_below(node);
        outcome(Action::Alter, &tag, Control::Ddl)
    }

    fn alter_command(&mut self, command: &AlterTableCmd, item: &Item) {
        use AlterTableType as Type;
        self.flags.cascade |= is_cascade(command.behavior);
        match (
            AlterTableType::try_from(command.subtype).unwrap_or(Type::Undefined),
            boxed(&command.def),
        ) {
            (Type::AtAddColumn, Some(NodeEnum::ColumnDef(column))) => {
                self.column_constraints(&column.constraints);
                for constraint in column.constraints.iter().filter_map(inner) {
                    if let NodeEnum::Constraint(constraint) = constraint
                        && constraint.contype == ConstrType::ConstrGenerated as i32
                    {
                        let value = self.stored(&constraint.raw_expr, item);
                        self.flow(&value.lineage, Into::NewName(column.colname.clone()));
                    }
                }
            }
            // USING may compute the new values from any column.
            (Type::AtAlterColumnType, Some(NodeEnum::ColumnDef(column))) => {
                let value = self.stored(&column.raw_default, item);
                self.flow(&value.lineage, Into::NewName(command.name.clone()));
            }
            (Type::AtSetExpression, Some(_)) => {
                let value = self.stored(&command.def, item);
                self.flow(&value.lineage, Into::NewName(command.name.clone()));
            }
            (Type::AtAddConstraint, Some(NodeEnum::Constraint(constraint))) => {
                self.constraint(constraint);
                self.condition_over(&constraint.raw_expr, item);
            }
            (Type::AtAddInherit | Type::AtDropInherit, Some(NodeEnum::RangeVar(var))) => {
                self.joined(var, item)
            }
            (
                Type::AtAttachPartition | Type::AtDetachPartition | Type::AtDetachPartitionFinalize,
                Some(NodeEnum::PartitionCmd(partition)),
            ) => {
                if let Some(var) = &partition.name {
                    self.joined(var, item);
                }
            }
            _ => {}
        }
    }

    /// A table that becomes part of another, or stops being it: its rows show under another name.
    fn joined(&mut self, var: &RangeVar, item: &Item) {
        let other = self.relation_item(var, Access::DEFINE);
        self.flow(&other.row.whole(), Into::NewName(item.name.to_string()));
        self.flow(&item.row.whole(), Into::NewName(var.relname.clone()));
    }

    fn rename_object(&mut self, rename: &RenameStmt) -> Outcome {
        let kind = ObjectType::try_from(rename.rename_type).unwrap_or(ObjectType::Undefined);
        match (&rename.relation, boxed(&rename.object)) {
            (Some(var), _)
                if ObjectType::try_from(rename.relation_type) == Ok(ObjectType::ObjectType)
                    && kind == ObjectType::ObjectAttribute =>
            {
                self.understood.push(var.location);
                self.object("type", &var.relname);
            }
            (Some(var), _)
                if matches!(kind, ObjectType::ObjectColumn | ObjectType::ObjectAttribute) =>
            {
                let item = self.relation_item(var, Access::DEFINE);
                let column = item
                    .row
                    .fields
                    .iter()
                    .find(|field| *field.name == *rename.subname);
                match column.map(|field| field.value.lineage.clone()) {
                    Some(lineage) => self.flow(&lineage, Into::NewName(rename.newname.clone())),
                    None => self.unresolved(super::UnresolvedKind::Column, rename.subname.as_str()),
                }
            }
            (Some(var), _) => self.renamed(var, &rename.newname),
            (None, Some(object)) => {
                self.named_object(kind, object, Access::DEFINE, rename.missing_ok)
            }
            // Schemas, databases and roles have plain names.
            (None, None) => self.object(kind_name(kind), &rename.subname),
        }
        outcome(
            Action::Alter,
            &format!("ALTER {}", kind_name(kind).to_uppercase()),
            Control::Ddl,
        )
    }

    /// A relation under a new name or schema: no rule on its columns knows it there.
    fn renamed(&mut self, var: &RangeVar, new_name: &str) {
        let item = self.relation_item(var, Access::DEFINE);
        self.flow(&item.row.whole(), Into::NewName(new_name.to_owned()));
    }

    fn grant(&mut self, grant: &GrantStmt) -> Outcome {
        let kind = ObjectType::try_from(grant.objtype).unwrap_or(ObjectType::Undefined);
        for object in grant.objects.iter().filter_map(inner) {
            match object {
                NodeEnum::RangeVar(var) => {
                    self.use_relation(var, Access::DEFINE);
                }
                // ALL TABLES IN SCHEMA names schemas.
                NodeEnum::String(name) => {
                    let all = grant.targtype
                        == pg_query::protobuf::GrantTargetType::AclTargetAllInSchema as i32;
                    self.object(if all { "schema" } else { kind_name(kind) }, &name.sval);
                }
                other => self.named_object(kind, other, Access::DEFINE, false),
            }
        }
        self.flags.cascade |= is_cascade(grant.behavior);
        if grant.is_grant {
            outcome(Action::Grant, "GRANT", Control::Ddl)
        } else {
            outcome(Action::Revoke, "REVOKE", Control::Ddl)
        }
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

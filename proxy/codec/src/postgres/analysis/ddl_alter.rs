//! Definition statements that change what exists: ALTER, RENAME, GRANT, COMMENT.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AlterTableCmd, AlterTableStmt, AlterTableType, ConstrType, GrantStmt, GrantTargetType,
    ObjectType, RangeVar, RenameStmt,
};

use super::analyser::{Analyser, Outcome};
use super::nodes::{boxed, dotted, inner};
use super::object::{is_cascade, is_member, kind_name};
use super::scope::Item;
use super::utility::outcome;
use super::{Access, Action, Control, How, Into, UnresolvedKind};

impl Analyser<'_> {
    pub(super) fn alteration(&mut self, node: &NodeEnum) -> Outcome {
        let altered = |tag: &str| outcome(Action::Alter, tag, Control::Ddl);
        match node {
            NodeEnum::AlterTableStmt(alter) => self.alter_table(alter, node),
            NodeEnum::RenameStmt(rename) => self.rename_object(rename),
            NodeEnum::AlterObjectSchemaStmt(alter) => {
                let kind = ObjectType::try_from(alter.object_type).unwrap_or(ObjectType::Undefined);
                match (&alter.relation, boxed(&alter.object)) {
                    (Some(var), _) => {
                        self.renamed(var, Some(&alter.newschema), &var.relname);
                    }
                    (None, Some(object)) => {
                        let known = self.objects.len();
                        self.named_object(kind, object, alter.missing_ok);
                        self.moved(known, &alter.newschema);
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
                    (None, Some(object)) => self.named_object(kind, object, false),
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
                    self.member("policy", var, Access::DEFINE, &alter.policy_name);
                }
                self.flags.creates_code = true;
                self.calls_below(node);
                altered("ALTER POLICY")
            }
            NodeEnum::AlterFunctionStmt(alter) => {
                let kind = ObjectType::try_from(alter.objtype).unwrap_or(ObjectType::Undefined);
                if let Some(function) = &alter.func {
                    self.functions_named(kind_name(kind), &function.objname, false);
                }
                self.flags.creates_code = true;
                altered(&format!("ALTER {}", kind_name(kind).to_uppercase()))
            }
            NodeEnum::AlterExtensionStmt(alter) => {
                self.object("extension", &alter.extname);
                self.flags.creates_code = true;
                altered("ALTER EXTENSION")
            }
            NodeEnum::AlterExtensionContentsStmt(alter) => {
                self.object("extension", &alter.extname);
                let kind = ObjectType::try_from(alter.objtype).unwrap_or(ObjectType::Undefined);
                if let Some(object) = boxed(&alter.object) {
                    self.named_object(kind, object, false);
                }
                self.flags.creates_code = true;
                altered("ALTER EXTENSION")
            }
            NodeEnum::AlterObjectDependsStmt(alter) => {
                let kind = ObjectType::try_from(alter.object_type).unwrap_or(ObjectType::Undefined);
                match (&alter.relation, boxed(&alter.object)) {
                    (Some(var), Some(NodeEnum::List(name))) => {
                        self.member(kind_name(kind), var, Access::DEFINE, &dotted(&name.items));
                    }
                    (Some(var), _) => {
                        self.use_relation(var, Access::DEFINE);
                    }
                    (None, Some(object)) => self.named_object(kind, object, false),
                    (None, None) => {}
                }
                altered(&format!("ALTER {}", kind_name(kind).to_uppercase()))
            }
            NodeEnum::AlterEventTrigStmt(alter) => {
                self.object("event trigger", &alter.trigname);
                self.flags.creates_code = true;
                altered("ALTER EVENT TRIGGER")
            }
            NodeEnum::AlterRoleStmt(alter) => {
                self.role(alter.role.as_ref());
                self.memberships(&alter.options);
                self.flags.secret_text = true;
                altered("ALTER ROLE")
            }
            NodeEnum::AlterRoleSetStmt(alter) => {
                self.role(alter.role.as_ref());
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
                        NodeEnum::RoleSpec(role) => self.role(Some(role)),
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
                // It is about objects that are still to come.
                self.unresolved(UnresolvedKind::Construct, "ALTER DEFAULT PRIVILEGES");
                altered("ALTER DEFAULT PRIVILEGES")
            }
            NodeEnum::ReassignOwnedStmt(reassign) => {
                self.owned(&reassign.roles);
                self.role(reassign.newrole.as_ref());
                altered("REASSIGN OWNED")
            }
            NodeEnum::CommentStmt(comment) => {
                let kind = ObjectType::try_from(comment.objtype).unwrap_or(ObjectType::Undefined);
                if let Some(object) = boxed(&comment.object) {
                    self.named_object(kind, object, false);
                }
                outcome(Action::Comment, "COMMENT", Control::Ddl)
            }
            NodeEnum::SecLabelStmt(label) => {
                let kind = ObjectType::try_from(label.objtype).unwrap_or(ObjectType::Undefined);
                if let Some(object) = boxed(&label.object) {
                    self.named_object(kind, object, false);
                }
                altered("SECURITY LABEL")
            }
            _ => self.other_definition(node),
        }
    }

    fn alter_table(&mut self, alter: &AlterTableStmt, node: &NodeEnum) -> Outcome {
        let kind = ObjectType::try_from(alter.objtype).unwrap_or(ObjectType::Undefined);
        let tag = format!("ALTER {}", kind_name(kind).to_uppercase());
        if let Some(var) = &alter.relation {
            if kind == ObjectType::ObjectType {
                // ALTER TYPE on a composite type, which is no relation that statements read.
                self.composite_type(var, alter.missing_ok);
            } else {
                let before = (self.relations.len(), self.unresolved.len());
                let item = self.relation_item(var, Access::DEFINE);
                if alter.missing_ok && item.relation.is_none() {
                    self.if_exists(var, before);
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
                self.column_constraints(&column.constraints, &item.name);
                for constraint in column.constraints.iter().filter_map(inner) {
                    if let NodeEnum::Constraint(constraint) = constraint
                        && constraint.contype == ConstrType::ConstrGenerated as i32
                    {
                        let value = self.stored(&constraint.raw_expr, item);
                        self.flow(&value.lineage, Into::NewName(column.colname.clone()));
                    }
                }
            }
            (Type::AtColumnDefault, Some(_)) => self.default_of(&command.def, &item.name),
            (Type::AtClusterOn, _) => self.influence_of(&item.row.whole(), How::Other),
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
        use ObjectType as Type;
        let kind = Type::try_from(rename.rename_type).unwrap_or(Type::Undefined);
        let new_name = &rename.newname;
        match (&rename.relation, boxed(&rename.object)) {
            (Some(var), _) if rename.relation_type == Type::ObjectType as i32 => {
                self.composite_type(var, rename.missing_ok);
            }
            (Some(var), _) if matches!(kind, Type::ObjectColumn | Type::ObjectAttribute) => {
                let item = self.relation_item(var, Access::DEFINE);
                let column = item
                    .row
                    .fields
                    .iter()
                    .find(|field| *field.name == *rename.subname);
                match column.map(|field| field.value.lineage.clone()) {
                    Some(lineage) => self.flow(&lineage, Into::NewName(new_name.clone())),
                    None => self.unresolved(UnresolvedKind::Column, rename.subname.as_str()),
                }
            }
            (Some(var), _) if is_member(kind) => {
                for name in [&rename.subname, new_name] {
                    self.member(kind_name(kind), var, Access::DEFINE, name);
                }
            }
            (Some(var), _) => self.renamed(var, None, new_name),
            (None, Some(object)) => {
                let known = self.objects.len();
                self.named_object(kind, object, rename.missing_ok);
                // The constraint of a domain is not renamed with it.
                if kind != Type::ObjectDomconstraint {
                    self.renamed_objects(known, new_name);
                }
            }
            // Schemas, databases, roles and tablespaces have plain names.
            (None, None) => {
                self.object(kind_name(kind), &rename.subname);
                self.object(kind_name(kind), new_name);
                if kind == Type::ObjectSchema {
                    self.whole_schema(&rename.subname, Access::DEFINE, Some(new_name));
                }
            }
        }
        outcome(
            Action::Alter,
            &format!("ALTER {}", kind_name(kind).to_uppercase()),
            Control::Ddl,
        )
    }

    /// A relation under a new name or schema: no rule on its columns knows it there. Whoever gives it the name
    /// needs leave to make something of that name.
    fn renamed(&mut self, var: &RangeVar, new_schema: Option<&str>, new_name: &str) {
        let item = self.relation_item(var, Access::DEFINE);
        self.flow(
            &item.row.whole(),
            Into::NewName(new_schema.unwrap_or(new_name).to_owned()),
        );
        let relation = item.relation.and_then(|oid| self.relation_by_oid(oid));
        if let Some(schema) = relation.map(|relation| relation.schema.clone()) {
            let schema = new_schema.unwrap_or(&schema);
            self.record_missing(Some(schema), new_name, Access::DEFINE);
        }
    }

    fn grant(&mut self, grant: &GrantStmt) -> Outcome {
        let kind = ObjectType::try_from(grant.objtype).unwrap_or(ObjectType::Undefined);
        let all = grant.targtype == GrantTargetType::AclTargetAllInSchema as i32;
        for object in grant.objects.iter().filter_map(inner) {
            match object {
                NodeEnum::RangeVar(var) => {
                    self.use_relation(var, Access::DEFINE);
                }
                // ALL TABLES IN SCHEMA names schemas.
                NodeEnum::String(schema) if all => {
                    self.object("schema", &schema.sval);
                    self.whole_schema(&schema.sval, Access::DEFINE, None);
                }
                other => self.named_object(kind, other, false),
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

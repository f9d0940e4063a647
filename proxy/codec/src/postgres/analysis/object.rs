//! Objects that definition statements name, and DROP.

use pg_query::NodeEnum;
use pg_query::protobuf::{DropBehavior, DropStmt, Node, ObjectType};

use super::analyser::{Analyser, Outcome};
use super::nodes::{dotted, inner, range_var, text};
use super::utility::outcome;
use super::{Access, Action, Control, ObjectUse, Via};

impl Analyser<'_> {
    /// Notes an object that is not a relation.
    pub(super) fn object(&mut self, kind: &'static str, name: &str) {
        self.objects.push(ObjectUse {
            kind,
            name: name.to_owned(),
        });
    }

    pub(super) fn drop_objects(&mut self, drop: &DropStmt) -> Outcome {
        self.flags.cascade |= is_cascade(drop.behavior);
        let kind = ObjectType::try_from(drop.remove_type).unwrap_or(ObjectType::Undefined);
        for object in drop.objects.iter().filter_map(inner) {
            self.named_object(kind, object, Access::DEFINE, drop.missing_ok);
        }
        let tag = format!("DROP {}", kind_name(kind).to_uppercase());
        outcome(Action::Drop, &tag, Control::Ddl)
    }

    /// An object of some kind, by the name that a definition statement gives it.
    pub(super) fn named_object(
        &mut self,
        kind: ObjectType,
        object: &NodeEnum,
        access: Access,
        missing_ok: bool,
    ) {
        use ObjectType as Type;
        let parts: &[Node] = match object {
            NodeEnum::List(list) => &list.items,
            NodeEnum::ObjectWithArgs(object) => &object.objname,
            NodeEnum::TypeName(name) => &name.names,
            _ => &[],
        };
        let name = match object {
            NodeEnum::String(string) => string.sval.clone(),
            _ => dotted(parts),
        };
        match kind {
            Type::ObjectTable
            | Type::ObjectView
            | Type::ObjectMatview
            | Type::ObjectForeignTable
            | Type::ObjectSequence
            | Type::ObjectIndex => {
                self.relation_named(parts, access, missing_ok);
            }
            // The last part is the column, trigger, rule, policy or constraint; the rest is its relation.
            Type::ObjectColumn
            | Type::ObjectTrigger
            | Type::ObjectRule
            | Type::ObjectPolicy
            | Type::ObjectTabconstraint => {
                if let Some((last, relation)) = parts.split_last() {
                    self.relation_named(relation, access, missing_ok);
                    self.object(kind_name(kind), text(last).unwrap_or(""));
                }
            }
            _ => self.object(kind_name(kind), &name),
        }
    }

    pub(super) fn relation_named(&mut self, parts: &[Node], access: Access, missing_ok: bool) {
        let var = range_var(parts);
        let unresolved = self.unresolved.len();
        let found = self.use_relation(&var, access);
        if found.is_none() && missing_ok {
            // IF EXISTS: nothing is there to be dropped.
            self.unresolved.truncate(unresolved);
        }
        if let Some(table) = found.and_then(|index| index.indexed_table)
            && let Some(table) = self.relation_by_oid(table).cloned()
        {
            self.record(&table, access, Via::Direct);
        }
    }
}

pub(super) fn is_cascade(behavior: i32) -> bool {
    behavior == DropBehavior::DropCascade as i32
}

/// The server's word for a kind of object.
pub(super) fn kind_name(kind: ObjectType) -> &'static str {
    use ObjectType as Type;
    match kind {
        Type::ObjectAccessMethod => "access method",
        Type::ObjectAggregate => "aggregate",
        Type::ObjectCast => "cast",
        Type::ObjectColumn => "column",
        Type::ObjectCollation => "collation",
        Type::ObjectConversion => "conversion",
        Type::ObjectDatabase => "database",
        Type::ObjectDomain => "domain",
        Type::ObjectDomconstraint | Type::ObjectTabconstraint => "constraint",
        Type::ObjectEventTrigger => "event trigger",
        Type::ObjectExtension => "extension",
        Type::ObjectFdw => "foreign data wrapper",
        Type::ObjectForeignServer => "server",
        Type::ObjectForeignTable => "foreign table",
        Type::ObjectFunction => "function",
        Type::ObjectIndex => "index",
        Type::ObjectLanguage => "language",
        Type::ObjectLargeobject => "large object",
        Type::ObjectMatview => "materialized view",
        Type::ObjectOpclass => "operator class",
        Type::ObjectOperator => "operator",
        Type::ObjectOpfamily => "operator family",
        Type::ObjectParameterAcl => "parameter",
        Type::ObjectPolicy => "policy",
        Type::ObjectProcedure => "procedure",
        Type::ObjectPublication => "publication",
        Type::ObjectRole => "role",
        Type::ObjectRoutine => "routine",
        Type::ObjectRule => "rule",
        Type::ObjectSchema => "schema",
        Type::ObjectSequence => "sequence",
        Type::ObjectSubscription => "subscription",
        Type::ObjectStatisticExt => "statistics",
        Type::ObjectTable => "table",
        Type::ObjectTablespace => "tablespace",
        Type::ObjectTransform => "transform",
        Type::ObjectTrigger => "trigger",
        Type::ObjectTsconfiguration
        | Type::ObjectTsdictionary
        | Type::ObjectTsparser
        | Type::ObjectTstemplate => "text search",
        Type::ObjectType => "type",
        Type::ObjectUserMapping => "user mapping",
        Type::ObjectView => "view",
        _ => "object",
    }
}

//! Objects that definition statements name, and DROP.

use pg_query::NodeEnum;
use pg_query::protobuf::{DropBehavior, DropStmt, Node, ObjectType, RangeVar};

use super::analyser::{Analyser, Outcome};
use super::nodes::{given, inner, range_var, text};
use super::relation::Looked;
use super::utility::outcome;
use super::{Access, Action, Control, ObjectUse, UnresolvedKind, Via};

impl Analyser<'_> {
    /// Notes an object that is not a relation, by its full name.
    pub(super) fn object(&mut self, kind: &'static str, name: &str) {
        let object = ObjectUse {
            kind,
            name: name.to_owned(),
        };
        if self.steps(self.objects.len()) && !self.objects.contains(&object) {
            self.objects.push(object);
        }
    }

    pub(super) fn drop_objects(&mut self, drop: &DropStmt) -> Outcome {
        self.flags.cascade |= is_cascade(drop.behavior);
        let kind = ObjectType::try_from(drop.remove_type).unwrap_or(ObjectType::Undefined);
        for object in drop.objects.iter().filter_map(inner) {
            self.named_object(kind, object, drop.missing_ok);
            if let (ObjectType::ObjectSchema, NodeEnum::String(name), true) =
                (kind, object, is_cascade(drop.behavior))
            {
                self.whole_schema(&name.sval, Access::DEFINE, None);
            }
        }
        let tag = format!("DROP {}", kind_name(kind).to_uppercase());
        outcome(Action::Drop, &tag, Control::Ddl)
    }

    /// An existing object of some kind, by the name that a definition statement gives it.
    pub(super) fn named_object(&mut self, kind: ObjectType, object: &NodeEnum, missing_ok: bool) {
        use ObjectType as Type;
        let parts: &[Node] = match object {
            NodeEnum::List(list) => &list.items,
            NodeEnum::ObjectWithArgs(object) => &object.objname,
            NodeEnum::TypeName(name) => &name.names,
            _ => &[],
        };
        let word = kind_name(kind);
        match kind {
            Type::ObjectTable
            | Type::ObjectView
            | Type::ObjectMatview
            | Type::ObjectForeignTable
            | Type::ObjectSequence
            | Type::ObjectIndex => self.relation_named(parts, missing_ok),
            // The last part is the member, the rest is its relation.
            kind if is_member(kind) => {
                if let Some((last, relation)) = parts.split_last() {
                    let before = (self.relations.len(), self.unresolved.len());
                    let var = range_var(relation);
                    let found = self.member(word, &var, Access::DEFINE, text(last).unwrap_or(""));
                    if !found && missing_ok {
                        self.if_exists(&var, before);
                    }
                }
            }
            Type::ObjectFunction
            | Type::ObjectAggregate
            | Type::ObjectProcedure
            | Type::ObjectRoutine => self.functions_named(word, parts, missing_ok),
            Type::ObjectType | Type::ObjectDomain => self.type_object(word, parts, missing_ok),
            Type::ObjectDomconstraint => match parts.first().and_then(inner) {
                Some(NodeEnum::TypeName(domain)) => {
                    self.type_object("domain", &domain.names, missing_ok);
                }
                _ => self.type_object("domain", parts, missing_ok),
            },
            Type::ObjectOperator
            | Type::ObjectCollation
            | Type::ObjectConversion
            | Type::ObjectStatisticExt
            | Type::ObjectTsconfiguration
            | Type::ObjectTsdictionary
            | Type::ObjectTsparser
            | Type::ObjectTstemplate => self.anywhere(word, parts),
            // The first part is the access method.
            Type::ObjectOpclass | Type::ObjectOpfamily => {
                self.anywhere(word, parts.get(1..).unwrap_or(&[]));
            }
            Type::ObjectCast => match (parts.first().and_then(inner), parts.get(1).and_then(inner))
            {
                (Some(NodeEnum::TypeName(source)), Some(NodeEnum::TypeName(target))) => {
                    self.cast_object(Some(source), Some(target));
                }
                _ => self.cast_object(None, None),
            },
            Type::ObjectTransform => match parts.first().and_then(inner) {
                Some(NodeEnum::TypeName(name)) => {
                    let language = parts.get(1).and_then(text).unwrap_or("");
                    self.transform_object(Some(name), language);
                }
                _ => self.transform_object(None, ""),
            },
            _ => match object {
                NodeEnum::String(name) => self.object(word, &name.sval),
                NodeEnum::Integer(number) => self.object(word, &number.ival.to_string()),
                NodeEnum::Float(number) => self.object(word, &number.fval),
                NodeEnum::RoleSpec(role) => self.role(Some(role)),
                _ => self.unresolved(UnresolvedKind::Construct, word),
            },
        }
    }

    fn relation_named(&mut self, parts: &[Node], missing_ok: bool) {
        let before = (self.relations.len(), self.unresolved.len());
        let var = range_var(parts);
        self.relation_or_index(&var, Access::DEFINE);
        if missing_ok && matches!(self.look_up(&var), Looked::Missing(_)) {
            self.if_exists(&var, before);
        }
    }

    /// A relation with IF EXISTS that is not there: nothing is to be done with it, but if it were there, it would
    /// be in one of these places. `before`: how many relations and doubts there were before it was looked up.
    pub(super) fn if_exists(&mut self, var: &RangeVar, before: (usize, usize)) {
        self.unresolved.truncate(before.1);
        if given(&var.schemaname).is_none() {
            self.relations.truncate(before.0);
            for schema in self.places() {
                self.record_missing(Some(schema), &var.relname, Access::DEFINE);
            }
        }
    }

    /// A relation; with an index, the table that it is on.
    pub(super) fn relation_or_index(&mut self, var: &RangeVar, access: Access) {
        if let Some(table) = self
            .use_relation(var, access)
            .and_then(|index| index.indexed_table)
            && let Some(table) = self.relation_by_oid(table).cloned()
        {
            self.record(&table, access, Via::Direct);
        }
    }
}

/// Whether objects of a kind belong to a relation, within which they have their names.
pub(super) fn is_member(kind: ObjectType) -> bool {
    use ObjectType as Type;
    matches!(
        kind,
        Type::ObjectColumn
            | Type::ObjectTrigger
            | Type::ObjectRule
            | Type::ObjectPolicy
            | Type::ObjectTabconstraint
    )
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

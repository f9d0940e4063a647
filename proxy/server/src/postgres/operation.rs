//! An analysed statement as an operation: codec's words become the chain's.

use std::borrow::Cow;
use std::sync::Arc;

use narrowgate_chain::{
    Access, Attributes, Detail, Flow, Object, Origin, PostgresDetail, Predicate, Statement, Value,
};
use narrowgate_codec::postgres::analysis::{
    self, Catalog, Change, ColumnId, Control, FlowSource, FunctionGroup, How, Into as Destination,
    RelationKind, RelationUse, SettingChange, Unresolved, UnresolvedKind, Via,
};

/// Name of the attribute that tells which objects names have come to, one list
/// for each statement that is part of the operation.
pub(crate) const OBJECT_IDS: &str = "narrowgate.object.ids";

/// Name of the attribute with the text that an EXECUTE or a FETCH runs in turn.
pub(crate) const SOURCE_TEXT: &str = "narrowgate.postgres.source.text";

/// Name of the attribute with the functions that all of an unknown predicate hangs on.
const PREDICATE_FUNCTIONS: &str = "narrowgate.postgres.predicate_functions";

/// The part of an operation that analysis yields.
pub(super) fn statement(analysed: &analysis::Statement, catalog: &Catalog) -> Statement {
    let mut statement = Statement {
        action: analysed.action.as_str().to_owned(),
        actions: analysed
            .actions
            .iter()
            .map(|action| action.as_str().to_owned())
            .collect(),
        objects: objects(analysed, catalog),
        unresolved: analysed.unresolved.iter().map(word).collect(),
        fingerprint: analysed.fingerprint.clone(),
        attributes: attributes(analysed),
        further: further(analysed),
        detail: Detail::Postgres(detail(analysed, catalog)),
    };
    if let Control::Prepare { inner, .. } | Control::Declare { inner, .. } = &analysed.control {
        merge(&mut statement, &self::statement(inner, catalog));
    }
    statement
}

/// Adds what an inner statement does: it runs with the outer one's leave.
pub(super) fn merge(outer: &mut Statement, inner: &Statement) {
    fn add<T: Clone + PartialEq>(to: &mut Vec<T>, from: &[T]) {
        for one in from {
            if !to.contains(one) {
                to.push(one.clone());
            }
        }
    }
    add(&mut outer.actions, &inner.actions);
    add(&mut outer.objects, &inner.objects);
    add(&mut outer.unresolved, &inner.unresolved);
    for (name, value) in &inner.attributes {
        match outer.attributes.iter_mut().find(|(same, _)| same == name) {
            Some((_, Value::Texts(texts))) => {
                if let Value::Texts(more) = value {
                    add(texts, more);
                }
            }
            // The others are flags, and there only where they are set.
            Some(_) => {}
            None => outer.attributes.push((name.clone(), value.clone())),
        }
    }
    // What the outer statement says of itself stays; objects are added.
    let added = inner.further.iter().filter(|(name, _)| name == OBJECT_IDS);
    outer.further.extend(added.cloned());
}

/// Everything a statement touches.
fn objects(analysed: &analysis::Statement, catalog: &Catalog) -> Vec<Object> {
    let relations = analysed.relations.iter().map(|relation| Object {
        kind: kind(relation),
        name: format!("{}.{}", relation.schema, relation.name),
        access: Access {
            read: relation.access.read,
            write: relation.access.write,
            call: false,
            define: relation.access.define,
        },
        reads: names(&relation.columns_read),
        writes: names(&relation.columns_written),
    });
    let others = analysed.objects.iter().map(|object| Object {
        kind: object.kind.to_owned(),
        name: object.name.clone(),
        access: Access {
            define: true,
            ..Access::default()
        },
        ..Object::default()
    });
    let functions = analysed
        .functions
        .iter()
        .filter(|function| !function.via_view)
        .map(|function| {
            let kind = match (function.harmless, function.group) {
                (true, _) => "builtin",
                (false, FunctionGroup::Catalog) => "catalog-function",
                (false, _) => "function",
            };
            Object {
                kind: kind.to_owned(),
                name: match function.schema.is_empty() {
                    true => function.name.to_string(),
                    false => format!("{}.{}", function.schema, function.name),
                },
                access: Access {
                    call: true,
                    ..Access::default()
                },
                ..Object::default()
            }
        });
    let parents = parents(analysed, catalog);
    relations
        .chain(parents)
        .chain(others)
        .chain(functions)
        .collect()
}

/// The tables that a named partition or heir belongs to: its rows are theirs,
/// and so are the rules for them.
fn parents(analysed: &analysis::Statement, catalog: &Catalog) -> Vec<Object> {
    let mut parents: Vec<Object> = Vec::new();
    for relation in &analysed.relations {
        let known = catalog.relation(&relation.schema, &relation.name);
        for oid in known.iter().flat_map(|known| &known.ancestors) {
            let Some(parent) = catalog.relation_by_oid(*oid) else {
                continue;
            };
            let name = format!("{}.{}", parent.schema, parent.name);
            let named =
                |other: &RelationUse| other.schema == parent.schema && other.name == parent.name;
            if analysed.relations.iter().any(named) || parents.iter().any(|p| p.name == name) {
                continue;
            }
            parents.push(Object {
                kind: format!("base:{}", parent.kind.as_str()),
                name,
                access: Access {
                    read: relation.access.read,
                    write: relation.access.write,
                    ..Access::default()
                },
                reads: names(&relation.columns_read),
                writes: names(&relation.columns_written),
            });
        }
    }
    parents
}

/// Names of columns, as filters see them.
fn names(columns: &[impl ToString]) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

/// A relation's kind. What a statement reaches only through a view or a parent
/// is `base:` and that kind: the server checks the rights of the view or parent.
fn kind(relation: &RelationUse) -> String {
    let kind = match relation.kind {
        _ if relation.sensitive => "secret-catalog",
        RelationKind::Catalog => "catalog",
        other => other.as_str(),
    };
    match relation.via {
        Via::Direct => kind.to_owned(),
        Via::View | Via::Inheritance => format!("base:{kind}"),
    }
}

/// Why something is unresolved, in words that do not tell what exists: of a
/// relation, those that the policy has for one that no rule allows.
fn word(what: &Unresolved) -> String {
    let name = what.name.rsplit('.').next().unwrap_or_default();
    match what.kind {
        UnresolvedKind::Relation if !name.is_empty() => {
            return format!("{name} is not allowed, or does not exist");
        }
        UnresolvedKind::Relation
        | UnresolvedKind::Column
        | UnresolvedKind::AmbiguousColumn
        | UnresolvedKind::Function
        | UnresolvedKind::Type => "a name is not known or not allowed",
        UnresolvedKind::CrossDatabase => "another database is named",
        UnresolvedKind::Grammar => "the server may read the text differently",
        UnresolvedKind::Construct => "a construct is not understood",
        UnresolvedKind::Rule => "a relation has rewrite rules",
        UnresolvedKind::ResultShape => "the shape of the result cannot be told",
        UnresolvedKind::TooComplex => "the statement is too complex",
    }
    .to_owned()
}

/// What rules may ask for by name.
fn attributes(analysed: &analysis::Statement) -> Attributes {
    let mut attributes = Attributes::new();
    let flags = &analysed.flags;
    let mut flag = |name: &'static str, set: bool| {
        if set {
            attributes.push((Cow::Borrowed(name), true.into()));
        }
    };
    flag("narrowgate.postgres.modifies", flags.modifies);
    flag("narrowgate.postgres.locks_rows", flags.locks_rows);
    flag("narrowgate.postgres.temporary", flags.temporary);
    flag("narrowgate.postgres.server_file", flags.server_file);
    flag("narrowgate.postgres.server_program", flags.server_program);
    flag("narrowgate.postgres.changes_role", flags.changes_role);
    flag("narrowgate.postgres.lasting_setting", flags.lasting_setting);
    flag("narrowgate.postgres.creates_code", flags.creates_code);
    flag("narrowgate.postgres.fires_triggers", flags.fires_triggers);
    flag("narrowgate.postgres.cascade", flags.cascade);
    let calls = &analysed.predicate_functions;
    flag(
        "narrowgate.postgres.unknown_predicate",
        flags.unknown_predicate || !calls.is_empty(),
    );
    if !flags.unknown_predicate && !calls.is_empty() {
        let calls = calls.iter().map(ToString::to_string).collect();
        attributes.push((Cow::Borrowed(PREDICATE_FUNCTIONS), Value::Texts(calls)));
    }
    let changed = analysed
        .settings
        .iter()
        .filter(|setting| !narrows(setting))
        .map(|setting| setting.name.clone().unwrap_or_else(|| "*".to_owned()));
    for (name, settings) in [
        ("narrowgate.postgres.setting", changed.collect()),
        ("narrowgate.postgres.shown", analysed.shown.clone()),
    ] {
        if !settings.is_empty() {
            attributes.push((Cow::Borrowed(name), Value::Texts(settings)));
        }
    }
    attributes
}

/// What is seldom asked for: crossing into every filter with every statement
/// would cost more than it gives.
fn further(analysed: &analysis::Statement) -> Attributes {
    let mut further: Attributes = vec![
        (Cow::Borrowed("db.system.name"), "postgresql".into()),
        (
            Cow::Borrowed("db.operation.name"),
            analysed.tag.clone().into(),
        ),
    ];
    let oids: Vec<String> = analysed
        .relations
        .iter()
        .filter_map(|relation| {
            relation
                .oid
                .map(|oid| format!("{}.{}#{oid}", relation.schema, relation.name))
        })
        .collect();
    if !oids.is_empty() {
        further.push((Cow::Borrowed(OBJECT_IDS), Value::Texts(oids)));
    }
    further
}

/// True for a search path that is emptied, or put back to what it is pinned to:
/// neither makes a name mean anything else.
fn narrows(setting: &SettingChange) -> bool {
    setting.name.as_deref() == Some("search_path")
        && match &setting.change {
            Change::Reset => true,
            Change::To(values) => values.iter().all(String::is_empty),
            Change::Computed => false,
        }
}

/// Origins, predicates and flows, for masking.
fn detail(analysed: &analysis::Statement, catalog: &Catalog) -> PostgresDetail {
    PostgresDetail {
        origins: analysed.columns.as_ref().map(|columns| {
            columns
                .iter()
                .map(|column| {
                    let (known, direct, columns) = match &column.origin {
                        analysis::Origin::Known { columns, direct } => {
                            (true, *direct, columns.iter().map(name).collect())
                        }
                        analysis::Origin::Constant => (true, false, Vec::new()),
                        analysis::Origin::Called { columns, functions } => {
                            (false, false, called(columns, functions))
                        }
                        analysis::Origin::Unknown => (false, false, Vec::new()),
                    };
                    Origin {
                        name: column.name.to_string(),
                        known,
                        direct,
                        columns,
                    }
                })
                .collect()
        }),
        predicates: analysed
            .predicates
            .iter()
            .map(|predicate| Predicate {
                column: name(&predicate.column),
                equality: predicate.how == How::Equality,
            })
            .collect(),
        flows: analysed.flows.iter().map(flow).collect(),
        reach: reach(analysed, catalog),
    }
}

/// A column's full name.
fn name(column: &ColumnId) -> String {
    format!("{}.{}.{}", column.schema, column.relation, column.column)
}

/// Sources of which functions that are not known are a part: `schema.name()` stands for what one returns.
fn called(columns: &[ColumnId], functions: &[Arc<str>]) -> Vec<String> {
    let functions = functions.iter().map(|function| format!("{function}()"));
    columns.iter().map(name).chain(functions).collect()
}

/// A value that goes elsewhere.
fn flow(flow: &analysis::Flow) -> Flow {
    let (into_kind, into) = match &flow.into {
        Destination::Column(column) => ("column", name(column)),
        Destination::NewRelation { schema, name } => ("relation", format!("{schema}.{name}")),
        Destination::NewName(name) => ("relation", name.clone()),
        Destination::Notification => ("notification", String::new()),
        Destination::Setting => ("setting", String::new()),
        Destination::FunctionArgument(name) => ("function", name.clone()),
        Destination::ServerFile => ("file", String::new()),
    };
    let (known, columns) = match &flow.from {
        FlowSource::Columns(columns) => (true, columns.iter().map(name).collect()),
        FlowSource::Called { columns, functions } => (false, called(columns, functions)),
        FlowSource::Unknown => (false, Vec::new()),
    };
    Flow {
        known,
        columns,
        into_kind,
        into,
    }
}

/// Every column of every relation of the statement, and of those that a named
/// partition or heir belongs to.
fn reach(analysed: &analysis::Statement, catalog: &Catalog) -> Vec<String> {
    let mut reach = Vec::new();
    for relation in &analysed.relations {
        let Some(known) = catalog.relation(&relation.schema, &relation.name) else {
            let columns = relation.columns_read.iter();
            reach.extend(
                columns.map(|column| format!("{}.{}.{column}", relation.schema, relation.name)),
            );
            continue;
        };
        let parents = known
            .ancestors
            .iter()
            .filter_map(|oid| catalog.relation_by_oid(*oid));
        for relation in std::iter::once(known).chain(parents) {
            reach.extend(
                relation
                    .columns
                    .iter()
                    .map(|column| format!("{}.{}.{}", relation.schema, relation.name, column.name)),
            );
        }
    }
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_inner_statement_sets_is_not_dropped_for_what_the_outer_one_does() {
        const SETTING: &str = "narrowgate.postgres.setting";
        let of = |settings: &[&str]| Statement {
            attributes: vec![(
                Cow::Borrowed(SETTING),
                Value::Texts(settings.iter().map(|name| (*name).to_owned()).collect()),
            )],
            ..Statement::default()
        };
        let mut outer = of(&["work_mem"]);
        let mut inner = of(&["role", "work_mem"]);
        inner
            .attributes
            .push((Cow::Borrowed("narrowgate.postgres.modifies"), true.into()));
        merge(&mut outer, &inner);
        let settings = narrowgate_chain::attribute(&outer.attributes, SETTING);
        assert_eq!(
            settings,
            Some(&Value::Texts(vec!["work_mem".into(), "role".into()]))
        );
        assert_eq!(outer.attributes.len(), 2);
    }
}

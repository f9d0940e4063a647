//! Full names of objects that are not relations. Rules are written for full names, so that no name may reach them
//! as it stands in the text: one without a schema is looked up as the server would, and where it could lead to
//! several objects, all of them count.

use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::{Node, RangeVar, RoleSpec, RoleSpecType, TypeName};

use super::analyser::Analyser;
use super::nodes::{boxed, given, inner, qualified};
use super::{Access, Action, Into, Relation, RelationKind, UnresolvedKind, Via};

impl<'a> Analyser<'a> {
    /// Schemas on the path in which a user's objects may be.
    pub(super) fn places(&self) -> Vec<&'a str> {
        let users = |schema: &&&str| !matches!(**schema, "pg_temp" | "pg_catalog");
        self.path.iter().filter(users).copied().collect()
    }

    /// An object of a schema that the statement makes.
    pub(super) fn makes(&mut self, kind: &'static str, parts: &[Node]) {
        let (schema, name) = qualified(parts);
        let schema = schema.map_or_else(|| self.creation_schema(), Arc::from);
        if schema.is_empty() {
            self.unresolved(UnresolvedKind::Construct, name);
        }
        self.object(kind, &format!("{schema}.{name}"));
    }

    /// An object of a kind whose names the catalog does not have: it may be anywhere on the path.
    pub(super) fn anywhere(&mut self, kind: &'static str, parts: &[Node]) {
        let (schema, name) = qualified(parts);
        match schema {
            Some(schema) => self.object(kind, &format!("{schema}.{name}")),
            None => {
                for schema in ["pg_catalog"].into_iter().chain(self.places()) {
                    self.object(kind, &format!("{schema}.{name}"));
                }
            }
        }
    }

    /// A function, procedure or aggregate. Which of several namesakes is meant hangs on argument types, so all on
    /// the path count.
    pub(super) fn functions_named(&mut self, kind: &'static str, parts: &[Node], missing_ok: bool) {
        let (schema, name) = qualified(parts);
        let catalog = self.catalog;
        let mut found = false;
        for function in catalog.functions(name) {
            let meant = match schema {
                Some(schema) => *function.schema == *schema,
                None => self.path.contains(&&*function.schema),
            };
            if meant {
                found = true;
                self.object(kind, &format!("{}.{name}", function.schema));
            }
        }
        if !found {
            self.not_found(UnresolvedKind::Function, kind, parts, missing_ok);
        }
    }

    /// A type or domain.
    pub(super) fn type_object(&mut self, kind: &'static str, parts: &[Node], missing_ok: bool) {
        match self.full_type_name(parts) {
            Some(name) => self.object(kind, &name),
            None => self.not_found(UnresolvedKind::Type, kind, parts, missing_ok),
        }
    }

    /// What the catalog does not have. With IF EXISTS nothing is there to be changed, but if it were, it would be
    /// in one of these places.
    fn not_found(
        &mut self,
        what: UnresolvedKind,
        kind: &'static str,
        parts: &[Node],
        missing_ok: bool,
    ) {
        let (schema, name) = qualified(parts);
        for schema in schema.map_or_else(|| self.places(), |schema| vec![schema]) {
            self.object(kind, &format!("{schema}.{name}"));
        }
        if !missing_ok {
            self.unresolved(what, name);
        }
    }

    fn full_type_name(&self, parts: &[Node]) -> Option<String> {
        let (schema, name) = qualified(parts);
        let info = self.type_info(schema, name)?;
        Some(format!("{}.{name}", info.schema))
    }

    fn type_in_words(&mut self, name: Option<&TypeName>) -> String {
        let parts = name.map_or(&[][..], |name| &name.names);
        self.full_type_name(parts).unwrap_or_else(|| {
            let name = qualified(parts).1;
            self.unresolved(UnresolvedKind::Type, name);
            name.to_owned()
        })
    }

    /// A cast, in the server's words: `public.mood AS pg_catalog.text`.
    pub(super) fn cast_object(&mut self, source: Option<&TypeName>, target: Option<&TypeName>) {
        let (source, target) = (self.type_in_words(source), self.type_in_words(target));
        self.object("cast", &format!("{source} AS {target}"));
    }

    /// A transform, in the server's words: `public.mood LANGUAGE plpython3u`.
    pub(super) fn transform_object(&mut self, name: Option<&TypeName>, language: &str) {
        let name = self.type_in_words(name);
        self.object("transform", &format!("{name} LANGUAGE {language}"));
    }

    /// Something that belongs to a relation and has its name there: `public.customers.audit`. `false` when the
    /// relation is not found.
    pub(super) fn member(
        &mut self,
        kind: &'static str,
        var: &RangeVar,
        access: Access,
        name: &str,
    ) -> bool {
        match self.use_relation(var, access) {
            Some(relation) => {
                self.object(
                    kind,
                    &format!("{}.{}.{name}", relation.schema, relation.name),
                );
                true
            }
            None => {
                let places = given(&var.schemaname).map_or_else(|| self.places(), |s| vec![s]);
                let names = places
                    .into_iter()
                    .map(|schema| format!("{schema}.{}.{name}", var.relname));
                let names: Vec<String> = names.collect();
                for name in names {
                    self.object(kind, &name);
                }
                false
            }
        }
    }

    /// A role.
    pub(super) fn role(&mut self, role: Option<&RoleSpec>) {
        match role.and_then(|role| self.role_name(role)) {
            Some(name) => self.object("role", &name),
            // Nobody in particular, as in ALTER ROLE ALL.
            None => self.unresolved(UnresolvedKind::Construct, "role"),
        }
    }

    /// A role's name. `CURRENT_USER` and its like are the role upstream.
    pub(super) fn role_name(&self, role: &RoleSpec) -> Option<String> {
        let name = match RoleSpecType::try_from(role.roletype) {
            Ok(RoleSpecType::RolespecCstring) => &role.rolename,
            Ok(RoleSpecType::RolespecPublic) => "public",
            _ => &self.settings.user,
        };
        given(name).map(str::to_owned)
    }

    /// Options of CREATE ROLE and ALTER GROUP that make roles members of others, which is GRANT in other words.
    pub(super) fn memberships(&mut self, options: &[Node]) {
        for option in options.iter().filter_map(inner) {
            let NodeEnum::DefElem(option) = option else {
                continue;
            };
            let Some(NodeEnum::List(roles)) = boxed(&option.arg) else {
                continue;
            };
            for role in roles.items.iter().filter_map(inner) {
                if let NodeEnum::RoleSpec(role) = role {
                    self.role(Some(role));
                    self.actions.insert(Action::Grant);
                }
            }
        }
    }

    /// All that roles own, which the catalog does not tell.
    pub(super) fn owned(&mut self, roles: &[Node]) {
        for role in roles.iter().filter_map(inner) {
            if let NodeEnum::RoleSpec(role) = role {
                self.role(Some(role));
            }
        }
        self.unresolved(UnresolvedKind::Construct, "OWNED BY");
    }

    /// Objects noted since `from` get a new name besides: whoever gives it needs leave to make such an object.
    pub(super) fn renamed_objects(&mut self, from: usize, new_name: &str) {
        self.also(from, |name| match name.rsplit_once('.') {
            Some((schema, _)) => format!("{schema}.{new_name}"),
            None => new_name.to_owned(),
        });
    }

    /// Objects noted since `from` get a new schema besides.
    pub(super) fn moved(&mut self, from: usize, new_schema: &str) {
        self.also(from, |name| match name.split_once('.') {
            Some((_, name)) => format!("{new_schema}.{name}"),
            None => new_schema.to_owned(),
        });
    }

    fn also(&mut self, from: usize, name: impl Fn(&str) -> String) {
        let objects = self.objects.get(from..).unwrap_or(&[]);
        let new = objects
            .iter()
            .map(|object| (object.kind, name(&object.name)));
        for (kind, name) in new.collect::<Vec<_>>() {
            self.object(kind, &name);
        }
    }

    /// Everything in a schema. With a new name for it, all columns leave the names that rules know.
    pub(super) fn whole_schema(&mut self, schema: &str, access: Access, new_name: Option<&str>) {
        self.all_relations(access, new_name, |relation| *relation.schema == *schema);
        let catalog = self.catalog;
        let functions = catalog
            .functions_in(schema)
            .map(|function| ("function", &*function.name));
        let types = catalog.types_in(schema).map(|name| ("type", &**name));
        let mut objects: Vec<_> = functions.chain(types).collect();
        objects.sort_unstable();
        for (kind, name) in objects {
            self.object(kind, &format!("{schema}.{name}"));
        }
    }

    /// Every relation that is not the server's own.
    pub(super) fn whole_database(&mut self, access: Access) {
        self.all_relations(access, None, |relation| !relation.is_system());
    }

    fn all_relations(
        &mut self,
        access: Access,
        new_name: Option<&str>,
        meant: impl Fn(&Relation) -> bool,
    ) {
        let catalog = self.catalog;
        // An index is its table's.
        let tables = catalog
            .relations()
            .filter(|relation| relation.kind != RelationKind::Index);
        for relation in tables.filter(|relation| meant(relation)) {
            if !self.steps(self.relations.len()) {
                return;
            }
            self.record(relation, access, Via::Direct);
            if let Some(new_name) = new_name {
                let row = self.relation_row(relation);
                self.flow(&row.whole(), Into::NewName(new_name.to_owned()));
            }
        }
    }
}

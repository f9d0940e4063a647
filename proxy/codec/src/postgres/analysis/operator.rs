//! Which function a call, an operator or a cast may run, and whether that is known to be harmless.

use std::sync::Arc;

use pg_query::protobuf::Node;

use super::analyser::Analyser;
use super::catalog::NamedObject;
use super::lineage::{ColumnKey, Constness, Lineage, Value};
use super::nodes::qualified;
use super::{
    Access, Change, Function, FunctionGroup, FunctionUse, Into, SettingChange, UnresolvedKind,
    harmless,
};

/// What is known about the function that a name may lead to.
#[derive(Debug, Clone, Default)]
pub(super) struct Called {
    /// Its effects are harmless.
    pub(super) harmless: bool,
    /// Its result comes from its arguments alone, so lineage can be followed through it.
    pub(super) known: bool,
    /// Functions that the name may lead to, by full name; empty when none is found.
    pub(super) names: Vec<Arc<str>>,
    pub(super) returns_set: bool,
    /// Names of the result's columns.
    pub(super) columns: Option<Arc<[Arc<str>]>>,
    /// The result is a row of unknown columns.
    pub(super) open_row: bool,
}

impl Analyser<'_> {
    /// Notes a call by name and says what is known of it. Which of several namesakes the server would call hangs
    /// on argument types, so all on the path count.
    pub(super) fn call_named(&mut self, schema: Option<&str>, name: &str) -> Called {
        let catalog = self.catalog;
        let reachable: Vec<_> = catalog
            .functions(name)
            .iter()
            .filter(|function| match schema {
                Some(schema) => &*function.schema == schema,
                None => &*function.schema != "pg_temp" && self.path.contains(&&*function.schema),
            })
            .collect();
        if reachable.is_empty() {
            self.literal_dependent = true;
            self.functions.push(FunctionUse {
                schema: Arc::from(schema.unwrap_or("")),
                name: Arc::from(name),
                group: FunctionGroup::User,
                harmless: false,
                via_view: false,
            });
            self.unresolved(UnresolvedKind::Function, name);
            return Called::default();
        }
        let groups = reachable.iter().map(|function| {
            match (&*function.schema, function.extension.as_deref()) {
                (_, Some(extension)) if harmless::is_pure_extension(extension) => {
                    FunctionGroup::Extension
                }
                ("pg_catalog" | "information_schema", None) => harmless::group(name),
                _ => FunctionGroup::User,
            }
        });
        let groups: Vec<FunctionGroup> = groups.collect();
        let harmless = groups.iter().all(|group| group.is_harmless());
        // What reads the catalog still computes from its arguments and the catalog alone.
        let known = groups.iter().all(|group| match group {
            FunctionGroup::Unlisted => harmless::tells_nothing(name),
            group => group.is_harmless() || *group == FunctionGroup::Catalog,
        });
        self.literal_dependent |= !harmless;
        for (function, group) in reachable.iter().zip(&groups) {
            let entry = FunctionUse {
                schema: function.schema.clone(),
                name: function.name.clone(),
                group: *group,
                harmless,
                via_view: false,
            };
            if !self.functions.contains(&entry) {
                self.functions.push(entry);
            }
        }
        let columns = match reachable.as_slice() {
            [only] if !only.returns_row => only.columns.clone(),
            _ => None,
        };
        let polymorphic = matches!(
            name,
            "json_populate_record"
                | "jsonb_populate_record"
                | "json_populate_recordset"
                | "jsonb_populate_recordset"
        );
        let disagree =
            reachable.len() > 1 && reachable.iter().any(|function| function.columns.is_some());
        let full_name = |function: &&Function| format!("{}.{name}", function.schema).into();
        let names = match known {
            true => Vec::new(),
            false => reachable.iter().map(full_name).collect(),
        };
        Called {
            harmless,
            known,
            names,
            returns_set: reachable.iter().any(|function| function.returns_set),
            open_row: reachable.iter().any(|function| function.returns_row)
                || polymorphic
                || disagree,
            columns,
        }
    }

    /// What [`Analyser::call_named`] said of a function that is already noted.
    pub(super) fn describe(&mut self, schema: Option<&str>, name: &str) -> Called {
        let noted = self.functions.len();
        let unresolved = self.unresolved.len();
        let called = self.call_named(schema, name);
        self.functions.truncate(noted);
        self.unresolved.truncate(unresolved);
        called
    }

    /// Functions whose arguments have a meaning of their own.
    pub(super) fn special_call(&mut self, called: &Called, name: &str, arguments: &[Value]) {
        if name == "current_setting" {
            self.literal_dependent = true;
            let shown = arguments.first().and_then(|name| self.held_text(name));
            let shown = shown.map_or_else(|| "*".to_owned(), |name| name.to_lowercase());
            self.shown.insert(shown);
        }
        let all = Value::union(arguments);
        if name == "setseed" {
            // The seed can be told from the numbers that follow.
            self.argument_flow(&all, name);
        }
        if called.harmless {
            return;
        }
        if called.known && harmless::group(name) == FunctionGroup::Catalog {
            self.looked_up(&all, name);
        }
        match name {
            "set_config" => self.set_config(arguments),
            "pg_notify" => self.flow(&all.lineage, Into::Notification),
            // Others read a sequence's value, the locks that are held, how long somebody slept.
            _ if harmless::tells_nothing(name) => self.argument_flow(&all, name),
            _ => {}
        }
        match name {
            "nextval" | "setval" | "currval" => {
                if let Some(Constness::Text(sequence)) =
                    arguments.first().map(|value| &value.constant)
                {
                    let access = if name == "currval" {
                        Access::READ
                    } else {
                        Access::WRITE
                    };
                    self.sequence(sequence, access);
                }
            }
            _ => {}
        }
    }

    /// A value of somebody's table that is looked up in the catalog: whether there is something of the name, and
    /// where in it an error is, tell of it.
    pub(super) fn looked_up(&mut self, value: &Value, by: &str) {
        let own = |key: &&ColumnKey| {
            self.relation_by_oid(key.relation)
                .is_none_or(|relation| !relation.is_system())
        };
        let keys = value.lineage.keys.iter().filter(own).copied().collect();
        let lineage = Lineage {
            keys,
            ..Lineage::default()
        };
        self.flow(&lineage, Into::FunctionArgument(by.to_owned()));
    }

    /// `set_config(name, value, is_local)` is SET in a function's clothes.
    fn set_config(&mut self, arguments: &[Value]) {
        let name = arguments.first().and_then(|name| self.held_text(name));
        let name = name.map(|name| name.to_lowercase());
        let change = match arguments.get(1).map(|value| &value.constant) {
            Some(Constness::Text(value)) => Change::To(vec![value.to_string()]),
            _ => Change::Computed,
        };
        // The name of a setting can be read as well as its value.
        let told = arguments.get(usize::from(name.is_some())..);
        let told = Value::union(told.unwrap_or_default());
        self.flow(&told.lineage, Into::Setting);
        self.flags.changes_role |= name
            .as_deref()
            .is_none_or(|name| matches!(name, "role" | "session_authorization"));
        if name.is_some() {
            for function in self
                .functions
                .iter_mut()
                .filter(|function| &*function.name == "set_config")
            {
                // A namesake of the user's is not the server's set_config.
                function.harmless = function.group == FunctionGroup::Unlisted;
            }
            let namesake = self
                .functions
                .iter()
                .any(|f| &*f.name == "set_config" && f.group != FunctionGroup::Unlisted);
            if namesake {
                self.functions
                    .iter_mut()
                    .filter(|f| &*f.name == "set_config")
                    .for_each(|f| f.harmless = false);
            }
        }
        let local = match arguments.get(2).map(|value| &value.constant) {
            Some(Constness::Boolean(local)) => Some(*local),
            _ => None,
        };
        self.setting_changes.push(SettingChange {
            name,
            change,
            local,
        });
    }

    /// A sequence given as text, the way `regclass` reads it when it is plain.
    fn sequence(&mut self, text: &str, access: Access) {
        let plain = |part: &str| part.trim_matches('"').to_owned();
        let mut parts = text.rsplitn(2, '.');
        let var = pg_query::protobuf::RangeVar {
            relname: parts.next().map(plain).unwrap_or_default(),
            schemaname: parts.next().map(plain).unwrap_or_default(),
            inh: true,
            ..Default::default()
        };
        self.use_relation(&var, access);
    }

    /// Notes an operator. `true` when it can only be one of the server's own, or of a pure extension.
    pub(super) fn operator(&mut self, name: &[Node]) -> bool {
        let (schema, name) = qualified(name);
        match name {
            "BETWEEN" | "NOT BETWEEN" | "BETWEEN SYMMETRIC" | "NOT BETWEEN SYMMETRIC" => {
                self.operator_named(schema, ">=") & self.operator_named(schema, "<=")
            }
            name => self.operator_named(schema, name),
        }
    }

    /// Notes an operator that the grammar may not name: CASE, IN and USING compare by `=`.
    pub(super) fn operator_named(&mut self, schema: Option<&str>, name: &str) -> bool {
        let catalog = self.catalog;
        let namesakes = catalog.user_operators(name);
        if namesakes.is_empty() && schema.is_none_or(|schema| schema == "pg_catalog") {
            return true;
        }
        let reachable: Vec<&NamedObject> = namesakes
            .iter()
            .filter(|operator| match schema {
                Some(schema) => &*operator.schema == schema,
                None => self.path.contains(&&*operator.schema),
            })
            .collect();
        if reachable.is_empty() {
            if schema.is_none_or(|schema| schema == "pg_catalog") {
                return true;
            }
            self.unresolved(UnresolvedKind::Function, name);
            return false;
        }
        self.note_objects(&reachable)
    }

    /// Notes user-defined operators or casts as functions; `true` when all are harmless.
    pub(super) fn note_objects(&mut self, objects: &[&NamedObject]) -> bool {
        let mut all = true;
        for object in objects {
            let pure = object
                .extension
                .as_deref()
                .is_some_and(harmless::is_pure_extension);
            all &= pure;
            self.literal_dependent |= !pure;
            let entry = FunctionUse {
                schema: object.schema.clone(),
                name: object.name.clone(),
                group: if pure {
                    FunctionGroup::Extension
                } else {
                    FunctionGroup::User
                },
                harmless: pure,
                via_view: false,
            };
            if !self.functions.contains(&entry) {
                self.functions.push(entry);
            }
        }
        all
    }
}

//! Casts: which type is meant, and what casting to it may run.

use std::sync::Arc;

use pg_query::protobuf::TypeName;

use super::analyser::Analyser;
use super::catalog::{NamedObject, TypeInfo};
use super::lineage::{Constness, Value};
use super::nodes::qualified;
use super::{FunctionGroup, FunctionUse, UnresolvedKind, harmless};

/// A cast's target.
#[derive(Debug, Clone, Default)]
pub(super) struct Target {
    /// Type OID; 0 for arrays and types that are not known.
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) harmless: bool,
    /// The result may hold more than the value: a lookup in the catalog.
    pub(super) opaque: bool,
}

impl Analyser<'_> {
    /// Notes a cast of a value to a type.
    pub(super) fn cast_to(&mut self, name: &TypeName, value: &Value) -> Target {
        let (schema, base) = qualified(&name.names);
        // A length changes nothing here but whether the server reports the column, so literals in it count.
        self.literal_dependent |= !name.typmods.is_empty();
        if name.pct_type {
            self.unresolved(UnresolvedKind::Type, base);
            return Target {
                name: base.to_owned(),
                ..Target::default()
            };
        }
        let Some(oid) = self.type_named(schema, base) else {
            self.literal_dependent = true;
            self.unresolved(UnresolvedKind::Type, base);
            return Target {
                name: base.to_owned(),
                ..Target::default()
            };
        };
        let target = self.cast_to_oid(schema, base, oid, value);
        let array = !name.array_bounds.is_empty() || name.setof;
        Target {
            oid: if array { 0 } else { target.oid },
            ..target
        }
    }

    /// The OID of a type by name.
    pub(super) fn type_named(&self, schema: Option<&str>, name: &str) -> Option<u32> {
        self.type_info(schema, name).map(|info| info.oid)
    }

    pub(super) fn type_info(&self, schema: Option<&str>, name: &str) -> Option<&TypeInfo> {
        let candidates = self.catalog.types(name);
        match schema {
            Some(schema) => candidates.iter().find(|info| &*info.schema == schema),
            None => self
                .path
                .iter()
                .find_map(|schema| candidates.iter().find(|info| &*info.schema == *schema)),
        }
    }

    pub(super) fn cast_to_oid(
        &mut self,
        schema: Option<&str>,
        name: &str,
        oid: u32,
        value: &Value,
    ) -> Target {
        let (system, typtype, pure, type_schema) = match self.type_info(schema, name) {
            Some(info) => (
                matches!(&*info.schema, "pg_catalog" | "information_schema"),
                info.typtype,
                info.extension
                    .as_deref()
                    .is_some_and(harmless::is_pure_extension),
                info.schema.clone(),
            ),
            None => (false, 'b', false, Arc::from("")),
        };
        let mut target = Target {
            oid,
            name: name.to_owned(),
            harmless: true,
            opaque: false,
        };
        if system && name.starts_with("reg") {
            // Looks a name up in the catalog, or a number: tells what exists.
            let entry = FunctionUse {
                schema: Arc::from("pg_catalog"),
                name: Arc::from(name),
                group: FunctionGroup::Catalog,
                harmless: false,
                via_view: false,
            };
            if !self.functions.contains(&entry) {
                self.functions.push(entry);
            }
            self.literal_dependent = true;
            self.looked_up(value, name);
        } else if !system && !pure && !matches!(typtype, 'c' | 'e' | 'r' | 'm' | 'd') {
            self.functions.push(FunctionUse {
                schema: type_schema,
                name: Arc::from(name),
                group: FunctionGroup::User,
                harmless: false,
                via_view: false,
            });
            target.harmless = false;
            target.opaque = true;
        }
        if value.constant != Constness::Not && !is_plain_type(name) {
            self.literal_dependent = true;
        }
        let catalog = self.catalog;
        let casts: Vec<&NamedObject> = catalog.casts_to(oid).iter().collect();
        if !casts.is_empty() && !self.note_objects(&casts) {
            target.harmless = false;
            target.opaque = true;
        }
        target
    }
}

/// Built-in types whose input never looks anything up.
fn is_plain_type(name: &str) -> bool {
    matches!(
        name,
        "int2"
            | "int4"
            | "int8"
            | "numeric"
            | "float4"
            | "float8"
            | "bool"
            | "text"
            | "varchar"
            | "bpchar"
            | "bytea"
            | "uuid"
            | "date"
            | "time"
            | "timetz"
            | "timestamp"
            | "timestamptz"
            | "interval"
            | "json"
            | "jsonb"
            | "inet"
            | "cidr"
    )
}

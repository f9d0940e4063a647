//! An immutable snapshot of a database's catalog, as far as statements are resolved against it.

mod builder;
mod function;
mod queries;
mod relation;
mod row;

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

pub use builder::CatalogBuilder;
pub use function::Function;
pub(super) use function::{NamedObject, TypeInfo};
pub use queries::{CHANGE_PROBE, CatalogQuery, SETUP};
pub(super) use relation::system_column;
pub use relation::{Column, Relation, RelationKind};
pub use row::CatalogError;

/// One database's catalog at one moment. Made by [`CatalogBuilder`]; shared between sessions in an `Arc`.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Grows with every snapshot; part of every cache key.
    pub version: u64,
    /// `server_version_num`: 150004 is 15.4.
    pub server_version: u32,
    /// The database this is the catalog of.
    pub database: String,
    relations: Vec<Arc<Relation>>,
    by_oid: AHashMap<u32, usize>,
    by_name: AHashMap<Arc<str>, Vec<usize>>,
    functions: AHashMap<Arc<str>, Vec<Function>>,
    /// Schema and name of every function.
    function_names: AHashMap<u32, (Arc<str>, Arc<str>)>,
    /// User-defined operators only.
    operators: AHashMap<Arc<str>, Vec<NamedObject>>,
    types: AHashMap<Arc<str>, Vec<TypeInfo>>,
    /// User-defined casts that run a function, by the type they lead to.
    casts: AHashMap<u32, Vec<NamedObject>>,
    namespaces: AHashSet<Arc<str>>,
}

impl Catalog {
    /// A relation by schema and name.
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Arc<Relation>> {
        let candidates = self.by_name.get(name)?;
        candidates
            .iter()
            .filter_map(|index| self.relations.get(*index))
            .find(|relation| &*relation.schema == schema)
    }

    /// A relation by OID.
    pub fn relation_by_oid(&self, oid: u32) -> Option<&Arc<Relation>> {
        self.relations.get(*self.by_oid.get(&oid)?)
    }

    /// All relations, in no order.
    pub fn relations(&self) -> impl Iterator<Item = &Arc<Relation>> {
        self.relations.iter()
    }

    /// All functions of a name, in any schema.
    pub fn functions(&self, name: &str) -> &[Function] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// Schema and name of a function by its OID.
    pub fn function_name(&self, oid: u32) -> Option<(&str, &str)> {
        let (schema, name) = self.function_names.get(&oid)?;
        Some((schema, name))
    }

    /// All functions of a schema, in no order.
    pub(super) fn functions_in(&self, schema: &str) -> impl Iterator<Item = &Function> {
        let functions = self.functions.values().flatten();
        functions.filter(move |function| *function.schema == *schema)
    }

    /// Names of all types of a schema that are not its relations' rows, in no order.
    pub(super) fn types_in(&self, schema: &str) -> impl Iterator<Item = &Arc<str>> {
        let inside = move |info: &TypeInfo| *info.schema == *schema && info.relation == 0;
        let types = self.types.iter();
        types
            .filter(move |(_, types)| types.iter().any(inside))
            .map(|(name, _)| name)
    }

    /// Whether a schema exists.
    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    pub(super) fn user_operators(&self, name: &str) -> &[NamedObject] {
        self.operators.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn types(&self, name: &str) -> &[TypeInfo] {
        self.types.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn casts_to(&self, type_oid: u32) -> &[NamedObject] {
        self.casts.get(&type_oid).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;

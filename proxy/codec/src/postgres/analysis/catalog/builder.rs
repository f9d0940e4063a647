//! Builds a snapshot from the rows of the catalog queries.

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

use super::row::Row;
use super::{
    Catalog, CatalogError, CatalogQuery, Column, Function, NamedObject, Relation, RelationKind,
    TypeInfo,
};

/// Collects rows in any order; [`CatalogBuilder::finish`] makes the snapshot.
#[derive(Debug, Clone, Default)]
pub struct CatalogBuilder {
    catalog: Catalog,
    relations: AHashMap<u32, Relation>,
    columns: Vec<(u32, Column)>,
    parents: Vec<(u32, u32)>,
}

impl CatalogBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one row of a query's result, in text format; `None` is NULL.
    pub fn add(&mut self, query: CatalogQuery, row: &[Option<&str>]) -> Result<(), CatalogError> {
        let row = Row(row);
        match query {
            CatalogQuery::Server => {
                self.catalog.server_version = row.number(0)?;
                self.catalog.database = row.text(1)?.to_owned();
            }
            CatalogQuery::Namespaces => {
                self.catalog.namespaces.insert(row.name(0)?);
            }
            CatalogQuery::Relations | CatalogQuery::TemporaryRelations => self.relation(row)?,
            CatalogQuery::Columns | CatalogQuery::TemporaryColumns => {
                let column = Column {
                    attnum: row.number(1)?,
                    name: row.name(2)?,
                    type_oid: row.number(3)?,
                    typmod: row.number(4)?,
                };
                self.columns.push((row.number(0)?, column));
            }
            CatalogQuery::Inheritance | CatalogQuery::TemporaryInheritance => {
                self.parents.push((row.number(0)?, row.number(1)?));
            }
            CatalogQuery::Functions => self.function(row)?,
            CatalogQuery::Operators => {
                let operator = NamedObject {
                    schema: row.name(0)?,
                    name: row.name(1)?,
                    extension: extension(row, 2)?,
                };
                self.catalog
                    .operators
                    .entry(operator.name.clone())
                    .or_default()
                    .push(operator);
            }
            CatalogQuery::Types => {
                let info = TypeInfo {
                    oid: row.number(0)?,
                    schema: row.name(1)?,
                    typtype: row.text(3)?.chars().next().unwrap_or('b'),
                    relation: row.number(4)?,
                    extension: extension(row, 5)?,
                };
                self.catalog
                    .types
                    .entry(row.name(2)?)
                    .or_default()
                    .push(info);
            }
            CatalogQuery::Casts => {
                let function = NamedObject {
                    schema: row.name(1)?,
                    name: row.name(2)?,
                    extension: extension(row, 3)?,
                };
                self.catalog
                    .casts
                    .entry(row.number(0)?)
                    .or_default()
                    .push(function);
            }
        }
        Ok(())
    }

    fn relation(&mut self, row: Row<'_>) -> Result<(), CatalogError> {
        let Some(kind) = RelationKind::from_relkind(row.text(3)?) else {
            return Ok(());
        };
        let relation = Relation {
            oid: row.number(0)?,
            schema: row.name(1)?,
            name: row.name(2)?,
            kind,
            temporary: row.text(4)? == "t",
            has_rules: row.boolean(5)?,
            has_triggers: row.boolean(6)?,
            view_definition: row.optional(7)?.map(Arc::from),
            indexed_table: row.optional(8)?.and_then(|oid| oid.parse().ok()),
            ..Relation::default()
        };
        self.relations.insert(relation.oid, relation);
        Ok(())
    }

    fn function(&mut self, row: Row<'_>) -> Result<(), CatalogError> {
        let columns: Option<Vec<String>> = match row.optional(5)? {
            Some(json) => Some(serde_json::from_str(json).map_err(|_| CatalogError { column: 5 })?),
            None => None,
        };
        let several = columns.as_ref().is_some_and(|columns| columns.len() > 1);
        let single = columns.as_ref().is_some_and(|columns| columns.len() == 1);
        let function = Function {
            schema: row.name(0)?,
            name: row.name(1)?,
            returns_set: row.boolean(2)?,
            security_definer: row.boolean(3)?,
            extension: extension(row, 4)?,
            returns_row: row.boolean(6)? && !several && !single,
            columns: columns.map(|columns| columns.into_iter().map(Arc::from).collect()),
        };
        let names = (function.schema.clone(), function.name.clone());
        self.catalog.function_names.insert(row.number(7)?, names);
        let namesakes = self
            .catalog
            .functions
            .entry(function.name.clone())
            .or_default();
        match namesakes
            .iter_mut()
            .find(|other| other.schema == function.schema && other.extension == function.extension)
        {
            None => namesakes.push(function),
            Some(known) => {
                known.returns_set |= function.returns_set;
                known.security_definer |= function.security_definer;
                known.returns_row |= function.returns_row || known.columns != function.columns;
            }
        }
        Ok(())
    }

    /// Whether no relation has come.
    pub fn is_empty(&self) -> bool {
        self.relations.is_empty()
    }

    /// Makes the snapshot. `version` must differ from every earlier one of the same target.
    pub fn finish(mut self, version: u64) -> Catalog {
        let catalog = std::mem::take(&mut self.catalog);
        self.add_to(catalog, version)
    }

    /// Makes a snapshot of another one and of the relations that have come, which are not in that.
    pub fn finish_on(mut self, base: &Catalog, version: u64) -> Catalog {
        let mut todo: Vec<u32> = self.parents.iter().map(|(_, parent)| *parent).collect();
        while let Some(parent) = todo.pop() {
            if let Some(known) = base.relation_by_oid(parent)
                && !self.relations.contains_key(&parent)
            {
                let mut known = Relation::clone(known);
                for ancestor in &known.ancestors {
                    self.parents.push((parent, *ancestor));
                    todo.push(*ancestor);
                }
                self.columns
                    .extend(known.columns.drain(..).map(|column| (parent, column)));
                self.relations.insert(parent, known);
            }
        }
        self.add_to(base.clone(), version)
    }

    fn add_to(self, mut catalog: Catalog, version: u64) -> Catalog {
        let Self {
            mut relations,
            columns,
            parents,
            ..
        } = self;
        catalog.version = version;
        for (oid, column) in columns {
            if let Some(relation) = relations.get_mut(&oid) {
                relation.columns.push(column);
            }
        }
        link_families(&mut relations, &parents);
        for (oid, mut relation) in relations {
            relation.columns.sort_by_key(|column| column.attnum);
            let known = catalog.by_oid.get(&oid);
            if let Some(known) = known.and_then(|index| catalog.relations.get_mut(*index)) {
                *known = Arc::new(relation);
                continue;
            }
            let index = catalog.relations.len();
            catalog.by_oid.insert(oid, index);
            catalog
                .by_name
                .entry(relation.name.clone())
                .or_default()
                .push(index);
            catalog.relations.push(Arc::new(relation));
        }
        catalog
    }
}

fn extension(row: Row<'_>, column: usize) -> Result<Option<Arc<str>>, CatalogError> {
    Ok(row.optional(column)?.map(Arc::from))
}

/// Gives every relation its ancestors and descendants.
fn link_families(relations: &mut AHashMap<u32, Relation>, parents: &[(u32, u32)]) {
    let mut up: AHashMap<u32, Vec<u32>> = AHashMap::new();
    for (child, parent) in parents {
        up.entry(*child).or_default().push(*parent);
    }
    for child in up.keys() {
        let mut seen = AHashSet::new();
        let mut todo = up.get(child).cloned().unwrap_or_default();
        while let Some(ancestor) = todo.pop() {
            if ancestor == *child || !seen.insert(ancestor) {
                continue;
            }
            todo.extend(up.get(&ancestor).into_iter().flatten());
            if let Some(relation) = relations.get_mut(&ancestor) {
                relation.descendants.push(*child);
            }
        }
        if let Some(relation) = relations.get_mut(child) {
            relation.ancestors.extend(seen);
        }
    }
    for relation in relations.values_mut() {
        for family in [&mut relation.ancestors, &mut relation.descendants] {
            family.sort_unstable();
            family.dedup();
        }
    }
}

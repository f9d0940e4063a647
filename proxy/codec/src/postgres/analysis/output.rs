//! Writes the analyser's numbers out as names.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::analyser::Analyser;
use super::lineage::{ColumnKey, Lineage, RowShape};
use super::{
    ColumnId, Flow, FlowSource, How, Origin, OutputColumn, Predicate, Relation, RelationUse,
};

impl Analyser<'_> {
    pub(super) fn output(&self, row: &RowShape) -> Vec<OutputColumn> {
        let columns = row.fields.iter().map(|field| OutputColumn {
            name: field.name.clone(),
            origin: self.origin(&field.value.lineage),
            expected: field.value.expected,
            expected_loose: field.value.loose,
            expected_other: field.value.alternative,
        });
        columns.collect()
    }

    fn origin(&self, lineage: &Lineage) -> Origin {
        let Some(columns) = self.columns(lineage) else {
            return Origin::Unknown;
        };
        match (lineage.calls.as_slice(), columns.is_empty()) {
            ([], true) => Origin::Constant,
            ([], false) => Origin::Known {
                columns,
                direct: lineage.direct,
            },
            (calls, _) => Origin::Called {
                columns,
                functions: calls.to_vec(),
            },
        }
    }

    /// Names of columns, sorted, with their namesakes up and down an inheritance tree. `None` when they cannot be
    /// told.
    fn columns(&self, lineage: &Lineage) -> Option<Vec<ColumnId>> {
        if lineage.unknown {
            return None;
        }
        let mut columns = Vec::with_capacity(lineage.keys.len());
        for key in &lineage.keys {
            self.add_column(*key, &mut columns)?;
        }
        columns.sort();
        columns.dedup();
        Some(columns)
    }

    fn add_column(&self, key: ColumnKey, columns: &mut Vec<ColumnId>) -> Option<()> {
        let relation = self.relation_by_oid(key.relation)?;
        let name = relation.column_name(key.attnum)?;
        let place = self.places.path(key.place);
        columns.push(column_id(relation, &name, place));
        if key.attnum > 0 {
            for oid in relation.ancestors.iter().chain(&relation.descendants) {
                if let Some(kin) = self.relation_by_oid(*oid)
                    && kin.column(&name).is_some()
                {
                    columns.push(column_id(kin, &name, place));
                }
            }
        }
        Some(())
    }

    pub(super) fn write_predicates(&mut self) -> Vec<Predicate> {
        let mut predicates: BTreeSet<Predicate> = BTreeSet::new();
        for (key, how) in std::mem::take(&mut self.predicates) {
            let mut columns = Vec::new();
            if self.add_column(key, &mut columns).is_none() {
                self.flags.unknown_predicate = true;
            }
            predicates.extend(columns.into_iter().map(|column| Predicate { column, how }));
        }
        // The weaker statement about a column says nothing next to the stronger one.
        let strongest = |predicate: &Predicate| {
            predicate.how == How::Other
                || !predicates.contains(&Predicate {
                    how: How::Other,
                    ..predicate.clone()
                })
        };
        predicates
            .iter()
            .filter(|predicate| strongest(predicate))
            .cloned()
            .collect()
    }

    pub(super) fn write_flows(&mut self) -> Vec<Flow> {
        let flows = std::mem::take(&mut self.flows);
        let written = flows.into_iter().map(|(lineage, into)| {
            let from = match (self.columns(&lineage), lineage.calls) {
                (None, _) => FlowSource::Unknown,
                (Some(columns), calls) if calls.is_empty() => FlowSource::Columns(columns),
                (Some(columns), functions) => FlowSource::Called { columns, functions },
            };
            Flow { from, into }
        });
        written.collect()
    }

    pub(super) fn write_relations(&mut self) -> Vec<RelationUse> {
        let records = std::mem::take(&mut self.relations);
        let mut relations: Vec<RelationUse> = records
            .iter()
            .map(|record| {
                let names = |attnums: &[i16]| -> Vec<Arc<str>> {
                    let relation = record.relation.as_ref();
                    attnums
                        .iter()
                        .filter_map(|attnum| {
                            relation.and_then(|relation| relation.column_name(*attnum))
                        })
                        .collect()
                };
                RelationUse {
                    schema: record.schema.clone(),
                    name: record.name.clone(),
                    oid: record.oid(),
                    kind: record.kind,
                    access: record.access,
                    columns_read: names(&record.read),
                    columns_written: names(&record.written),
                    via: record.via,
                    sensitive: Self::is_sensitive(record),
                }
            })
            .collect();
        relations.sort_by(|a, b| (a.via, &a.schema, &a.name).cmp(&(b.via, &b.schema, &b.name)));
        relations
    }

    /// The full name of one column of a relation.
    pub(super) fn column_of(&self, relation: &Relation, attnum: i16) -> ColumnId {
        let name = relation
            .column_name(attnum)
            .unwrap_or_else(|| Arc::from(""));
        column_id(relation, &name, None)
    }
}

fn column_id(relation: &Relation, column: &Arc<str>, place: Option<&Arc<str>>) -> ColumnId {
    ColumnId {
        schema: relation.schema.clone(),
        relation: relation.name.clone(),
        column: match place {
            Some(place) => Arc::from(format!("{column} {place}")),
            None => Arc::clone(column),
        },
    }
}

//! Finding relations and noting what is done to them.

use std::rc::Rc;
use std::sync::Arc;

use pg_query::protobuf::RangeVar;

use super::analyser::Analyser;
use super::lineage::{ColumnKey, Field, Lineage, RowShape, Value};
use super::nodes::given;
use super::walk::NamedRelation;
use super::{Access, Relation, RelationKind, UnresolvedKind, Via, harmless};

/// A relation of the statement, before names are written out.
#[derive(Debug, Clone)]
pub(super) struct RelationRecord {
    pub(super) schema: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) relation: Option<Arc<Relation>>,
    pub(super) kind: RelationKind,
    pub(super) access: Access,
    pub(super) via: Via,
    /// Attribute numbers, in order.
    pub(super) read: Vec<i16>,
    pub(super) written: Vec<i16>,
}

impl RelationRecord {
    pub(super) fn oid(&self) -> Option<u32> {
        self.relation.as_ref().map(|relation| relation.oid)
    }
}

/// What a relation name leads to.
pub(super) enum Looked {
    Found(Arc<Relation>),
    /// Nothing of the name in this schema, or (`None`) anywhere on the path.
    Missing(Option<String>),
    OtherDatabase,
}

impl Analyser<'_> {
    /// Finds a relation as the server would: by schema, or along the path.
    pub(super) fn look_up(&self, var: &RangeVar) -> Looked {
        if let Some(database) = given(&var.catalogname) {
            let here = if self.settings.database.is_empty() {
                &self.catalog.database
            } else {
                &self.settings.database
            };
            if database != here {
                return Looked::OtherDatabase;
            }
        }
        let found = match given(&var.schemaname) {
            Some(schema) => self.relation_in(schema, &var.relname),
            None => self
                .path
                .iter()
                .find_map(|schema| self.relation_in(schema, &var.relname)),
        };
        match found {
            Some(relation) => Looked::Found(relation),
            None => Looked::Missing(given(&var.schemaname).map(str::to_owned)),
        }
    }

    fn relation_in(&self, schema: &str, name: &str) -> Option<Arc<Relation>> {
        self.catalog.relation(schema, name).cloned()
    }

    pub(super) fn relation_by_oid(&self, oid: u32) -> Option<&Arc<Relation>> {
        self.catalog.relation_by_oid(oid)
    }

    /// Notes a relation name of the statement and what is done to it. `None` when it cannot be resolved.
    pub(super) fn use_relation(&mut self, var: &RangeVar, access: Access) -> Option<Arc<Relation>> {
        self.understood.push(var.location);
        match self.look_up(var) {
            Looked::Found(relation) => {
                self.record(&relation, access, Via::Direct);
                if var.inh || access.define {
                    self.record_family(&relation, access);
                }
                self.record_behind_view(&relation, access);
                Some(relation)
            }
            Looked::Missing(schema) => {
                self.record_missing(schema.as_deref(), &var.relname, access);
                self.unresolved(UnresolvedKind::Relation, &var.relname);
                None
            }
            Looked::OtherDatabase => {
                self.record_missing(given(&var.schemaname), &var.relname, access);
                self.unresolved(UnresolvedKind::CrossDatabase, &var.relname);
                None
            }
        }
    }

    /// Notes a relation that the statement makes.
    pub(super) fn make_relation(&mut self, var: &RangeVar) -> (Arc<str>, Arc<str>) {
        self.understood.push(var.location);
        let temporary = var.relpersistence == "t" || var.schemaname == "pg_temp";
        self.flags.temporary |= temporary;
        let schema: Arc<str> = match given(&var.schemaname) {
            _ if temporary => Arc::from("pg_temp"),
            Some(schema) => Arc::from(schema),
            None => self.creation_schema(),
        };
        if schema.is_empty() {
            self.unresolved(UnresolvedKind::Relation, &var.relname);
        }
        let name: Arc<str> = Arc::from(var.relname.as_str());
        let existing = self.relation_in(&schema, &name);
        match existing {
            Some(relation) => self.record(&relation, Access::DEFINE, Via::Direct),
            None => self.record_missing(Some(&schema), &name, Access::DEFINE),
        }
        (schema, name)
    }

    pub(super) fn record(&mut self, relation: &Arc<Relation>, access: Access, via: Via) {
        if access.write {
            self.flags.fires_triggers |= relation.has_triggers;
        }
        if access.write && relation.has_rules {
            self.unresolved(UnresolvedKind::Rule, &*relation.name);
        }
        let known = self
            .relations
            .iter_mut()
            .find(|record| record.via == via && record.oid() == Some(relation.oid));
        if let Some(record) = known {
            record.access = record.access.with(access);
            return;
        }
        let kind = if relation.temporary {
            RelationKind::Temporary
        } else if relation.is_system() {
            RelationKind::Catalog
        } else {
            relation.kind
        };
        self.relations.push(RelationRecord {
            schema: relation.schema.clone(),
            name: relation.name.clone(),
            relation: Some(Arc::clone(relation)),
            kind,
            access,
            via,
            read: Vec::new(),
            written: Vec::new(),
        });
    }

    pub(super) fn record_missing(&mut self, schema: Option<&str>, name: &str, access: Access) {
        let schema = schema.unwrap_or("");
        let known = self.relations.iter_mut().find(|record| {
            record.relation.is_none() && &*record.name == name && &*record.schema == schema
        });
        if let Some(record) = known {
            record.access = record.access.with(access);
            return;
        }
        self.relations.push(RelationRecord {
            schema: Arc::from(schema),
            name: Arc::from(name),
            relation: None,
            kind: RelationKind::Unknown,
            access,
            via: Via::Direct,
            read: Vec::new(),
            written: Vec::new(),
        });
    }

    /// A relation name that no part of the analyser came across.
    pub(super) fn record_missed(&mut self, missed: &NamedRelation) {
        self.unresolved(UnresolvedKind::Construct, &missed.name);
        let var = RangeVar {
            catalogname: missed.catalog.clone(),
            schemaname: missed.schema.clone(),
            relname: missed.name.clone(),
            inh: true,
            ..RangeVar::default()
        };
        match self.look_up(&var) {
            Looked::Found(relation) => self.record(&relation, Access::ALL, Via::Direct),
            _ => self.record_missing(given(&missed.schema), &missed.name, Access::ALL),
        }
    }

    /// Partitions and heirs go the way of the table.
    fn record_family(&mut self, relation: &Arc<Relation>, access: Access) {
        for oid in &relation.descendants {
            if let Some(child) = self.relation_by_oid(*oid).cloned() {
                self.record(&child, access, Via::Inheritance);
            }
        }
    }

    /// Notes that a column is assigned, down to the table behind a view.
    pub(super) fn write_column(&mut self, oid: u32, attnum: i16) {
        for record in self
            .relations
            .iter_mut()
            .filter(|record| record.oid() == Some(oid))
        {
            if let Err(at) = record.written.binary_search(&attnum) {
                record.written.insert(at, attnum);
            }
        }
        self.write_behind_view(oid, attnum);
    }

    /// Notes that the value of these columns is used.
    pub(super) fn read_columns(&mut self, lineage: &Lineage) {
        if !self.steps(lineage.keys.len().saturating_mul(self.relations.len())) {
            return;
        }
        for key in &lineage.keys {
            let records = self.relations.iter_mut().filter(|record| {
                record.oid() == Some(key.relation) && record.via != Via::Inheritance
            });
            for record in records {
                record.access.read = true;
                if let Err(at) = record.read.binary_search(&key.attnum) {
                    record.read.insert(at, key.attnum);
                }
            }
        }
    }

    /// The row of a relation: one field per column.
    pub(super) fn relation_row(&mut self, relation: &Arc<Relation>) -> Rc<RowShape> {
        if let Some(row) = self.rows.get(&relation.oid) {
            return Rc::clone(row);
        }
        let behind = self.behind(relation);
        let fields = relation.columns.iter().map(|column| {
            let mut lineage = Lineage {
                keys: vec![ColumnKey::whole(relation.oid, column.attnum)],
                direct: true,
                ..Lineage::default()
            };
            if let Some(info) = &behind {
                match info
                    .columns
                    .get(usize::try_from(column.attnum.saturating_sub(1)).unwrap_or(usize::MAX))
                {
                    Some(base) => {
                        lineage.add(&self.places.adopt(base, &info.places));
                        lineage.direct = base.direct;
                    }
                    None => lineage.unknown = true,
                }
            }
            let value = Value {
                lineage: Rc::new(lineage),
                expected: Some((relation.oid, column.attnum)),
                type_oid: column.type_oid,
                typmod: column.typmod,
                ..Value::default()
            };
            Field {
                name: column.name.clone(),
                value,
            }
        });
        let row = Rc::new(RowShape {
            fields: fields.collect(),
            open: None,
        });
        self.rows.insert(relation.oid, Rc::clone(&row));
        row
    }

    /// The row of a name that was not resolved: any column, of unknown origin.
    pub(super) fn unknown_row() -> Rc<RowShape> {
        Rc::new(RowShape {
            fields: Vec::new(),
            open: Some(Rc::new(Lineage::unknown())),
        })
    }

    pub(super) fn is_sensitive(record: &RelationRecord) -> bool {
        record.via == Via::Direct
            && &*record.schema == "pg_catalog"
            && harmless::is_sensitive(&record.name, |column| {
                let relation = record.relation.as_ref();
                let attnum = relation
                    .and_then(|relation| relation.column(column))
                    .map(|c| c.attnum);
                attnum.is_none_or(|attnum| record.read.contains(&attnum))
            })
    }
}

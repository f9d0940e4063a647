//! Views: what their columns come from and which relations stand behind them.

use std::sync::Arc;

use pg_query::NodeEnum;
use pg_query::protobuf::SelectStmt;

use super::analyser::Analyser;
use super::lineage::{ColumnKey, Lineage};
use super::places::Places;
use super::scope::Scope;
use super::{Access, FunctionUse, Relation, RelationKind, Settings, UnresolvedKind, Via, parse};

/// Deepest stack of views on views that is followed.
const MAX_VIEWS: usize = 32;

/// What a view's definition comes to. Does not change within a catalog snapshot.
#[derive(Debug, Clone, Default)]
pub(super) struct ViewInfo {
    /// Columns behind each of the view's columns, in order.
    pub(super) columns: Vec<Lineage>,
    /// The places that these refer to.
    pub(super) places: Places,
    /// Every relation behind the view, also through other views.
    relations: Vec<u32>,
    /// Every column that the definition uses, also to choose rows.
    reads: Vec<ColumnKey>,
    functions: Vec<FunctionUse>,
    /// The one relation that rows are written to, if the view is simple enough to be written through.
    target: Option<u32>,
    /// Something in the definition could not be told.
    unresolved: bool,
}

impl Analyser<'_> {
    /// What stands behind a relation: views and materialised views only, and not the server's own.
    pub(super) fn behind(&mut self, relation: &Arc<Relation>) -> Option<Arc<ViewInfo>> {
        if !matches!(
            relation.kind,
            RelationKind::View | RelationKind::MaterializedView
        ) || relation.is_system()
        {
            return None;
        }
        if let Some(info) = relation.view.get() {
            return Some(Arc::clone(info));
        }
        if self.views.contains(&relation.oid) || self.views.len() >= MAX_VIEWS {
            return Some(Arc::new(ViewInfo {
                unresolved: true,
                ..ViewInfo::default()
            }));
        }
        let info = Arc::new(self.expand(relation));
        // A view that refers to itself is cut short while it is being expanded: only the outermost result counts.
        if self.views.is_empty() {
            let _ = relation.view.set(Arc::clone(&info));
        }
        Some(info)
    }

    fn expand(&self, relation: &Arc<Relation>) -> ViewInfo {
        let unknown = || ViewInfo {
            unresolved: true,
            ..ViewInfo::default()
        };
        let Some(definition) = relation.view_definition.as_deref() else {
            return unknown();
        };
        let Ok(parsed) = parse(definition, &self.limits) else {
            return unknown();
        };
        let settings = Settings {
            search_path: vec!["pg_catalog".to_owned(), "pg_temp".to_owned()],
            ..Settings::default()
        };
        let views: Vec<u32> = self.views.iter().copied().chain([relation.oid]).collect();
        let catalog = self.catalog;
        let limits = self.limits;
        let analyse = || {
            let [only] = parsed.tree.stmts.as_slice() else {
                return unknown();
            };
            let Some(NodeEnum::SelectStmt(select)) =
                only.stmt.as_ref().and_then(|node| node.node.as_ref())
            else {
                return unknown();
            };
            let mut analyser = Analyser::new(catalog, &settings, limits);
            analyser.views = views.clone();
            let row = analyser.select(select, Scope::default());
            let target = analyser.simple_target(select);
            ViewInfo {
                columns: row
                    .fields
                    .iter()
                    .map(|field| (*field.value.lineage).clone())
                    .collect(),
                relations: analyser
                    .relations
                    .iter()
                    .filter_map(|record| record.oid())
                    .collect(),
                reads: analyser.all_reads(),
                functions: std::mem::take(&mut analyser.functions),
                places: std::mem::take(&mut analyser.places),
                target,
                unresolved: !analyser.unresolved.is_empty(),
            }
        };
        if parsed.deep {
            super::stack::with_room(analyse).unwrap_or_else(unknown)
        } else {
            analyse()
        }
    }

    fn all_reads(&self) -> Vec<ColumnKey> {
        let keys = self
            .relations
            .iter()
            .filter_map(|record| record.oid().map(|relation| (relation, &record.read)));
        keys.flat_map(|(relation, read)| {
            read.iter()
                .map(move |attnum| ColumnKey::whole(relation, *attnum))
        })
        .collect()
    }

    /// The relation that an automatically updatable view writes to: the only one in FROM.
    fn simple_target(&self, select: &SelectStmt) -> Option<u32> {
        match select.from_clause.as_slice() {
            [only] => match only.node.as_ref()? {
                NodeEnum::RangeVar(var) => match self.look_up(var) {
                    super::relation::Looked::Found(relation) => Some(relation.oid),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// Notes the relations and functions behind a view that the statement uses. Reading a materialised view
    /// reads none of them, but refreshing it does.
    pub(super) fn record_behind_view(&mut self, relation: &Arc<Relation>, access: Access) {
        if relation.kind != RelationKind::View {
            return;
        }
        let Some(info) = self.behind(relation) else {
            return;
        };
        if info.unresolved {
            self.unresolved(UnresolvedKind::Relation, &*relation.name);
        }
        if !(access.read || access.write) {
            return;
        }
        for oid in &info.relations {
            if let Some(base) = self.relation_by_oid(*oid).cloned() {
                let write = access.write && info.target == Some(*oid);
                self.record(
                    &base,
                    Access {
                        read: true,
                        write,
                        define: false,
                    },
                    Via::View,
                );
            }
        }
        for key in &info.reads {
            let record = self
                .relations
                .iter_mut()
                .find(|record| record.via == Via::View && record.oid() == Some(key.relation));
            if let Some(record) = record
                && let Err(at) = record.read.binary_search(&key.attnum)
            {
                record.read.insert(at, key.attnum);
            }
        }
        let called = info.functions.iter().map(|function| FunctionUse {
            via_view: true,
            ..function.clone()
        });
        for function in called {
            if !self.functions.contains(&function) {
                self.functions.push(function);
            }
        }
    }

    /// Notes that assigning a view's column assigns the column behind it.
    pub(super) fn write_behind_view(&mut self, oid: u32, attnum: i16) {
        let Some(relation) = self.relation_by_oid(oid).cloned() else {
            return;
        };
        let Some(info) = relation.view.get().cloned() else {
            return;
        };
        let Some(lineage) = info
            .columns
            .get(usize::try_from(attnum.saturating_sub(1)).unwrap_or(usize::MAX))
        else {
            return;
        };
        for key in lineage.keys.iter().filter(|key| key.relation != oid) {
            let records = self
                .relations
                .iter_mut()
                .filter(|record| record.via == Via::View && record.oid() == Some(key.relation));
            for record in records.filter(|record| record.access.write) {
                if let Err(at) = record.written.binary_search(&key.attnum) {
                    record.written.insert(at, key.attnum);
                }
            }
        }
    }
}

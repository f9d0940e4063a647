//! The analyser's working state for one statement, and its way from tree to [`Statement`].

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use ahash::AHashMap;
use pg_query::NodeEnum;
use pg_query::protobuf::RawStmt;

use super::lineage::{ColumnKey, Lineage, RowShape};
use super::places::Places;
use super::relation::RelationRecord;
use super::scope::Scope;
use super::walk::walk;
use super::{
    Action, Catalog, Control, Flags, FunctionUse, How, Into, Limits, ObjectUse, Parsed,
    SettingChange, Settings, Statement, SyntaxError, Unresolved, UnresolvedKind, grammar, parse,
    stack,
};

/// Most steps that the analysis of one statement may take. A plain statement takes tens.
const MAX_WORK: usize = 1_000_000;

/// The state of one statement's analysis. Its methods are spread over the modules by what they analyse.
pub(super) struct Analyser<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) settings: &'a Settings,
    /// Schemas in which relations and types are looked up, implicit ones included.
    pub(super) path: Vec<&'a str>,
    pub(super) limits: Limits,
    pub(super) relations: Vec<RelationRecord>,
    pub(super) functions: Vec<FunctionUse>,
    pub(super) predicates: BTreeSet<(ColumnKey, How)>,
    /// Functions that are not known and decide over rows, by full name.
    pub(super) predicate_calls: BTreeSet<Arc<str>>,
    pub(super) flows: Vec<(Lineage, Into)>,
    pub(super) setting_changes: Vec<SettingChange>,
    /// Settings that functions show, `*` for one that cannot be told.
    pub(super) shown: BTreeSet<String>,
    pub(super) objects: Vec<ObjectUse>,
    pub(super) actions: BTreeSet<Action>,
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) flags: Flags,
    /// Offsets of relation names that were understood, for the safety net.
    pub(super) understood: Vec<i32>,
    /// Names in call syntax that turned out to be columns or types.
    pub(super) not_calls: Vec<String>,
    /// Schema in which CREATE SCHEMA's elements are made.
    pub(super) creation: Option<Arc<str>>,
    /// Rows of relations, made once per statement.
    pub(super) rows: AHashMap<u32, Rc<RowShape>>,
    /// Views whose definitions are being analysed, outermost first.
    pub(super) views: Vec<u32>,
    /// Places inside JSON that keys of columns refer to.
    pub(super) places: Places,
    /// The column that WHERE holds to one text, while the targets of its SELECT are analysed.
    pub(super) held: Option<(ColumnKey, Rc<str>)>,
    pub(super) literal_dependent: bool,
    pub(super) parameters: u16,
    work: usize,
}

/// Analyses every statement of a parsed text against a catalog snapshot.
pub fn analyse(parsed: &Parsed, catalog: &Catalog, settings: &Settings) -> Vec<Statement> {
    let all = || {
        parsed
            .tree
            .stmts
            .iter()
            .map(|raw| analyse_one(raw, parsed, catalog, settings))
            .collect()
    };
    if parsed.deep {
        stack::with_room(all).unwrap_or_else(|| vec![given_up(parsed)])
    } else {
        all()
    }
}

/// Parses and analyses a text in one go.
pub fn analyse_text(
    sql: &str,
    catalog: &Catalog,
    settings: &Settings,
    limits: &Limits,
) -> Result<Vec<Statement>, SyntaxError> {
    let parsed = parse(sql, limits)?;
    Ok(analyse(&parsed, catalog, settings))
}

/// The statement that stands for a text whose analysis failed: nothing in it is resolved.
fn given_up(parsed: &Parsed) -> Statement {
    let catalog = Catalog::default();
    let settings = Settings::default();
    let mut analyser = Analyser::new(&catalog, &settings, parsed.limits);
    analyser.unresolved(UnresolvedKind::TooComplex, "statement");
    analyser.finish(
        Action::Empty,
        String::new(),
        0..parsed.sql.len(),
        &parsed.sql,
        None,
        Control::None,
    )
}

fn analyse_one(
    raw: &RawStmt,
    parsed: &Parsed,
    catalog: &Catalog,
    settings: &Settings,
) -> Statement {
    let span = span(raw, &parsed.sql);
    let text = parsed.sql.get(span.clone()).unwrap_or("");
    let mut analyser = Analyser::new(catalog, settings, parsed.limits);
    if !settings.standard_conforming_strings
        || grammar::has_foreign_number(text, catalog.server_version)
    {
        analyser.unresolved(UnresolvedKind::Grammar, "text");
    }
    let Some(node) = raw.stmt.as_ref().and_then(|node| node.node.as_ref()) else {
        return analyser.finish(
            Action::Empty,
            String::new(),
            span,
            text,
            None,
            Control::None,
        );
    };
    let (action, tag, columns, control) = analyser.statement(node, &Scope::default());
    analyser.catch_missed(node);
    analyser.finish(action, tag, span, text, columns, control)
}

/// Where a statement stands, without blanks around it. The grammar gives no length for the last statement.
fn span(raw: &RawStmt, sql: &str) -> std::ops::Range<usize> {
    let start = usize::try_from(raw.stmt_location)
        .unwrap_or(0)
        .min(sql.len());
    let end = match usize::try_from(raw.stmt_len) {
        Ok(length) if length > 0 => (start + length).min(sql.len()),
        _ => sql.len(),
    };
    let text = sql.get(start..end).unwrap_or("");
    let blank = |c: char| c.is_ascii_whitespace() || c == ';';
    let leading = text.len() - text.trim_start_matches(blank).len();
    let trailing = text.len() - text.trim_end_matches(blank).len();
    start + leading.min(text.len())..(end - trailing).max(start + leading.min(text.len()))
}

/// What a statement comes to, before names are written out.
pub(super) type Outcome = (Action, String, Option<RowShape>, Control);

impl<'a> Analyser<'a> {
    pub(super) fn new(catalog: &'a Catalog, settings: &'a Settings, limits: Limits) -> Self {
        let mut path: Vec<&str> = settings
            .search_path
            .iter()
            .map(|schema| {
                if schema == "$user" {
                    settings.user.as_str()
                } else {
                    schema.as_str()
                }
            })
            .collect();
        if !path.contains(&"pg_catalog") {
            path.insert(0, "pg_catalog");
        }
        if !path.contains(&"pg_temp") {
            path.insert(0, "pg_temp");
        }
        Self {
            catalog,
            settings,
            path,
            limits,
            relations: Vec::new(),
            functions: Vec::new(),
            predicates: BTreeSet::new(),
            predicate_calls: BTreeSet::new(),
            places: Places::default(),
            flows: Vec::new(),
            setting_changes: Vec::new(),
            shown: BTreeSet::new(),
            objects: Vec::new(),
            actions: BTreeSet::new(),
            unresolved: Vec::new(),
            flags: Flags::default(),
            understood: Vec::new(),
            not_calls: Vec::new(),
            creation: None,
            rows: AHashMap::new(),
            views: Vec::new(),
            held: None,
            literal_dependent: false,
            parameters: 0,
            work: 0,
        }
    }

    /// Analyses a statement that stands where statements may stand: at the top, or in EXPLAIN, PREPARE, DECLARE.
    pub(super) fn statement(&mut self, node: &NodeEnum, scope: &Scope<'_>) -> Outcome {
        match node {
            NodeEnum::SelectStmt(select) => {
                self.actions.insert(Action::Select);
                let row = self.select(select, Scope::inside(scope));
                let made = select.into_clause.is_some();
                (
                    Action::Select,
                    if made {
                        "SELECT INTO".to_owned()
                    } else {
                        "SELECT".to_owned()
                    },
                    (!made).then_some(row),
                    Control::None,
                )
            }
            NodeEnum::InsertStmt(insert) => (
                Action::Insert,
                "INSERT".to_owned(),
                self.insert(insert, scope),
                Control::None,
            ),
            NodeEnum::UpdateStmt(update) => (
                Action::Update,
                "UPDATE".to_owned(),
                self.update(update, scope),
                Control::None,
            ),
            NodeEnum::DeleteStmt(delete) => (
                Action::Delete,
                "DELETE".to_owned(),
                self.delete(delete, scope),
                Control::None,
            ),
            NodeEnum::MergeStmt(merge) => (
                Action::Merge,
                "MERGE".to_owned(),
                self.merge(merge, scope),
                Control::None,
            ),
            _ => {
                self.literal_dependent = true;
                self.utility(node, scope)
            }
        }
    }

    /// Counts a step; `false` once the statement has cost too much.
    pub(super) fn step(&mut self) -> bool {
        self.work += 1;
        if self.work == MAX_WORK {
            self.unresolved(UnresolvedKind::TooComplex, "statement");
        }
        self.work < MAX_WORK
    }

    /// Counts the steps of copying something of a size.
    pub(super) fn steps(&mut self, size: usize) -> bool {
        self.work = self
            .work
            .saturating_add(size / 4)
            .min(MAX_WORK.saturating_sub(1))
            .max(self.work);
        self.step()
    }

    /// Notes something that could not be told.
    pub(super) fn unresolved(
        &mut self,
        kind: UnresolvedKind,
        name: impl std::convert::Into<String>,
    ) {
        let entry = Unresolved {
            kind,
            name: name.into(),
        };
        if self.unresolved.len() < 100 && !self.unresolved.contains(&entry) {
            self.unresolved.push(entry);
        }
    }

    /// A construct that the server knows only from a version on: before it, the same text means something else.
    pub(super) fn since(&mut self, version: u32, construct: &str) {
        if self.catalog.server_version < version {
            self.unresolved(UnresolvedKind::Grammar, construct);
        }
    }

    /// The safety net: every relation and call in the tree must have been understood.
    fn catch_missed(&mut self, node: &NodeEnum) {
        let Ok(walked) = walk(node, self.limits.max_depth) else {
            self.unresolved(UnresolvedKind::TooComplex, "statement");
            return;
        };
        self.understood.sort_unstable();
        for missed in walked.relations {
            if missed.name.is_empty() {
                continue;
            }
            let known = if missed.location > 0 {
                self.understood.binary_search(&missed.location).is_ok()
            } else {
                self.relations.iter().any(|record| {
                    *record.name == *missed.name
                        && (missed.schema.is_empty() || *record.schema == *missed.schema)
                })
            };
            if !known {
                self.record_missed(&missed);
            }
        }
        for name in walked.functions {
            let Some((last, schema)) = name.split_last() else {
                continue;
            };
            let known = self
                .functions
                .iter()
                .any(|function| *function.name == **last)
                || self.not_calls.contains(last);
            if !known {
                self.call_named(schema.last().map(String::as_str), last);
                self.unresolved(UnresolvedKind::Construct, last.as_str());
            }
        }
    }

    /// Writes the answer.
    pub(super) fn finish(
        mut self,
        action: Action,
        tag: String,
        span: std::ops::Range<usize>,
        text: &str,
        columns: Option<RowShape>,
        control: Control,
    ) -> Statement {
        self.actions.insert(action.clone());
        let columns = columns.map(|row| self.output(&row));
        let predicates = self.write_predicates();
        let flows = self.write_flows();
        let relations = self.write_relations();
        self.functions.sort();
        self.functions.dedup();
        let plain = matches!(
            action,
            Action::Select | Action::Insert | Action::Update | Action::Delete | Action::Merge
        );
        Statement {
            action,
            actions: std::mem::take(&mut self.actions).into_iter().collect(),
            tag,
            span,
            fingerprint: super::fingerprint(text),
            relations,
            objects: self.objects,
            functions: self.functions,
            columns,
            predicates,
            predicate_functions: self.predicate_calls.into_iter().collect(),
            flows,
            settings: self.setting_changes,
            shown: self.shown.into_iter().collect(),
            flags: self.flags,
            control,
            literal_independent: plain && !self.literal_dependent && self.unresolved.is_empty(),
            unresolved: self.unresolved,
            parameters: self.parameters,
        }
    }

    /// Schema in which a relation without one is made.
    pub(super) fn creation_schema(&self) -> Arc<str> {
        if let Some(schema) = &self.creation {
            return Arc::clone(schema);
        }
        let explicit = self.settings.search_path.iter().map(|schema| {
            if schema == "$user" {
                &self.settings.user
            } else {
                schema
            }
        });
        let first = explicit
            .filter(|schema| *schema != "pg_temp")
            .find(|schema| self.catalog.has_namespace(schema));
        first.map_or_else(|| Arc::from(""), |schema| Arc::from(schema.as_str()))
    }
}

//! Statements inside statements: EXPLAIN, PREPARE, DECLARE.

use pg_query::NodeEnum;
use pg_query::protobuf::{DeclareCursorStmt, DefElem, ExplainStmt, Node, PrepareStmt};

use super::analyser::{Analyser, Outcome};
use super::lineage::{Field, RowShape, Value};
use super::nodes::{boxed, inner};
use super::options::{is_false, values};
use super::scope::Scope;
use super::utility::outcome;
use super::{Action, Change, Control, Flags, FunctionUse, Statement};

/// DECLARE's options (PostgreSQL, `nodes/parsenodes.h`).
const CURSOR_BINARY: i32 = 0x0001;
const CURSOR_HOLD: i32 = 0x0020;

impl Analyser<'_> {
    pub(super) fn explain(&mut self, explain: &ExplainStmt, scope: &Scope<'_>) -> Outcome {
        let analyze = switched(&explain.options, "analyze") == Some(true);
        self.flags.explain_analyze |= analyze;
        let (row, inner_control) = match boxed(&explain.query) {
            Some(query) => {
                let (action, _, row, control) = self.statement(query, scope);
                self.actions.insert(action);
                (row, control)
            }
            None => (None, Control::None),
        };
        // How wide rows are, and what it took to make them, tells of their values.
        let told = analyze || switched(&explain.options, "costs") != Some(false);
        let plan = match (&row, &inner_control) {
            _ if !told => Value::default(),
            (_, Control::Execute { .. }) => Value::unknown(),
            (row, _) => row
                .as_ref()
                .map(|row| Value::of(row.whole()))
                .unwrap_or_default(),
        };
        // The plan of a prepared statement shows it; what it would do is another statement's.
        let control = match inner_control {
            execute @ Control::Execute { .. } => execute,
            Control::Ddl if analyze => Control::Ddl,
            _ => Control::None,
        };
        self.flags.result_elsewhere = false;
        let row = RowShape {
            fields: vec![Field {
                name: "QUERY PLAN".into(),
                value: plan,
            }],
            open: None,
        };
        (Action::Explain, "EXPLAIN".to_owned(), Some(row), control)
    }

    pub(super) fn prepare(&mut self, prepare: &PrepareStmt, scope: &Scope<'_>) -> Outcome {
        for name in prepare.argtypes.iter().filter_map(inner) {
            if let NodeEnum::TypeName(name) = name {
                self.cast_to(name, &Value::default());
            }
        }
        let inner = self.inner_statement(boxed(&prepare.query), scope);
        outcome(
            Action::Prepare,
            "PREPARE",
            Control::Prepare {
                name: prepare.name.clone(),
                inner: Box::new(inner),
            },
        )
    }

    pub(super) fn declare(&mut self, declare: &DeclareCursorStmt, scope: &Scope<'_>) -> Outcome {
        let inner = self.inner_statement(boxed(&declare.query), scope);
        let control = Control::Declare {
            cursor: declare.portalname.clone(),
            hold: declare.options & CURSOR_HOLD != 0,
            binary: declare.options & CURSOR_BINARY != 0,
            inner: Box::new(inner),
        };
        outcome(Action::Declare, "DECLARE CURSOR", control)
    }

    /// A statement inside another, as a statement of its own; what it uses is also the outer's.
    pub(super) fn inner_statement(
        &mut self,
        node: Option<&NodeEnum>,
        scope: &Scope<'_>,
    ) -> Statement {
        let mut analyser = Analyser::new(self.catalog, self.settings, self.limits);
        let Some(node) = node else {
            return analyser.finish(Action::Empty, String::new(), 0..0, "", None, Control::None);
        };
        analyser.places = std::mem::take(&mut self.places);
        let (action, tag, columns, control) = analyser.statement(node, scope);
        let (relations, functions) = (analyser.relations.clone(), analyser.functions.clone());
        let (predicates, flows) = (analyser.predicates.clone(), analyser.flows.clone());
        self.predicate_calls
            .extend(analyser.predicate_calls.iter().cloned());
        self.places = analyser.places.clone();
        self.understood.append(&mut analyser.understood.clone());
        self.not_calls.append(&mut analyser.not_calls.clone());
        let statement = analyser.finish(action, tag, 0..0, "", columns, control);
        self.relations.extend(relations);
        self.functions.extend::<Vec<FunctionUse>>(functions);
        self.predicates.extend(predicates);
        self.flows.extend(flows);
        self.setting_changes
            .extend(statement.settings.iter().cloned());
        self.shown.extend(statement.shown.iter().cloned());
        self.actions.extend(statement.actions.iter().cloned());
        for entry in &statement.unresolved {
            self.unresolved(entry.kind, entry.name.as_str());
        }
        self.parameters = self.parameters.max(statement.parameters);
        self.flags = merged(self.flags, statement.flags);
        statement
    }
}

/// Whether an option is on or off; `None` where nothing is said of it.
fn switched(options: &[Node], name: &str) -> Option<bool> {
    let off = |option: &DefElem| matches!(values(option.arg.as_deref()), Change::To(values) if values.iter().any(|v| is_false(v)));
    let mut named = options
        .iter()
        .filter_map(inner)
        .filter_map(|node| match node {
            NodeEnum::DefElem(option) if option.defname == name => Some(!off(option)),
            _ => None,
        });
    named.next_back()
}

fn merged(a: Flags, b: Flags) -> Flags {
    Flags {
        modifies: a.modifies || b.modifies,
        modifying_cte: a.modifying_cte || b.modifying_cte,
        locks_rows: a.locks_rows || b.locks_rows,
        explain_analyze: a.explain_analyze || b.explain_analyze,
        temporary: a.temporary || b.temporary,
        creates_from_query: a.creates_from_query || b.creates_from_query,
        server_file: a.server_file || b.server_file,
        server_program: a.server_program || b.server_program,
        changes_role: a.changes_role || b.changes_role,
        lasting_setting: a.lasting_setting || b.lasting_setting,
        creates_code: a.creates_code || b.creates_code,
        fires_triggers: a.fires_triggers || b.fires_triggers,
        two_phase: a.two_phase || b.two_phase,
        result_elsewhere: a.result_elsewhere,
        unknown_predicate: a.unknown_predicate || b.unknown_predicate,
        cascade: a.cascade || b.cascade,
        secret_text: a.secret_text || b.secret_text,
    }
}

//! Statements that are not queries: transactions, settings, cursors, COPY, channels, EXPLAIN, PREPARE.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    DiscardMode, FetchStmt, Node, TransactionStmt, TransactionStmtKind, VariableSetKind,
    VariableSetStmt,
};

use super::analyser::{Analyser, Outcome};
use super::lineage::{RowShape, Value};
use super::nodes::{given, inner};
use super::options::{option, values};
use super::scope::Scope;
use super::{Access, Action, Change, Control, CursorMove, DiscardKind, How, SettingChange};

/// `FETCH ALL` as the grammar writes it (PostgreSQL, `FETCH_ALL`).
const FETCH_ALL: i64 = i64::MAX;

/// `ACCESS SHARE` (PostgreSQL, `storage/lockdefs.h`).
const ACCESS_SHARE: i32 = 1;

pub(super) fn outcome(action: Action, tag: &str, control: Control) -> Outcome {
    (action, tag.to_owned(), None, control)
}

impl Analyser<'_> {
    /// Any statement that is not a query.
    pub(super) fn utility(&mut self, node: &NodeEnum, scope: &Scope<'_>) -> Outcome {
        match node {
            NodeEnum::TransactionStmt(transaction) => self.transaction(transaction),
            NodeEnum::VariableSetStmt(set) => self.set(set),
            NodeEnum::VariableShowStmt(show) => {
                let name = show.name.to_lowercase();
                self.shown.insert(name.clone());
                let columns = if name == "all" {
                    vec!["name", "setting", "description"]
                } else {
                    vec![show.name.as_str()]
                };
                let fields = columns.into_iter().map(|name| super::lineage::Field {
                    name: name.into(),
                    value: Value::default(),
                });
                let row = RowShape {
                    fields: fields.collect(),
                    open: None,
                };
                (
                    Action::Show,
                    "SHOW".to_owned(),
                    Some(row),
                    Control::Show(name),
                )
            }
            NodeEnum::CopyStmt(copy) => self.copy(copy, scope),
            NodeEnum::ExplainStmt(explain) => self.explain(explain, scope),
            NodeEnum::PrepareStmt(prepare) => self.prepare(prepare, scope),
            NodeEnum::ExecuteStmt(execute) => {
                self.exprs(&execute.params, scope);
                self.flags.result_elsewhere = true;
                outcome(
                    Action::Execute,
                    "EXECUTE",
                    Control::Execute {
                        name: execute.name.clone(),
                    },
                )
            }
            NodeEnum::DeallocateStmt(deallocate) => outcome(
                Action::Deallocate,
                "DEALLOCATE",
                Control::Deallocate(given(&deallocate.name).map(str::to_owned)),
            ),
            NodeEnum::DeclareCursorStmt(declare) => self.declare(declare, scope),
            NodeEnum::FetchStmt(fetch) => self.fetch(fetch),
            NodeEnum::ClosePortalStmt(close) => outcome(
                Action::Close,
                "CLOSE CURSOR",
                Control::CloseCursor(given(&close.portalname).map(str::to_owned)),
            ),
            NodeEnum::ListenStmt(listen) => outcome(
                Action::Listen,
                "LISTEN",
                Control::Listen(listen.conditionname.clone()),
            ),
            NodeEnum::UnlistenStmt(unlisten) => outcome(
                Action::Unlisten,
                "UNLISTEN",
                Control::Unlisten(given(&unlisten.conditionname).map(str::to_owned)),
            ),
            NodeEnum::NotifyStmt(notify) => outcome(
                Action::Notify,
                "NOTIFY",
                Control::Notify(notify.conditionname.clone()),
            ),
            NodeEnum::DiscardStmt(discard) => {
                let kind = match DiscardMode::try_from(discard.target) {
                    Ok(DiscardMode::DiscardPlans) => DiscardKind::Plans,
                    Ok(DiscardMode::DiscardSequences) => DiscardKind::Sequences,
                    Ok(DiscardMode::DiscardTemp) => DiscardKind::Temporary,
                    _ => DiscardKind::All,
                };
                outcome(Action::Discard, "DISCARD", Control::Discard(kind))
            }
            NodeEnum::LockStmt(lock) => {
                // Reading takes this lock as well, and it stops nobody but who changes the table's definition.
                let as_read = lock.mode == ACCESS_SHARE;
                self.relations_of(
                    &lock.relations,
                    if as_read { Access::READ } else { Access::WRITE },
                );
                outcome(Action::Lock, "LOCK TABLE", Control::None)
            }
            NodeEnum::ConstraintsSetStmt(constraints) => {
                // Names of constraints, which have no relation of their own here.
                for node in constraints.constraints.iter().filter_map(inner) {
                    if let NodeEnum::RangeVar(var) = node {
                        self.understood.push(var.location);
                    }
                }
                self.flags.fires_triggers = true;
                outcome(Action::Set, "SET CONSTRAINTS", Control::Set)
            }
            NodeEnum::CallStmt(call) => {
                if let Some(call) = &call.funccall {
                    self.expr(&NodeEnum::FuncCall(call.clone()), scope);
                }
                self.flags.result_elsewhere = true;
                outcome(Action::Call, "CALL", Control::None)
            }
            NodeEnum::DoStmt(_) => {
                self.flags.creates_code = true;
                outcome(Action::Do, "DO", Control::None)
            }
            NodeEnum::LoadStmt(_) => {
                self.flags.creates_code = true;
                self.flags.server_file = true;
                outcome(Action::Load, "LOAD", Control::None)
            }
            NodeEnum::CheckPointStmt(_) => outcome(Action::Checkpoint, "CHECKPOINT", Control::None),
            _ => self.definition(node, scope),
        }
    }

    fn transaction(&mut self, transaction: &TransactionStmt) -> Outcome {
        use TransactionStmtKind as Kind;
        let name = || transaction.savepoint_name.clone();
        match TransactionStmtKind::try_from(transaction.kind).unwrap_or(Kind::Undefined) {
            Kind::TransStmtBegin | Kind::TransStmtStart => {
                let read_only = option(&transaction.options, "transaction_read_only")
                    .map(|value| value != "0" && value != "false");
                outcome(Action::Begin, "BEGIN", Control::Begin { read_only })
            }
            Kind::TransStmtCommit => {
                self.flags.fires_triggers = true;
                let chain = transaction.chain;
                outcome(Action::Commit, "COMMIT", Control::Commit { chain })
            }
            Kind::TransStmtRollback => outcome(
                Action::Rollback,
                "ROLLBACK",
                Control::Rollback {
                    chain: transaction.chain,
                },
            ),
            Kind::TransStmtSavepoint => {
                outcome(Action::Savepoint, "SAVEPOINT", Control::Savepoint(name()))
            }
            Kind::TransStmtRelease => outcome(Action::Release, "RELEASE", Control::Release(name())),
            Kind::TransStmtRollbackTo => {
                outcome(Action::Rollback, "ROLLBACK", Control::RollbackTo(name()))
            }
            kind => {
                self.flags.two_phase = true;
                self.flags.fires_triggers = true;
                let tag = match kind {
                    Kind::TransStmtPrepare => "PREPARE TRANSACTION",
                    Kind::TransStmtCommitPrepared => "COMMIT PREPARED",
                    _ => "ROLLBACK PREPARED",
                };
                outcome(Action::TwoPhase, tag, Control::TwoPhase)
            }
        }
    }

    fn set(&mut self, set: &VariableSetStmt) -> Outcome {
        let kind = VariableSetKind::try_from(set.kind).unwrap_or(VariableSetKind::Undefined);
        let reset = matches!(
            kind,
            VariableSetKind::VarReset | VariableSetKind::VarResetAll
        );
        self.setting(set);
        let tag = if reset { "RESET" } else { "SET" };
        outcome(Action::Set, tag, Control::Set)
    }

    /// Notes what a SET or RESET changes.
    pub(super) fn setting(&mut self, set: &VariableSetStmt) {
        let name = set.name.to_lowercase();
        let change = |name: &str, change| SettingChange {
            name: Some(name.to_owned()),
            change,
            local: Some(set.is_local),
        };
        self.flags.changes_role |= matches!(name.as_str(), "role" | "session_authorization");
        let changes =
            match VariableSetKind::try_from(set.kind).unwrap_or(VariableSetKind::Undefined) {
                VariableSetKind::VarSetValue => vec![change(&name, values(&set.args))],
                // SET TRANSACTION and SET SESSION CHARACTERISTICS: a list of named options.
                VariableSetKind::VarSetMulti => {
                    let options = set.args.iter().filter_map(|node| match inner(node) {
                        Some(NodeEnum::DefElem(option)) => Some(change(
                            &option.defname.to_lowercase(),
                            values(option.arg.as_deref()),
                        )),
                        _ => None,
                    });
                    let options: Vec<_> = options.collect();
                    if options.is_empty() {
                        vec![change(&name, Change::Computed)]
                    } else {
                        options
                    }
                }
                VariableSetKind::VarSetDefault | VariableSetKind::VarReset => {
                    vec![change(&name, Change::Reset)]
                }
                VariableSetKind::VarResetAll => vec![change("all", Change::Reset)],
                VariableSetKind::VarSetCurrent | VariableSetKind::Undefined => {
                    vec![change(&name, Change::Computed)]
                }
            };
        self.setting_changes.extend(changes);
    }

    fn fetch(&mut self, fetch: &FetchStmt) -> Outcome {
        let cursor = fetch.portalname.clone();
        if fetch.ismove {
            return outcome(
                Action::Move,
                "MOVE",
                Control::Fetch {
                    cursor,
                    how: CursorMove::Move,
                },
            );
        }
        self.flags.result_elsewhere = true;
        let rows = (fetch.how_many != FETCH_ALL).then(|| fetch.how_many.unsigned_abs());
        outcome(
            Action::Fetch,
            "FETCH",
            Control::Fetch {
                cursor,
                how: CursorMove::Fetch(rows),
            },
        )
    }

    /// Notes every relation of a list of RangeVars.
    pub(super) fn relations_of(&mut self, nodes: &[Node], access: Access) {
        for node in nodes.iter().filter_map(inner) {
            if let NodeEnum::RangeVar(var) = node {
                self.use_relation(var, access);
            }
        }
    }

    /// A condition of a definition, over one relation's columns.
    pub(super) fn condition_over(
        &mut self,
        condition: &Option<Box<Node>>,
        item: &super::scope::Item,
    ) {
        let mut scope = Scope::default();
        scope.items.push(item.clone());
        let value = self.expr_opt(condition, &scope);
        self.influence(&value, How::Other);
    }
}

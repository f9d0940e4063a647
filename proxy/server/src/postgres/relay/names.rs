//! Prepared statements and portals: one map each, shared by SQL and the
//! protocol, since the server has one each. EXECUTE runs what Parse prepared,
//! Bind what PREPARE did, Execute what DECLARE opened.
//!
//! Entries change only when the server confirms; what has been sent and not
//! been confirmed is in the queue, and looked for there first.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use ahash::AHashMap;
use bytes::Bytes;
use narrowgate_codec::postgres::analysis::{self, Control, DiscardKind};
use narrowgate_codec::postgres::backend::Field;
use narrowgate_codec::postgres::frontend::Target;
use narrowgate_codec::postgres::{Format, Formats, Text};

use super::super::statements::Analysed;
use super::asking::Names;
use super::budget::Share;
use super::expect::Expect;
use super::{Relay, Running};

/// Prepared statements, and portals, that a session may have.
const ENTRIES: usize = 10_000;

/// A prepared statement.
pub(super) struct Prepared {
    /// Its name, empty for the unnamed one.
    pub(super) name: Text,
    /// Its text.
    pub(super) text: Arc<str>,
    /// Its analysis; `None` for an empty one.
    pub(super) analysed: Option<Rc<Analysed>>,
    /// Types of its parameters by their OIDs: those that Parse gives, where 0 is
    /// open, or all, once the server has described them.
    pub(super) types: RefCell<Option<Rc<[u32]>>>,
    /// Version of the catalog that it was analysed with; 0 if it was made in SQL.
    pub(super) version: u64,
    /// Its part of the budget, given back when it goes.
    pub(super) _room: Option<Share>,
    /// Its result's columns, once the server has described them; empty when it
    /// has no result.
    pub(super) fields: RefCell<Option<Rc<[Field]>>>,
}

/// A portal, or a cursor: the same to the server.
pub(super) struct Portal {
    /// Its name, empty for the unnamed one.
    pub(super) name: Text,
    /// What it runs.
    pub(super) prepared: Rc<Prepared>,
    /// Parameters.
    pub(super) parameters: Vec<Option<Bytes>>,
    /// Where parameters are in binary format.
    pub(super) binary: Vec<bool>,
    /// Formats of its result's columns.
    pub(super) formats: Formats,
    /// What it runs in turn, when it was decided: an EXECUTE's statement, the
    /// statement of a FETCH's cursor.
    pub(super) source: RefCell<Option<Rc<Prepared>>>,
    /// Its result has been asked for since it was decided.
    pub(super) described: Cell<bool>,
    /// Outlives its transaction.
    pub(super) hold: bool,
    /// The operation, between its decision and its end.
    pub(super) running: RefCell<Option<Box<Running>>>,
    /// Its part of the budget, given back when it goes.
    pub(super) _room: Option<Share>,
    /// It has been run to its end once.
    pub(super) done: Cell<bool>,
}

/// What the server has confirmed.
#[derive(Default)]
pub(super) struct Confirmed {
    /// Prepared statements.
    statements: AHashMap<Text, Rc<Prepared>>,
    /// Portals and cursors.
    portals: AHashMap<Text, Rc<Portal>>,
}

impl Confirmed {
    /// A statement has been prepared.
    pub(super) fn prepared(&mut self, prepared: Rc<Prepared>) {
        self.statements.insert(prepared.name.clone(), prepared);
    }

    /// A portal has been opened; the one it replaces is returned.
    pub(super) fn opened(&mut self, portal: Rc<Portal>) -> Option<Rc<Portal>> {
        self.portals.insert(portal.name.clone(), portal)
    }

    /// A statement or portal has been closed.
    pub(super) fn closed(&mut self, target: &Target) -> Option<Rc<Portal>> {
        match target {
            Target::Statement(name) => {
                self.statements.remove(name);
                None
            }
            Target::Portal(name) => self.portals.remove(name),
        }
    }

    /// All statements are gone.
    pub(super) fn deallocated(&mut self) {
        self.statements.clear();
    }

    /// All portals are gone, or, at the end of a transaction, those that do not
    /// outlive it.
    pub(super) fn portals_closed(&mut self, held_too: bool) -> Vec<Rc<Portal>> {
        let gone = self
            .portals
            .iter()
            .filter(|(_, portal)| held_too || !portal.hold)
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>();
        gone.iter()
            .filter_map(|name| self.portals.remove(name))
            .collect()
    }

    /// True when there is room for another entry behind so many that are under way.
    pub(super) fn has_room(&self, before: usize) -> bool {
        self.statements
            .len()
            .max(self.portals.len())
            .saturating_add(before)
            < ENTRIES
    }
}

/// What a name will mean when the message that is being looked at reaches the
/// server.
enum Sought<T> {
    /// This, or nothing.
    Is(Option<Rc<T>>),
    /// It depends on whether something succeeds that is under way.
    Open,
}

impl Relay {
    /// The prepared statement of a name, as it will be when the message that is
    /// being looked at reaches the server.
    pub(super) async fn statement(&self, name: &Text) -> Option<Rc<Prepared>> {
        loop {
            match self.statement_now(name) {
                Sought::Is(found) => return found,
                Sought::Open => self.progress.notified().await,
            }
        }
    }

    /// The portal of a name, likewise.
    pub(super) async fn portal(&self, name: &Text) -> Option<Rc<Portal>> {
        loop {
            match self.portal_now(name) {
                Sought::Is(found) => return found,
                Sought::Open => self.progress.notified().await,
            }
        }
    }

    fn statement_now(&self, name: &Text) -> Sought<Prepared> {
        let sought = self.sought(
            |expect| match expect {
                Expect::Parse(prepared, _) if prepared.name == *name => {
                    Some(Some(prepared.clone()))
                }
                Expect::Close(Target::Statement(closed)) if closed == name => Some(None),
                _ => None,
            },
            |control| touches_statement(control, name),
        );
        sought.unwrap_or_else(|| Sought::Is(self.names.borrow().statements.get(name).cloned()))
    }

    fn portal_now(&self, name: &Text) -> Sought<Portal> {
        let sought = self.sought(
            |expect| match expect {
                Expect::Bind(portal) if portal.name == *name => Some(Some(portal.clone())),
                Expect::Close(Target::Portal(closed)) if closed == name => Some(None),
                _ => None,
            },
            |control| touches_portal(control, name),
        );
        sought.unwrap_or_else(|| Sought::Is(self.names.borrow().portals.get(name).cloned()))
    }

    /// What the messages under way do to a name, the last of them first; `None`
    /// if nothing. If a message fails, whatever follows up to the next Sync is
    /// void, so there its success can be taken for granted. Behind a Sync, or a
    /// Query, it cannot: a Parse that fails leaves the older statement of that
    /// name, which nobody has decided on.
    fn sought<T>(
        &self,
        protocol: impl Fn(&Expect) -> Option<Option<Rc<T>>>,
        sql: impl Fn(&Control) -> bool,
    ) -> Option<Sought<T>> {
        let mut behind = false;
        for expect in self.queue.borrow().iter().rev() {
            match protocol(expect) {
                Some(found) if !behind => return Some(Sought::Is(found)),
                Some(_) => return Some(Sought::Open),
                None => {}
            }
            let by_sql = match expect {
                Expect::Query(running) => running.iter().filter_map(|one| one.control()).any(&sql),
                Expect::Execute(portal) => portal.control().is_some_and(&sql),
                _ => false,
            };
            if by_sql {
                return Some(Sought::Open);
            }
            behind |= !expect.is_extended();
        }
        None
    }

    /// What a statement runs in turn: EXECUTE a prepared one, FETCH a cursor's.
    /// What is in front of it in the same Query comes first.
    pub(super) async fn runs(&self, control: &Control) -> Option<Rc<Prepared>> {
        match control {
            Control::Execute { name } => {
                let name = Text::from(name.clone());
                let before = self
                    .permitted
                    .borrow()
                    .iter()
                    .rev()
                    .find_map(|one| prepares(one, &name));
                match before {
                    Some(found) => found,
                    None => self.statement(&name).await,
                }
            }
            Control::Fetch { cursor, .. } => {
                let name = Text::from(cursor.clone());
                let before = self
                    .permitted
                    .borrow()
                    .iter()
                    .rev()
                    .find_map(|one| opens(one, &name));
                let found = match before {
                    Some(found) => found,
                    None => self.portal(&name).await,
                };
                found.map(|portal| portal.prepared.clone())
            }
            _ => None,
        }
    }
}

/// True when an SQL statement makes or drops the prepared statement of a name.
fn touches_statement(control: &Control, name: &Text) -> bool {
    match control {
        Control::Prepare { name: of, .. } | Control::Deallocate(Some(of)) => *name == of.as_str(),
        Control::Deallocate(None) | Control::Discard(DiscardKind::All) => true,
        _ => false,
    }
}

/// True when an SQL statement opens or closes the portal of a name.
fn touches_portal(control: &Control, name: &Text) -> bool {
    match control {
        Control::Declare { cursor: of, .. } | Control::CloseCursor(Some(of)) => {
            *name == of.as_str()
        }
        Control::CloseCursor(None) | Control::Discard(DiscardKind::All) => true,
        _ => false,
    }
}

/// What an SQL statement does to the prepared statement of a name: `None` if
/// nothing, `Some(None)` if it goes.
fn prepares(running: &Running, name: &Text) -> Option<Option<Rc<Prepared>>> {
    match running.control()? {
        Control::Prepare { name: made, .. } if *name == made.as_str() => {
            Some(prepared_by_sql(running).map(Rc::new))
        }
        Control::Deallocate(None) => Some(None),
        Control::Deallocate(Some(gone)) if *name == gone.as_str() => Some(None),
        _ => None,
    }
}

/// What an SQL statement does to the portal of a name.
fn opens(running: &Running, name: &Text) -> Option<Option<Rc<Portal>>> {
    match running.control()? {
        Control::Declare { cursor, .. } if *name == cursor.as_str() => {
            Some(declared_by_sql(running).map(Rc::new))
        }
        Control::CloseCursor(None) => Some(None),
        Control::CloseCursor(Some(gone)) if *name == gone.as_str() => Some(None),
        _ => None,
    }
}

/// The statement that an SQL PREPARE makes.
pub(super) fn prepared_by_sql(running: &Running) -> Option<Prepared> {
    let Control::Prepare { name, inner } = running.control()? else {
        return None;
    };
    Some(Prepared {
        name: Text::from(name.clone()),
        text: running.permit.operation.text.clone(),
        analysed: Some(inner_of(running.control.as_ref()?, inner)),
        types: RefCell::default(),
        version: 0,
        _room: None,
        fields: RefCell::new(None),
    })
}

/// The cursor that an SQL DECLARE opens.
pub(super) fn declared_by_sql(running: &Running) -> Option<Portal> {
    let Control::Declare {
        cursor,
        hold,
        binary,
        inner,
    } = running.control()?
    else {
        return None;
    };
    let format = if *binary {
        Format::Binary
    } else {
        Format::Text
    };
    Some(Portal {
        name: Text::from(cursor.clone()),
        prepared: Rc::new(Prepared {
            name: Text::default(),
            text: running.permit.operation.text.clone(),
            analysed: Some(inner_of(running.control.as_ref()?, inner)),
            types: RefCell::default(),
            version: 0,
            _room: None,
            fields: RefCell::new(None),
        }),
        parameters: Vec::new(),
        binary: Vec::new(),
        formats: Formats::All(format),
        source: RefCell::new(None),
        described: Cell::new(false),
        hold: *hold,
        running: RefCell::new(None),
        _room: None,
        done: Cell::new(false),
    })
}

/// The inner statement.
pub(super) fn inner_of(outer: &Analysed, inner: &analysis::Statement) -> Rc<Analysed> {
    let operation = outer
        .inner
        .clone()
        .unwrap_or_else(|| outer.operation.clone());
    Rc::new(Analysed {
        statement: inner.clone(),
        operation,
        inner: None,
    })
}

impl Prepared {
    /// Where the names of what it runs stand: what SQL has prepared or declared
    /// has the text of that.
    pub(super) fn names(&self) -> Names {
        if self.version == 0 {
            Names::Within
        } else {
            Names::Text
        }
    }
}

impl Portal {
    /// What its statement does to the session.
    pub(super) fn control(&self) -> Option<&Control> {
        self.prepared
            .analysed
            .as_ref()
            .map(|analysed| &analysed.statement.control)
    }

    /// The columns of its result, in the formats that were asked for.
    pub(super) fn fields(&self) -> Option<Rc<[Field]>> {
        let fields = self.prepared.fields.borrow().clone()?;
        Some(
            fields
                .iter()
                .enumerate()
                .map(|(n, field)| Field {
                    format: self.formats.get(n),
                    ..field.clone()
                })
                .collect(),
        )
    }
}

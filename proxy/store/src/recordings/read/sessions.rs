//! Which sessions are recorded.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::record::Raw;
use super::source::Reader;
use crate::recordings::error::Error;

/// Sessions that are kept in memory while looking; the oldest go first.
const MAX_TRACKED: usize = 100_000;
/// Sessions of one answer when nothing else is asked for.
const DEFAULT_LIMIT: usize = 1_000;

/// One recorded session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Protocol of the listener.
    pub protocol: String,
    /// Name of the listener.
    pub listener: String,
    /// Name of the target.
    pub target: String,
    /// Address of the client.
    pub client: String,
    /// The user name that the client gave.
    pub user: String,
    /// The program, as the client names it.
    pub application: String,
    /// Issuer of the identity; empty when it never had one.
    pub issuer: String,
    /// Subject of the identity.
    pub subject: String,
    /// Groups of the identity.
    pub groups: Vec<String>,
    /// Time of its first event, in microseconds since the Unix epoch.
    pub start: u64,
    /// Time of its last event.
    pub last: u64,
    /// When it ended; `None` while it goes on, and after a crash.
    pub end: Option<u64>,
    /// Operations tried.
    pub operations: u64,
    /// Operations denied.
    pub denied: u64,
    /// Errors told to the client.
    pub errors: u64,
    /// Events of any kind.
    pub events: u64,
}

/// Which sessions; everything left out matches.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// With an event at or after this time.
    pub since: Option<u64>,
    /// Begun before this time.
    pub until: Option<u64>,
    /// Of this subject.
    pub subject: Option<String>,
    /// On this target.
    pub target: Option<String>,
    /// At most so many, the newest; 1,000 when left out.
    pub limit: Option<usize>,
}

/// What the listing wants of an event's data.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    protocol: String,
    listener: String,
    target: String,
    client: String,
    user: String,
    application: String,
    identity: Option<Who>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Who {
    issuer: String,
    subject: String,
    groups: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    verdict: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tried {
    decision: Said,
}

impl Reader {
    /// The sessions that match, newest first.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn list(&self, filter: &SessionFilter) -> Result<Vec<Session>, Error> {
        let mut source = self.source(None)?;
        let mut sessions: HashMap<String, Session> = HashMap::new();
        while source
            .next(|_, raw, _| {
                if !raw.session.is_empty() {
                    match sessions.get_mut(raw.session.as_ref()) {
                        Some(session) => session.take(raw),
                        None => {
                            let mut session = Session::new(raw);
                            session.take(raw);
                            sessions.insert(session.id.clone(), session);
                        }
                    }
                }
                Some(())
            })?
            .is_some()
        {
            if sessions.len() > MAX_TRACKED {
                forget_oldest(&mut sessions);
            }
        }
        let mut found: Vec<Session> = sessions
            .into_values()
            .filter(|session| session.matches(filter))
            .collect();
        found.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| a.id.cmp(&b.id)));
        found.truncate(filter.limit.unwrap_or(DEFAULT_LIMIT));
        Ok(found)
    }
}

/// Drops the older half.
fn forget_oldest(sessions: &mut HashMap<String, Session>) {
    let mut times: Vec<u64> = sessions.values().map(|session| session.last).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or(0);
    sessions.retain(|_, session| session.last > middle);
}

impl Session {
    fn new(raw: &Raw<'_>) -> Self {
        Self {
            id: raw.session.clone().into_owned(),
            start: raw.t,
            ..Self::default()
        }
    }

    /// Counts one event.
    fn take(&mut self, raw: &Raw<'_>) {
        self.events += 1;
        self.start = self.start.min(raw.t);
        self.last = self.last.max(raw.t);
        match raw.kind.as_ref() {
            "session.start" => {
                // Data of another shape leaves the fields empty.
                let data: Wanted = serde_json::from_str(raw.data.get()).unwrap_or_default();
                self.protocol = data.protocol;
                self.listener = data.listener;
                self.target = data.target;
                self.client = data.client;
                self.user = data.user;
                self.application = data.application;
                if let Some(who) = data.identity {
                    self.identify(who);
                }
            }
            "session.identity" => {
                self.identify(serde_json::from_str(raw.data.get()).unwrap_or_default());
            }
            "session.end" => self.end = Some(raw.t),
            "operation" => {
                self.operations += 1;
                let tried: Tried = serde_json::from_str(raw.data.get()).unwrap_or_default();
                self.denied += u64::from(tried.decision.verdict == "deny");
            }
            "error" => self.errors += 1,
            "decision" => {
                let said: Said = serde_json::from_str(raw.data.get()).unwrap_or_default();
                self.denied += u64::from(said.verdict == "deny");
            }
            _ => {}
        }
    }

    fn identify(&mut self, who: Who) {
        self.issuer = who.issuer;
        self.subject = who.subject;
        self.groups = who.groups;
    }

    fn matches(&self, filter: &SessionFilter) -> bool {
        filter.since.is_none_or(|since| self.last >= since)
            && filter.until.is_none_or(|until| self.start < until)
            && filter
                .subject
                .as_ref()
                .is_none_or(|subject| *subject == self.subject)
            && filter
                .target
                .as_ref()
                .is_none_or(|target| *target == self.target)
    }
}

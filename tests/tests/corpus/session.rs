//! Sessions of a case, by hand, and what they are told.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use narrowgate_tests::wire::{Message, Wire};

use crate::case::Case;
use crate::step::Act;
use crate::transcript::Transcript;

/// Where a case is run.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) server: SocketAddr,
    /// As clients ask for it.
    pub(crate) database: String,
    /// As the database calls itself.
    pub(crate) real_name: String,
    pub(crate) password: String,
}

/// An open session.
struct Session {
    name: String,
    /// `None` once it has ended.
    wire: Option<Wire>,
    /// Answers that are yet to end with ReadyForQuery.
    owed: usize,
    /// The database waits for COPY data.
    copying: bool,
}

/// Runs every step of a case.
///
/// # Errors
/// When nobody listens.
pub(crate) fn play(case: &Case, place: &Place) -> Result<Transcript> {
    let mut transcript = Transcript::new(&place.real_name);
    let mut sessions: Vec<Session> = Vec::new();
    let mut at = enter(&mut sessions, "main", None, place, &mut transcript)?;
    for step in &case.steps {
        transcript.step();
        for act in &step.acts {
            match act {
                Act::In(name, parameter) => {
                    at = enter(
                        &mut sessions,
                        name,
                        parameter.as_ref(),
                        place,
                        &mut transcript,
                    )?;
                }
                Act::Send(tag, body, answered) => {
                    if let Some(session) = sessions.get_mut(at) {
                        session.send(*tag, body);
                        session.owed += usize::from(*answered);
                    }
                }
                Act::Copy(tag, body) => {
                    if let Some(session) = sessions.get_mut(at).filter(|session| session.copying) {
                        session.send(*tag, body);
                        session.copying = *tag == 'd';
                    }
                }
            }
        }
        for session in &mut sessions {
            session.listen(&mut transcript);
        }
    }
    Ok(transcript)
}

/// The number of the session of a name, which is opened if there is none.
fn enter(
    sessions: &mut Vec<Session>,
    name: &str,
    parameter: Option<&(String, String)>,
    place: &Place,
    transcript: &mut Transcript,
) -> Result<usize> {
    if let Some(at) = sessions.iter().position(|session| session.name == name) {
        return Ok(at);
    }
    let mut wire = Wire::connect(place.server)?;
    let mut parameters = vec![("user", "gateway"), ("database", &*place.database)];
    parameters.extend(parameter.map(|(key, value)| (key.as_str(), value.as_str())));
    wire.startup(3 << 16, &parameters)?;
    let mut session = Session {
        name: name.to_owned(),
        wire: Some(wire),
        owed: 1,
        copying: false,
    };
    session.log_in(&place.password, transcript);
    session.listen(transcript);
    sessions.push(session);
    Ok(sessions.len() - 1)
}

impl Session {
    fn send(&mut self, tag: char, body: &[u8]) {
        if let Some(wire) = &mut self.wire
            && wire.tagged(tag, body).is_err()
        {
            self.wire = None;
        }
    }

    fn log_in(&mut self, password: &str, transcript: &mut Transcript) {
        while let Some(message) = self.message(transcript) {
            match (message.tag, message.body.get(3)) {
                ('R', Some(3)) => self.send('p', format!("{password}\0").as_bytes()),
                ('R', Some(0)) => return,
                _ => transcript.told(&self.name, &message),
            }
        }
    }

    /// Reads all that is owed.
    fn listen(&mut self, transcript: &mut Transcript) {
        while self.owed > 0 && !self.copying {
            let Some(message) = self.message(transcript) else {
                self.owed = 0;
                return;
            };
            match message.tag {
                'Z' => self.owed -= 1,
                'G' | 'W' => self.copying = true,
                _ => {}
            }
            transcript.told(&self.name, &message);
        }
    }

    /// The next message; none once the other side has closed, which is told.
    fn message(&mut self, transcript: &mut Transcript) -> Option<Message> {
        let message = self.wire.as_mut()?.message();
        if message.is_err() {
            self.wire = None;
            transcript.closed(&self.name);
        }
        message.ok()
    }
}

/// One session past the gateway, for the judge's own questions.
pub(crate) struct Past(Wire);

impl Past {
    /// # Errors
    /// When the server does not let it in.
    pub(crate) fn open(server: SocketAddr, database: &str) -> Result<Self> {
        let mut wire = Wire::connect(server)?;
        wire.startup(3 << 16, &[("user", "gateway"), ("database", database)])?;
        wire.until('Z')?;
        Ok(Self(wire))
    }

    /// Runs SQL and gives the first column of its rows.
    ///
    /// # Errors
    /// When it fails.
    pub(crate) fn sql(&mut self, sql: &str) -> Result<Vec<String>> {
        self.0.query(sql)?;
        let messages = self.0.until('Z')?;
        if let Some(error) = messages.iter().find(|message| message.tag == 'E') {
            bail!("{sql}: {}", error.field('M').unwrap_or_default());
        }
        let rows = messages.iter().filter(|message| message.tag == 'D');
        Ok(rows
            .filter_map(|row| crate::transcript::cells(&row.body).into_iter().next())
            .collect())
    }
}

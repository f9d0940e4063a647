//! All that a client was told, in a form that can be compared: what differs from run to run
//! without telling anything (process ids, keys to cancel by, object ids, the database's own
//! name) is left out.

use std::fmt;

use narrowgate_tests::wire::Message;

/// Object ids from here on are given out as objects are made (PostgreSQL, `FirstNormalObjectId`).
const FIRST_MADE: u32 = 16_384;

/// What a client was told, message by message.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// The name of the database, which is another in each.
    database: String,
    lines: Vec<Line>,
    /// Bytes as they came, for the search for secrets.
    pub(crate) bytes: Vec<u8>,
    step: usize,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    step: usize,
    session: String,
    tag: char,
    text: String,
}

impl Transcript {
    pub(crate) fn new(database: &str) -> Self {
        Self {
            database: database.to_owned(),
            ..Self::default()
        }
    }

    /// The next step begins.
    pub(crate) fn step(&mut self) {
        self.step += 1;
    }

    pub(crate) fn told(&mut self, session: &str, message: &Message) {
        let text = match message.tag {
            'K' => return,
            'T' => columns(&message.body),
            'D' => cells(&message.body).join("|"),
            'A' => escaped(message.body.get(4..).unwrap_or_default()),
            'E' | 'N' => fields(message),
            _ => escaped(&message.body),
        };
        self.bytes.extend(&message.body);
        self.bytes.push(b'\n');
        self.line(session, message.tag, &text);
    }

    pub(crate) fn closed(&mut self, session: &str) {
        self.line(session, '!', "closed");
    }

    fn line(&mut self, session: &str, tag: char, text: &str) {
        self.lines.push(Line {
            step: self.step,
            session: session.to_owned(),
            tag,
            text: text.replace(&self.database, "DATABASE"),
        });
    }

    /// The client was told the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.lines == other.lines
    }

    /// The SQLSTATE of the last step's first error. A session that was closed without one has
    /// failed, too.
    pub(crate) fn refusal(&self) -> Option<String> {
        let last = self.lines.iter().filter(|line| line.step == self.step);
        let mut failures = last.filter(|line| matches!(line.tag, 'E' | '!'));
        let first = failures.next()?;
        let code = first.text.lines().find_map(|field| field.strip_prefix('C'));
        Some(code.unwrap_or("closed").to_owned())
    }

    /// What came after the start of the sessions, rows replaced by these if there are any. (A
    /// gateway may say less of itself than a database does when a session starts.)
    pub(crate) fn answers(&self, shows: &[String]) -> String {
        let mut shows = shows.iter();
        let answers = self
            .lines
            .iter()
            .filter(|line| line.step > 0 && line.tag != 'S');
        let lines = answers.map(|line| match (line.tag, shows.next_if_row(line.tag)) {
            ('D', Some(shown)) => format!("{} D {shown}\n", line.session),
            _ => format!("{} {} {}\n", line.session, line.tag, line.text),
        });
        lines.collect()
    }
}

/// Takes the next row where a line is one.
trait NextIfRow<'a> {
    fn next_if_row(&mut self, tag: char) -> Option<&'a String>;
}

impl<'a, I: Iterator<Item = &'a String>> NextIfRow<'a> for I {
    fn next_if_row(&mut self, tag: char) -> Option<&'a String> {
        (tag == 'D').then(|| self.next()).flatten()
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines.iter().filter(|line| line.step > 0) {
            let text = line.text.replace('\n', " ");
            writeln!(
                f,
                "      {} {} {} {text}",
                line.step, line.session, line.tag
            )?;
        }
        Ok(())
    }
}

/// The cells of a DataRow.
pub(crate) fn cells(body: &[u8]) -> Vec<String> {
    let mut cells = Vec::new();
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        match usize::try_from(i32::from_be_bytes(*length)) {
            Ok(length) => {
                cells.push(escaped(after.get(..length).unwrap_or_default()));
                rest = after.get(length..).unwrap_or_default();
            }
            Err(_) => {
                cells.push("NULL".to_owned());
                rest = after;
            }
        }
    }
    cells
}

/// The columns of a RowDescription: names, where they come from and types.
fn columns(body: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let (name, after) = rest.split_at(end);
        // table oid 4, attribute 2, type oid 4, size 2, modifier 4, format 2
        let about = after.get(1..19).unwrap_or_default();
        text += &format!("{}:", escaped(name));
        for oid in [about.get(..4), about.get(6..10)].into_iter().flatten() {
            let oid = oid.try_into().map_or(0, u32::from_be_bytes);
            text += &format!("{}:", if oid < FIRST_MADE { oid } else { FIRST_MADE });
        }
        text += &format!("{} ", escaped(about.get(10..).unwrap_or_default()));
        rest = after.get(19..).unwrap_or_default();
    }
    text
}

/// Fields of an error or notice, a line each, but for where in the server's source it was made.
fn fields(message: &Message) -> String {
    let fields = message.body.split(|byte| *byte == 0).map(escaped);
    let told: Vec<String> = fields
        .filter(|field| !field.is_empty() && !field.starts_with(['F', 'L', 'R']))
        .collect();
    told.join("\n")
}

fn escaped(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(|c| c.is_control() && c != '\n') => text.to_owned(),
        _ => bytes.escape_ascii().to_string(),
    }
}

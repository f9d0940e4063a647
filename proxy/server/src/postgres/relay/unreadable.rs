//! What cannot become an operation is written down all the same, without the
//! secrets that may be in it: nobody can tell which of its literals is a password.

use narrowgate_codec::postgres::Text;
use narrowgate_codec::postgres::analysis::secret_places;
use narrowgate_store::recordings::digest_secret;

use super::Relay;
use crate::postgres::error::Report;

/// Most bytes of a text that are recorded; it is cut off behind them.
const LONGEST: usize = 512 << 10;

impl Relay {
    /// Records what cannot be decided because it cannot be read.
    pub(super) fn unreadable(&self, sql: &str, report: Report) -> Report {
        let key = &self.gate.worker().services.digest_key;
        let report = Report {
            stored: stored(sql, &report),
            ..report
        };
        let why = report.stored.as_ref().unwrap_or(&report.message);
        match self.gate.record_unreadable(&blotted(sql, key), why) {
            Ok(id) => report.about(id),
            Err(unrecorded) => Report::denial(&unrecorded),
        }
    }

    /// The text of a message, if it is text.
    pub(super) fn text(&self, text: &Text) -> Result<String, Report> {
        text.as_str().map(str::to_owned).map_err(|_| {
            let report = Report {
                hint: Some("Statements have to be UTF-8.".to_owned()),
                ..Report::new("22021", "the statement is not valid UTF-8")
            };
            self.unreadable(&text.to_string_lossy(), report)
        })
    }

    /// Records a message about something that is not there, or has no room.
    pub(super) fn misplaced(&self, message: &str, name: &Text, report: Report) -> Report {
        let text = format!("{message} \"{}\"", name.to_string_lossy());
        match self.gate.record_unreadable(&text, &report.message) {
            Ok(id) => report.about(id),
            Err(unrecorded) => Report::denial(&unrecorded),
        }
    }
}

/// A text as it may be stored: digests in place of what may be secret.
fn blotted(sql: &str, key: &[u8]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for place in secret_places(sql) {
        let literal = sql.get(place.clone()).unwrap_or_default();
        out.push_str(sql.get(at..place.start).unwrap_or_default());
        out.push_str(&digest_secret(key, literal.as_bytes()));
        at = place.end;
    }
    out.push_str(sql.get(at..).unwrap_or_default());
    if out.len() > LONGEST {
        out.truncate(out.floor_char_boundary(LONGEST));
        out.push_str(&format!(" … ({} bytes)", sql.len()));
    }
    out
}

/// The message of an error as it may be stored, where it is another: PostgreSQL's
/// quote the token that they stand at.
fn stored(sql: &str, report: &Report) -> Option<String> {
    const NEAR: &str = " at or near \"";
    let places = secret_places(sql);
    let (before, quoted) = report
        .message
        .split_once(NEAR)
        .filter(|_| !places.is_empty())?;
    let token = quoted.strip_suffix('"').unwrap_or(quoted);
    let clear = report.position.and_then(|position| {
        let (at, _) = sql
            .char_indices()
            .nth((position as usize).checked_sub(1)?)?;
        let end = at + token.len();
        let apart = places
            .iter()
            .all(|place| place.end <= at || end <= place.start);
        Some(apart && sql.get(at..end) == Some(token))
    });
    // A token that is not known to stand in the clear may be the secret.
    (clear != Some(true)).then(|| format!("{before} at or near a text that is withheld"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_stand_for_literals() {
        let text = blotted("ALTR ROLE x PASSWORD 'a' -- é", b"key");
        let digest = digest_secret(b"key", b"'a'");
        assert_eq!(text, format!("ALTR ROLE x PASSWORD {digest} -- é"));
        let long = blotted(&"é".repeat(LONGEST), b"key");
        assert!(
            long.len() < LONGEST + 40 && long.ends_with(" bytes)"),
            "{}",
            long.len()
        );
    }

    #[test]
    fn a_message_that_quotes_a_literal_is_cut() {
        let report = |near: &str, position| Report {
            position: Some(position),
            ..Report::new("42601", format!("syntax error at or near \"{near}\""))
        };
        let sql = "SELECT é E'b' FORM";
        let withheld = Some("syntax error at or near a text that is withheld".to_owned());
        assert_eq!(stored(sql, &report("E'b'", 10)), withheld);
        assert_eq!(stored(sql, &report("FORM", 15)), None);
        assert_eq!(stored(sql, &report("FORM", 99)), withheld);
        assert_eq!(stored("SELEC 1", &report("SELEC", 1)), None);
        assert_eq!(stored(sql, &Report::new("42601", "nothing quoted")), None);
    }
}

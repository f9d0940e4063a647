//! Where secrets may stand in a text that nobody can parse.
//!
//! A statement that parses tells by its tree whether a password is in it. One that
//! does not may have been meant to: every literal of it counts, whatever its quotes,
//! and what stands behind the word PASSWORD. Where a quote has no end, the quotes may
//! have been mistaken for each other from the first on, and all behind that counts.

use std::ops::Range;

/// Places that may hold a secret, ascending, quotes included. Between them there is
/// none in any literal, as PostgreSQL's scanner reads the text (`scan.l`).
pub fn secret_places(sql: &str) -> Vec<Range<usize>> {
    let bytes = sql.as_bytes();
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut password = false;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let (end, literal) = match byte {
            b'\'' => (quoted(bytes, at, b'\'', escapes(bytes, at)), true),
            b'"' => (quoted(bytes, at, b'"', false), password),
            b'$' => match dollar_tag(rest) {
                Some(tag) => (dollar_quoted(bytes, at, tag), true),
                None => (Some(at + 1), false),
            },
            b'-' if rest.starts_with(b"--") => (Some(line_end(bytes, at)), false),
            b'/' if rest.starts_with(b"/*") => (Some(comment_end(bytes, at)), false),
            _ if in_word(byte) => {
                let end = at + rest.iter().take_while(|byte| in_word(**byte)).count();
                let word = bytes.get(at..end).unwrap_or_default();
                // A letter that says how to read the literal behind it is no word.
                let prefix = matches!(bytes.get(end), Some(b'\'' | b'&'));
                let secret = password && !prefix;
                if !prefix {
                    password = !secret && word.eq_ignore_ascii_case(b"password");
                }
                if secret {
                    places.push(at..end);
                }
                at = end;
                continue;
            }
            _ => (Some(at + 1), false),
        };
        let Some(end) = end else {
            let first = places.first().map_or(at, |first| first.start);
            return std::iter::once(first..bytes.len()).collect();
        };
        if literal {
            places.push(at..end);
        }
        password &= byte.is_ascii_whitespace() || matches!(byte, b'=' | b'&' | b'-' | b'/');
        at = end;
    }
    places
}

/// Bytes of names, keywords and numbers. `$` is one within them, not at their front.
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// True where a backslash hides the byte behind it: in a literal with an `E` in front.
fn escapes(bytes: &[u8], quote: usize) -> bool {
    let before = |back: usize| quote.checked_sub(back).and_then(|at| bytes.get(at));
    matches!(before(1), Some(b'e' | b'E')) && !before(2).is_some_and(|byte| in_word(*byte))
}

/// The end of a quoted token, doubled quotes inside included.
fn quoted(bytes: &[u8], start: usize, quote: u8, escapes: bool) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if escapes => at += 2,
            byte if byte != quote => at += 1,
            _ if bytes.get(at + 1) == Some(&quote) => at += 2,
            _ => return Some(at + 1),
        }
    }
}

/// `$tag$` at the front; a tag is a name without `$`.
fn dollar_tag(rest: &[u8]) -> Option<&[u8]> {
    let name = rest.get(1..)?;
    let length = name
        .iter()
        .take_while(|byte| in_word(**byte) && **byte != b'$')
        .count();
    let named = !name.first().is_some_and(u8::is_ascii_digit);
    (named && name.get(length) == Some(&b'$'))
        .then(|| rest.get(..length + 2))
        .flatten()
}

/// The end of a dollar-quoted literal.
fn dollar_quoted(bytes: &[u8], start: usize, tag: &[u8]) -> Option<usize> {
    let body = start + tag.len();
    let found = memchr::memmem::find(bytes.get(body..)?, tag)?;
    Some(body + found + tag.len())
}

/// The end of a comment of one line.
fn line_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start
        + rest
            .iter()
            .take_while(|byte| !matches!(byte, b'\n' | b'\r'))
            .count()
}

/// The end of a comment, in which others may nest; one without an end takes the rest.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_u32;
    let mut at = start;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match rest {
            [b'/', b'*', ..] => {
                depth = depth.saturating_add(1);
                2
            }
            [b'*', b'/', ..] => {
                depth = depth.saturating_sub(1);
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with each place as `#`.
    fn blotted(sql: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for place in secret_places(sql) {
            out.push_str(&sql[at..place.start]);
            out.push('#');
            at = place.end;
        }
        out + &sql[at..]
    }

    #[test]
    fn every_quoting_is_seen() {
        for (sql, shown) in [
            ("ALTER ROLE x PASSWRD 'secret'", "ALTER ROLE x PASSWRD #"),
            ("SELEC 'it''s', 'b'", "SELEC #, #"),
            (r"SELEC E'it\'s', 1", "SELEC E#, 1"),
            (r"SELEC 'c:\', 'd'", "SELEC #, #"),
            (r"SELEC size'\', 1", "SELEC size#, 1"),
            ("SELEC U&'d!0061t' UESCAPE '!'", "SELEC U&# UESCAPE #"),
            ("SELEC B'01' X'ff' N'n'", "SELEC B# X# N#"),
            ("DO $$ it's $ $$ x", "DO # x"),
            ("DO $a$ $$ $b$ $a$ x", "DO # x"),
            (
                "SELEC $1, a$b$c$b$, \"don't\"",
                "SELEC $1, a$b$c$b$, \"don't\"",
            ),
            ("SELEC é$$x$$", "SELEC é$$x$$"),
        ] {
            assert_eq!(blotted(sql), shown, "{sql}");
        }
    }

    #[test]
    fn comments_hide_quotes() {
        for (sql, shown) in [
            ("-- don't\nSELEC 'a'", "-- don't\nSELEC #"),
            (
                "/* don't /* ' */ ' */ SELEC 'a'",
                "/* don't /* ' */ ' */ SELEC #",
            ),
            ("SELEC 'a' /* '", "SELEC # /* '"),
            ("SELEC '--', 'a'", "SELEC #, #"),
        ] {
            assert_eq!(blotted(sql), shown, "{sql}");
        }
    }

    #[test]
    fn a_quote_without_an_end_takes_all_from_the_first_literal_on() {
        for (sql, shown) in [
            ("ALTER ROLE x PASSWORD 'secret", "ALTER ROLE x PASSWORD #"),
            (
                "ALTER ROLE x PASSWORD 'it's secret' VALID",
                "ALTER ROLE x PASSWORD #",
            ),
            ("SELEC \"a", "SELEC #"),
            ("SELEC 'a', $x$ b $y$", "SELEC #"),
            (r"SELEC E'a\'", "SELEC E#"),
        ] {
            assert_eq!(blotted(sql), shown, "{sql}");
        }
    }

    #[test]
    fn what_stands_behind_password_counts_unquoted_too() {
        for (sql, shown) in [
            ("ALTR ROLE x PASSWORD hunter2;", "ALTR ROLE x PASSWORD #;"),
            (
                "ALTR ROLE x password = \"hunter2\" x",
                "ALTR ROLE x password = # x",
            ),
            (
                "ALTR ROLE x PASSWORD E'a' VALID",
                "ALTR ROLE x PASSWORD E# VALID",
            ),
            ("ALTR ROLE password, x", "ALTR ROLE password, x"),
        ] {
            assert_eq!(blotted(sql), shown, "{sql}");
        }
    }
}

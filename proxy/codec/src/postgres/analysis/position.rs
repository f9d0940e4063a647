//! Where a syntax error is. libpg_query knows, but its Rust wrapper drops the position, so it is found anew: the
//! message names the token, and when the token occurs more than once, the first prefix of the text that fails
//! *at* the token (rather than at its end) tells which one. The grammar is LALR(1): a prefix that the parser
//! accepted so far never fails before its end. (The scanner's own look-ahead of one token after WITH, NULLS and NOT
//! can make it miss by one occurrence of such a word; the message is exact all the same.)

use super::SyntaxError;
use super::parse::{raw_parse, raw_scan};

/// Longest text for which positions are searched by parsing prefixes, in bytes.
const MAX_SEARCH: usize = 64 << 10;

const NEAR: &str = " at or near \"";
const END: &str = " at end of input";

/// Turns libpg_query's message for `sql` into an error with code and position.
pub(super) fn locate(sql: &str, message: String) -> SyntaxError {
    let byte = if message.ends_with(END) {
        Some(sql.trim_end().len())
    } else {
        near(&message).and_then(|near| find(sql, near, &message))
    };
    let position = byte
        .and_then(|byte| sql.get(..byte))
        .and_then(|before| u32::try_from(before.chars().count() + 1).ok());
    let position = if message.ends_with(END) {
        u32::try_from(sql.chars().count() + 1).ok()
    } else {
        position
    };
    SyntaxError {
        sqlstate: sqlstate(&message),
        message,
        position,
    }
}

fn near(message: &str) -> Option<&str> {
    let start = message.find(NEAR)? + NEAR.len();
    message.get(start..)?.strip_suffix('"')
}

fn find(sql: &str, near: &str, message: &str) -> Option<usize> {
    if near.is_empty() {
        return None;
    }
    // Unterminated literals and comments: the server quotes everything from their start to the end.
    if message.starts_with("unterminated") && sql.ends_with(near) {
        return Some(sql.len() - near.len());
    }
    let candidates: Vec<(usize, usize)> = match raw_scan(sql) {
        Ok(tokens) => tokens
            .iter()
            .filter_map(|token| {
                Some((
                    usize::try_from(token.start).ok()?,
                    usize::try_from(token.end).ok()?,
                ))
            })
            .filter(|(start, end)| sql.get(*start..*end) == Some(near))
            .collect(),
        // Something behind the error, or the error itself, is no token.
        Err(_) => sql
            .match_indices(near)
            .map(|(start, near)| (start, start + near.len()))
            .collect(),
    };
    match candidates.as_slice() {
        [] => sql.find(near),
        [(only, _)] => Some(*only),
        _ if sql.len() > MAX_SEARCH => None,
        several => {
            let fails_by = |end: &usize| {
                let prefix = sql.get(..*end).unwrap_or(sql);
                matches!(raw_parse(prefix), Err(failed) if failed == message)
            };
            let index = several.partition_point(|(_, end)| !fails_by(end));
            several
                .get(index)
                .or(several.last())
                .map(|(start, _)| *start)
        }
    }
}

/// SQLSTATE of the errors that scanner and grammar raise (PostgreSQL, `scan.l`, `gram.y`).
fn sqlstate(message: &str) -> &'static str {
    if message.starts_with("stack depth limit exceeded") {
        "54001"
    } else if message.starts_with("invalid byte sequence") {
        "22021"
    } else if message.starts_with("invalid Unicode escape") {
        "22025"
    } else if message.starts_with("unsafe use of") {
        "22P06"
    } else if message.contains("not implemented") || message.contains("not supported") {
        "0A000"
    } else {
        "42601"
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, parse};

    #[track_caller]
    fn position(sql: &str) -> Option<u32> {
        parse(sql, &Limits::default()).unwrap_err().position
    }

    #[test]
    fn positions_are_the_servers() {
        assert_eq!(position("SELEC 1"), Some(1));
        assert_eq!(position("SELECT FROM FROM t"), Some(13));
        assert_eq!(
            position("SELECT a FROM t WHERE a = 'ä' AND a = ) "),
            Some(39)
        );
        assert_eq!(position("SELECT 'abc"), Some(8));
        assert_eq!(position("SELECT ("), Some(9));
        // What comes behind the error is no token.
        assert_eq!(position(r"SELECT (1; ';' U&'\00zz'; x"), Some(10));
        assert_eq!(position("SELECT 1a, 1a"), Some(8));
        assert_eq!(position("SELECT a, a, a a a FROM t"), Some(18));
        assert_eq!(position("SELECT 1; SELECT 1; SELEKT 1"), Some(21));
        assert_eq!(position("SELECT 1a"), Some(8));
    }
}

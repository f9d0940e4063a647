//! PostgreSQL's own grammar, wrapped so that no input can hurt: bounded, never a panic, never out of stack.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pg_query::protobuf::ParseResult;

use super::position;
use super::shape::fits_inline;
use super::stack;
use super::walk::walk;

/// Bounds on what is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest text, in bytes.
    pub max_bytes: usize,
    /// Most statements in one text.
    pub max_statements: usize,
    /// Deepest nesting of tree nodes; an operator is two.
    pub max_depth: usize,
    /// Most nodes in the tree.
    pub max_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 1 << 20,
            max_statements: 1_000,
            max_depth: 30_000,
            max_nodes: 2_000_000,
        }
    }
}

/// What the server would say to a text that it cannot parse, or a bound that the text breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// SQLSTATE, five characters.
    pub sqlstate: &'static str,
    /// PostgreSQL's own words. May quote the statement.
    pub message: String,
    /// Where, in characters from 1, as in ErrorResponse's `P` field.
    pub position: Option<u32>,
}

impl SyntaxError {
    pub(super) fn new(sqlstate: &'static str, message: impl Into<String>) -> Self {
        Self {
            sqlstate,
            message: message.into(),
            position: None,
        }
    }

    /// PostgreSQL's answer to a statement that nests too deep.
    pub(super) fn too_deep() -> Self {
        Self::new("54001", "stack depth limit exceeded")
    }
}

/// A parsed text. Safe to move to and drop on any thread.
#[derive(Debug)]
pub struct Parsed {
    pub(super) sql: String,
    pub(super) tree: ParseResult,
    pub(super) limits: Limits,
    /// Needs a roomy thread, also to be dropped.
    pub(super) deep: bool,
}

impl Parsed {
    /// Number of statements.
    pub fn len(&self) -> usize {
        self.tree.stmts.len()
    }

    /// Whether there is no statement at all, as in an empty query.
    pub fn is_empty(&self) -> bool {
        self.tree.stmts.is_empty()
    }
}

impl Drop for Parsed {
    fn drop(&mut self) {
        if self.deep && !stack::is_roomy() {
            let tree = std::mem::take(&mut self.tree);
            stack::with_room(move || drop(tree));
        }
    }
}

/// Parses a text of any number of statements. Deep texts are parsed on a thread of their own with a large
/// stack; [`super::AnalyserPool`] has such threads waiting.
pub fn parse(sql: &str, limits: &Limits) -> Result<Parsed, SyntaxError> {
    if sql.len() > limits.max_bytes {
        return Err(SyntaxError::new(
            "54000",
            format!("statement is longer than {} bytes", limits.max_bytes),
        ));
    }
    let deep = !fits_inline(sql);
    let parsed = if deep {
        stack::with_room(|| parse_here(sql, limits, true))
    } else {
        Some(parse_here(sql, limits, false))
    };
    parsed.unwrap_or_else(|| {
        Err(SyntaxError::new(
            "53000",
            "no resources left to parse the statement",
        ))
    })
}

fn parse_here(sql: &str, limits: &Limits, deep: bool) -> Result<Parsed, SyntaxError> {
    let tree = raw_parse(sql).map_err(|message| position::locate(sql, message))?;
    let parsed = Parsed {
        sql: sql.to_owned(),
        tree,
        limits: *limits,
        deep,
    };
    if parsed.tree.stmts.len() > limits.max_statements {
        return Err(SyntaxError::new(
            "54000",
            format!("more than {} statements in one text", limits.max_statements),
        ));
    }
    match walk(&parsed.tree, limits.max_depth) {
        Ok(walked) if walked.nodes <= limits.max_nodes => Ok(parsed),
        Ok(_) => Err(SyntaxError::new("54001", "statement is too complex")),
        Err(_) => Err(SyntaxError::too_deep()),
    }
}

/// The tree, or PostgreSQL's message.
pub(super) fn raw_parse(sql: &str) -> Result<ParseResult, String> {
    guarded(|| pg_query::parse(sql, 0).map(|result| result.protobuf))
}

/// The tokens, or PostgreSQL's message.
pub(super) fn raw_scan(sql: &str) -> Result<Vec<pg_query::protobuf::ScanToken>, String> {
    guarded(|| pg_query::scan_tokens(sql))
}

/// Runs one call into libpg_query. Its Rust wrapper indexes into trees it does not expect; a panic there is an
/// error like any other.
fn guarded<T>(call: impl FnOnce() -> pg_query::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(pg_query::Error::Parse(message) | pg_query::Error::Scan(message))) => Err(message),
        Ok(Err(pg_query::Error::Conversion(_))) => {
            Err("invalid byte sequence for encoding \"UTF8\": 0x00".to_owned())
        }
        Ok(Err(_)) | Err(_) => Err("statement cannot be parsed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, parse};

    #[test]
    fn a_syntax_error_has_postgresqls_code_text_and_position() {
        let error = parse("SELECT 1 FROM customers WHERE WHERE x", &Limits::default()).unwrap_err();
        assert_eq!(
            (error.sqlstate, error.message.as_str(), error.position),
            ("42601", "syntax error at or near \"WHERE\"", Some(31))
        );
    }

    #[test]
    fn bounds_hold() {
        let tight = Limits {
            max_bytes: 20,
            max_statements: 2,
            ..Limits::default()
        };
        assert_eq!(
            parse("SELECT 1; SELECT 2; SELECT 3", &tight)
                .unwrap_err()
                .sqlstate,
            "54000"
        );
        assert_eq!(parse(";SELECT 1;SELECT 2;", &tight).unwrap().len(), 2);
        assert_eq!(
            parse("BEGIN;END;BEGIN;END", &tight).unwrap_err().sqlstate,
            "54000"
        );
        assert!(parse("  ; ", &tight).unwrap().is_empty());
        assert_eq!(parse("SELECT '\0'", &tight).unwrap_err().sqlstate, "22021");
    }
}

//! A name for "the same statement with other literals", for statistics and display.

use sha2::{Digest, Sha256};

/// Sixteen hexadecimal digits. Literals, blanks, comments and the case of keywords make no difference, digits
/// within names do; lists of literals count as one literal. Nothing may be decided by it.
pub fn fingerprint(sql: &str) -> String {
    let mut hash = Sha256::new();
    let mut last_literal = false;
    let mut pending_comma = false;
    for token in Tokens::new(sql) {
        match token {
            Token::Literal => {
                if last_literal && pending_comma {
                    pending_comma = false;
                    continue;
                }
                flush(&mut hash, &mut pending_comma);
                hash.update(b"?\0");
                last_literal = true;
            }
            Token::Symbol(",") if last_literal && !pending_comma => pending_comma = true,
            Token::Word(word) => {
                flush(&mut hash, &mut pending_comma);
                hash.update(word.to_lowercase().as_bytes());
                hash.update(b"\0");
                last_literal = false;
            }
            Token::Symbol(text) | Token::Quoted(text) => {
                flush(&mut hash, &mut pending_comma);
                hash.update(text.as_bytes());
                hash.update(b"\0");
                last_literal = false;
            }
        }
    }
    flush(&mut hash, &mut pending_comma);
    let digest = hash.finalize();
    hex::encode(digest.get(..8).unwrap_or(&digest))
}

fn flush(hash: &mut Sha256, pending_comma: &mut bool) {
    if std::mem::take(pending_comma) {
        hash.update(b",\0");
    }
}

enum Token<'s> {
    Literal,
    Word(&'s str),
    Quoted(&'s str),
    Symbol(&'s str),
}

/// A rough scanner: near enough to PostgreSQL's for grouping, and never failing.
struct Tokens<'s> {
    sql: &'s str,
    at: usize,
}

impl<'s> Tokens<'s> {
    fn new(sql: &'s str) -> Self {
        Self { sql, at: 0 }
    }

    fn rest(&self) -> &'s str {
        self.sql.get(self.at..).unwrap_or("")
    }

    /// Takes `length` bytes, or up to the next character boundary after them.
    fn take(&mut self, length: usize) -> &'s str {
        let rest = self.rest();
        let mut end = length.clamp(1, rest.len().max(1)).min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        self.at += end;
        rest.get(..end).unwrap_or(rest)
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with("--") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += comment_length(rest);
            } else if let Some(blank) = rest.chars().next().filter(|c| c.is_whitespace()) {
                self.at += blank.len_utf8();
            } else {
                return;
            }
        }
    }
}

impl<'s> Iterator for Tokens<'s> {
    type Item = Token<'s>;

    fn next(&mut self) -> Option<Token<'s>> {
        self.skip_blanks();
        let rest = self.rest();
        let first = rest.chars().next()?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        if first == '\'' {
            let length = quoted_length(rest, '\'', false);
            self.take(length);
            return Some(Token::Literal);
        }
        if first == '"' {
            let length = quoted_length(rest, '"', false);
            return Some(Token::Quoted(self.take(length)));
        }
        if first == '$' {
            if let Some(length) = dollar_length(rest) {
                self.take(length);
                return Some(Token::Literal);
            }
            let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            return Some(Token::Symbol(self.take(length)));
        }
        if first.is_ascii_digit()
            || (first == '.'
                && rest
                    .get(1..2)
                    .is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit())))
        {
            let length = rest
                .find(|c: char| !is_word(c) && c != '.')
                .unwrap_or(rest.len());
            self.take(length);
            return Some(Token::Literal);
        }
        if is_word(first) {
            let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            if length == 1 && rest.get(1..2) == Some("'") {
                let escape = matches!(first, 'e' | 'E');
                let quoted = quoted_length(rest.get(1..).unwrap_or(""), '\'', escape);
                self.take(1 + quoted);
                return Some(Token::Literal);
            }
            return Some(Token::Word(self.take(length)));
        }
        Some(Token::Symbol(self.take(first.len_utf8())))
    }
}

fn comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0u32);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") => (at, depth) = (at + 2, depth.saturating_sub(1)),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn quoted_length(text: &str, quote: char, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let quote = quote as u8;
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        if escapes && *byte == b'\\' {
            at += 2;
        } else if *byte != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

fn dollar_length(text: &str) -> Option<usize> {
    let inner = text.get(1..)?;
    let end = inner.find('$')?;
    let tag = inner.get(..end)?;
    if tag.starts_with(|c: char| c.is_ascii_digit())
        || !tag.chars().all(|c| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    let delimiter = text.get(..end + 2)?;
    let body = text.get(delimiter.len()..)?;
    Some(
        body.find(delimiter)
            .map_or(text.len(), |at| at + 2 * delimiter.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn only_literals_blanks_comments_and_case_are_folded() {
        let base = fingerprint("SELECT a FROM orders_2024_01 WHERE b = 1");
        assert_eq!(base.len(), 16);
        assert_eq!(
            base,
            fingerprint(
                "select a /* hi /* nested */ */ from orders_2024_01\n where b = 'x''y' -- end"
            )
        );
        assert_eq!(
            base,
            fingerprint("SELECT a FROM orders_2024_01 WHERE b = $q$it's$q$")
        );
        assert_ne!(
            base,
            fingerprint("SELECT a FROM orders_2024_02 WHERE b = 1")
        );
        assert_ne!(
            base,
            fingerprint("SELECT a FROM \"orders_2024_01\" WHERE b <> 1")
        );
        assert_eq!(
            fingerprint("SELECT 1 IN (1,2,3)"),
            fingerprint("SELECT 1 IN (4)")
        );
        assert_ne!(fingerprint("SELECT $1"), fingerprint("SELECT $2"));
    }

    #[test]
    fn broken_text_ends() {
        for sql in [
            "'", "\"", "$a$", "/*", "/* /*", "E'\\", "é'ü", "$", "1.", ".", "--",
        ] {
            fingerprint(sql);
        }
    }
}

//! The pass over a JSON value.
//!
//! Whatever is not plain JSON ends it with [`Malformed`], and the caller masks
//! the value whole: two readers of broken JSON need not agree where a value is.

use std::ops::Range;

use super::literal;
use super::paths::{Paths, State};
use super::string::{decode, encode};
use crate::detect::{Detectors, Hit, Kind, Replaced, names_a_secret};
use crate::strategy::{Hasher, REDACTED, Strategy, partial};

/// Deepest nesting that is followed. The stack of a guest is small.
const DEPTH: usize = 200;

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing is masked in it; nothing was written.
    Clean,
    /// It was written with masks.
    Changed,
}

/// The value is no JSON, or too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not JSON that can be followed")]
pub(crate) struct Malformed;

/// What is masked in JSON.
#[derive(Clone, Copy)]
pub(crate) struct Rewriter<'a> {
    /// Values by their place.
    pub(crate) paths: Option<&'a Paths>,
    /// Values by what they look like.
    pub(crate) detectors: Option<&'a Detectors>,
    /// Makes hashes.
    pub(crate) hasher: Option<&'a Hasher>,
}

impl Rewriter<'_> {
    /// Appends the value with everything masked in it, if there is anything.
    ///
    /// # Errors
    /// [`Malformed`]; what was appended by then is worthless.
    pub(crate) fn rewrite(
        &self,
        input: &[u8],
        hits: &mut Vec<Hit>,
        out: &mut Vec<u8>,
    ) -> Result<Found, Malformed> {
        let start = self.paths.map(Paths::start).unwrap_or_default();
        let mut pass = Pass {
            rewriter: self,
            input,
            at: 0,
            copied: 0,
            muted: false,
            changed: false,
            hits,
            out,
        };
        pass.value(start, false, 0)?;
        pass.blanks();
        if pass.at != input.len() {
            return Err(Malformed);
        }
        if !pass.changed {
            return Ok(Found::Clean);
        }
        pass.copy(input.len());
        Ok(Found::Changed)
    }
}

/// A pass under way.
struct Pass<'r, 'a, 'b> {
    rewriter: &'r Rewriter<'a>,
    input: &'b [u8],
    /// Index of the next byte to read.
    at: usize,
    /// Everything before this index has been written.
    copied: usize,
    /// Inside a value that is masked whole.
    muted: bool,
    /// Something was masked.
    changed: bool,
    hits: &'b mut Vec<Hit>,
    out: &'b mut Vec<u8>,
}

impl<'b> Pass<'_, '_, 'b> {
    /// Reads a value. `secret`: the name it stands under is that of a secret.
    fn value(&mut self, mut state: State, secret: bool, depth: usize) -> Result<(), Malformed> {
        if depth > DEPTH {
            return Err(Malformed);
        }
        self.blanks();
        let first = self.peek().ok_or(Malformed)?;
        if let Some(paths) = self.rewriter.paths.filter(|_| !state.is_dead()) {
            if first != b'[' {
                state = paths.not_an_array(state);
            }
            if let Some(strategy) = paths.mask(state) {
                return self.masked(strategy, depth);
            }
        }
        match first {
            b'{' => self.object(state, depth),
            b'[' => self.array(state, depth),
            b'"' => {
                let inside = self.string()?;
                self.detect_string(inside, secret)
            }
            b'-' | b'0'..=b'9' => self.number(),
            _ => {
                self.at += literal::word(self.rest()).ok_or(Malformed)?;
                Ok(())
            }
        }
    }

    fn object(&mut self, state: State, depth: usize) -> Result<(), Malformed> {
        self.at += 1;
        self.blanks();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.blanks();
            let inside = self.string()?;
            let input = self.input;
            let name = decode(input.get(inside.clone()).unwrap_or_default()).ok_or(Malformed)?;
            let next = match self.rewriter.paths {
                Some(paths) if !state.is_dead() => paths.member(state, &name),
                _ => State::default(),
            };
            let secret = self.detects(Kind::Secret) && names_a_secret(&name);
            self.detect_name(inside)?;
            self.blanks();
            if !self.take(b':') {
                return Err(Malformed);
            }
            self.value(next, secret, depth + 1)?;
            self.blanks();
            if self.take(b'}') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(Malformed);
            }
        }
    }

    fn array(&mut self, state: State, depth: usize) -> Result<(), Malformed> {
        self.at += 1;
        self.blanks();
        if self.take(b']') {
            return Ok(());
        }
        let next = match self.rewriter.paths {
            Some(paths) if !state.is_dead() => paths.element(state),
            _ => State::default(),
        };
        loop {
            self.value(next, false, depth + 1)?;
            self.blanks();
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(Malformed);
            }
        }
    }

    fn number(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        self.at += literal::number(self.rest()).ok_or(Malformed)?;
        let number = start..self.at;
        match self.hit(number.clone()) {
            Some(kind) => {
                self.replace_whole(number, kind);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Reads a string; the range is what stands between the quotes.
    fn string(&mut self) -> Result<Range<usize>, Malformed> {
        if !self.take(b'"') {
            return Err(Malformed);
        }
        let start = self.at;
        loop {
            let rest = self.rest();
            let plain = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            let at = self.at + plain.ok_or(Malformed)?;
            match self.input.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(start..at);
                }
                // What it escapes is checked by whoever decodes it.
                Some(b'\\') if at + 1 < self.input.len() => self.at = at + 2,
                _ => return Err(Malformed),
            }
        }
    }

    /// A value that a path leads to.
    fn masked(&mut self, strategy: Strategy, depth: usize) -> Result<(), Malformed> {
        let start = self.at;
        let muted = std::mem::replace(&mut self.muted, true);
        self.skip(depth)?;
        self.muted = muted;
        if self.muted {
            return Ok(());
        }
        let input = self.input;
        let raw = input.get(start..self.at).unwrap_or_default();
        if raw == b"null" && !strategy.is_opaque() {
            return Ok(());
        }
        let inside = raw
            .strip_prefix(b"\"")
            .and_then(|raw| raw.strip_suffix(b"\""));
        let scalar = !matches!(raw.first(), Some(b'{' | b'['));
        let text = match inside {
            Some(inside) => decode(inside).ok_or(Malformed)?,
            None => raw.into(),
        };
        self.copy(start);
        match (strategy, std::str::from_utf8(&text), self.rewriter.hasher) {
            (Strategy::Null, _, _) => self.out.extend_from_slice(b"null"),
            (Strategy::Partial, Ok(text), _) if scalar => {
                let mut kept = Vec::new();
                partial(text, &mut kept);
                encode(&kept, self.out);
            }
            (Strategy::Hash, _, Some(hasher)) => {
                self.out.push(b'"');
                hasher.text(&text, self.out);
                self.out.push(b'"');
            }
            _ => encode(REDACTED.as_bytes(), self.out),
        }
        self.copied = self.at;
        Ok(())
    }

    /// Reads a value and looks for nothing in it.
    fn skip(&mut self, depth: usize) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'{') => self.object(State::default(), depth),
            Some(b'[') => self.array(State::default(), depth),
            _ => self.value(State::default(), false, depth),
        }
    }

    /// Looks for secrets in a string that is a value.
    fn detect_string(&mut self, inside: Range<usize>, secret: bool) -> Result<(), Malformed> {
        let input = self.input;
        let text = decode(input.get(inside.clone()).unwrap_or_default()).ok_or(Malformed)?;
        let Some(detectors) = self.rewriter.detectors.filter(|_| !self.muted) else {
            return Ok(());
        };
        let quoted = inside.start - 1..inside.end + 1;
        if secret && !text.is_empty() {
            self.replace_whole(quoted, Kind::Secret);
            return Ok(());
        }
        let mut replaced = Vec::new();
        match detectors.replace(&text, self.rewriter.hasher, self.hits, &mut replaced) {
            Replaced::Clean => {}
            Replaced::Null => self.replace(quoted, |out| out.extend_from_slice(b"null")),
            Replaced::Changed => self.replace(quoted, |out| encode(&replaced, out)),
        }
        Ok(())
    }

    /// Looks for secrets in a member's name. It cannot be null.
    fn detect_name(&mut self, inside: Range<usize>) -> Result<(), Malformed> {
        let input = self.input;
        let text = decode(input.get(inside.clone()).unwrap_or_default()).ok_or(Malformed)?;
        let Some(detectors) = self.rewriter.detectors.filter(|_| !self.muted) else {
            return Ok(());
        };
        let quoted = inside.start - 1..inside.end + 1;
        let mut replaced = Vec::new();
        match detectors.replace(&text, self.rewriter.hasher, self.hits, &mut replaced) {
            Replaced::Clean => {}
            Replaced::Null => self.replace(quoted, |out| encode(REDACTED.as_bytes(), out)),
            Replaced::Changed => self.replace(quoted, |out| encode(&replaced, out)),
        }
        Ok(())
    }

    /// What is found in a part of the input.
    fn hit(&mut self, range: Range<usize>) -> Option<Kind> {
        let detectors = self.rewriter.detectors.filter(|_| !self.muted)?;
        let text = self.input.get(range)?;
        self.hits.clear();
        detectors.find(text, self.hits);
        self.hits.first().map(|hit| hit.kind)
    }

    /// Replaces a whole value that something was found in.
    fn replace_whole(&mut self, range: Range<usize>, kind: Kind) {
        let strategy = self
            .rewriter
            .detectors
            .and_then(|detectors| detectors.strategy(kind));
        self.replace(range, |out| match strategy {
            Some(Strategy::Null) => out.extend_from_slice(b"null"),
            _ => encode(kind.placeholder().as_bytes(), out),
        });
    }

    fn replace(&mut self, range: Range<usize>, write: impl FnOnce(&mut Vec<u8>)) {
        self.copy(range.start);
        write(self.out);
        self.copied = range.end;
    }

    /// Writes what has not been written up to an index.
    fn copy(&mut self, to: usize) {
        self.changed = true;
        self.out
            .extend_from_slice(self.input.get(self.copied..to).unwrap_or_default());
        self.copied = to;
    }

    fn detects(&self, kind: Kind) -> bool {
        self.rewriter
            .detectors
            .is_some_and(|detectors| detectors.strategy(kind).is_some())
    }

    fn rest(&self) -> &'b [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

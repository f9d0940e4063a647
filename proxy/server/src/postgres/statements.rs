//! Statements that have been analysed, kept for when they come again.
//!
//! The key is the catalog's version and the text, or, where the analysis is
//! shown not to depend on the literals, the text without them. The cache is
//! bounded in bytes and belongs to one worker; what an identity may do is not
//! in it, since every operation is decided anew.

use std::cell::RefCell;
use std::mem::size_of;
use std::rc::Rc;
use std::sync::Arc;

use ahash::AHashMap;
use narrowgate_chain::Statement;
use narrowgate_codec::postgres::analysis::{self, Shape};

/// Bytes of one generation of the cache. There are two: when the younger one is
/// full it becomes the older one, and what is used again moves to the younger.
const GENERATION: usize = 16 << 20;
/// Bytes that an analysis takes beside its texts, roughly.
const FIXED: usize = 4 * 1024;

/// An analysed statement.
#[derive(Debug)]
pub(super) struct Analysed {
    /// What the codec says of it.
    pub(super) statement: analysis::Statement,
    /// The same in the chain's words.
    pub(super) operation: Arc<Statement>,
    /// The statement within a PREPARE or DECLARE, in the chain's words.
    pub(super) inner: Option<Arc<Statement>>,
}

/// The statements of one text.
pub(super) type Analysis = Rc<[Rc<Analysed>]>;

/// A key.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    /// The text as it is.
    Text(u64, Box<str>),
    /// The text without its literals.
    Shape(u64, Shape),
}

/// Analyses by key, in two generations.
#[derive(Default)]
pub struct StatementCache {
    generations: RefCell<Generations>,
}

#[derive(Default)]
struct Generations {
    /// What has been used since the last turn.
    young: AHashMap<Key, Analysis>,
    /// What was used before.
    old: AHashMap<Key, Analysis>,
    /// Bytes in `young`.
    bytes: usize,
}

impl StatementCache {
    /// The analysis of a text under a version of the catalog.
    pub(super) fn get(&self, version: u64, sql: &str, shape: Option<&Shape>) -> Option<Analysis> {
        let mut generations = self.generations.borrow_mut();
        if let Some(shape) = shape
            && let Some(found) = generations.get(&Key::Shape(version, shape.clone()))
        {
            return Some(found);
        }
        generations.get(&Key::Text(version, sql.into()))
    }

    /// Keeps an analysis.
    pub(super) fn put(&self, version: u64, sql: &str, shape: Option<Shape>, analysis: &Analysis) {
        let independent = match &**analysis {
            [one] => one.statement.literal_independent,
            _ => false,
        };
        let key = match shape {
            Some(shape) if independent => Key::Shape(version, shape),
            _ => Key::Text(version, sql.into()),
        };
        self.generations.borrow_mut().put(key, analysis.clone());
    }
}

impl Generations {
    fn get(&mut self, key: &Key) -> Option<Analysis> {
        if let Some(found) = self.young.get(key) {
            return Some(found.clone());
        }
        let (key, found) = self.old.remove_entry(key)?;
        self.put(key, found.clone());
        Some(found)
    }

    fn put(&mut self, key: Key, analysis: Analysis) {
        let text = match &key {
            Key::Text(_, text) => text.len(),
            Key::Shape(_, shape) => shape.len(),
        };
        let bytes = size_of::<Key>() + text + analysis.len() * (FIXED + text);
        if self.bytes + bytes > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        if bytes <= GENERATION {
            self.bytes += bytes;
            self.young.insert(key, analysis);
        }
    }
}

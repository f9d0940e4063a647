//! Places inside a column's JSON, reached by constant names: `profile ->> 'plan'` is `$.plan` of `profile`. Who
//! masks another place inside the column can let it pass.

use std::rc::Rc;
use std::sync::Arc;

use super::analyser::Analyser;
use super::lineage::{ColumnKey, Constness, Lineage, Value};

/// Most places of one statement, and the length of the longest, in bytes: what is beyond is the place around it.
const MAX_PLACES: usize = 256;
const MAX_LENGTH: usize = 256;

/// Types whose operators reach inside (PostgreSQL, `catalog/pg_type.dat`).
const JSON: u32 = 114;
const JSONB: u32 = 3802;
const TEXT: u32 = 25;

/// The places of a statement, each as a path: `$.plan`.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Vec<Arc<str>>);

impl Places {
    /// The path of a place; none for a column as a whole.
    pub(super) fn path(&self, place: u16) -> Option<&Arc<str>> {
        self.0.get(usize::from(place).checked_sub(1)?)
    }

    /// The number of a place; `None` when there are too many.
    fn number(&mut self, path: &str) -> Option<u16> {
        let known = self.0.iter().position(|known| **known == *path);
        let index = match known {
            Some(index) => index,
            None if self.0.len() < MAX_PLACES && path.len() <= MAX_LENGTH => {
                self.0.push(Arc::from(path));
                self.0.len() - 1
            }
            None => return None,
        };
        u16::try_from(index + 1).ok()
    }

    /// A lineage made with other places, with these. A place there is no room for becomes the whole column.
    pub(super) fn adopt(&mut self, lineage: &Lineage, places: &Self) -> Lineage {
        let mut adopted = lineage.clone();
        for key in &mut adopted.keys {
            let path = places.path(key.place);
            key.place = path.and_then(|path| self.number(path)).unwrap_or(0);
        }
        adopted.part &= adopted.keys.iter().all(|key| key.place != 0);
        adopted.keys.sort_unstable();
        adopted.keys.dedup();
        adopted
    }
}

impl Analyser<'_> {
    /// What `->`, `->>` and `[…]` take out of JSON by a constant name; `None` when that cannot be told, and the
    /// value is made of all that goes in.
    pub(super) fn member_of(
        &mut self,
        value: &Value,
        name: &Value,
        as_text: bool,
    ) -> Option<Value> {
        let [key] = value.lineage.keys.as_slice() else {
            return None;
        };
        let whole = value.lineage.direct || value.lineage.part;
        if !whole || value.lineage.unknown || !matches!(value.type_oid, JSON | JSONB) {
            return None;
        }
        // A number in quotes that is cast to one is an element.
        let (Constness::Text(name), 0 | TEXT) = (&name.constant, name.type_oid) else {
            return None;
        };
        self.literal_dependent = true;
        let around = self.places.path(key.place).map_or("$", |path| path);
        let place = step(name).map(|step| format!("{around}{step}"));
        let place = place.and_then(|path| self.places.number(&path));
        let key = ColumnKey {
            place: place.unwrap_or(key.place),
            ..*key
        };
        let lineage = Lineage {
            keys: vec![key],
            // Further steps lead on from here.
            part: place.is_some() && !as_text,
            ..Lineage::default()
        };
        Some(Value {
            lineage: Rc::new(lineage),
            type_oid: if as_text { 0 } else { value.type_oid },
            typmod: -1,
            ..Value::default()
        })
    }
}

/// A name as a step of a path; none for one that paths cannot write, or that may be the number of an element.
fn step(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match name {
        name if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') => None,
        name if name.chars().all(plain) => Some(format!(".{name}")),
        name if !name.contains(['\'', '\\']) => Some(format!("['{name}']")),
        _ => None,
    }
}

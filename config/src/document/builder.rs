//! Makes the value out of parser events. Keeps its own stack, so depth costs
//! memory it has counted and never the thread's stack.

use std::collections::HashMap;

use saphyr_parser::{Event, ScalarStyle};
use serde_json::{Map, Value};

use super::limits::{Budget, MAX_DEPTH};
use super::{Document, START, fault, scalar};
use crate::error::{Error, MAX_ERRORS};
use crate::pointer;
use crate::positions::{Position, Positions};

/// Builds one document.
#[derive(Default)]
pub(super) struct Builder {
    /// Collections that are open, the outermost first.
    open: Vec<Open>,
    /// The document's value, once it is complete.
    root: Option<Value>,
    /// Positions so far.
    positions: Positions,
    /// Values that aliases may name, with what each costs.
    anchors: HashMap<usize, (Value, Budget)>,
    /// What has been used up.
    budget: Budget,
    /// Documents begun.
    documents: usize,
    /// Errors that did not stop the parser.
    faults: Vec<Error>,
}

/// A collection that is open.
struct Open {
    /// Its pointer.
    pointer: String,
    /// Its anchor; 0 is none.
    anchor: usize,
    /// The budget when it was opened.
    before: Budget,
    /// What it has so far.
    content: Content,
}

enum Content {
    Sequence(Vec<Value>),
    /// Members, and the key that waits for its value.
    Mapping(Map<String, Value>, Option<(String, Position)>),
}

impl Builder {
    /// Takes the next event, which began at `at`.
    pub(super) fn event(&mut self, event: Event<'_>, at: Position) -> Result<(), Error> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                match self.documents {
                    1 => Ok(()),
                    _ => Err(fault(
                        at,
                        "a second document begins here; one file is one document",
                    )),
                }
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag.is_some(), at)?;
                self.scalar(&text, style, anchor, at)
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(tag.is_some(), at)?;
                self.begin(Content::Sequence(Vec::new()), anchor, at)
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(tag.is_some(), at)?;
                self.begin(Content::Mapping(Map::new(), None), anchor, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
        }
    }

    /// The document, or everything that was wrong with it.
    pub(super) fn finish(self) -> Result<Document, Vec<Error>> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        match self.root {
            None | Some(Value::Null) => Err(vec![fault(START, "is empty")]),
            Some(value) => Ok(Document {
                value,
                positions: self.positions,
            }),
        }
    }

    /// What was wrong so far, and the error that ended it.
    pub(super) fn fail(&mut self, last: Error) -> Vec<Error> {
        let mut faults = std::mem::take(&mut self.faults);
        faults.push(last);
        faults
    }

    fn begin(&mut self, content: Content, anchor: usize, at: Position) -> Result<(), Error> {
        if self.awaits_key() {
            return Err(fault(at, "a key must be a word, not a list or a mapping"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(fault(
                at,
                format!("is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        let before = self.budget;
        self.budget.take(1, 0, at)?;
        let pointer = self.here();
        self.keep(pointer.clone(), at)?;
        self.open.push(Open {
            pointer,
            anchor,
            before,
            content,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.content {
            Content::Sequence(items) => Value::Array(items),
            Content::Mapping(members, _) => Value::Object(members),
        };
        if open.anchor != 0 {
            let cost = self.budget.since(open.before);
            self.anchors.insert(open.anchor, (value.clone(), cost));
        }
        self.put(value);
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        at: Position,
    ) -> Result<(), Error> {
        self.budget.take(1, text.len(), at)?;
        if self.awaits_key() {
            return self.key(text, anchor, at);
        }
        let is_plain = matches!(style, ScalarStyle::Plain);
        let value = match is_plain {
            true => scalar::plain(text).map_err(|message| fault(at, message))?,
            false => Value::String(text.to_owned()),
        };
        if anchor != 0 {
            let cost = Budget {
                nodes: 1,
                bytes: text.len(),
                pointers: 0,
            };
            self.anchors.insert(anchor, (value.clone(), cost));
        }
        // A value left out has no place of its own: it is missed at its key.
        let at = match (&value, self.open.last()) {
            (
                Value::Null,
                Some(Open {
                    content: Content::Mapping(_, Some((_, key))),
                    ..
                }),
            ) if text.is_empty() => *key,
            _ => at,
        };
        let pointer = self.here();
        self.keep(pointer, at)?;
        self.put(value);
        Ok(())
    }

    fn key(&mut self, text: &str, anchor: usize, at: Position) -> Result<(), Error> {
        if anchor != 0 {
            return Err(fault(at, "a key cannot have an anchor"));
        }
        if text == "<<" {
            return Err(fault(
                at,
                "merge keys are not part of YAML 1.2; write the members out",
            ));
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let Content::Mapping(members, waiting) = &mut open.content else {
            return Ok(());
        };
        let pointer = pointer::child(&open.pointer, text);
        if members.contains_key(text) && self.faults.len() < MAX_ERRORS {
            let first = self.positions.locate_key(&pointer);
            let mut error = fault(
                at,
                format!(
                    "`{text}` is given twice; the first is at {}:{}",
                    first.line, first.column
                ),
            );
            error.pointer = pointer;
            self.faults.push(error);
        } else {
            self.budget.take_pointer(&pointer, at)?;
            self.positions.put_key(pointer, at);
        }
        *waiting = Some((text.to_owned(), at));
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Position) -> Result<(), Error> {
        if self.awaits_key() {
            return Err(fault(at, "a key cannot be an alias"));
        }
        let Some((value, cost)) = self.anchors.get(&anchor) else {
            return Err(fault(at, "names an anchor that is not complete yet"));
        };
        self.budget.take(cost.nodes, cost.bytes, at)?;
        if self.open.len() + depth(value) > MAX_DEPTH {
            return Err(fault(
                at,
                format!("is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        let value = value.clone();
        let pointer = self.here();
        self.keep(pointer, at)?;
        self.put(value);
        Ok(())
    }

    /// Keeps where the value at `pointer` begins.
    fn keep(&mut self, pointer: String, at: Position) -> Result<(), Error> {
        self.budget.take_pointer(&pointer, at)?;
        self.positions.put_value(pointer, at);
        Ok(())
    }

    /// The innermost collection is a mapping whose next part is a key.
    fn awaits_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Mapping(_, None),
                ..
            })
        )
    }

    /// Pointer of the value that comes next.
    fn here(&self) -> String {
        let Some(open) = self.open.last() else {
            return String::new();
        };
        match &open.content {
            Content::Sequence(items) => pointer::child(&open.pointer, items.len()),
            Content::Mapping(_, Some((key, _))) => pointer::child(&open.pointer, key),
            Content::Mapping(_, None) => open.pointer.clone(),
        }
    }

    fn put(&mut self, value: Value) {
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(value),
            Some(Content::Sequence(items)) => items.push(value),
            Some(Content::Mapping(members, waiting)) => {
                if let Some((key, _)) = waiting.take() {
                    members.entry(key).or_insert(value);
                }
            }
        }
    }
}

/// Levels of collections in a value; values are bounded in depth when made.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn refuse_tag(tagged: bool, at: Position) -> Result<(), Error> {
    match tagged {
        true => Err(fault(
            at,
            "tags have no meaning here; quote a word to make it a string",
        )),
        false => Ok(()),
    }
}

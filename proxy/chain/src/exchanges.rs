//! The exchanges of one operation: what filters see of its results and input.
//!
//! Towards the client they are asked in reverse order of the chain, towards the
//! target forward, so that the outermost filter sees what the client sees.

mod pieces;

use std::ops::Range;
use std::rc::Rc;

use crate::batch::Cell;
use crate::standing::Unwanted;
use crate::{
    Attributes, Batch, BatchOutcome, Denial, Direction, Edits, Effect, Exchange, Fault, FaultKind,
    Interest, Message, MessageOutcome, Rows, Shape,
};

pub use self::pieces::Piece;

/// What became of rows or of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Passed {
    /// It goes on, changed or not.
    On,
    /// It goes no further.
    Dropped,
    /// The operation ends with this error.
    Denied(Denial),
}

/// One filter's part in an operation.
struct Slot<E> {
    /// Name of the filter, for faults and effects.
    name: String,
    /// The filter's side of it.
    exchange: E,
    /// What it wants of what flows to the client, and to the target.
    interest: [Interest; 2],
    /// Batches it has seen each way.
    sequence: [u64; 2],
    /// Where its answer stands: what it is known to want nothing of.
    unwanted: Option<Unwanted>,
    /// What it was not told of, since it is known to want nothing of it.
    untold: Option<Rc<Shape>>,
}

/// The exchanges of one operation, in the order of the chain.
pub struct Exchanges<E> {
    /// Outermost first.
    slots: Vec<Slot<E>>,
    /// Buffers that batches are put together in.
    lengths: Vec<i32>,
    /// See `lengths`.
    data: Vec<u8>,
    /// Index in the rows of each cell of the batch.
    cells: Vec<usize>,
    /// The slot that has made NULL of the cell that passes by in pieces.
    nulled: Option<usize>,
}

impl<E> Default for Exchanges<E> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            lengths: Vec::new(),
            data: Vec::new(),
            cells: Vec::new(),
            nulled: None,
        }
    }
}

impl<E> std::fmt::Debug for Exchanges<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.slots.iter().map(|slot| &slot.name))
            .finish()
    }
}

/// Index of a direction.
fn way(direction: Direction) -> usize {
    match direction {
        Direction::ToClient => 0,
        Direction::ToTarget => 1,
    }
}

impl<E: Exchange> Exchanges<E> {
    /// Adds the exchange of the next filter of the chain.
    pub fn push(&mut self, name: &str, exchange: E) {
        self.add(name, exchange, None);
    }

    /// Adds one that comes with an answer that stands.
    pub(crate) fn push_standing(&mut self, name: &str, exchange: E, unwanted: Unwanted) {
        self.add(name, exchange, Some(unwanted));
    }

    fn add(&mut self, name: &str, exchange: E, unwanted: Option<Unwanted>) {
        self.slots.push(Slot {
            name: name.to_owned(),
            exchange,
            interest: [Interest::Nothing, Interest::Nothing],
            sequence: [0, 0],
            unwanted,
            untold: None,
        });
    }

    /// True when no filter follows the operation.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// True when nobody wants to see what flows this way.
    pub fn indifferent(&self, direction: Direction) -> bool {
        self.slots
            .iter()
            .all(|slot| slot.interest.get(way(direction)) == Some(&Interest::Nothing))
    }

    /// Something is about to flow: asks who wants what of it.
    pub async fn begin(&mut self, shape: &Shape) -> Result<(), Fault> {
        let width = shape.columns.len();
        for at in order(self.slots.len(), shape.direction) {
            let Some(slot) = self.slots.get_mut(at) else {
                continue;
            };
            if let Some(unwanted) = slot.known_unwanted(shape) {
                slot.untold = Some(unwanted);
                continue;
            }
            let interest = slot.exchange.begin(shape).await?;
            if let (Interest::Nothing, Some(unwanted)) = (&interest, &slot.unwanted) {
                *unwanted.borrow_mut() = Some(Rc::new(shape.clone()));
            }
            if let Interest::Columns(columns) = &interest {
                let ascending = columns.windows(2).all(|pair| pair.first() < pair.last());
                let within = columns.last().is_none_or(|last| (*last as usize) < width);
                if !ascending || !within {
                    return Err(slot.nonsense("interest in columns that do not exist"));
                }
            }
            if let Some(place) = slot.interest.get_mut(way(shape.direction)) {
                *place = interest;
            }
        }
        Ok(())
    }

    /// Rows pass by; those who want them see, and may change, their columns.
    pub async fn rows(
        &mut self,
        rows: &mut Rows,
        direction: Direction,
        last: bool,
    ) -> Result<Passed, Fault> {
        for at in order(self.slots.len(), direction) {
            let Some(slot) = self.slots.get_mut(at) else {
                continue;
            };
            match slot.interest.get(way(direction)) {
                None | Some(Interest::Nothing) => continue,
                Some(interest) => gather(
                    rows,
                    interest,
                    &mut self.cells,
                    &mut self.lengths,
                    &mut self.data,
                ),
            }
            let sequence = slot.sequence.get(way(direction)).copied().unwrap_or(0);
            let batch = Batch {
                direction,
                sequence,
                last,
                rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
                lengths: &self.lengths,
                data: &self.data,
                fragment: 3,
            };
            match slot.exchange.batch(&batch).await? {
                BatchOutcome::Pass => {}
                BatchOutcome::Deny(denial) => return Ok(Passed::Denied(denial)),
                BatchOutcome::Edit(edits) => {
                    apply(rows, &self.cells, edits).map_err(|what| slot.nonsense(what))?;
                }
            }
            if let Some(sequence) = slot.sequence.get_mut(way(direction)) {
                *sequence += 1;
            }
        }
        Ok(Passed::On)
    }

    /// An error or notice of the operation passes by.
    pub async fn message(&mut self, message: &mut Message) -> Result<Passed, Fault> {
        for at in order(self.slots.len(), message.direction) {
            let Some(slot) = self.slots.get_mut(at) else {
                continue;
            };
            if let Some(shape) = slot.untold.take()
                && slot.exchange.begin(&shape).await? != Interest::Nothing
            {
                return Err(slot.nonsense("interest in what it has not wanted before"));
            }
            match slot.exchange.message(message).await? {
                MessageOutcome::Pass => {}
                MessageOutcome::Replace(fields) => message.fields = fields,
                MessageOutcome::Drop => return Ok(Passed::Dropped),
            }
        }
        Ok(Passed::On)
    }

    /// The operation has ended. Every filter is told, whatever the others say;
    /// the first fault is returned beside the effects of the rest, which come with
    /// the names of their filters: the chain may be another one by now.
    pub async fn end(mut self, outcome: &Attributes) -> (Vec<(String, Effect)>, Option<Fault>) {
        let mut effects = Vec::new();
        let mut fault = None;
        for mut slot in self.slots.drain(..).rev() {
            match slot.exchange.end(outcome).await {
                Ok(new) => {
                    effects.extend(new.into_iter().map(|effect| (slot.name.clone(), effect)))
                }
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        (effects, fault)
    }
}

impl<E> Slot<E> {
    /// The shape, if it is known that nothing of it is wanted.
    fn known_unwanted(&self, shape: &Shape) -> Option<Rc<Shape>> {
        let unwanted = self.unwanted.as_ref()?.borrow();
        unwanted
            .as_ref()
            .filter(|unwanted| ***unwanted == *shape)
            .cloned()
    }

    /// The fault of a filter whose answer makes no sense.
    fn nonsense(&self, what: &str) -> Fault {
        Fault {
            filter: self.name.clone(),
            kind: FaultKind::Answer,
            message: what.to_owned(),
        }
    }
}

/// Places in the order in which they are asked.
fn order(count: usize, direction: Direction) -> impl Iterator<Item = usize> {
    (0..count).map(move |n| match direction {
        Direction::ToClient => count - 1 - n,
        Direction::ToTarget => n,
    })
}

/// Puts the cells of interest together, flat.
fn gather(
    rows: &Rows,
    interest: &Interest,
    cells: &mut Vec<usize>,
    lengths: &mut Vec<i32>,
    data: &mut Vec<u8>,
) {
    cells.clear();
    lengths.clear();
    data.clear();
    match interest {
        Interest::Nothing => {}
        Interest::Everything => cells.extend(0..rows.cells.len()),
        Interest::Columns(columns) => {
            for row in 0..rows.len() {
                cells.extend(
                    columns
                        .iter()
                        .map(|column| row * rows.columns + *column as usize),
                );
            }
        }
    }
    for cell in cells.iter() {
        match rows.cell(*cell) {
            None => lengths.push(-1),
            Some(bytes) => {
                lengths.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
                data.extend_from_slice(bytes);
            }
        }
    }
}

/// Puts edited cells in place.
fn apply(rows: &mut Rows, cells: &[usize], edits: Edits) -> Result<(), &'static str> {
    if edits.cells.len() != edits.lengths.len() {
        return Err("edits with a different number of cells and lengths");
    }
    if !edits
        .cells
        .windows(2)
        .all(|pair| pair.first() < pair.last())
    {
        return Err("edits out of order");
    }
    let base = rows.edited.len();
    rows.edited.extend_from_slice(&edits.data);
    let mut at = base;
    for (cell, length) in edits.cells.iter().zip(&edits.lengths) {
        let place = cells
            .get(*cell as usize)
            .and_then(|index| rows.cells.get_mut(*index))
            .ok_or("an edit of a cell that is not there")?;
        *place = match usize::try_from(*length) {
            Err(_) => Cell::Null,
            Ok(length) => {
                let range: Range<usize> = at..at.saturating_add(length);
                if range.end > rows.edited.len() {
                    return Err("edits that are longer than their data");
                }
                at = range.end;
                Cell::Edited(range)
            }
        };
        rows.changed = true;
    }
    if at == rows.edited.len() {
        Ok(())
    } else {
        Err("edits that are shorter than their data")
    }
}

#[cfg(test)]
mod tests;

//! A row that is too large to be shown in one batch: it is shown cell by cell,
//! and a cell that is too large as well, in pieces.

use super::{Exchanges, Interest, Passed, Slot, order, way};
use crate::{Batch, BatchOutcome, Direction, Exchange, Fault};

/// A cell, or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Index of its column.
    pub column: usize,
    /// The bytes, `None` for NULL.
    pub data: Option<Vec<u8>>,
    /// It begins its cell.
    pub begins: bool,
    /// It ends its cell.
    pub ends: bool,
}

impl<E: Exchange> Exchanges<E> {
    /// Columns up to the last one that anybody wants to see.
    pub fn wanted(&self, direction: Direction, columns: usize) -> usize {
        let last = |slot: &Slot<E>| match slot.interest.get(way(direction)) {
            Some(Interest::Everything) => columns,
            Some(Interest::Columns(wanted)) => wanted.last().map_or(0, |last| *last as usize + 1),
            Some(Interest::Nothing) | None => 0,
        };
        self.slots.iter().map(last).max().unwrap_or(0)
    }

    /// A piece passes by; those who want its column see, and may change, it. Of a
    /// cell that one of them has made NULL, the others see no more than that.
    pub async fn piece(
        &mut self,
        piece: &mut Piece,
        direction: Direction,
    ) -> Result<Passed, Fault> {
        if piece.begins {
            self.nulled = None;
        }
        for at in order(self.slots.len(), direction) {
            let Some(slot) = self.slots.get_mut(at) else {
                continue;
            };
            if slot.wants(piece.column, direction) {
                let before = piece.data.is_some();
                if let Passed::Denied(denial) = slot.piece(piece, direction).await? {
                    return Ok(Passed::Denied(denial));
                }
                if before && piece.data.is_none() && !piece.begins && self.nulled != Some(at) {
                    return Err(slot.nonsense("an edit to NULL within a value"));
                }
                if before && piece.data.is_none() {
                    self.nulled = Some(at);
                }
            }
            if !piece.begins && self.nulled == Some(at) {
                piece.data = None;
                break;
            }
        }
        Ok(Passed::On)
    }
}

impl<E: Exchange> Slot<E> {
    /// True when it wants to see a column.
    fn wants(&self, column: usize, direction: Direction) -> bool {
        match self.interest.get(way(direction)) {
            Some(Interest::Everything) => true,
            Some(Interest::Columns(wanted)) => {
                u32::try_from(column).is_ok_and(|column| wanted.binary_search(&column).is_ok())
            }
            Some(Interest::Nothing) | None => false,
        }
    }

    /// Shows it a piece.
    async fn piece(&mut self, piece: &mut Piece, direction: Direction) -> Result<Passed, Fault> {
        let length = piece
            .data
            .as_ref()
            .map(|data| i32::try_from(data.len()).unwrap_or(i32::MAX));
        let sequence = self.sequence.get(way(direction)).copied().unwrap_or(0);
        let batch = Batch {
            direction,
            sequence,
            last: false,
            rows: 1,
            lengths: &[length.unwrap_or(-1)],
            data: piece.data.as_deref().unwrap_or_default(),
            fragment: match length {
                None => 3,
                Some(_) => u8::from(piece.begins) | u8::from(piece.ends) << 1,
            },
        };
        let edits = match self.exchange.batch(&batch).await? {
            BatchOutcome::Pass => None,
            BatchOutcome::Deny(denial) => return Ok(Passed::Denied(denial)),
            BatchOutcome::Edit(edits) => Some(edits),
        };
        if let Some(sequence) = self.sequence.get_mut(way(direction)) {
            *sequence += 1;
        }
        if let Some(edits) = edits {
            let whole = i32::try_from(edits.data.len()).unwrap_or(i32::MAX);
            piece.data = match (edits.cells.as_slice(), edits.lengths.as_slice()) {
                ([], []) if whole == 0 => return Ok(Passed::On),
                ([0], [length]) if *length < 0 && whole == 0 => None,
                ([0], [length]) if *length == whole => Some(edits.data),
                _ => return Err(self.nonsense("edits that do not fit the piece of a value")),
            };
        }
        Ok(Passed::On)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::{Attributes, Column, Edits, Effect, Message, MessageOutcome, Shape};

    /// Fragment, lengths and data of batches.
    type Seen = Rc<RefCell<Vec<(u8, Vec<i32>, Vec<u8>)>>>;

    /// Replaces what it sees as told, and writes down what it saw.
    #[derive(Debug)]
    struct Told {
        columns: Vec<u32>,
        edits: Vec<Option<Edits>>,
        seen: Seen,
    }

    impl Exchange for Told {
        async fn begin(&mut self, _: &Shape) -> Result<Interest, Fault> {
            Ok(Interest::Columns(self.columns.clone()))
        }

        async fn batch(&mut self, batch: &Batch<'_>) -> Result<BatchOutcome, Fault> {
            let seen = (batch.fragment, batch.lengths.to_vec(), batch.data.to_vec());
            self.seen.borrow_mut().push(seen);
            if self.edits.is_empty() {
                return Ok(BatchOutcome::Pass);
            }
            Ok(self
                .edits
                .remove(0)
                .map_or(BatchOutcome::Pass, BatchOutcome::Edit))
        }

        async fn message(&mut self, _: &Message) -> Result<MessageOutcome, Fault> {
            Ok(MessageOutcome::Pass)
        }

        async fn end(&mut self, _: &Attributes) -> Result<Vec<Effect>, Fault> {
            Ok(Vec::new())
        }
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    fn edit(value: Option<&[u8]>) -> Option<Edits> {
        let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap());
        let data = value.unwrap_or_default().to_vec();
        Some(Edits {
            cells: vec![0],
            lengths: vec![length],
            data,
        })
    }

    fn exchanges(told: Vec<Told>) -> Exchanges<Told> {
        let mut exchanges = Exchanges::default();
        for told in told {
            exchanges.push("told", told);
        }
        let column = Column {
            name: String::new(),
            type_name: String::new(),
            binary: false,
        };
        let shape = Shape {
            direction: Direction::ToClient,
            content: "postgres.rows",
            columns: vec![column; 4],
            attributes: Vec::new(),
        };
        now(exchanges.begin(&shape)).unwrap();
        exchanges
    }

    /// What becomes of pieces of the second column.
    fn passed(
        exchanges: &mut Exchanges<Told>,
        pieces: &[&str],
    ) -> Result<Vec<Option<Vec<u8>>>, Fault> {
        let last = pieces.len() - 1;
        let pass = |(at, data): (usize, &&str)| {
            let (begins, ends) = (at == 0, at == last);
            let mut piece = Piece {
                column: 1,
                data: Some(data.as_bytes().to_vec()),
                begins,
                ends,
            };
            let passed = now(exchanges.piece(&mut piece, Direction::ToClient))?;
            assert_eq!(passed, Passed::On);
            Ok(piece.data)
        };
        pieces.iter().enumerate().map(pass).collect()
    }

    #[test]
    fn who_does_not_want_a_column_sees_nothing_of_it() {
        let seen = Seen::default();
        let told = Told {
            columns: vec![0, 2],
            edits: vec![],
            seen: Rc::clone(&seen),
        };
        let mut exchanges = exchanges(vec![told]);
        assert_eq!(exchanges.wanted(Direction::ToClient, 4), 3);
        assert_eq!(exchanges.wanted(Direction::ToTarget, 4), 0);
        let same = vec![Some(b"ab".to_vec()), Some(b"c".to_vec())];
        assert_eq!(passed(&mut exchanges, &["ab", "c"]).unwrap(), same);
        assert!(seen.borrow().is_empty());
    }

    #[test]
    fn what_one_has_made_null_the_outer_ones_see_as_null_once() {
        let seen = Seen::default();
        let outer = Told {
            columns: vec![1],
            edits: vec![],
            seen: Rc::clone(&seen),
        };
        let edits = vec![edit(None), edit(Some(b"")), None];
        let inner = Told {
            columns: vec![1],
            edits,
            seen: Rc::default(),
        };
        let mut exchanges = exchanges(vec![outer, inner]);
        assert_eq!(
            passed(&mut exchanges, &["a", "b", "c"]).unwrap(),
            [None, None, None]
        );
        assert_eq!(*seen.borrow(), [(3, vec![-1], vec![])]);
        // The next cell is another one.
        assert_eq!(
            passed(&mut exchanges, &["d"]).unwrap(),
            [Some(b"d".to_vec())]
        );
        assert_eq!(seen.borrow().last(), Some(&(3, vec![1], b"d".to_vec())));
    }

    #[test]
    fn pieces_are_edited_one_by_one() {
        let edits = vec![edit(Some(b"[redacted]")), edit(Some(b"")), edit(Some(b""))];
        let seen = Seen::default();
        let told = Told {
            columns: vec![1],
            edits,
            seen: Rc::clone(&seen),
        };
        let mut exchanges = exchanges(vec![told]);
        let masked = vec![Some(b"[redacted]".to_vec()), Some(vec![]), Some(vec![])];
        assert_eq!(passed(&mut exchanges, &["a", "b", "c"]).unwrap(), masked);
        let fragments: Vec<u8> = seen
            .borrow()
            .iter()
            .map(|(fragment, ..)| *fragment)
            .collect();
        assert_eq!(fragments, [1, 0, 2]);
    }

    #[test]
    fn a_value_does_not_become_null_after_it_has_begun() {
        let edits = vec![None, edit(None)];
        let told = Told {
            columns: vec![1],
            edits,
            seen: Rc::default(),
        };
        assert!(passed(&mut exchanges(vec![told]), &["a", "b"]).is_err());
        let two = Edits {
            cells: vec![0, 1],
            lengths: vec![0, 0],
            data: vec![],
        };
        let told = Told {
            columns: vec![1],
            edits: vec![Some(two)],
            seen: Rc::default(),
        };
        assert!(passed(&mut exchanges(vec![told]), &["a"]).is_err());
    }
}

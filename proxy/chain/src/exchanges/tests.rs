use proptest::prelude::*;

use super::*;

fn rows() -> Rows {
    Rows {
        columns: 2,
        cells: vec![
            Cell::Wire(0..2),
            Cell::Null,
            Cell::Wire(2..2),
            Cell::Wire(2..5),
        ],
        wire: "abcde".into(),
        ..Rows::default()
    }
}

#[test]
fn only_the_columns_of_interest_are_gathered() {
    let (mut cells, mut lengths, mut data) = (vec![], vec![], vec![]);
    gather(
        &rows(),
        &Interest::Columns(vec![1]),
        &mut cells,
        &mut lengths,
        &mut data,
    );
    assert_eq!(
        (cells, lengths, data),
        (vec![1, 3], vec![-1, 3], b"cde".to_vec())
    );
}

#[test]
fn an_edit_may_shorten_lengthen_and_null() {
    let mut rows = rows();
    let edits = Edits {
        cells: vec![0, 1, 3],
        lengths: vec![-1, 4, 0],
        data: b"long".to_vec(),
    };
    apply(&mut rows, &[0, 1, 2, 3], edits).unwrap();
    assert_eq!(rows.cell(0), None);
    assert_eq!(rows.cell(1), Some(&b"long"[..]));
    assert_eq!(rows.cell(2), Some(&b""[..]));
    assert_eq!(rows.cell(3), Some(&b""[..]));
    assert!(rows.changed);
}

proptest! {
    #[test]
    fn no_answer_of_a_guest_makes_the_host_panic(
        cells in prop::collection::vec(0u32..8, 0..6),
        lengths in prop::collection::vec(-2i32..8, 0..6),
        data in prop::collection::vec(any::<u8>(), 0..16),
    ) {
        let mut rows = rows();
        let total: i64 = lengths.iter().map(|l| i64::from(*l).max(0)).sum();
        let fits = total == data.len() as i64
            && cells.len() == lengths.len()
            && cells.windows(2).all(|pair| pair[0] < pair[1])
            && cells.iter().all(|cell| *cell < 4);
        let applied = apply(&mut rows, &[0, 1, 2, 3], Edits { cells, lengths, data });
        prop_assert_eq!(applied.is_ok(), fits);
    }
}

//! Batches, as the host makes them, through whole exchanges.

use std::rc::Rc;

use narrowgate_sdk::testing::{operation, session};
use narrowgate_sdk::{
    Batch, BatchOutcome, Column, Direction, Edits, Exchange, Filter, Interest, Origin, Shape,
};
use proptest::prelude::*;

use super::Masking;
use crate::rules::Rules;

const CONFIG: &str = r#"{
    "columns": [
        { "match": "public.c.email", "with": "partial" },
        { "match": "public.c.secret" },
        { "match": "public.c.token", "with": "null" },
        { "match": "public.c.profile", "path": "$.phone" }
    ],
    "detectors": ["card", { "detector": "phone", "with": "null" }]
}"#;

fn column(name: &str, type_name: &str, binary: bool) -> Column {
    Column {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        binary,
    }
}

fn shape(content: &str, columns: Vec<Column>) -> Shape {
    Shape {
        direction: Direction::ToClient,
        content: content.to_owned(),
        columns,
        attributes: Vec::new(),
    }
}

fn batch(cells: &[Option<&[u8]>], columns: usize) -> Batch {
    Batch {
        direction: Direction::ToClient,
        sequence: 0,
        last: false,
        rows: u32::try_from(cells.len() / columns.max(1)).expect("few"),
        lengths: cells
            .iter()
            .map(|c| c.map_or(-1, |c| i32::try_from(c.len()).expect("short")))
            .collect(),
        data: cells
            .iter()
            .flatten()
            .flat_map(|cell| cell.iter().copied())
            .collect(),
        fragment: 3,
    }
}

/// An exchange for a statement that shows these columns of `public.c`.
fn exchange(names: &[&str]) -> Box<dyn Exchange> {
    let origins = names.iter().map(|name| Origin {
        name: (*name).to_owned(),
        known: true,
        direct: true,
        columns: vec![format!("public.c.{name}")],
    });
    let filter = crate::Masking::new(serde_json::from_str(CONFIG).expect("JSON"))
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let operation = operation("select")
        .table("public.c", names)
        .origins(origins.collect())
        .build();
    filter
        .operation(&session().build(), &operation)
        .exchange
        .expect("an exchange")
}

/// The cells after the edits.
fn edited(batch: &Batch, outcome: BatchOutcome) -> Vec<Option<String>> {
    let mut cells: Vec<Option<String>> = batch
        .cells()
        .map(|cell| cell.map(|cell| String::from_utf8_lossy(cell).into_owned()))
        .collect();
    if let BatchOutcome::Edit(Edits {
        cells: which,
        lengths,
        data,
    }) = outcome
    {
        let mut rest = data.as_slice();
        for (index, length) in which.iter().zip(&lengths) {
            cells[*index as usize] = usize::try_from(*length).ok().map(|length| {
                let (value, after) = rest.split_at(length);
                rest = after;
                String::from_utf8_lossy(value).into_owned()
            });
        }
        assert!(rest.is_empty(), "the lengths are those of the data");
    }
    cells
}

fn text(cells: &[Option<&str>]) -> Vec<Option<String>> {
    cells.iter().map(|cell| cell.map(str::to_owned)).collect()
}

#[test]
fn rows_are_masked_by_column() {
    let mut exchange = exchange(&["id", "email", "secret", "note", "token", "profile"]);
    let columns = vec![
        column("id", "int4", false),
        column("email", "text", false),
        column("secret", "int8", true),
        column("note", "varchar", false),
        column("token", "text", false),
        column("profile", "jsonb", true),
    ];
    assert_eq!(
        exchange.begin(&shape("postgres.rows", columns)),
        Interest::Columns(vec![1, 2, 3, 4, 5])
    );
    let batch = batch(
        &[
            Some(b"anna@example.com"),
            Some(&[0; 8]),
            Some(b"paid 4111111111111111"),
            Some(b"abc"),
            Some(b"\x01{\"phone\": \"1\", \"x\": 4111111111111111}"),
            None,
            None,
            Some(b"call +49 30 1234567"),
            None,
            Some(b"\x02{}"),
        ],
        5,
    );
    assert_eq!(
        edited(&batch, exchange.batch(&batch)),
        text(&[
            Some("a***@e***.com"),
            None,
            Some("paid [card]"),
            None,
            Some("\u{1}{\"phone\": \"[redacted]\", \"x\": \"[card]\"}"),
            None,
            None,
            None,
            None,
            Some("\u{1}\"[redacted]\""),
        ])
    );
}

#[test]
fn that_a_value_is_null_shows_where_a_part_of_it_would_and_nowhere_else() {
    let mut exchange = exchange(&["email", "secret", "token"]);
    let columns = ["email", "secret", "token"].map(|name| column(name, "text", false));
    exchange.begin(&shape("postgres.rows", columns.to_vec()));
    let batch = batch(&[None, None, None], 3);
    assert_eq!(
        edited(&batch, exchange.batch(&batch)),
        text(&[None, Some("[redacted]"), None])
    );
}

#[test]
fn other_columns_than_predicted_are_all_masked() {
    let mut exchange = exchange(&["id"]);
    let columns = vec![column("id", "int4", false), column("more", "text", false)];
    assert_eq!(
        exchange.begin(&shape("postgres.rows", columns)),
        Interest::Columns(vec![0, 1])
    );
    let batch = batch(&[Some(b"1"), Some(b"x")], 2);
    assert_eq!(
        edited(&batch, exchange.batch(&batch)),
        text(&[None, Some("[redacted]")])
    );
}

#[test]
fn copy_is_masked_and_what_cannot_be_read_is_refused() {
    let mut copy = exchange(&["id", "email"]);
    let columns = || vec![column("id", "text", false), column("email", "text", false)];
    assert_eq!(
        copy.begin(&shape("postgres.copy.text", columns())),
        Interest::Columns(vec![0, 1])
    );
    let rows = batch(&[Some(b"7"), Some(b"anna@example.com")], 2);
    assert_eq!(
        edited(&rows, copy.batch(&rows)),
        text(&[Some("7"), Some("a***@e***.com")])
    );

    assert_eq!(
        copy.begin(&shape("postgres.copy.unknown", Vec::new())),
        Interest::Everything
    );
    assert!(matches!(copy.batch(&rows), BatchOutcome::Deny(_)));

    let to_target = Shape {
        direction: Direction::ToTarget,
        ..shape("postgres.copy.text", columns())
    };
    assert_eq!(copy.begin(&to_target), Interest::Nothing);
}

#[test]
fn values_in_pieces() {
    let piece = |fragment, data: &[u8]| Batch {
        fragment,
        ..batch(&[Some(data)], 1)
    };
    let mut blind = exchange(&["secret", "token"]);
    let columns = vec![
        column("secret", "text", false),
        column("token", "text", false),
    ];
    blind.begin(&shape("postgres.rows", columns));
    for (fragment, expected) in [(1, "[redacted]"), (0, ""), (2, "")] {
        let piece = piece(fragment, b"data");
        assert_eq!(edited(&piece, blind.batch(&piece)), text(&[Some(expected)]));
    }
    // The next cell is the other column's.
    let rest = batch(&[Some(b"x"), Some(b"y")], 2);
    assert_eq!(
        edited(&rest, blind.batch(&rest)),
        text(&[None, Some("[redacted]")])
    );

    let mut seeing = exchange(&["email"]);
    seeing.begin(&shape(
        "postgres.rows",
        vec![column("email", "text", false)],
    ));
    assert!(matches!(
        seeing.batch(&piece(1, b"a@b")),
        BatchOutcome::Deny(_)
    ));
}

#[test]
fn without_masks_only_text_is_looked_at() {
    let rules = Rules::new(serde_json::from_str(r#"{"detectors":["card"]}"#).expect("JSON"));
    let mut exchange = Masking::new(
        Rc::new(rules.unwrap_or_else(|errors| panic!("{errors:?}"))),
        None,
    );
    let columns = vec![
        column("a", "int8", true),
        column("b", "other", false),
        column("c", "bool", false),
    ];
    assert_eq!(
        exchange.begin(&shape("postgres.rows", columns)),
        Interest::Columns(vec![1])
    );
    let rows = batch(&[Some(b"{4111111111111111}"), Some(b"{1,2}")], 1);
    assert_eq!(
        edited(&rows, exchange.batch(&rows)),
        text(&[None, Some("{1,2}")])
    );
    assert_eq!(
        exchange.begin(&shape("postgres.rows", Vec::new())),
        Interest::Nothing
    );
}

proptest! {
    #[test]
    fn edits_fit_any_batch(
        cells in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..60)), 0..40),
        binary in any::<bool>(),
    ) {
        let mut exchange = exchange(&["email", "secret", "note", "profile"]);
        let types = ["text", "uuid", "text", "jsonb"];
        exchange.begin(&shape(
            "postgres.rows",
            types.iter().map(|name| column("c", name, binary)).collect(),
        ));
        let cells: Vec<Option<&[u8]>> = cells.iter().map(Option::as_deref).collect();
        let cells = cells.get(..cells.len() / 4 * 4).unwrap_or_default();
        let batch = batch(cells, 4);
        match exchange.batch(&batch) {
            BatchOutcome::Pass => {}
            BatchOutcome::Deny(denial) => prop_assert!(false, "{denial:?}"),
            BatchOutcome::Edit(edits) => {
                prop_assert_eq!(edits.cells.len(), edits.lengths.len());
                prop_assert!(edits.cells.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(edits.cells.iter().all(|cell| (*cell as usize) < cells.len()));
                let total: usize = edits.lengths.iter().filter_map(|l| usize::try_from(*l).ok()).sum();
                prop_assert_eq!(total, edits.data.len());
            }
        }
        // What is masked whole is never shown, whatever it is.
        let after = edited(&batch, exchange.batch(&batch));
        prop_assert!(after.iter().skip(1).step_by(4).all(Option::is_none));
    }
}

//! What masking costs, natively: `cargo run --release -p narrowgate-filter-masking
//! --example mask_cost`.
//!
//! Prints nanoseconds for a decision and for a batch of 1,000 rows of five text
//! columns, and how many bytes of clean text the detectors read in a second.

use std::hint::black_box;
use std::time::Instant;

use narrowgate_filter_masking::Masking;
use narrowgate_sdk::testing::{operation, session};
use narrowgate_sdk::{
    Batch, Column, Direction, Exchange, Filter, Interest, Operation, Origin, Shape,
};

const ROWS: usize = 1_000;
const COLUMNS: [&str; 5] = ["id", "name", "email", "phone", "note"];
const MASKED: &str = r#"[
    { "match": "public.customers.email", "with": "partial" },
    { "match": "public.customers.phone" }
]"#;
const DETECTORS: &str = r#"["card", "email", "iban", "ssn", "phone", "jwt", "api_key",
    "private_key", "aws_key", "secret", "url_password"]"#;

fn main() {
    let masked = filter(&format!(r#"{{ "columns": {MASKED} }}"#));
    let hashed = MASKED.replace("partial", "hash");
    let hashed = filter(&format!(
        r#"{{ "columns": {hashed}, "key": "0123456789abcdef" }}"#
    ));
    let detecting = filter(&format!(r#"{{ "detectors": {DETECTORS} }}"#));
    let everything = filter(&format!(
        r#"{{ "columns": {MASKED}, "detectors": {DETECTORS} }}"#
    ));

    let session = session().groups(&["agents"]).build();
    let plain = operation("select")
        .table("public.invoices", &["id"])
        .build();
    let customers = customers();
    report("decide, nothing masked in reach", || {
        black_box(masked.operation(&session, &plain));
    });
    report("decide, two of five columns masked", || {
        black_box(masked.operation(&session, &customers));
    });
    for (what, filter) in [
        ("1,000 rows, 2 of 5 columns: partial and redact", &masked),
        ("1,000 rows, 2 of 5 columns: hash and redact", &hashed),
        ("1,000 rows, detectors on 5 columns", &detecting),
        ("1,000 rows, masks and detectors", &everything),
    ] {
        let decision = filter.operation(&session, &customers);
        let Some(mut exchange) = decision.exchange else {
            continue;
        };
        let batch = rows(exchange.as_mut());
        report(what, || {
            black_box(exchange.batch(&batch));
        });
    }
    let decision = detecting.operation(&session, &customers);
    if let Some(mut exchange) = decision.exchange {
        exchange.begin(&shape(&["note"]));
        let text = clean_text(256 * 1024);
        let nanos = nanos(|| {
            black_box(exchange.batch(&text));
        });
        let rate = text.data.len() as f64 / nanos * 1_000.0;
        println!("{rate:>12.0} MB/s of clean text through all detectors");
    }
}

#[expect(
    clippy::panic,
    reason = "without its configuration there is nothing to measure"
)]
fn filter(config: &str) -> Masking {
    let config = serde_json::from_str(config).unwrap_or_else(|error| panic!("{error}"));
    Masking::new(config).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn customers() -> Operation<'static> {
    let origin = |name: &&str| Origin {
        name: (*name).to_owned(),
        known: true,
        direct: true,
        columns: vec![format!("public.customers.{name}")],
    };
    operation("select")
        .table("public.customers", &COLUMNS)
        .origins(COLUMNS.iter().map(origin).collect())
        .build()
}

fn shape(names: &[&str]) -> Shape {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        type_name: "text".to_owned(),
        binary: false,
    };
    Shape {
        direction: Direction::ToClient,
        content: "postgres.rows".to_owned(),
        columns: names.iter().map(column).collect(),
        attributes: Vec::new(),
    }
}

/// The rows, of those columns that the exchange wants to see.
fn rows(exchange: &mut dyn Exchange) -> Batch {
    let wanted = match exchange.begin(&shape(&COLUMNS)) {
        Interest::Columns(columns) => columns,
        _ => Vec::new(),
    };
    let cells = (0..ROWS).flat_map(|row| {
        [
            format!("{row}"),
            format!("Customer number {row}"),
            format!("customer{row}@example.com"),
            format!("+4930{:07}", row),
            "Likes long walks, pays in time and never writes in capitals".to_owned(),
        ]
    });
    let seen = cells.enumerate().filter(|(at, _)| {
        u32::try_from(at % COLUMNS.len()).is_ok_and(|column| wanted.contains(&column))
    });
    batch(seen.map(|(_, cell)| cell))
}

fn clean_text(bytes: usize) -> Batch {
    let line = "The quick brown fox, 7 years old, jumps over a lazy dog; nobody (but us) saw it. ";
    let cell = line.repeat(50);
    batch(std::iter::repeat_n(cell.clone(), bytes / cell.len()))
}

fn batch(cells: impl Iterator<Item = String>) -> Batch {
    let (mut lengths, mut data) = (Vec::new(), Vec::new());
    for cell in cells {
        lengths.push(i32::try_from(cell.len()).unwrap_or(-1));
        data.extend_from_slice(cell.as_bytes());
    }
    Batch {
        direction: Direction::ToClient,
        sequence: 0,
        last: false,
        rows: u32::try_from(ROWS).unwrap_or(0),
        lengths,
        data,
        fragment: 3,
    }
}

fn report(what: &str, work: impl FnMut()) {
    println!("{:>12.0} ns {what}", nanos(work));
}

/// The best of several runs, in nanoseconds for one call.
fn nanos(mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..20 {
        let started = Instant::now();
        let mut calls = 0_u32;
        while started.elapsed().as_millis() < 10 {
            work();
            calls += 1;
        }
        best = best.min(started.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    best
}

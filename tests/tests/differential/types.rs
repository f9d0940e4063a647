//! A hundred thousand cells of every built-in type, past the gateway and through it, in
//! text and in binary: every message has to be the same.

use anyhow::Result;
use narrowgate_tests::stage::PASSWORD;
use narrowgate_tests::wire::{Message, Wire};

use crate::scripts::gateway;

/// A type and its values, a line each; types without any cannot be written.
const TYPES: &str = include_str!("types.txt");
/// Cells of one result: columns times rows.
const COLUMNS: usize = 100;
const ROWS: usize = 1_000;

#[test]
fn a_hundred_thousand_cells_of_every_type_are_the_same() -> Result<()> {
    let stage = gateway()?;
    let server = stage.database.server().address();
    let mut past = Wire::login_as(server, "gateway", stage.database.name(), PASSWORD)?;
    let token = stage.token(&["insights"])?;
    let mut through = Wire::login(stage.plain(), "billing", &token)?;
    for line in TYPES.lines() {
        let mut parts = line.split(" | ");
        let ty = parts.next().unwrap_or_default().trim_end_matches(" |");
        let values: Vec<&str> = parts.collect();
        if values.is_empty() {
            continue;
        }
        let sql = cells(ty, &values);
        for binary in [false, true] {
            past.ask(&sql, binary)?;
            through.ask(&sql, binary)?;
            let (past, through) = (past.until('Z')?, through.until('Z')?);
            // An error has to be one of the type: gtsvector has no binary form, say.
            let rows = past.iter().filter(|message| message.tag == 'D').count();
            assert!(
                rows == ROWS || (binary && failed(&past)),
                "{ty}: {rows} rows"
            );
            let differ = past.iter().zip(&through).find(|(one, other)| one != other);
            assert_eq!(differ, None, "{ty}, binary: {binary}");
            assert_eq!(past.len(), through.len(), "{ty}, binary: {binary}");
        }
    }
    Ok(())
}

#[test]
fn the_list_has_every_built_in_type() -> Result<()> {
    let stage = gateway()?;
    let names = stage.database.sql(
        "SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace \
         AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A' AND typname !~ '^_' ORDER BY 1",
    )?;
    let listed = |name: &str| {
        TYPES
            .lines()
            .any(|line| line.split(" |").next() == Some(name))
    };
    let missing: Vec<&str> = names.lines().filter(|name| !listed(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    Ok(())
}

/// A query for many cells of a type: each value in turn, NULL, and an array of all.
fn cells(ty: &str, values: &[&str]) -> String {
    let name = format!("pg_catalog.\"{ty}\"");
    let literal = |value: &str| format!("'{}'::{name}", value.replace('\'', "''"));
    let mut forms: Vec<String> = values.iter().map(|value| literal(value)).collect();
    forms.push(format!("ARRAY[{}, NULL]", forms.join(", ")));
    forms.push(format!("NULL::{name}"));
    let columns = forms.iter().cycle().take(COLUMNS);
    let columns: Vec<&str> = columns.map(String::as_str).collect();
    let columns = columns.join(", ");
    format!("SELECT {columns} FROM generate_series(1, {ROWS})")
}

fn failed(answer: &[Message]) -> bool {
    answer.iter().any(|message| message.tag == 'E')
}

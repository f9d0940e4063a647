//! Parameters in words, for people who are to agree to them.
//!
//! The binary formats are those of the types' `send` functions
//! (`src/backend/utils/adt`). What is not known stays bytes, and a value that is not
//! as its type has it is not interpreted.

use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, Span};
use narrowgate_store::approvals::Parameter;
use narrowgate_store::value::Value;

use super::types;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A parameter of the type with that OID; 0 where the type is left open.
pub(super) fn parameter(oid: u32, binary: bool, value: Option<&[u8]>) -> Parameter {
    let mut kind = match (oid, types::name(oid)) {
        (0, _) => "unspecified".to_owned(),
        (oid, "other") => format!("oid {oid}"),
        (_, name) => name.to_owned(),
    };
    if binary {
        kind.push_str(" binary");
    }
    let shown = value
        .filter(|_| binary)
        .and_then(|value| words(types::name(oid), value));
    Parameter {
        kind,
        value: Value::from_cell(value),
        shown,
    }
}

/// A value in PostgreSQL's text format.
fn words(kind: &str, value: &[u8]) -> Option<String> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    Some(match kind {
        "bool" => match value {
            [0] => "false".to_owned(),
            [1] => "true".to_owned(),
            _ => return None,
        },
        "int2" => i16::from_be_bytes(value.try_into().ok()?).to_string(),
        "int4" => i32::from_be_bytes(value.try_into().ok()?).to_string(),
        "int8" => i64::from_be_bytes(value.try_into().ok()?).to_string(),
        "oid" | "regclass" => u32::from_be_bytes(value.try_into().ok()?).to_string(),
        "float4" => f32::from_be_bytes(value.try_into().ok()?).to_string(),
        "float8" => f64::from_be_bytes(value.try_into().ok()?).to_string(),
        "numeric" => numeric(value)?,
        "text" | "varchar" | "bpchar" | "name" | "json" | "xml" | "unknown" => text(value)?,
        "jsonb" => match value {
            [1, json @ ..] => text(json)?,
            _ => return None,
        },
        "bytea" => format!("\\x{}", hex::encode(value)),
        "uuid" => uuid(value)?,
        "date" => day(i32::from_be_bytes(value.try_into().ok()?))?.to_string(),
        "time" => time(i64::from_be_bytes(value.try_into().ok()?))?,
        "timestamp" => moment(value)?.to_string().replace('T', " "),
        "timestamptz" => format!("{}+00", moment(value)?.to_string().replace('T', " ")),
        "interval" => interval(value)?,
        _ => return None,
    })
}

fn uuid(value: &[u8]) -> Option<String> {
    let bytes: &[u8; 16] = value.try_into().ok()?;
    let mut hex = hex::encode(bytes);
    for at in [20, 16, 12, 8] {
        hex.insert(at, '-');
    }
    Some(hex)
}

/// A day by its distance from 2000-01-01; none for infinity.
fn day(days: i32) -> Option<Date> {
    date(2000, 1, 1)
        .checked_add(Span::new().try_days(days).ok()?)
        .ok()
}

/// A time of the day in microseconds.
fn time(micros: i64) -> Option<String> {
    (0..=DAY).contains(&micros).then_some(())?;
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let fraction = if micros == 0 {
        String::new()
    } else {
        format!(".{micros:06}")
    };
    Some(format!(
        "{hours:02}:{minutes:02}:{:02}{fraction}",
        seconds % 60
    ))
}

/// A moment by its distance from 2000-01-01 in microseconds; none for infinity.
fn moment(value: &[u8]) -> Option<DateTime> {
    let micros = i64::from_be_bytes(value.try_into().ok()?);
    let since = SignedDuration::from_micros(micros);
    date(2000, 1, 1).at(0, 0, 0, 0).checked_add(since).ok()
}

/// Microseconds, days and months.
fn interval(value: &[u8]) -> Option<String> {
    let (micros, rest) = value.split_first_chunk::<8>()?;
    let (days, months) = rest.split_first_chunk::<4>()?;
    let months = i32::from_be_bytes(months.try_into().ok()?);
    let (micros, days) = (i64::from_be_bytes(*micros), i32::from_be_bytes(*days));
    Some(format!("{months} months {days} days {micros} microseconds"))
}

/// Digits of base 10,000, the place of the first of them, sign, decimals.
fn numeric(value: &[u8]) -> Option<String> {
    let (head, digits) = value.split_first_chunk::<8>()?;
    let [a, b, c, d, e, f, g, h] = *head;
    let count = usize::from(u16::from_be_bytes([a, b]));
    let weight = i32::from(i16::from_be_bytes([c, d]));
    let decimals = usize::from(u16::from_be_bytes([g, h]));
    let sign = match u16::from_be_bytes([e, f]) {
        0 => "",
        0x4000 => "-",
        0xc000 => return Some("NaN".to_owned()),
        0xd000 => return Some("Infinity".to_owned()),
        0xf000 => return Some("-Infinity".to_owned()),
        _ => return None,
    };
    let digits: Vec<u16> = digits
        .chunks(2)
        .map(|digit| Some(u16::from_be_bytes(digit.try_into().ok()?)).filter(|d| *d < 10_000))
        .collect::<Option<_>>()?;
    // More places than a value can have are none of ours to write out.
    if digits.len() != count || decimals > 0x3fff || !(-0x4000..0x4000).contains(&weight) {
        return None;
    }
    let at = |place: i32| {
        let index = usize::try_from(weight - place).ok();
        index
            .and_then(|index| digits.get(index))
            .copied()
            .unwrap_or(0)
    };
    let whole: String = (0..=weight.max(0))
        .rev()
        .map(|place| format!("{:04}", at(place)))
        .collect();
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let places = i32::try_from(decimals.div_ceil(4)).ok()?;
    let mut fraction: String = (1..=places)
        .map(|place| format!("{:04}", at(-place)))
        .collect();
    fraction.truncate(decimals);
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{dot}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_values_are_shown_in_words() {
        let numeric = |head: [u16; 4], digits: &[u16]| {
            head.iter()
                .chain(digits)
                .flat_map(|part| part.to_be_bytes())
                .collect::<Vec<u8>>()
        };
        let cases: [(u32, Vec<u8>, &str); 19] = [
            (16, vec![1], "true"),
            (21, (-7_i16).to_be_bytes().into(), "-7"),
            (23, 42_i32.to_be_bytes().into(), "42"),
            (20, i64::MIN.to_be_bytes().into(), "-9223372036854775808"),
            (700, 1.5_f32.to_be_bytes().into(), "1.5"),
            (701, (-0.25_f64).to_be_bytes().into(), "-0.25"),
            (25, "né".into(), "né"),
            (3802, b"\x01{\"a\":1}".to_vec(), "{\"a\":1}"),
            (17, vec![0xde, 0xad], "\\xdead"),
            (
                2950,
                (0..16).collect(),
                "00010203-0405-0607-0809-0a0b0c0d0e0f",
            ),
            (1082, 8_759_i32.to_be_bytes().into(), "2023-12-25"),
            (
                1083,
                3_661_000_001_i64.to_be_bytes().into(),
                "01:01:01.000001",
            ),
            (
                1114,
                86_400_000_001_i64.to_be_bytes().into(),
                "2000-01-02 00:00:00.000001",
            ),
            (
                1184,
                (-1_000_000_i64).to_be_bytes().into(),
                "1999-12-31 23:59:59+00",
            ),
            (1700, numeric([2, 1, 0, 0], &[1, 2345]), "12345"),
            (
                1700,
                numeric([3, 0, 0x4000, 5], &[12, 3400, 5000]),
                "-12.34005",
            ),
            (1700, numeric([1, (-1_i16) as u16, 0, 2], &[1200]), "0.12"),
            (1700, numeric([1, 2, 0, 0], &[1]), "100000000"),
            (1700, numeric([0, 0, 0xc000, 0], &[]), "NaN"),
        ];
        for (oid, value, shown) in cases {
            let parameter = parameter(oid, true, Some(&value));
            assert_eq!(parameter.shown.as_deref(), Some(shown), "{oid}");
        }
    }

    #[test]
    fn what_is_not_known_or_not_right_stays_bytes() {
        for (oid, value) in [
            (23, &[1, 2, 3][..]),
            (16, &[2]),
            (25, &[0xff]),
            (1114, &i64::MAX.to_be_bytes()),
            (1082, &i32::MIN.to_be_bytes()),
            (1700, &[0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0, 1]),
            (1700, &[0, 2, 0, 0, 0, 0, 0, 0, 0, 1]),
            (0, &[1]),
            (99_999, &[1]),
        ] {
            let parameter = parameter(oid, true, Some(value));
            assert_eq!(parameter.shown, None, "{oid}");
            assert_eq!(parameter.value, Value::from_cell(Some(value)));
        }
    }

    #[test]
    fn type_and_format_are_told_apart() {
        let kind = |oid, binary| parameter(oid, binary, None).kind;
        assert_eq!(kind(23, false), "int4");
        assert_eq!(kind(23, true), "int4 binary");
        assert_eq!(kind(0, false), "unspecified");
        assert_eq!(kind(1007, false), "oid 1007");
    }
}

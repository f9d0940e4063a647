//! Events to lines.

use serde::Serialize;

use super::error::Error;
use super::event::{Data, Event, Output};
use crate::value::{write_cell, write_text};

/// Appends the line of `event` to `out`, without the brace and the hash that
/// [`seal`](super::chain::seal) adds.
///
/// What an event carries stands in an object of its own, so that no filter and
/// no server can pass a field of theirs off as the session or the kind.
pub(super) fn event(out: &mut Vec<u8>, n: u64, event: &Event<'_>) -> Result<(), Error> {
    start(out, n, event.time, event.session, event.seq);
    match event.data {
        Data::SessionStart(data) => object(out, "session.start", data),
        Data::Identity(data) => object(out, "session.identity", data),
        Data::Operation(data) => object(out, "operation", data),
        Data::Decision(data) => object(out, "decision", data),
        Data::Approval(data) => object(out, "approval", data),
        Data::Result(data) => {
            object(out, "result", data)?;
            if let Some(rows) = data.content {
                out.pop();
                out.extend_from_slice(b",\"content\":{");
                rows.write_fields(out);
                out.extend_from_slice(b"}}");
            }
            Ok(())
        }
        Data::Error(data) => object(out, "error", data),
        Data::Notice(data) => object(out, "notice", data),
        Data::Notification(data) => object(out, "notification", data),
        Data::SessionEnd(data) => object(out, "session.end", data),
        Data::Filter(name, data) => object(out, &format!("filter.{name}"), data),
        Data::Host(name, data) => object(out, &format!("host.{name}"), data),
        Data::Rows(data) => {
            out.extend_from_slice(b"\"rows\",\"data\":");
            data.write(out);
            Ok(())
        }
        Data::Fragment(data) => {
            out.extend_from_slice(b"\"rows\",\"data\":");
            data.write(out);
            Ok(())
        }
        Data::Output(data) => {
            output(out, data);
            Ok(())
        }
    }
}

/// Appends the first line of a segment, as far as [`event`] does.
pub(super) fn header<T: Serialize>(
    out: &mut Vec<u8>,
    time: u64,
    kind: &str,
    data: &T,
) -> Result<(), Error> {
    start(out, 0, time, "", 0);
    object(out, kind, data)
}

/// Appends everything before the kind.
fn start(out: &mut Vec<u8>, n: u64, time: u64, session: &str, seq: u64) {
    out.extend_from_slice(b"{\"n\":");
    number(out, n);
    out.extend_from_slice(b",\"t\":");
    number(out, time);
    out.extend_from_slice(b",\"session\":");
    write_text(out, session);
    out.extend_from_slice(b",\"seq\":");
    number(out, seq);
    out.extend_from_slice(b",\"kind\":");
}

/// Appends a kind and its data.
fn object<T: Serialize + ?Sized>(out: &mut Vec<u8>, kind: &str, data: &T) -> Result<(), Error> {
    write_text(out, kind);
    out.extend_from_slice(b",\"data\":");
    let start = out.len();
    serde_json::to_writer(&mut *out, data)?;
    // JSON that a filter wrote may be spread over lines. A line feed never
    // stands inside a JSON string, so a space means the same.
    if let Some(data) = out.get_mut(start..)
        && memchr::memchr2(b'\n', b'\r', data).is_some()
    {
        for byte in data {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    Ok(())
}

fn output(out: &mut Vec<u8>, data: &Output<'_>) {
    out.extend_from_slice(b"\"output\",\"data\":{\"operation\":");
    write_text(out, data.operation);
    out.extend_from_slice(b",\"stream\":");
    write_text(out, data.stream);
    out.extend_from_slice(b",\"bytes\":");
    write_cell(out, Some(data.bytes));
    out.push(b'}');
}

/// Appends `value` in decimal.
pub(super) fn number(out: &mut Vec<u8>, mut value: u64) {
    let start = out.len();
    loop {
        // The remainder of a division by ten is one digit.
        out.push(b'0' + u8::try_from(value % 10).unwrap_or(0));
        value /= 10;
        if value == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{event, number};
    use crate::recordings::{Data, Event, Output};

    fn line(data: Data<'_>) -> String {
        let mut out = Vec::new();
        let input = Event {
            time: 7,
            session: "s\"1",
            seq: 2,
            data,
        };
        event(&mut out, 5, &input).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers() {
        for value in [0, 9, 10, 1_234_567_890, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }

    #[test]
    fn foreign_json_stays_in_its_place_and_on_its_line() {
        let raw =
            RawValue::from_string("{\"session\":\"other\",\n\"x\":\"a\\nb\"}".into()).unwrap();
        assert_eq!(
            line(Data::Filter("mine", &raw)),
            r#"{"n":5,"t":7,"session":"s\"1","seq":2,"kind":"filter.mine","data":{"session":"other", "x":"a\nb"}"#
        );
    }

    #[test]
    fn bytes() {
        let output = Output {
            operation: "1",
            stream: "stdout",
            bytes: b"\x1b[2J\xff",
        };
        assert!(line(Data::Output(&output)).ends_with(r#""bytes":{"b64":"G1sySv8="}}"#));
    }
}

//! Events in words, for a person at a terminal.

use serde_json::Value as Json;

use super::record::Record;
use crate::display::escape;
use crate::value::Value;

/// One event in words; several lines where it has several.
pub(super) fn tell(record: &Record) -> String {
    let data = &record.data;
    match record.kind.as_str() {
        "session.start" => start(record),
        "session.identity" => format!("identity {}", who(data)),
        "session.end" => with("session ends", ": ", &text(data, "reason")),
        "operation" => operation(data),
        "decision" => decision(data),
        "approval" => approval(data),
        "rows" => rows(data),
        "result" => result(data),
        "error" | "notice" => message(data),
        "notification" => notification(data),
        "output" => output(record),
        kind => format!("{} {}", line(kind), line(&data.to_string())),
    }
}

/// The bytes of a stream: those that the agent sent are marked as such.
fn output(record: &Record) -> String {
    let bytes = bytes(record);
    let text = String::from_utf8_lossy(&bytes);
    let text = escape(&text);
    match is_input(record) {
        true => format!(">> {}", text.trim_end_matches('\n').replace('\n', "\n>> ")),
        false => text.into_owned(),
    }
}

/// True for a stream from the agent.
pub(super) fn is_input(record: &Record) -> bool {
    matches!(string(&record.data, "stream"), "copy-in" | "stdin")
}

/// The bytes of an `output`.
pub(super) fn bytes(record: &Record) -> Vec<u8> {
    match record.data.get("bytes").map(value) {
        Some(Value::Text(text)) => text.into_bytes(),
        Some(Value::Bytes(bytes)) => bytes,
        _ => Vec::new(),
    }
}

fn start(record: &Record) -> String {
    let data = &record.data;
    let mut out = format!("session {}", line(&record.session));
    if let Some(identity) = data.get("identity") {
        out.push_str(&format!(": {}", who(identity)));
    }
    out = with(&out, " to ", &text(data, "target"));
    out = with(&out, " over ", &text(data, "protocol"));
    out = with(&out, " from ", &text(data, "client"));
    with(&out, " with ", &text(data, "application"))
}

fn operation(data: &Json) -> String {
    let mut out = String::from("> ");
    if text(data, "phase") == "prepare" {
        out.push_str("(prepare) ");
    }
    out.push_str(&escape(string(data, "text")));
    for (index, parameter) in list(data, "parameters").iter().enumerate() {
        out.push_str(&format!("\n  ${} = {}", index + 1, cell(parameter)));
    }
    if let Some(decided) = data.get("decision") {
        out.push('\n');
        out.push_str(&decision(decided));
    }
    out
}

fn decision(data: &Json) -> String {
    let mut out = format!("  {}", text(data, "verdict"));
    out = with(&out, " by ", &text(data, "filter"));
    out = with(&out, ", rule ", &text(data, "rule"));
    with(&out, ": ", &text(data, "reason"))
}

fn approval(data: &Json) -> String {
    let mut out = format!("  approval {} is {}", text(data, "id"), text(data, "state"));
    if let Some(by) = data.get("by") {
        out.push_str(&format!(", by {}", who(by)));
    }
    with(&out, ": ", &text(data, "comment"))
}

fn rows(data: &Json) -> String {
    if let Some(offset) = data.get("offset") {
        let length = data.get("bytes").map_or(0, |bytes| value(bytes).len());
        return format!("  … {length} bytes of a large value, from byte {offset}");
    }
    let mut lines = Vec::new();
    let columns = list(data, "columns");
    if !columns.is_empty() {
        let names: Vec<String> = columns.iter().map(|column| text(column, "name")).collect();
        lines.push(format!("  {}", names.join(" | ")));
    }
    for row in list(data, "rows") {
        let cells: Vec<String> = row
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(cell)
            .collect();
        lines.push(format!("  {}", cells.join(" | ")));
    }
    lines.join("\n")
}

fn result(data: &Json) -> String {
    let mut details = Vec::new();
    for (field, unit) in [("rows", "rows"), ("bytes", "bytes")] {
        if let Some(count) = data.get(field).and_then(Json::as_u64) {
            details.push(format!("{count} {unit}"));
        }
    }
    if let Some(micros) = data.get("duration").and_then(Json::as_u64) {
        details.push(format!("{}.{:03} ms", micros / 1000, micros % 1000));
    }
    let mut out = data.get("content").map(rows).unwrap_or_default();
    if !out.is_empty() {
        out.push('\n');
    }
    let words = [text(data, "outcome"), text(data, "status")];
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    out.push_str(&format!("  {}", words.join(" ")));
    if details.is_empty() {
        out
    } else {
        format!("{out} ({})", details.join(", "))
    }
}

fn message(data: &Json) -> String {
    let mut out = format!("  {}", text(data, "severity"));
    out = with(&out, " ", &text(data, "code"));
    out = with(&out, ": ", &text(data, "message"));
    out = with(&out, " at character ", &text(data, "position"));
    out = with(&out, "\n  DETAIL: ", &text(data, "detail"));
    out = with(&out, "\n  HINT: ", &text(data, "hint"));
    with(&out, "\n  CONTEXT: ", &text(data, "context"))
}

fn notification(data: &Json) -> String {
    let out = format!("  notification on {}", text(data, "channel"));
    let out = with(&out, " with payload ", &text(data, "payload"));
    let process = data
        .get("process")
        .and_then(Json::as_i64)
        .unwrap_or_default();
    format!("{out} from server process {process}")
}

/// `subject (issuer)`.
fn who(data: &Json) -> String {
    format!("{} ({})", text(data, "subject"), text(data, "issuer"))
}

/// `out`, and `more` after `before` unless it is empty.
fn with(out: &str, before: &str, more: &str) -> String {
    if more.is_empty() {
        out.to_owned()
    } else {
        format!("{out}{before}{more}")
    }
}

/// A cell on one line.
fn cell(json: &Json) -> String {
    match json {
        Json::Object(fields) if fields.contains_key("fragments") => "…".to_owned(),
        _ => line(&value(json).to_string()),
    }
}

fn value(json: &Json) -> Value {
    // Anything of another shape is shown as the JSON that it is.
    serde_json::from_value(json.clone()).unwrap_or_else(|_| Value::Text(json.to_string()))
}

/// A field on one line.
fn text(data: &Json, field: &str) -> String {
    line(string(data, field))
}

fn string<'a>(data: &'a Json, field: &str) -> &'a str {
    data.get(field).and_then(Json::as_str).unwrap_or_default()
}

fn list<'a>(data: &'a Json, field: &str) -> &'a [Json] {
    data.get(field)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Escaped, and on one line, so that no value can pass for another event.
fn line(text: &str) -> String {
    escape(text).replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(kind: &str, data: Json) -> String {
        tell(&Record {
            segment: String::new(),
            n: 1,
            time: 0,
            session: "s".into(),
            seq: 0,
            kind: kind.into(),
            data,
        })
    }

    #[test]
    fn what_the_agent_sent_is_told_from_what_it_saw() {
        let copy = |stream: &str| {
            told(
                "output",
                json!({ "stream": stream, "bytes": "1\t\u{1b}\n2\n" }),
            )
        };
        assert_eq!(copy("copy-in"), ">> 1\t\\u{1b}\n>> 2");
        assert_eq!(copy("copy-out"), "1\t\\u{1b}\n2\n");
    }

    #[test]
    fn an_end_says_how_and_a_message_says_all_of_it() {
        let end = told(
            "result",
            json!({ "outcome": "error", "status": "22012", "rows": 0 }),
        );
        assert_eq!(end, "  error 22012 (0 rows)");
        let message = told(
            "notice",
            json!({ "severity": "NOTICE", "code": "00000", "message": "m", "detail": "d",
                    "hint": "h", "context": "c", "position": "7" }),
        );
        let all = "  NOTICE 00000: m at character 7\n  DETAIL: d\n  HINT: h\n  CONTEXT: c";
        assert_eq!(message, all);
        let heard = told(
            "notification",
            json!({ "channel": "news", "payload": "p", "process": 7 }),
        );
        assert_eq!(
            heard,
            "  notification on news with payload p from server process 7"
        );
    }
}

//! Requests for consent, for people to read.

use narrowgate_store::display::escape;
use serde_json::Value;

use super::super::table::{Table, short};
use super::super::time;

/// Requests, one a line.
pub(super) fn table(requests: &[Value]) -> String {
    let now = time::now();
    let headings = [
        "ID",
        "STATE",
        "REQUESTER",
        "TARGET",
        "ACTION",
        "DEADLINE",
        "STATEMENT",
    ];
    let mut table = Table::new(&headings);
    for request in requests {
        table.row(vec![
            text(request, "id").to_owned(),
            text(request, "state").to_owned(),
            who(request.get("identity")),
            text(request, "target").to_owned(),
            text(request, "action").to_owned(),
            number(request, "deadline").map_or_else(String::new, |at| time::relative(at, now)),
            text(request, "text").to_owned(),
        ]);
    }
    table.text()
}

/// A request in one line, after a decision.
pub(super) fn line(request: &Value) -> String {
    let (count, quorum) = (number(request, "approvals"), number(request, "quorum"));
    let mut line = format!("{} is {}", text(request, "id"), text(request, "state"));
    if text(request, "state") == "pending" {
        line += &format!(
            ": {} of {} approvals",
            count.unwrap_or(0),
            quorum.unwrap_or(1)
        );
    }
    escape(&line).into_owned()
}

/// A request whole.
pub(super) fn whole(request: &Value) -> String {
    let now = time::now();
    let mut out = vec![line(request)];
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            out.push(format!("  {name:<11} {}", escape(&value)));
        }
    };
    let groups = texts(
        request
            .get("identity")
            .and_then(|identity| identity.get("groups")),
    );
    field(
        "requester",
        format!("{} (groups: {groups})", who(request.get("identity"))),
    );
    field(
        "target",
        format!(
            "{} ({})",
            text(request, "target"),
            text(request, "protocol")
        ),
    );
    field("action", text(request, "action").to_owned());
    field("objects", texts(request.get("objects")));
    field("rule", text(request, "rule").to_owned());
    field("reason", text(request, "reason").to_owned());
    let quorum = number(request, "quorum").unwrap_or(1);
    field(
        "approvers",
        format!("{quorum} of {}", texts(request.get("approvers"))),
    );
    field("consent", validity(request));
    for (name, key) in [
        ("made", "created"),
        ("deadline", "deadline"),
        ("lasts until", "until"),
    ] {
        if let Some(at) = number(request, key) {
            field(
                name,
                format!("{} ({})", time::stamp(at), time::relative(at, now)),
            );
        }
    }
    field("digest", text(request, "digest").to_owned());
    out.push("  statement".to_owned());
    out.extend(
        escape(text(request, "text"))
            .lines()
            .map(|line| format!("    {line}")),
    );
    out.extend(parameters(request));
    out.extend(decisions(request));
    out.join("\n")
}

/// How long a consent lasts.
fn validity(request: &Value) -> String {
    let seconds = request
        .get("validity")
        .and_then(|validity| number(validity, "seconds"));
    match seconds {
        None => "for one use".to_owned(),
        Some(seconds) => format!(
            "for the same operation again, {} long",
            time::span(seconds.saturating_mul(1_000_000))
        ),
    }
}

/// The parameters, one a line.
fn parameters(request: &Value) -> Vec<String> {
    let parameters = list(request, "parameters");
    let line = |(index, parameter): (usize, &Value)| {
        let value = parameter
            .get("shown")
            .or_else(|| parameter.get("value"))
            .map(Value::to_string)
            .unwrap_or_default();
        let line = format!("${} {} {value}", index + 1, text(parameter, "type"));
        format!("    {}", escape(&line))
    };
    let lines = parameters.iter().enumerate().map(line);
    let heading = (!parameters.is_empty()).then(|| "  parameters".to_owned());
    heading.into_iter().chain(lines).collect()
}

/// What people said, one a line.
fn decisions(request: &Value) -> Vec<String> {
    let decisions = list(request, "decisions");
    let line = |decision: &Value| {
        let at = number(decision, "at").map(time::stamp).unwrap_or_default();
        let mut line = format!("{at} {} {}", who(Some(decision)), text(decision, "verdict"));
        if !text(decision, "comment").is_empty() {
            line += &format!(": {}", short(text(decision, "comment"), 200));
        }
        format!("    {}", escape(&line))
    };
    let heading = (!decisions.is_empty()).then(|| "  decisions".to_owned());
    heading
        .into_iter()
        .chain(decisions.iter().map(line))
        .collect()
}

/// Issuer and subject.
fn who(identity: Option<&Value>) -> String {
    identity.map_or_else(String::new, |identity| {
        format!("{}/{}", text(identity, "issuer"), text(identity, "subject"))
    })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_u64)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Several texts in one.
fn texts(value: Option<&Value>) -> String {
    let items = value
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> Value {
        json!({
            "id": "apr-abc", "state": "pending", "approvals": 0, "quorum": 2,
            "identity": { "issuer": "agents", "subject": "a7", "groups": ["g"] },
            "target": "billing", "protocol": "postgres", "action": "drop",
            "text": "DROP TABLE x;\n\u{1b}[2J-- hidden", "objects": ["table public.x"],
            "approvers": ["dba"], "validity": "once", "created": 1, "deadline": 2,
            "parameters": [{ "type": "int4", "value": "1" }],
            "decisions": [{ "issuer": "staff", "subject": "ada", "verdict": "approve",
                            "comment": "fine", "at": 1_700_000_000_000_000_u64 }],
        })
    }

    #[test]
    fn a_request_is_shown_whole_and_safely() {
        let shown = whole(&request());
        for part in [
            "apr-abc is pending: 0 of 2 approvals",
            "agents/a7 (groups: g)",
            "    DROP TABLE x;\n    \\u{1b}[2J-- hidden",
            "2 of dba",
            "for one use",
            "$1 int4 \"1\"",
            "staff/ada approve: fine",
        ] {
            assert!(shown.contains(part), "{part}\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'));
    }

    #[test]
    fn a_list_has_one_line_each() {
        let shown = table(&[request(), request()]);
        assert_eq!(shown.lines().count(), 3);
        assert!(
            shown.contains("DROP TABLE x; \\u{1b}[2J-- hidden"),
            "{shown}"
        );
    }
}

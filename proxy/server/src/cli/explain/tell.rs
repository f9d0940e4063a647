//! Judgements, for people and for programs.

use narrowgate_chain::{Access, Effect, Hold, Object, Operation, Session, Value};
use narrowgate_store::display::escape;
use serde_json::json;

use super::super::time;
use super::judge::{Judgement, Said, Step};

/// Judgements in words.
pub(super) fn text(session: &Session, chain: &str, judgements: &[Judgement]) -> String {
    let mut out = Vec::new();
    if let Some(identity) = session.identity() {
        let groups = identity.groups.join(", ");
        let who = format!(
            "{}/{} (groups: {groups})",
            identity.issuer, identity.subject
        );
        out.push(format!("{who} on {}, chain {chain}", session.start.target));
    }
    for judgement in judgements {
        out.push(String::new());
        out.extend(operation(&judgement.operation));
        for step in &judgement.steps {
            out.extend(told(step));
        }
        out.push(format!("  => {}", verdict(judgement)));
    }
    if judgements.len() > 1 && !judgements.iter().all(Judgement::runs) {
        out.push("\nSent together, none of them would run.".to_owned());
    }
    escape(&out.join("\n")).into_owned()
}

/// What it comes to.
fn verdict(judgement: &Judgement) -> String {
    let holds = judgement.holds().count();
    match judgement.steps.last() {
        _ if judgement.runs() && holds == 0 => "it would run".to_owned(),
        _ if judgement.runs() => "it would run once people have consented".to_owned(),
        Some(step) => format!("it would not run: {} stops it", step.filter),
        None => "it would not run".to_owned(),
    }
}

/// The operation as the filters see it.
fn operation(operation: &Operation) -> Vec<String> {
    let mut out = vec![operation.text.to_string()];
    let actions = match operation.actions.is_empty() {
        true => operation.action.clone(),
        false => operation.actions.join(", "),
    };
    out.push(format!("  action     {actions}"));
    for object in &operation.objects {
        out.push(format!("  {:<10} {}", object.kind, touched(object)));
    }
    for why in &operation.unresolved {
        out.push(format!("  unresolved {why}"));
    }
    out
}

/// What is done with an object.
fn touched(object: &Object) -> String {
    let Access {
        read,
        write,
        call,
        define,
    } = object.access;
    let mut parts = Vec::new();
    let mut part = |done: bool, word: &str, columns: &[String]| match (done, columns) {
        (false, []) => {}
        (_, []) => parts.push(word.to_owned()),
        (_, columns) => parts.push(format!("{word} ({})", columns.join(", "))),
    };
    part(read, "read", &object.reads);
    part(write, "write", &object.writes);
    part(call, "call", &[]);
    part(define, "define", &[]);
    format!("{}: {}", object.name, parts.join(", "))
}

/// What one filter says.
fn told(step: &Step) -> Vec<String> {
    let said = match &step.said {
        Said::Proceed => "continue".to_owned(),
        Said::Deny(denial) => format!("DENY: {} ({})", denial.message, rule(&denial.rule)),
        Said::Hold(hold) => format!("HOLD: {}", asked(hold)),
        Said::Rewrite(text) => format!("REWRITE, to be decided anew: {text}"),
        Said::Wait(wanted) => format!("has to wait for {}", wanted.join(", ")),
        Said::Fault(message) => format!("FAULT: {message}"),
    };
    let mut out = vec![format!("  {:<10} {said}", step.filter)];
    let mut more = |text: String| out.push(format!("  {:<10}   {text}", ""));
    if !step.rules.is_empty() {
        more(format!("rule: {}", step.rules.join(", ")));
    }
    if let Said::Deny(denial) = &step.said
        && !denial.hint.is_empty()
    {
        more(format!("hint: {}", denial.hint));
    }
    for effect in &step.effects {
        more(done(effect));
    }
    if !step.columns.is_empty() {
        more(format!("result columns: {}", step.columns.join(", ")));
    }
    out
}

/// A rule's name, if one matched.
fn rule(name: &str) -> String {
    match name.is_empty() {
        true => "no rule allows it".to_owned(),
        false => format!("rule: {name}"),
    }
}

/// Whose consent is asked.
fn asked(hold: &Hold) -> String {
    let wait = time::span(hold.wait.saturating_mul(1_000_000));
    let approvers = hold.approvers.join(", ");
    let lasts = match hold.grant {
        0 => "for one use".to_owned(),
        seconds => format!("for {}", time::span(seconds.saturating_mul(1_000_000))),
    };
    format!(
        "consent of {} of {approvers} within {wait}, {lasts} (rule: {}): {}",
        hold.quorum.max(1),
        hold.rule,
        hold.reason
    )
}

/// An effect in words.
fn done(effect: &Effect) -> String {
    let attributes = effect.attributes.iter();
    let attributes: Vec<String> = attributes
        .map(|(name, value)| format!("{name}={}", shown(value)))
        .collect();
    format!("{} {}", effect.name, attributes.join(" "))
}

/// An attribute's value.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Bytes(bytes) => hex::encode(bytes),
        Value::Texts(texts) => texts.join(","),
    }
}

/// Judgements in JSON.
pub(super) fn json(session: &Session, judgements: &[Judgement]) -> serde_json::Value {
    let identity = session.identity();
    let identity = identity.as_ref().map(|identity| {
        json!({ "issuer": identity.issuer, "subject": identity.subject, "groups": identity.groups })
    });
    let statements: Vec<_> = judgements
        .iter()
        .map(|judgement| {
            let operation = &judgement.operation;
            let objects: Vec<_> = operation.objects.iter().map(object).collect();
            json!({
                "text": &*operation.text,
                "action": operation.action,
                "actions": operation.actions,
                "objects": objects,
                "unresolved": operation.unresolved,
                "filters": judgement.steps.iter().map(step).collect::<Vec<_>>(),
                "runs": judgement.runs(),
                "consent": judgement.holds().count() > 0,
            })
        })
        .collect();
    json!({
        "identity": identity,
        "target": session.start.target,
        "statements": statements,
        "runs": judgements.iter().all(Judgement::runs),
    })
}

fn object(object: &Object) -> serde_json::Value {
    json!({
        "kind": object.kind,
        "name": object.name,
        "read": object.access.read,
        "write": object.access.write,
        "call": object.access.call,
        "define": object.access.define,
        "columns_read": object.reads,
        "columns_written": object.writes,
    })
}

fn step(step: &Step) -> serde_json::Value {
    let (verdict, rule, message) = match &step.said {
        Said::Proceed => ("continue", String::new(), String::new()),
        Said::Deny(denial) => ("deny", denial.rule.clone(), denial.message.clone()),
        Said::Hold(hold) => ("hold", hold.rule.clone(), asked(hold)),
        Said::Rewrite(text) => ("rewrite", String::new(), text.clone()),
        Said::Wait(wanted) => ("wait", String::new(), wanted.join(", ")),
        Said::Fault(message) => ("fault", String::new(), message.clone()),
    };
    let mut rules = step.rules.clone();
    rules.extend((!rule.is_empty()).then_some(rule));
    json!({
        "filter": step.filter,
        "verdict": verdict,
        "rules": rules,
        "message": message,
        "effects": step.effects.iter().map(done).collect::<Vec<_>>(),
        "result_columns": step.columns,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use narrowgate_chain::{Denial, Phase, SessionStart, Statement};

    use super::*;

    fn judgement(said: Said) -> Judgement {
        let statement = Statement {
            action: "select".into(),
            objects: vec![Object {
                kind: "table".into(),
                name: "public.customers".into(),
                access: Access {
                    read: true,
                    ..Access::default()
                },
                reads: vec!["id".into(), "email".into()],
                writes: vec![],
            }],
            ..Statement::default()
        };
        let operation = Operation {
            id: 1,
            phase: Phase::Execute,
            statement: Arc::new(statement),
            text: "SELECT id, email FROM customers".into(),
            display: None,
            parameters: vec![],
            binary: vec![],
        };
        Judgement {
            operation: Arc::new(operation),
            steps: vec![Step {
                filter: "policy".into(),
                said,
                rules: vec![],
                effects: vec![],
                columns: vec![],
            }],
        }
    }

    fn shown(said: Said) -> String {
        let session = Session::new(SessionStart {
            number: 1,
            id: "s".into(),
            listener: "l".into(),
            protocol: "postgres",
            target: "billing".into(),
            client: "c".into(),
            user: "u".into(),
            encrypted: true,
        });
        text(&session, "guarded", &[judgement(said)])
    }

    #[test]
    fn what_runs_is_told_with_what_it_touches() {
        let shown = shown(Said::Proceed);
        assert!(
            shown.contains("table      public.customers: read (id, email)"),
            "{shown}"
        );
        assert!(shown.ends_with("=> it would run"), "{shown}");
    }

    #[test]
    fn a_denial_names_its_rule_or_that_there_is_none() {
        let mut denial = Denial::new("forbidden", "no", "ask for it");
        let told = shown(Said::Deny(denial.clone()));
        assert!(told.contains("DENY: no (no rule allows it)"), "{told}");
        assert!(told.contains("hint: ask for it"), "{told}");
        assert!(
            told.ends_with("=> it would not run: policy stops it"),
            "{told}"
        );
        denial.rule = "no-drop".into();
        assert!(shown(Said::Deny(denial)).contains("(rule: no-drop)"));
    }

    #[test]
    fn a_hold_says_whose_consent_it_takes() {
        let told = shown(Said::Hold(Hold {
            rule: "drops".into(),
            reason: "it is gone then".into(),
            approvers: vec!["dba".into()],
            quorum: 2,
            wait: 600,
            ..Hold::default()
        }));
        let hold = "HOLD: consent of 2 of dba within 10m, for one use (rule: drops): it is gone";
        assert!(told.contains(hold), "{told}");
        assert!(
            told.ends_with("=> it would run once people have consented"),
            "{told}"
        );
    }
}

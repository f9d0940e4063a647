//! Errors of a plan point at what is wrong.

use std::fs;

use narrowgate_config::parse;

use super::*;
use crate::plan::{KeySource, RecordingKey, TargetTls};

/// A configuration beside some files, everything but its filters built.
struct Trial {
    directory: tempfile::TempDir,
}

impl Trial {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        Self { directory }
    }

    /// What building the parts of `text` comes to.
    fn build<T>(&self, text: &str, part: impl Fn(&Config, &mut Files, &mut Faults<'_>) -> T) -> T {
        let (built, errors) = self.attempt(text, part);
        assert_eq!(errors, Vec::<String>::new());
        built
    }

    /// The errors of building the parts of `text`, without the file's name.
    fn errors<T>(
        &self,
        text: &str,
        part: impl Fn(&Config, &mut Files, &mut Faults<'_>) -> T,
    ) -> Vec<String> {
        self.attempt(text, part).1
    }

    fn attempt<T>(
        &self,
        text: &str,
        part: impl Fn(&Config, &mut Files, &mut Faults<'_>) -> T,
    ) -> (T, Vec<String>) {
        let path = self.directory.path().join("g.yaml");
        let loaded = parse(text, &path).unwrap();
        let mut files = Files::new(&loaded);
        let mut faults = Faults::new(&loaded);
        let built = part(&loaded.config, &mut files, &mut faults);
        let errors = faults.finish().err().map(|errors| errors.to_string());
        let prefix = format!("{}:", path.display());
        let lines = errors.as_deref().unwrap_or_default().lines();
        let lines = lines.map(|line| line.replacen(&prefix, "", 1));
        (built, lines.collect())
    }
}

/// A configuration with this in it, from line 8 on.
fn with(more: &str) -> String {
    format!(
        "listeners:\n\
         - {{ name: l, bind: 127.0.0.1:6432, protocol: postgres, chain: c, allow_cleartext: true }}\n\
         chains:\n  \
           c: {{ open: true, filters: [{{ filter: policy }}] }}\n\
         targets:\n\
         - {{ name: t, protocol: postgres, address: 127.0.0.1:5432, tls: {{ mode: disable }}, credentials: [{{ username: u }}] }}\n\
         \n\
         {more}"
    )
}

#[test]
fn keys_in_a_file_are_read_and_looked_at() {
    let trial = Trial::new(&[("good.json", GOOD_KEYS), ("bad.json", "{\"keys\": []}")]);
    let issuer = |keys: &str| {
        with(&format!(
            "issuers:\n- name: i\n  url: https://i.example.com\n  audience: a\n  jwks: file:{keys}"
        ))
    };
    let issuers = trial.build(&issuer("good.json"), issuers::issuers);
    assert_eq!(issuers[0].keys, KeySource::Document(GOOD_KEYS.into()));
    let errors = trial.errors(&issuer("bad.json"), issuers::issuers);
    assert_eq!(errors, ["12:9: no key in it can verify a signature"]);
    let errors = trial.errors(&issuer("none.json"), issuers::issuers);
    assert!(
        errors[0].starts_with("12:9: `file:none.json` cannot be read"),
        "{errors:?}"
    );
}

#[test]
fn secrets_are_resolved_and_a_missing_one_is_named_not_shown() {
    let trial = Trial::new(&[("pass", "geheim\n")]);
    let target = |password: &str| {
        with("").replace(
            "username: u }",
            &format!("username: u, password: {password} }}"),
        )
    };
    let targets = trial.build(&target("file:pass"), targets::targets);
    let password = targets["t"].credentials[0].password.as_ref().unwrap();
    assert_eq!(password.expose(), b"geheim");
    assert!(matches!(targets["t"].tls, TargetTls::Disabled));
    let errors = trial.errors(&target("env:NARROWGATE_TEST_UNSET"), targets::targets);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("6:"), "{errors:?}");
    assert!(
        errors[0].contains("`NARROWGATE_TEST_UNSET` is not set"),
        "{errors:?}"
    );
}

#[test]
fn tls_that_cannot_work_is_an_error_where_its_file_is_named() {
    let trial = Trial::new(&[("cert", "no PEM"), ("key", "no PEM")]);
    let text = with("").replace(
        "allow_cleartext: true",
        "tls: { cert: file:cert, key: file:key }",
    );
    let errors = trial.errors(&text, listeners::listeners);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("2:"), "{errors:?}");
    assert!(
        errors[0].contains("no usable certificate in the PEM"),
        "{errors:?}"
    );
    let text = with("").replace("mode: disable", "ca: file:cert");
    let errors = trial.errors(&text, targets::targets);
    assert!(
        errors[0].contains("no usable certificate in the PEM"),
        "{errors:?}"
    );
}

#[test]
fn a_signing_key_that_is_not_there_yet_is_to_be_made() {
    let trial = Trial::new(&[("bad.key", "no key")]);
    let recordings = |key: &str| {
        with(&format!(
            "recordings:\n  directory: r\n  signing_key: file:{key}"
        ))
    };
    let made = trial
        .build(&recordings("new.key"), storage::recordings)
        .unwrap();
    assert!(matches!(made.key, RecordingKey::Create(path) if path.ends_with("new.key")));
    assert!(made.directory.is_absolute());
    let errors = trial.errors(&recordings("bad.key"), storage::recordings);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("10:16: recording key"), "{errors:?}");
    assert!(
        !trial
            .errors(&recordings("none/new.key"), storage::recordings)
            .is_empty()
    );
}

#[test]
fn an_address_is_told_once() {
    let trial = Trial::new(&[("s", "x")]);
    let text = with(
        "approvals:\n  webhooks:\n  - { url: https://h.example.com/x, secret: file:s }\n  \
         - { url: https://h.example.com/x, secret: file:s }",
    );
    let errors = trial.errors(&text, storage::webhooks);
    assert_eq!(errors, ["11:12: this address is given twice"]);
}

const GOOD_KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"}]}"#;

#[test]
fn names_in_filters_lead_somewhere() {
    let trial = Trial::new(&[]);
    let text = with(
        "issuers:\n\
         - { name: agents, url: https://a.example.com, audience: a, groups: [insights, org/team] }\n\
         - { name: staff, url: https://s.example.com, audience: a, groups: [dba], people: true }",
    );
    let check = |config: &Config, _: &mut Files, faults: &mut Faults<'_>| {
        let rules = serde_json::json!({
            "issuers": ["agents", "agent"],
            "rules": [{
                "groups": ["insights", "agents/insights", "staff/insights", "agents/org/team", "org/team"],
                "subjects": ["bot", "staff/alice", "repo:org/name", "stuff/alice"],
                "targets": ["t", "*", "u"],
                "claims": { "groups": "anything" },
            }],
            "require": [{ "approvers": ["dba", "insights"] }],
        });
        names::Names::of(config).check(&rules, "", faults);
    };
    let mut errors = trial.errors(&text, check);
    errors.sort();
    let message = |error: &String| error.splitn(3, ':').nth(2).unwrap().trim().to_owned();
    let errors: Vec<String> = errors.iter().map(message).collect();
    assert_eq!(errors.len(), 6, "{errors:?}");
    for said in [
        "there is no issuer `agent`; ",
        "there is no issuer `stuff`",
        "there is no group `staff/insights`",
        "the group `org/team` has a `/`: write its issuer, too; write `agents/org/team`",
        "there is no target `u`",
        "there is no group of people `insights`",
    ] {
        assert!(
            errors.iter().any(|error| error.starts_with(said)),
            "{said}: {errors:?}"
        );
    }
}

/// Signs nothing and knows nobody.
fn builder() -> Builder {
    let keys = Arc::new(crate::identity::Keys::new().unwrap());
    Builder::new(keys, None, 2).unwrap()
}

impl Trial {
    /// The plan of a configuration, or its errors without the file's name.
    fn plan(&self, builder: &mut Builder, text: &str) -> Result<Plan, Vec<String>> {
        let path = self.directory.path().join("g.yaml");
        let plan = builder.build(&parse(text, &path).unwrap(), 1);
        plan.map_err(|error| {
            let prefix = format!("{}:", path.display());
            let errors = error.errors.to_string();
            errors
                .lines()
                .map(|line| line.replacen(&prefix, "", 1))
                .collect()
        })
    }
}

/// A configuration whose chain is these filters.
fn chain(filters: &str) -> String {
    with(
        "issuers:\n- { name: agents, url: https://a.example.com, audience: a, groups: [insights] }",
    )
    .replace("{ open: true, filters: [{ filter: policy }] }", filters)
}

#[test]
fn filters_of_a_chain_go_by_names_of_their_own() {
    let trial = Trial::new(&[]);
    let mut builder = builder();
    let hold = "{ filter: approval, config: { require: [{ approvers: [insights] }] } }";
    let text = chain(&format!(
        "{{ open: true, filters: [{hold}, {{ filter: policy, config: {{ rules: [] }} }}, {hold}] }}"
    ))
    .replace("groups: [insights]", "groups: [insights], people: true");
    let plan = trial.plan(&mut builder, &text).unwrap();
    let chain = plan.chains.values().next().unwrap();
    let names: Vec<&str> = chain.filters.iter().map(|filter| filter.name()).collect();
    assert_eq!(names, ["approval", "policy", "approval-2"]);
}

#[test]
fn filters_that_a_change_leaves_alone_are_taken_over() {
    let trial = Trial::new(&[]);
    let mut builder = builder();
    let auth = "{ filter: auth, config: { issuers: [agents] } }";
    let with_rule = |name: &str| {
        let rule = format!("{{ name: {name}, groups: [insights], allow: [{{ select: [a.b] }}] }}");
        chain(&format!(
            "[{auth}, {{ filter: policy, config: {{ rules: [{rule}] }} }}]"
        ))
    };
    let first = trial.plan(&mut builder, &with_rule("one")).unwrap();
    let second = trial.plan(&mut builder, &with_rule("two")).unwrap();
    let (first, second) = (&first.chains["c"].filters, &second.chains["c"].filters);
    assert!(Arc::ptr_eq(&first[0], &second[0]), "auth is the same");
    assert!(!Arc::ptr_eq(&first[1], &second[1]), "policy is another one");
    assert_eq!(second[1].name(), "policy");
}

#[test]
fn what_filters_say_of_their_configuration_has_its_place() {
    let trial = Trial::new(&[("junk.wasm", "not a component")]);
    let mut builder = builder();
    let auth = "{ filter: auth, config: { issuers: [agents], skew: 1 } }";
    let errors = trial.plan(
        &mut builder,
        &chain(&format!("[{auth}, {{ filter: policy }}]")),
    );
    let errors = errors.err().unwrap();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let column = "  c: [{ filter: auth, config: { issuers: [agents], skew: ".len() + 1;
    assert!(
        errors[0].starts_with(&format!("4:{column}: ")),
        "{errors:?}"
    );
    assert!(errors[0].contains("skew"), "{errors:?}");

    let errors = trial.plan(
        &mut builder,
        &chain("{ open: true, filters: [{ filter: junk.wasm }] }"),
    );
    let errors = errors.err().unwrap();
    assert!(
        errors[0].contains("`junk.wasm`: it is not a component"),
        "{errors:?}"
    );
    let errors = trial.plan(
        &mut builder,
        &chain("{ open: true, filters: [{ filter: none.wasm }] }"),
    );
    assert!(errors.err().unwrap()[0].contains("`none.wasm`: No such file"));
}

#[test]
fn a_filter_of_a_user_gets_what_its_entry_grants_and_is_what_it_is_pinned_to() {
    let component = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/filters/office-hours.wasm"
    );
    let bytes = fs::read(component).expect("`make guests` builds it");
    let trial = Trial::new(&[]);
    fs::write(trial.directory.path().join("hours.wasm"), bytes).unwrap();
    let mut builder = builder();
    let entry = |more: &str| {
        let hours = format!("{{ filter: ./hours.wasm, config: {{ from: 8, to: 18 }}{more} }}");
        chain(&format!(
            "[{{ filter: auth, config: {{ issuers: [agents] }} }}, {{ filter: policy }}, {hours}]"
        ))
    };
    let plan = trial
        .plan(&mut builder, &entry(", grants: [clock]"))
        .unwrap();
    assert!(plan.files.iter().any(|file| file.ends_with("hours.wasm")));
    let errors = trial.plan(&mut builder, &entry("")).err().unwrap();
    assert!(
        errors[0].contains("cannot work without the grants clock"),
        "{errors:?}"
    );
    let errors = trial
        .plan(&mut builder, &entry(", grants: [clock, sockets]"))
        .err()
        .unwrap();
    assert!(
        errors[0].contains("there is no grant \"sockets\""),
        "{errors:?}"
    );
    let digest = format!(", grants: [clock], digest: \"sha256:{}\"", "0".repeat(64));
    let errors = trial.plan(&mut builder, &entry(&digest)).err().unwrap();
    assert!(
        errors[0].contains("not the one that is pinned"),
        "{errors:?}"
    );
}

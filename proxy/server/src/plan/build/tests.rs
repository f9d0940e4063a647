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

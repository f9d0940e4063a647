//! No secret is ever shown: not by `Debug`, not by an error.

use narrowgate_config::{load, parse};

const MARK: &str = "hunter2";

fn every_key() -> String {
    include_str!("every_key.yaml").to_owned()
}

#[test]
fn debug_shows_references_and_no_content() {
    let text = every_key()
        .replace("{ any: [thing, 1, ~] }", "{ key: hunter2 }")
        .replace(
            "https://witness.example.com/heads",
            "https://witness.example.com/hunter2",
        );
    let loaded = parse(&text, "gate.yaml").unwrap_or_else(|errors| panic!("{errors}"));
    for shown in [format!("{loaded:?}"), format!("{loaded:#?}")] {
        assert!(!shown.contains(MARK), "{shown}");
        assert!(shown.contains("env:HOOK_URL"), "references are shown");
    }
}

#[test]
fn a_resolved_secret_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("admin.password"), MARK).unwrap();
    std::fs::write(dir.path().join("gate.yaml"), every_key()).unwrap();
    let loaded = load(dir.path().join("gate.yaml")).unwrap();
    let reference = loaded.config.targets[0].credentials[0]
        .password
        .as_ref()
        .unwrap();
    let secret = reference.resolve(&loaded.dir).unwrap();
    assert_eq!(secret.expose_str(), Some(MARK));
    assert!(!format!("{secret:?} {secret:#?} {:?}", Some(&secret)).contains(MARK));
}

/// Somebody writes the secret where its reference belongs, or writes it wrong.
#[test]
fn errors_do_not_quote_what_could_be_a_secret() {
    let places = [
        "env:GW_KEY",
        "file:client.key",
        "file:admin.password",
        "env:HOOK_URL",
        "file:hook.key",
        "file:recording.key",
        "{ username: gateway }",
        "{ days: 90 }",
        "[clock, text]",
        "{ memory: 16MiB, timeout: 100ms, instances: 10 }",
        "https://witness.example.com/heads",
        "file:jwks.json",
        "https://sso.example.com",
        "db.example.com:5432",
        "30m",
        "16MiB",
        "verify-full",
        "./filters/own.wasm",
    ];
    let writings = [
        MARK.to_owned(),
        format!("env:{MARK}-"),
        format!("'{MARK}://x'"),
        format!("'http://example.com/{MARK}'"),
        format!("{{ {{ {MARK}: 1 }}: 2 }}"),
        format!("[{MARK}"),
        format!("!x {MARK}"),
    ];
    let text = every_key();
    for place in places {
        assert!(text.contains(place), "{place}");
        for writing in &writings {
            if let Err(errors) = parse(&text.replacen(place, writing, 1), "gate.yaml") {
                let shown = format!("{errors} {errors:?}");
                assert!(!shown.contains(MARK), "{place} → {writing}: {shown}");
            }
        }
    }
}

//! Configurations that load, and what is in them then.

use std::path::Path;
use std::time::Duration;

use narrowgate_config::{
    ApprovalStore, FilterRef, LogFormat, Protocol, SecretRef, Sync, TlsMode, load, parse, schema,
};
use serde_json::Value;

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

#[test]
fn the_full_example() {
    let loaded = load(file("full.yaml")).unwrap_or_else(|errors| panic!("{errors}"));
    let config = &loaded.config;
    assert_eq!(config.issuers.len(), 2);
    assert_eq!(&*config.issuers[0].url, "https://id.example.com");
    assert!(config.issuers[1].people);
    let listener = &config.listeners[0];
    assert_eq!(
        (listener.protocol, listener.bind.get().port()),
        (Protocol::Postgres, 6432)
    );
    assert_eq!(
        listener.tls.as_ref().unwrap().cert.path(&loaded.dir),
        file("gw.crt"),
        "beside the configuration"
    );
    let target = &config.targets[0];
    assert_eq!(
        (target.address.host(), target.address.port()),
        ("127.0.0.1", 5432)
    );
    assert_eq!(target.tls.mode, TlsMode::VerifyFull);
    assert_eq!(
        target.credentials[0].password,
        Some(SecretRef::Env("BILLING_PASSWORD".to_owned()))
    );
    let chain = &config.chains["guarded"];
    assert_eq!((chain.open, chain.filters.len()), (false, 6));
    assert!(chain.filters[0].filter.is("recording"));
    assert!(matches!(chain.filters[5].filter, FilterRef::File(_)));
    assert_eq!(chain.filters[5].grants[0].as_str(), "clock");
    assert_eq!(config.approvals.store, ApprovalStore::Sqlite);
    assert_eq!(
        config.recordings.as_ref().unwrap().retention.unwrap().days,
        90
    );
    assert_eq!(config.limits.connections, 10_000);
}

#[test]
fn filters_complaints_are_placed() {
    let loaded = load(file("full.yaml")).unwrap();
    let chain = &loaded.config.chains["guarded"];
    let at = |index, pointer: &str| {
        let position = loaded
            .positions
            .locate(&(chain.config_pointer("guarded", index) + pointer));
        (position.line, position.column)
    };
    assert_eq!(at(2, "/rules/0/groups/0"), (20, 44));
    assert_eq!(at(5, "/to"), (23, 152));
    assert_eq!(
        at(2, "/rules/0/deny"),
        (20, 13),
        "what is not there is missed around it"
    );

    let pointer = chain.config_pointer("guarded", 1) + "/issuers/0";
    let error = loaded
        .positions
        .error(pointer, "there is no issuer `agent`", None);
    let shown = loaded.errors(vec![error]).to_string();
    assert!(
        shown.ends_with("full.yaml:16:43: there is no issuer `agent`"),
        "{shown}"
    );
}

#[test]
fn the_pointers_of_an_open_chain_are_one_level_deeper() {
    let loaded = load(file("every_key.yaml")).unwrap();
    let chain = &loaded.config.chains["guarded"];
    assert!(chain.open);
    assert_eq!(
        chain.config_pointer("guarded", 0),
        "/chains/guarded/filters/0/config"
    );
    assert_eq!(
        loaded
            .positions
            .locate("/chains/guarded/filters/0/config/any/1")
            .line,
        49
    );
}

#[test]
fn what_is_left_out_has_its_default() {
    let text = "
listeners: [{ name: db, bind: 127.0.0.1:0, protocol: postgres, chain: all, allow_cleartext: true }]
targets: [{ name: billing, protocol: postgres, address: db:5432, credentials: [{ username: gate }] }]
chains: { all: [{ filter: auth }, { filter: policy }] }
";
    let loaded = parse(text, "gate.yaml").unwrap_or_else(|errors| panic!("{errors}"));
    let config = loaded.config;
    assert_eq!(config.targets[0].default_database(), "billing");
    assert_eq!(config.targets[0].tls.mode, TlsMode::VerifyFull);
    assert_eq!(config.limits.handshake.get(), Duration::from_secs(10));
    assert_eq!(config.limits.statement_length.len(), 1 << 20);
    assert_eq!(config.shutdown.drain.get(), Duration::from_secs(30));
    assert_eq!(config.approvals.per_identity_limit, 20);
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(
        config.chains["all"].filters[0].limits.timeout.get(),
        Duration::from_millis(250)
    );
    assert!(config.recordings.is_none() && config.admin.is_none());
    assert!(loaded.dir.is_absolute());
}

#[test]
fn every_key_of_the_schema_can_be_written() {
    let loaded = load(file("every_key.yaml")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(loaded.config.recordings.as_ref().unwrap().sync, Sync::Disk);
    let text = std::fs::read_to_string(file("every_key.yaml")).unwrap();
    let schema = schema();
    let mut schemas: Vec<&Value> = vec![&schema];
    schemas.extend(schema["$defs"].as_object().unwrap().values());
    let mut keys = 0;
    for schema in schemas {
        for key in schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key)
        {
            assert!(text.contains(&format!("{key}:")), "{key}");
            keys += 1;
        }
    }
    assert!(keys > 60, "{keys}");
}

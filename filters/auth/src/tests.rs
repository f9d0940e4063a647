use narrowgate_sdk::Verified;
use narrowgate_sdk::testing::{clock, issuer, session, token};
use serde_json::{Value, json};

use super::*;

/// The time in all tests, in seconds.
const NOW: u64 = 1_800_000_000;

fn filter() -> Auth {
    clock(NOW * 1000, 0);
    issuer(
        "agents",
        IssuerRules {
            audiences: vec!["narrowgate".into()],
            groups_claim: "groups".into(),
            subject_claim: "sub".into(),
            groups: vec!["insights".into(), "ops".into()],
            clock_skew: 30,
            lifetime: 3600,
        },
    );
    issuer("staff", IssuerRules::default());
    let config = Config {
        issuers: vec!["agents".into()],
        required_claims: Default::default(),
    };
    Auth::new(config).unwrap()
}

fn good() -> Value {
    json!({
        "iss": "https://id.example.com", "sub": "bot", "aud": "narrowgate",
        "exp": NOW + 300, "iat": NOW - 10, "groups": ["insights", "made-up"],
    })
}

fn verified(claims: &Value) -> Verified {
    Verified {
        issuer: "agents".into(),
        algorithm: "ES256".into(),
        claims: claims.to_string(),
        header: r#"{"alg":"ES256","typ":"at+jwt"}"#.into(),
    }
}

fn connect(filter: &Auth, says: Result<Verified, TokenFault>) -> Connection {
    token("t", says);
    let credential = Credential {
        kind: "bearer".into(),
        value: "t".into(),
    };
    filter.connect(&session().anonymous().build(), Some(&credential))
}

fn reason(connection: &Connection) -> String {
    match &connection.verdict {
        Verdict::Deny(denial) => denial.message.clone(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_good_token_gives_subject_and_those_groups_that_the_issuer_may_assert() {
    let connection = connect(&filter(), Ok(verified(&good())));
    assert_eq!(connection.verdict, Verdict::Proceed);
    let identity = connection.identity.unwrap();
    assert_eq!(
        (identity.issuer.as_str(), identity.subject.as_str()),
        ("agents", "bot")
    );
    assert_eq!(identity.groups, ["insights"]);
    assert_eq!(identity.expires, NOW + 300);
}

#[test]
fn every_rule_is_asked() {
    let without = |claim: &str| {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(claim);
        claims
    };
    let with = |claim: &str, value: Value| {
        let mut claims = good();
        claims[claim] = value;
        claims
    };
    for (claims, expected) in [
        (without("exp"), "no expiry"),
        (with("exp", json!("tomorrow")), "exp is not a time"),
        (with("exp", json!(NOW - 31)), "expired"),
        (with("exp", json!(NOW - 30)), "expired"),
        (with("exp", json!(-5)), "exp is not a time"),
        (with("nbf", json!(NOW + 31)), "not valid yet"),
        (with("iat", json!(NOW + 31)), "issued in the future"),
        (with("exp", json!(NOW + 4000)), "lives longer"),
        (without("aud"), "no audience"),
        (with("aud", json!("other")), "another audience"),
        (with("aud", json!(["other", 7])), "another audience"),
        (without("sub"), "no usable subject"),
        (with("sub", json!("")), "no usable subject"),
        (with("sub", json!(7)), "no usable subject"),
        (with("groups", json!({"a": 1})), "not readable"),
        (with("groups", json!(["insights", 7])), "not readable"),
        (json!([]), "not readable"),
    ] {
        let connection = connect(&filter(), Ok(verified(&claims)));
        assert!(
            reason(&connection).contains(expected),
            "{claims}: {}",
            reason(&connection)
        );
        assert!(connection.identity.is_none());
    }
}

#[test]
fn what_is_tolerated_is_tolerated() {
    for (claim, value) in [
        ("exp", json!(NOW - 29)),
        ("nbf", json!(NOW + 30)),
        ("aud", json!(["x", "narrowgate"])),
        ("groups", json!("insights")),
        ("groups", Value::Null),
        ("exp", json!(NOW as f64 + 0.5)),
    ] {
        let mut claims = good();
        claims[claim] = value;
        assert_eq!(
            connect(&filter(), Ok(verified(&claims))).verdict,
            Verdict::Proceed,
            "{claims}"
        );
    }
}

#[test]
fn headers_that_mean_something_else_are_refused() {
    for (header, algorithm, expected) in [
        (r#"{"typ":"dpop+jwt"}"#, "ES256", "not an access token"),
        (r#"{"typ":7}"#, "ES256", "type is not readable"),
        (r#"{"crit":["b64"]}"#, "ES256", "critical"),
        (r#"{}"#, "HS256", "algorithm is not accepted"),
        (r#"{}"#, "none", "algorithm is not accepted"),
        ("[]", "ES256", "header is not readable"),
    ] {
        let token = Verified {
            header: header.into(),
            algorithm: algorithm.into(),
            ..verified(&good())
        };
        let connection = connect(&filter(), Ok(token));
        assert!(
            reason(&connection).contains(expected),
            "{header}: {}",
            reason(&connection)
        );
    }
}

#[test]
fn what_the_host_cannot_verify_is_denied_or_waited_for() {
    let filter = filter();
    let wait = connect(&filter, Err(TokenFault::KeysMissing("keys:agents".into())));
    assert_eq!(wait.verdict, Verdict::Wait(vec!["keys:agents".into()]));
    for fault in [
        TokenFault::Malformed("it is no JWT".into()),
        TokenFault::UnknownIssuer,
        TokenFault::UnknownKey,
        TokenFault::BadSignature,
        TokenFault::Unavailable,
    ] {
        assert!(matches!(
            connect(&filter, Err(fault)).verdict,
            Verdict::Deny(_)
        ));
    }
    let nobody = session().anonymous().build();
    assert!(matches!(
        filter.connect(&nobody, None).verdict,
        Verdict::Deny(_)
    ));
}

#[test]
fn another_issuer_of_the_gateway_is_not_one_of_the_chain() {
    let token = Verified {
        issuer: "staff".into(),
        ..verified(&good())
    };
    assert!(reason(&connect(&filter(), Ok(token))).contains("does not accept"));
}

#[test]
fn required_claims_have_to_be_there() {
    let mut filter = filter();
    filter.config.required_claims = serde_json::from_str(r#"{"env":["prod","test"]}"#).unwrap();
    assert!(reason(&connect(&filter, Ok(verified(&good())))).contains("claim env"));
    let mut claims = good();
    claims["env"] = json!("test");
    assert_eq!(
        connect(&filter, Ok(verified(&claims))).verdict,
        Verdict::Proceed
    );
}

#[test]
fn only_tokens_are_credentials() {
    let filter = filter();
    token("t", Ok(verified(&good())));
    let nobody = session().anonymous().build();
    for (kind, accepted) in [
        ("bearer", true),
        ("password", true),
        ("certificate", false),
        ("", false),
    ] {
        let credential = Credential {
            kind: kind.into(),
            value: "t".into(),
        };
        let connection = filter.connect(&nobody, Some(&credential));
        assert_eq!(connection.identity.is_some(), accepted, "{kind}");
    }
    let empty = Credential {
        kind: "bearer".into(),
        value: String::new(),
    };
    assert!(reason(&filter.connect(&nobody, Some(&empty))).contains("no token"));
}

#[test]
fn a_session_ends_when_its_issuer_names_people_or_groups_by_other_claims() {
    let filter = filter();
    let mut claims = good();
    claims["email"] = json!("bot@example.com");
    claims["roles"] = json!(["ops"]);
    let session = session()
        .subject("agents", "bot")
        .groups(&["insights"])
        .claims(&claims.to_string())
        .build();
    assert_eq!(filter.renew(&session), Verdict::Proceed);
    let rules = || IssuerRules::of("agents").unwrap();
    issuer(
        "agents",
        IssuerRules {
            subject_claim: "email".into(),
            ..rules()
        },
    );
    assert!(
        matches!(filter.renew(&session), Verdict::Deny(denial) if denial.message.contains("another subject"))
    );
    issuer(
        "agents",
        IssuerRules {
            subject_claim: "sub".into(),
            groups_claim: "roles".into(),
            ..rules()
        },
    );
    assert!(
        matches!(filter.renew(&session), Verdict::Deny(denial) if denial.message.contains("group insights"))
    );
    issuer(
        "agents",
        IssuerRules {
            groups_claim: "groups".into(),
            audiences: vec!["other".into()],
            ..rules()
        },
    );
    assert!(matches!(filter.renew(&session), Verdict::Deny(_)));
}

#[test]
fn an_algorithm_is_accepted_by_name_and_no_other() {
    for (algorithm, accepted) in [
        ("RS256", true),
        ("PS512", true),
        ("ES256", true),
        ("ES384", true),
        ("EdDSA", true),
        ("HS256", false),
        ("HS512", false),
        ("none", false),
        ("None", false),
        ("", false),
        ("rs256", false),
    ] {
        let token = Verified {
            algorithm: algorithm.into(),
            ..verified(&good())
        };
        assert_eq!(
            connect(&filter(), Ok(token)).identity.is_some(),
            accepted,
            "{algorithm}"
        );
    }
}

#[test]
fn mistakes_say_where() {
    for (json, pointer) in [
        (r#"{"issuers":[]}"#, "/issuers"),
        (
            r#"{"issuers":["agents"],"required_claims":{"a/b":[]}}"#,
            "/required_claims/a~1b",
        ),
    ] {
        let Err(errors) = Auth::new(serde_json::from_str(json).unwrap()) else {
            panic!("{json}")
        };
        assert_eq!(errors[0].pointer, pointer);
    }
}

#[test]
fn a_session_ends_with_its_token_its_issuer_or_its_groups() {
    let filter = filter();
    let known = |claims: &Value, issuer: &str, groups: &[&str]| {
        session()
            .subject(issuer, "bot")
            .groups(groups)
            .claims(&claims.to_string())
            .build()
    };
    assert_eq!(
        filter.renew(&known(&good(), "agents", &["insights"])),
        Verdict::Proceed
    );
    assert!(matches!(
        filter.renew(&known(&good(), "staff", &[])),
        Verdict::Deny(_)
    ));
    assert!(matches!(
        filter.renew(&known(&good(), "agents", &["gone"])),
        Verdict::Deny(_)
    ));
    let mut old = good();
    old["exp"] = json!(NOW - 100);
    assert!(matches!(
        filter.renew(&known(&old, "agents", &[])),
        Verdict::Deny(_)
    ));
    assert!(matches!(
        filter.renew(&session().anonymous().build()),
        Verdict::Deny(_)
    ));
}

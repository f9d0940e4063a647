//! Who may see and decide what, through the API itself.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use narrowgate_store::approvals::{self, Approvals, NewRequest, OnDisconnect, Subject, Validity};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Admin, Status, serve};
use crate::connections::Connections;
use crate::gate::Limits;
use crate::identity::Keys;
use crate::metrics::Metrics;
use crate::plan::{self, ApprovalStore, Bounds, Issuer, KeySource, Plan};
use crate::postgres::{Cancels, Catalogs};
use crate::services::{Services, Stage};

/// RFC 8410, section 10.3, and its public half.
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
const PUBLIC: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"}]}"#;

/// A gateway's administrative port, with one request waiting.
struct Gateway {
    admin: Admin,
    id: String,
    _directory: tempfile::TempDir,
}

impl Gateway {
    /// The agent `a7` asks to drop a table; one of `dba` has to agree.
    async fn new() -> Self {
        crate::install_crypto();
        let directory = tempfile::tempdir().unwrap();
        let approvals =
            Approvals::open(&directory.path().join("a"), approvals::Options::default()).unwrap();
        let request = approvals.request(drop_table()).await.unwrap();
        let plan = plan(vec![
            issuer("agents", &["worker", "dba-bot"], false),
            issuer("staff", &["dba", "dev"], true),
            issuer("partner", &["dba-partner"], true),
        ]);
        let keys = Arc::new(Keys::new().unwrap());
        keys.configure(&plan.issuers);
        let services = Services {
            plan: ArcSwap::from_pointee(plan),
            generation: watch::channel(1).0,
            stage: watch::channel(Stage::Running).0,
            approvals,
            keys,
            limits: Limits::default(),
            metrics: Arc::new(Metrics::default()),
            connections: Connections::default(),
            cancels: Cancels::default(),
            catalogs: Catalogs::new(1024, Default::default()).unwrap(),
            digest_key: vec![0; 32],
        };
        let admin = Admin {
            services: Arc::new(services),
            status: Arc::new(Status::default()),
        };
        Self {
            admin,
            id: request.id,
            _directory: directory,
        }
    }

    /// Sends a request.
    async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let app = TowerToHyperService::new(serve::app(self.admin.clone()));
        let response = app.call(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: head.status,
            challenge: head.headers.contains_key("www-authenticate"),
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// What becomes of `verb` by that person, on the request.
    async fn decide(&self, verb: &str, token: &str) -> StatusCode {
        let path = format!("/v1/approvals/{}/{verb}", self.id);
        self.ask("POST", &path, Some(token), "").await.status
    }

    /// The identifiers that this person sees.
    async fn seen(&self, token: &str) -> usize {
        let answer = self
            .ask("GET", "/v1/approvals?state=pending", Some(token), "")
            .await;
        answer.json()["approvals"].as_array().unwrap().len()
    }
}

struct Answer {
    status: StatusCode,
    challenge: bool,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

fn drop_table() -> NewRequest {
    NewRequest {
        operation: Subject {
            issuer: "agents".into(),
            subject: "a7".into(),
            target: "billing".into(),
            protocol: "postgres".into(),
            action: "drop".into(),
            text: "DROP TABLE invoices -- \u{202e}safe".into(),
            parameters: vec![],
            objects: vec!["table public.invoices".into()],
        },
        groups: vec!["worker".into()],
        filter: "approval".into(),
        rule: "drops".into(),
        reason: "it is gone then".into(),
        approvers: vec!["dba".into(), "dba-partner".into(), "dba-bot".into()],
        quorum: 1,
        wait: 600_000_000,
        validity: Validity::Once,
        on_disconnect: OnDisconnect::Keep,
        session: "ses-1".into(),
    }
}

fn issuer(name: &str, groups: &[&str], people: bool) -> Arc<Issuer> {
    Arc::new(Issuer {
        name: name.into(),
        url: format!("https://{name}.example.com"),
        audiences: vec!["narrowgate".into()],
        groups_claim: "groups".into(),
        subject_claim: "sub".into(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        people,
        clock_skew: Duration::from_secs(30),
        lifetime: Duration::from_secs(3600),
        algorithms: vec![],
        keys: KeySource::Document(PUBLIC.into()),
        ca: None,
    })
}

/// People of `staff` decide; those of `partner` do not.
fn plan(issuers: Vec<Arc<Issuer>>) -> Plan {
    Plan {
        generation: 1,
        listeners: vec![],
        targets: HashMap::new(),
        chains: HashMap::new(),
        issuers,
        bounds: Bounds {
            connections: 1,
            connections_per_identity: 1,
            handshake: Duration::from_secs(1),
            idle: Duration::from_secs(1),
            message_length: 1,
            statement_length: 1,
            session_memory: 1,
        },
        drain: Duration::ZERO,
        admin: Some(Arc::new(plan::Admin {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            deciders: vec!["staff".into()],
        })),
        approvals: ApprovalStore {
            directory: "a".into(),
            open: 10,
            open_per_identity: 10,
            retention: Duration::from_secs(1),
        },
        webhooks: vec![],
        recordings: None,
        log: narrowgate_config::Log::default(),
        state_directory: "s".into(),
        files: vec![],
    }
}

fn token(issuer: &str, subject: &str, groups: &[&str]) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    signed(&json!({
        "iss": format!("https://{issuer}.example.com"), "sub": subject, "aud": "narrowgate",
        "groups": groups, "iat": now, "exp": now + 600,
    }))
}

fn signed(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("a".into());
    encode(
        &header,
        claims,
        &EncodingKey::from_ed_pem(PRIVATE.as_bytes()).unwrap(),
    )
    .unwrap()
}

#[tokio::test]
async fn whoever_may_be_asked_and_whoever_asked_may_see_a_request() {
    let gateway = Gateway::new().await;
    for (token, sees) in [
        (token("staff", "ada", &["dba"]), 1),
        (token("partner", "max", &["dba-partner"]), 1),
        (token("agents", "a7", &["worker"]), 1),
        (token("agents", "a8", &["worker"]), 0),
        (token("staff", "bob", &["dev"]), 0),
        // Groups that its issuer may not assert count for nothing.
        (token("agents", "a9", &["dba"]), 0),
        // The same subject of another issuer is somebody else.
        (token("staff", "a7", &[]), 0),
    ] {
        assert_eq!(gateway.seen(&token).await, sees);
        let path = format!("/v1/approvals/{}", gateway.id);
        let status = gateway.ask("GET", &path, Some(&token), "").await.status;
        let expected = if sees == 1 {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(status, expected);
    }
}

#[tokio::test]
async fn only_people_who_may_be_asked_decide_and_never_about_themselves() {
    let gateway = Gateway::new().await;
    for verb in ["approve", "deny", "revoke"] {
        for (token, expected) in [
            (token("staff", "bob", &["dev"]), StatusCode::NOT_FOUND),
            (token("agents", "a8", &["worker"]), StatusCode::NOT_FOUND),
        ] {
            assert_eq!(gateway.decide(verb, &token).await, expected, "{verb}");
        }
    }
    for (token, expected) in [
        (token("agents", "bot", &["dba-bot"]), StatusCode::FORBIDDEN),
        (
            token("agents", "a7", &["worker", "dba-bot"]),
            StatusCode::FORBIDDEN,
        ),
        (
            token("partner", "max", &["dba-partner"]),
            StatusCode::FORBIDDEN,
        ),
        (token("staff", "ada", &["dba"]), StatusCode::OK),
        (token("staff", "eve", &["dba"]), StatusCode::CONFLICT),
    ] {
        assert_eq!(gateway.decide("approve", &token).await, expected);
    }
    let ada = token("staff", "ada", &["dba"]);
    assert_eq!(gateway.decide("revoke", &ada).await, StatusCode::OK);
    assert_eq!(gateway.decide("deny", &ada).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn nothing_is_told_without_a_good_token() {
    let gateway = Gateway::new().await;
    let good = token("staff", "ada", &["dba"]);
    let expired = signed(&json!({
        "iss": "https://staff.example.com", "sub": "ada", "aud": "narrowgate",
        "groups": ["dba"], "iat": 1_000, "exp": 2_000,
    }));
    let mut forged = good.clone();
    forged.replace_range(good.len() - 8..good.len() - 4, "AAAA");
    let unsigned = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL3N0YWZmLmV4YW1wbGUuY29tIn0.";
    for bad in [
        None,
        Some(""),
        Some("x"),
        Some(&*expired),
        Some(&*forged),
        Some(unsigned),
    ] {
        let answer = gateway.ask("GET", "/v1/approvals", bad, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad:?}");
        assert!(answer.challenge, "{bad:?}");
        assert!(!answer.text.contains("apr-"));
    }
}

#[tokio::test]
async fn what_is_shown_hides_nothing_and_is_bound_by_its_digest() {
    let gateway = Gateway::new().await;
    let ada = token("staff", "ada", &["dba"]);
    let path = format!("/v1/approvals/{}", gateway.id);
    let shown = gateway.ask("GET", &path, Some(&ada), "").await.json();
    assert_eq!(shown["text"], "DROP TABLE invoices -- \\u{202e}safe");
    assert_eq!(shown["digest"], approvals::digest(&drop_table().operation));
    assert_eq!(shown["state"], "pending");
    assert!(shown["deadline_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn nonsense_is_a_problem_with_a_reason() {
    let gateway = Gateway::new().await;
    let ada = Some(token("staff", "ada", &["dba"]));
    let ada = ada.as_deref();
    let deny = format!("/v1/approvals/{}/deny", gateway.id);
    let long = format!("{{\"comment\": \"{}\"}}", "x".repeat(5000));
    for (method, path, body, status) in [
        (
            "GET",
            "/v1/approvals?state=asleep",
            "",
            StatusCode::BAD_REQUEST,
        ),
        ("GET", "/v1/approvals?limit=x", "", StatusCode::BAD_REQUEST),
        ("GET", "/v1/approvals/apr-none", "", StatusCode::NOT_FOUND),
        ("POST", &deny, "{", StatusCode::BAD_REQUEST),
        ("POST", &deny, "{\"coment\": \"\"}", StatusCode::BAD_REQUEST),
        ("POST", &deny, &long, StatusCode::BAD_REQUEST),
        ("DELETE", &deny, "", StatusCode::METHOD_NOT_ALLOWED),
        ("GET", "/v2", "", StatusCode::NOT_FOUND),
    ] {
        let answer = gateway.ask(method, path, ada, body).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.json()["status"], status.as_u16());
        assert!(!answer.json()["detail"].as_str().unwrap().is_empty());
    }
    let huge = "x".repeat(64 * 1024);
    let answer = gateway.ask("POST", &deny, ada, &huge).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn health_readiness_and_metrics_need_no_token() {
    let gateway = Gateway::new().await;
    assert_eq!(
        gateway.ask("GET", "/healthz", None, "").await.status,
        StatusCode::OK
    );
    let ready = gateway.ask("GET", "/readyz", None, "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    gateway.admin.status.listening();
    assert_eq!(
        gateway.ask("GET", "/readyz", None, "").await.status,
        StatusCode::OK
    );
    let metrics = gateway.ask("GET", "/metrics", None, "").await;
    assert!(metrics.text.ends_with("# EOF\n"), "{}", metrics.text);
}

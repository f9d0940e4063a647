//! What the tests share: one engine, sessions, operations, and filters made of
//! the guests in `fixtures`.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use narrowgate_chain::{
    Direction, Effect, Operation, Phase, Session, SessionStart, Shape, Statement, Value, attribute,
};
use narrowgate_wasm::{
    Configured, Engine, Grants, HostServices, IssuerRules, Limits, Loader, Module, Setup,
    TokenFault, Tokens, Verified,
};

/// One for all tests: an engine sets much of the address space aside.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

static LOADER: LazyLock<Loader> = LazyLock::new(|| Loader::new(ENGINE.clone(), None).unwrap());

static PUPPET: LazyLock<Arc<Module>> = LazyLock::new(|| load("puppet"));

/// The bytes of a fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read(folder.join(name).with_added_extension("wasm")).unwrap()
}

/// A fixture, loaded.
pub(crate) fn load(name: &str) -> Arc<Module> {
    LOADER.load(&fixture(name), None).unwrap()
}

/// How a test wants a filter to be.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) shared: bool,
    pub(crate) trusted: bool,
    pub(crate) grants: &'static [&'static str],
    pub(crate) limits: Limits,
}

/// Bounds that let tests end soon.
pub(crate) const LIMITS: Limits = Limits {
    memory: 16 << 20,
    timeout: Duration::from_millis(60),
    instances: 3,
};

/// A filter of ours.
pub(crate) const OURS: Kind = Kind {
    shared: true,
    trusted: true,
    grants: &[],
    limits: LIMITS,
};

/// A user's filter.
pub(crate) const FOREIGN: Kind = Kind {
    shared: false,
    trusted: false,
    ..OURS
};

impl Kind {
    pub(crate) fn given(self, grants: &'static [&'static str]) -> Self {
        Self { grants, ..self }
    }

    pub(crate) fn setup(self, config: &str) -> Setup {
        Setup {
            name: "test".into(),
            config: config.into(),
            grants: Grants::parse(self.grants.iter().copied()).unwrap(),
            limits: self.limits,
            shared: self.shared,
            trusted: self.trusted,
            services: HostServices {
                tokens: Arc::new(Issuer),
                offset_minutes: || 90,
            },
        }
    }

    /// The puppet with this script.
    pub(crate) fn puppet(self, script: &str) -> Arc<Configured> {
        let setup = self.setup(&format!("\"{script}\""));
        Arc::new(Configured::new(PUPPET.clone(), setup).unwrap())
    }
}

/// Knows one token.
struct Issuer;

impl Tokens for Issuer {
    fn verify(&self, token: &str) -> Result<Verified, TokenFault> {
        match token {
            "good" => Ok(Verified {
                issuer: "i".into(),
                algorithm: "ES256".into(),
                claims: r#"{"sub":"s"}"#.into(),
                header: "{}".into(),
            }),
            "new-key" => Err(TokenFault::KeysMissing("keys:i".into())),
            "forged" => Err(TokenFault::BadSignature),
            _ => Err(TokenFault::Malformed("no token".into())),
        }
    }

    fn issuer(&self, name: &str) -> Option<IssuerRules> {
        (name == "i").then(|| IssuerRules {
            audiences: vec!["narrowgate".into()],
            groups_claim: "groups".into(),
            subject_claim: "sub".into(),
            groups: vec!["g".into(), "h".into()],
            clock_skew: 30,
            lifetime: 3600,
        })
    }
}

/// A session of that number.
pub(crate) fn session(number: u64) -> Arc<Session> {
    Session::new(SessionStart {
        number,
        id: format!("session-{number}"),
        listener: "databases".into(),
        protocol: "postgres",
        target: "billing".into(),
        client: "127.0.0.1:5".into(),
        user: "me".into(),
        encrypted: true,
    })
}

/// An operation with that action.
pub(crate) fn operation(action: &str) -> Arc<Operation> {
    statement(Statement {
        action: action.into(),
        ..Statement::default()
    })
}

/// An operation of a statement.
pub(crate) fn statement(statement: Statement) -> Arc<Operation> {
    Arc::new(Operation {
        id: 7,
        phase: Phase::Execute,
        statement: Arc::new(statement),
        text: "the text".into(),
        display: None,
        parameters: vec![None, Some("ab".into())],
        binary: vec![false, false],
    })
}

/// Plain bytes towards the client.
pub(crate) fn bytes() -> Shape {
    Shape {
        direction: Direction::ToClient,
        content: "text/plain",
        columns: vec![],
        attributes: vec![],
    }
}

/// What a guest told by that name in its effects.
pub(crate) fn told<'a>(effects: &'a [Effect], name: &str) -> Option<&'a Value> {
    effects
        .iter()
        .find_map(|effect| attribute(&effect.attributes, name))
}

/// Runs as a worker does: one thread, sessions as local tasks.
pub(crate) fn worker<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(tokio::task::LocalSet::new().run_until(test))
}

//! Testing filters natively, without Wasm and without a gateway.
//!
//! ```
//! use narrowgate_sdk::testing::{operation, session};
//!
//! let session = session().target("billing").groups(&["dba"]).build();
//! let operation = operation("select").table("public.invoices", &["id"]).build();
//! assert_eq!(session.target(), "billing");
//! assert_eq!(operation.objects[0].name, "public.invoices");
//! ```

use std::cell::OnceCell;
use std::rc::Rc;

use crate::host::TEST;
use crate::session::Inner;
use crate::{
    Access, Flow, Identity, IssuerRules, Object, Operation, Origin, Phase, Predicate, Session,
    TokenFault, Value, Verified,
};

/// A session in the making.
pub struct SessionBuilder(Inner);

/// An operation in the making.
pub struct OperationBuilder(Operation<'static>);

/// A PostgreSQL session of `bot`, of the issuer `agents`, at the target `billing`.
pub fn session() -> SessionBuilder {
    SessionBuilder(Inner {
        number: 1,
        id: "session".to_owned(),
        listener: "databases".to_owned(),
        protocol: "postgres".to_owned(),
        target: "billing".to_owned(),
        client: "127.0.0.1:50000".to_owned(),
        user: "agent".to_owned(),
        encrypted: true,
        identity: Some(Identity {
            issuer: "agents".to_owned(),
            subject: "bot".to_owned(),
            groups: Vec::new(),
            expires: u64::MAX,
            claims: "{}".to_owned(),
        }),
        ..Inner::default()
    })
}

/// An operation that is about to run.
pub fn operation(action: &str) -> OperationBuilder {
    OperationBuilder(Operation {
        id: 1,
        phase: Phase::Execute,
        action: action.to_owned(),
        actions: vec![action.to_owned()],
        ..Operation::default()
    })
}

/// What the clock says, in milliseconds since 1970-01-01 UTC, and how many
/// minutes the time zone is ahead.
pub fn clock(now: u64, offset: i32) {
    TEST.with_borrow_mut(|test| (test.now, test.offset) = (now, offset));
}

/// What the host says to a token.
pub fn token(token: &str, says: Result<Verified, TokenFault>) {
    TEST.with_borrow_mut(|test| {
        test.tokens.retain(|(known, _)| known != token);
        test.tokens.push((token.to_owned(), says));
    });
}

/// An issuer that the host knows.
pub fn issuer(name: &str, rules: IssuerRules) {
    TEST.with_borrow_mut(|test| {
        test.issuers.retain(|(known, _)| known != name);
        test.issuers.push((name.to_owned(), rules));
    });
}

impl SessionBuilder {
    /// Another number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.number = number;
        self
    }

    /// Another target.
    #[must_use]
    pub fn target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.0.target);
        self
    }

    /// Another issuer and subject.
    #[must_use]
    pub fn subject(mut self, issuer: &str, subject: &str) -> Self {
        let identity = self.0.identity.get_or_insert_default();
        issuer.clone_into(&mut identity.issuer);
        subject.clone_into(&mut identity.subject);
        self
    }

    /// Groups of the identity.
    #[must_use]
    pub fn groups(mut self, groups: &[&str]) -> Self {
        self.0.identity.get_or_insert_default().groups =
            groups.iter().map(|group| (*group).to_owned()).collect();
        self
    }

    /// Claims of the identity.
    #[must_use]
    pub fn claims(mut self, claims: &str) -> Self {
        claims.clone_into(&mut self.0.identity.get_or_insert_default().claims);
        self
    }

    /// When the identity ends.
    #[must_use]
    pub fn expires(mut self, expires: u64) -> Self {
        self.0.identity.get_or_insert_default().expires = expires;
        self
    }

    /// A session attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.attributes.push((name.to_owned(), value.into()));
        self
    }

    /// Nobody is known.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.0.identity = None;
        self
    }

    /// Without TLS.
    #[must_use]
    pub fn cleartext(mut self) -> Self {
        self.0.encrypted = false;
        self
    }

    /// The session.
    pub fn build(self) -> Session<'static> {
        Session {
            inner: Rc::new(self.0),
            handle: None,
        }
    }
}

impl OperationBuilder {
    /// It is being prepared.
    #[must_use]
    pub fn preparing(mut self) -> Self {
        self.0.phase = Phase::Prepare;
        self
    }

    /// A further action.
    #[must_use]
    pub fn and(mut self, action: &str) -> Self {
        self.0.actions.push(action.to_owned());
        self
    }

    /// Any object.
    #[must_use]
    pub fn object(mut self, object: Object) -> Self {
        self.0.objects.push(object);
        self
    }

    /// A table of which columns are read.
    #[must_use]
    pub fn table(self, name: &str, reads: &[&str]) -> Self {
        self.object(Object {
            kind: "table".to_owned(),
            name: name.to_owned(),
            access: Access {
                read: true,
                ..Access::default()
            },
            reads: reads.iter().map(|column| (*column).to_owned()).collect(),
            writes: Vec::new(),
        })
    }

    /// A table of which columns are written.
    #[must_use]
    pub fn writes(self, name: &str, writes: &[&str]) -> Self {
        self.object(Object {
            kind: "table".to_owned(),
            name: name.to_owned(),
            access: Access {
                write: true,
                ..Access::default()
            },
            reads: Vec::new(),
            writes: writes.iter().map(|column| (*column).to_owned()).collect(),
        })
    }

    /// A function that is called; `kind` is `function`, `builtin` or
    /// `catalog-function`.
    #[must_use]
    pub fn calls(self, kind: &str, name: &str) -> Self {
        self.object(Object {
            kind: kind.to_owned(),
            name: name.to_owned(),
            access: Access {
                call: true,
                ..Access::default()
            },
            ..Object::default()
        })
    }

    /// Something that is defined, changed or removed.
    #[must_use]
    pub fn defines(self, kind: &str, name: &str) -> Self {
        self.object(Object {
            kind: kind.to_owned(),
            name: name.to_owned(),
            access: Access {
                define: true,
                ..Access::default()
            },
            ..Object::default()
        })
    }

    /// Something that is not understood.
    #[must_use]
    pub fn unresolved(mut self, what: &str) -> Self {
        self.0.unresolved.push(what.to_owned());
        self
    }

    /// An attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.attributes.push((name.to_owned(), value.into()));
        self
    }

    /// An attribute that is told on demand only.
    #[must_use]
    pub fn further(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.further.push((name.to_owned(), value.into()));
        self
    }

    /// Its text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.text = OnceCell::from(Some(text.to_owned()));
        self
    }

    /// Its parameters.
    #[must_use]
    pub fn parameters(mut self, parameters: &[Option<&str>]) -> Self {
        let parameters = parameters.iter().map(|p| p.map(|p| p.as_bytes().to_vec()));
        self.0.parameters = OnceCell::from(Some(parameters.collect()));
        self
    }

    /// Where its result's columns come from.
    #[must_use]
    pub fn origins(mut self, origins: Vec<Origin>) -> Self {
        self.0.origins = OnceCell::from(Some(origins));
        self
    }

    /// Columns that influence its result.
    #[must_use]
    pub fn predicates(mut self, predicates: Vec<Predicate>) -> Self {
        self.0.predicates = OnceCell::from(predicates);
        self
    }

    /// What it puts where.
    #[must_use]
    pub fn flows(mut self, flows: Vec<Flow>) -> Self {
        self.0.flows = OnceCell::from(flows);
        self
    }

    /// Columns within its reach.
    #[must_use]
    pub fn reach(mut self, reach: &[&str]) -> Self {
        self.0.reach = OnceCell::from(reach.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
        self
    }

    /// The operation.
    pub fn build(self) -> Operation<'static> {
        self.0
    }
}

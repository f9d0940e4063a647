//! Who is asking: the bearer's own token, in every request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use narrowgate_store::approvals::{Approver, Request};

use super::Admin;
use super::problem::Problem;
use crate::identity::Person;

/// Whoever sent the request.
pub(super) struct Caller {
    /// Who it is.
    person: Person,
    /// Their issuer's people may decide here.
    decides: bool,
}

impl FromRequestParts<Admin> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, admin: &Admin) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "no_token",
                "send your own token: `Authorization: Bearer …`",
            )
        })?;
        let person = admin.services.keys.authenticate(token).await?;
        let plan = admin.services.plan.load();
        let deciders = plan.admin.as_ref().map(|admin| admin.deciders.as_slice());
        Ok(Self::new(person, deciders.unwrap_or_default()))
    }
}

impl Caller {
    /// Somebody; `deciders` are the issuers whose people may decide.
    pub(super) fn new(person: Person, deciders: &[String]) -> Self {
        Self {
            decides: person.people && deciders.contains(&person.issuer),
            person,
        }
    }

    /// Whether they may see a request: those who may be asked, and who asked.
    pub(super) fn may_see(&self, request: &Request) -> bool {
        let theirs = request.identity.issuer == self.person.issuer
            && request.identity.subject == self.person.subject;
        theirs || request.is_for(&self.person.issuer, &self.person.groups)
    }

    /// Issuer and groups.
    pub(super) fn member(&self) -> (String, Vec<String>) {
        (self.person.issuer.clone(), self.person.groups.clone())
    }

    /// Issuer and subject.
    pub(super) fn identity(&self) -> (String, String) {
        (self.person.issuer.clone(), self.person.subject.clone())
    }

    /// Themselves, as somebody who decides. The store judges whether they may.
    pub(super) fn approver(&self) -> Approver {
        Approver {
            issuer: self.person.issuer.clone(),
            subject: self.person.subject.clone(),
            groups: self.person.groups.clone(),
            people: self.decides,
        }
    }
}

/// The token of the only `Authorization` header, if it is a bearer's.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

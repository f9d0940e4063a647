//! People decide: approve, deny, revoke.

use super::error::Error;
use super::request::{Approver, Decision, Request, State, Validity, Verdict};
use super::rows;
use super::store::Store;
use crate::clock::SECOND;

/// Most bytes of a comment.
const MAX_COMMENT: usize = 4096;

impl Store {
    /// Counts one person's consent; the one that completes the quorum opens
    /// the grant.
    ///
    /// # Errors
    /// [`Error::State`] unless pending, [`Error::NotAPerson`],
    /// [`Error::OwnRequest`], [`Error::NotAnApprover`],
    /// [`Error::AlreadyDecided`], and those of the database.
    pub fn approve(&mut self, id: &str, by: &Approver, comment: &str) -> Result<Request, Error> {
        self.change(id, |transaction, request, now| {
            request.must_be(State::Pending)?;
            let decision = decision(request, by, Verdict::Approve, comment, now)?;
            rows::insert_decision(transaction, &request.id, &decision)?;
            request.decisions.push(decision);
            if request.approvals() >= request.quorum {
                request.state = State::Approved;
                request.until = match request.validity {
                    Validity::Once => None,
                    Validity::Seconds(seconds) => {
                        Some(now.saturating_add(seconds.saturating_mul(SECOND)))
                    }
                };
            }
            Ok(request.clone())
        })
    }

    /// Ends a request; one person's no is enough.
    ///
    /// # Errors
    /// As [`Store::approve`].
    pub fn deny(&mut self, id: &str, by: &Approver, comment: &str) -> Result<Request, Error> {
        self.change(id, |transaction, request, now| {
            request.must_be(State::Pending)?;
            let decision = decision(request, by, Verdict::Deny, comment, now)?;
            rows::insert_decision(transaction, &request.id, &decision)?;
            request.decisions.push(decision);
            request.end(State::Denied, now);
            Ok(request.clone())
        })
    }

    /// Takes a consent back: before its use, or while what it allowed still
    /// runs, which ends it.
    ///
    /// # Errors
    /// [`Error::State`] when there is nothing to take back, and as
    /// [`Store::approve`].
    pub fn revoke(&mut self, id: &str, by: &Approver, comment: &str) -> Result<Request, Error> {
        self.change(id, |transaction, request, now| {
            let running = request.state == State::Used && request.running > 0;
            if request.state != State::Approved && !running {
                return Err(request.in_the_way());
            }
            let decision = decision(request, by, Verdict::Revoke, comment, now)?;
            rows::insert_decision(transaction, &request.id, &decision)?;
            request.decisions.push(decision);
            request.end(State::Revoked, now);
            Ok(request.clone())
        })
    }
}

/// Checks who decides and makes the decision. Group names are per issuer, and
/// the caller has already left only those that the issuer may assert.
fn decision(
    request: &Request,
    by: &Approver,
    verdict: Verdict,
    comment: &str,
    now: u64,
) -> Result<Decision, Error> {
    if !by.people {
        return Err(Error::NotAPerson);
    }
    if (by.issuer.as_str(), by.subject.as_str()) == request.requester() {
        return Err(Error::OwnRequest);
    }
    if !request.is_for(&by.issuer, &by.groups) {
        return Err(Error::NotAnApprover);
    }
    let decided = request
        .decisions
        .iter()
        .any(|decision| decision.issuer == by.issuer && decision.subject == by.subject);
    if decided && verdict != Verdict::Revoke {
        return Err(Error::AlreadyDecided);
    }
    if comment.len() > MAX_COMMENT {
        return Err(Error::Invalid("the comment is too long"));
    }
    Ok(Decision {
        issuer: by.issuer.clone(),
        subject: by.subject.clone(),
        groups: by.groups.clone(),
        verdict,
        comment: comment.to_owned(),
        at: now,
    })
}

//! The waiting client: attached, detached, gone.

use super::error::Error;
use super::request::{OnDisconnect, Request, State, Validity};
use super::store::Store;

impl Store {
    /// Ends an open request because the requester gave up (Ctrl-C).
    ///
    /// # Errors
    /// [`Error::State`] unless pending or approved, and those of the database.
    pub fn cancel(&mut self, id: &str) -> Result<Request, Error> {
        self.change(id, |_, request, now| {
            if !matches!(request.state, State::Pending | State::Approved) {
                return Err(request.in_the_way());
            }
            request.end(State::Cancelled, now);
            Ok(request.clone())
        })
    }

    /// Attaches an open request to the session that now waits for it.
    ///
    /// # Errors
    /// [`Error::State`] unless pending or approved, and those of the database.
    pub fn attach(&mut self, id: &str, session: &str) -> Result<Request, Error> {
        self.change(id, |_, request, _| {
            if !matches!(request.state, State::Pending | State::Approved) {
                return Err(request.in_the_way());
            }
            request.attached = true;
            session.clone_into(&mut request.session);
            Ok(request.clone())
        })
    }

    /// Says that nobody waits any more, and keeps the request.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of the database.
    pub fn detach(&mut self, id: &str) -> Result<Request, Error> {
        self.change(id, |_, request, _| {
            request.attached = false;
            Ok(request.clone())
        })
    }

    /// The client of `session` is gone: does what the request says about it.
    /// Of no effect when another session has taken the request over, or when
    /// it is no longer open.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of the database.
    pub fn disconnect(&mut self, id: &str, session: &str) -> Result<Request, Error> {
        self.change(id, |_, request, now| {
            let open = matches!(request.state, State::Pending | State::Approved);
            if open && request.attached && request.session == session {
                // A time box that has opened is not this one client's.
                let shared = request.state == State::Approved && request.validity != Validity::Once;
                match request.on_disconnect {
                    OnDisconnect::Cancel if !shared => request.end(State::Cancelled, now),
                    _ => request.attached = false,
                }
            }
            Ok(request.clone())
        })
    }
}

//! A hold becomes a request, or finds the one it already has.

use rand::TryRngCore as _;
use rand::rngs::OsRng;
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::digest::{digest, put, put_len};
use super::error::{Error, Limit};
use super::outbox;
use super::request::{Identity, NewRequest, Request, State, Validity};
use super::rows;
use super::store::{Options, Store};

/// Crockford's base32 in lower case: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of an id after its prefix: 50 random bits.
const ID_LENGTH: usize = 10;
/// Most bytes of rule, reason, session and group names together.
const MAX_DETAILS: usize = 16 << 10;

impl Store {
    /// Finds the open request of the same identity for the same operation on
    /// the same terms and attaches it to this session, or makes a new one.
    ///
    /// An open request of the same filter for the same operation on other terms
    /// (rule, groups, quorum, validity) is cancelled: consent under old rules is
    /// none.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooLarge`], [`Error::TooMany`], and those
    /// of the database.
    pub fn request(&mut self, new: NewRequest) -> Result<Request, Error> {
        check(&new, &self.options)?;
        self.expire_due()?;
        let digest = digest(&new.operation);
        let terms = terms(&new);
        let open = self.open_of(&digest, &new)?;
        let mut found = None;
        for (request, open_terms) in open {
            if open_terms == terms && found.is_none() {
                found = Some(request);
            } else if asked_by(&open_terms) == asked_by(&terms) {
                self.change(&request, |_, request, now| {
                    request.end(State::Cancelled, now);
                    Ok(())
                })?;
            }
        }
        match found {
            Some(id) => self.change(&id, |_, request, _| {
                request.attached = true;
                request.session.clone_from(&new.session);
                Ok(request.clone())
            }),
            None => self.create(new, digest, &terms),
        }
    }

    /// Ids and terms of open requests for this digest by this identity. The
    /// digest binds the identity; the comparison is a second look.
    fn open_of(&self, digest: &str, new: &NewRequest) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self.connection().prepare_cached(
            "SELECT id, terms FROM requests WHERE digest = ?1 AND state IN ('pending', 'approved')
             AND issuer = ?2 AND subject = ?3 ORDER BY created DESC, id",
        )?;
        let rows = statement.query_map(
            params![digest, new.operation.issuer, new.operation.subject],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn create(&mut self, new: NewRequest, digest: String, terms: &str) -> Result<Request, Error> {
        self.transaction(|transaction, options, now| {
            check_room(transaction, options, &new)?;
            let request = Request {
                id: new_id(transaction)?,
                digest,
                identity: Identity {
                    issuer: new.operation.issuer,
                    subject: new.operation.subject,
                    groups: new.groups,
                },
                target: new.operation.target,
                protocol: new.operation.protocol,
                action: new.operation.action,
                text: new.operation.text,
                parameters: new.operation.parameters,
                objects: new.operation.objects,
                rule: new.rule,
                reason: new.reason,
                approvers: new.approvers,
                quorum: new.quorum,
                created: now,
                deadline: now.saturating_add(new.wait),
                validity: new.validity,
                until: None,
                on_disconnect: new.on_disconnect,
                attached: true,
                session: new.session,
                state: State::Pending,
                uses: 0,
                running: 0,
                ended: None,
                decisions: Vec::new(),
            };
            rows::insert(transaction, &request, terms)?;
            outbox::enqueue(transaction, options, &request, now)?;
            Ok(request)
        })
    }
}

/// Refuses requests that could never be decided, or that are too large.
fn check(new: &NewRequest, options: &Options) -> Result<(), Error> {
    if new.quorum == 0 {
        return Err(Error::Invalid("a quorum of nobody"));
    }
    if new.approvers.is_empty() {
        return Err(Error::Invalid("no group may decide"));
    }
    if new.wait == 0 {
        return Err(Error::Invalid("no time to decide"));
    }
    if new.validity == Validity::Seconds(0) {
        return Err(Error::Invalid("a grant that lasts no time"));
    }
    let size = new.operation.size();
    if size > options.max_operation {
        return Err(Error::TooLarge(size));
    }
    let groups: usize = new
        .groups
        .iter()
        .chain(&new.approvers)
        .map(String::len)
        .sum();
    if groups + new.filter.len() + new.rule.len() + new.reason.len() + new.session.len()
        > MAX_DETAILS
    {
        return Err(Error::Invalid("rule, reason and groups are too long"));
    }
    Ok(())
}

/// Refuses when the gateway or the identity has too many open requests.
fn check_room(connection: &Connection, options: &Options, new: &NewRequest) -> Result<(), Error> {
    let all: u32 = connection
        .prepare_cached("SELECT count(*) FROM requests WHERE state IN ('pending', 'approved')")?
        .query_row([], |row| row.get(0))?;
    if all >= options.max_open {
        return Err(Error::TooMany(Limit::Gateway));
    }
    let own: u32 = connection
        .prepare_cached(
            "SELECT count(*) FROM requests WHERE state IN ('pending', 'approved')
             AND issuer = ?1 AND subject = ?2",
        )?
        .query_row(
            params![new.operation.issuer, new.operation.subject],
            |row| row.get(0),
        )?;
    if own >= options.max_open_per_identity {
        return Err(Error::TooMany(Limit::Identity));
    }
    Ok(())
}

/// The filter of such terms.
fn asked_by(terms: &str) -> Option<&str> {
    terms.rsplit_once(':').map(|(filter, _)| filter)
}

/// The filter that asks, and the fingerprint of the terms that a consent is given
/// under.
fn terms(new: &NewRequest) -> String {
    let mut hash = Sha256::new();
    hash.update(b"narrowgate-terms-v1");
    put(&mut hash, new.rule.as_bytes());
    let mut approvers = new.approvers.clone();
    approvers.sort_unstable();
    put_len(&mut hash, approvers.len());
    for group in &approvers {
        put(&mut hash, group.as_bytes());
    }
    hash.update(new.quorum.to_be_bytes());
    match new.validity {
        Validity::Once => hash.update([0]),
        Validity::Seconds(seconds) => {
            hash.update([1]);
            hash.update(seconds.to_be_bytes());
        }
    }
    format!("{}:{}", new.filter, hex::encode(hash.finalize()))
}

/// An id that nobody can guess and no request has.
fn new_id(connection: &Connection) -> Result<String, Error> {
    loop {
        let mut random = [0_u8; ID_LENGTH];
        OsRng
            .try_fill_bytes(&mut random)
            .map_err(|_| Error::Io(std::io::Error::other("no randomness")))?;
        let mut id = String::from("apr-");
        id.extend(random.iter().filter_map(|byte| {
            ALPHABET
                .get(usize::from(byte & 31))
                .copied()
                .map(char::from)
        }));
        let taken: bool = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM requests WHERE id = ?1)")?
            .query_row([&id], |row| row.get(0))?;
        if !taken {
            return Ok(id);
        }
    }
}

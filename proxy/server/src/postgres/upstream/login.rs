//! Logging in at a target: trust, cleartext, MD5, SCRAM-SHA-256 and, over TLS,
//! SCRAM-SHA-256-PLUS.

use bytes::BytesMut;
use narrowgate_codec::postgres::Text;
use narrowgate_codec::postgres::backend::Authentication;
use narrowgate_codec::postgres::frontend::{PasswordMessage, SaslInitialResponse, SaslResponse};
use postgres_protocol::authentication::{md5_hash, sasl};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::DialError;
use crate::net::Stream;
use crate::plan::TargetCredential;

/// A login under way.
pub(super) struct Login<'a> {
    /// Who logs in.
    credential: &'a TargetCredential,
    /// It has to be bound to the TLS connection.
    bound: bool,
    /// The SCRAM exchange, once it has begun.
    scram: Option<sasl::ScramSha256>,
    /// The server has proven that it knows the password, where SCRAM was used.
    proven: bool,
    /// The server has let us in.
    done: bool,
}

impl<'a> Login<'a> {
    /// A login that has not begun.
    pub(super) fn new(credential: &'a TargetCredential, bound: bool) -> Self {
        Self {
            credential,
            bound,
            scram: None,
            proven: false,
            done: false,
        }
    }

    /// Who logs in.
    pub(super) fn username(&self) -> &str {
        &self.credential.username
    }

    /// True when the server has let us in.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Answers a request of the server.
    pub(super) fn answer(
        &mut self,
        request: Authentication,
        stream: &Stream,
        out: &mut BytesMut,
    ) -> Result<(), DialError> {
        if self.done {
            return Err(DialError::Unexpected);
        }
        let bound = match &request {
            Authentication::Ok => self.proven,
            Authentication::CleartextPassword | Authentication::Md5Password { .. } => false,
            Authentication::Sasl { mechanisms } => {
                let (mechanism, _) = mechanism(mechanisms, stream)?;
                mechanism == sasl::SCRAM_SHA_256_PLUS
            }
            // Goes on with the mechanism that was chosen.
            Authentication::SaslContinue { .. } | Authentication::SaslFinal { .. } => true,
        };
        if self.bound && !bound {
            return Err(DialError::Unbound);
        }
        match request {
            Authentication::Ok => {
                // A server that breaks SCRAM off has not proven who it is.
                if self.scram.is_some() && !self.proven {
                    return Err(DialError::Unexpected);
                }
                self.done = true;
            }
            Authentication::CleartextPassword => {
                let password = Text::from(self.password()?.to_owned());
                PasswordMessage { password }.encode(out)?;
            }
            Authentication::Md5Password { salt } => {
                let user = self.credential.username.as_bytes();
                let password = Text::from(md5_hash(user, self.password()?.as_bytes(), salt));
                PasswordMessage { password }.encode(out)?;
            }
            Authentication::Sasl { mechanisms } => {
                if self.scram.is_some() {
                    return Err(DialError::Unexpected);
                }
                let (mechanism, binding) = mechanism(&mechanisms, stream)?;
                let scram = sasl::ScramSha256::new(self.password()?.as_bytes(), binding);
                let data = Some(scram.message().to_vec().into());
                SaslInitialResponse {
                    mechanism: mechanism.into(),
                    data,
                }
                .encode(out)?;
                self.scram = Some(scram);
            }
            Authentication::SaslContinue { data } => {
                let scram = self.scram.as_mut().ok_or(DialError::Unexpected)?;
                scram.update(&data).map_err(DialError::Scram)?;
                SaslResponse {
                    data: scram.message().to_vec().into(),
                }
                .encode(out)?;
            }
            Authentication::SaslFinal { data } => {
                let scram = self.scram.as_mut().ok_or(DialError::Unexpected)?;
                scram.finish(&data).map_err(DialError::Scram)?;
                self.proven = true;
            }
        }
        Ok(())
    }

    /// The password, which has to be text in every kind of login.
    fn password(&self) -> Result<&str, DialError> {
        let password = self
            .credential
            .password
            .as_ref()
            .ok_or(DialError::NoPassword)?;
        password.expose_str().ok_or(DialError::NoPassword)
    }
}

/// The strongest mechanism that both sides know, with its channel binding.
fn mechanism(
    offered: &[Text],
    stream: &Stream,
) -> Result<(&'static str, sasl::ChannelBinding), DialError> {
    let offers = |name: &str| offered.iter().any(|mechanism| *mechanism == name);
    match end_point(stream) {
        Some(binding) if offers(sasl::SCRAM_SHA_256_PLUS) => Ok((
            sasl::SCRAM_SHA_256_PLUS,
            sasl::ChannelBinding::tls_server_end_point(binding),
        )),
        // Over TLS, say that we could have bound, so that a peer in between
        // cannot take the stronger mechanism off the list unseen (RFC 5802, 6).
        Some(_) if offers(sasl::SCRAM_SHA_256) => {
            Ok((sasl::SCRAM_SHA_256, sasl::ChannelBinding::unrequested()))
        }
        None if offers(sasl::SCRAM_SHA_256) => {
            Ok((sasl::SCRAM_SHA_256, sasl::ChannelBinding::unsupported()))
        }
        _ => {
            let names: Vec<_> = offered.iter().map(|name| name.to_string_lossy()).collect();
            Err(DialError::Authentication(names.join(", ")))
        }
    }
}

/// `tls-server-end-point` (RFC 5929, section 4): the hash of the certificate.
fn end_point(stream: &Stream) -> Option<Vec<u8>> {
    let Stream::Client(tls) = stream else {
        return None;
    };
    hashed(tls.get_ref().1.peer_certificates()?.first()?)
}

/// A certificate hashed as it was for its own signature; `None` for other hashes than
/// those of the SHA-2 family.
fn hashed(certificate: &[u8]) -> Option<Vec<u8>> {
    /// sha256WithRSAEncryption to sha512WithRSAEncryption, 1.2.840.113549.1.1.11 to 13.
    const RSA: [u8; 10] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
    /// ecdsa-with-SHA256 to ecdsa-with-SHA512, 1.2.840.10045.4.3.2 to 4.
    const ECDSA: [u8; 9] = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3];
    // The signature's algorithm stands in the certificate twice, in the signed part and
    // behind it (RFC 5280, sections 4.1.1.2 and 4.1.2.3).
    let twice = |id: &[u8]| {
        let found = certificate.windows(id.len()).filter(|part| part == &id);
        found.count() >= 2
    };
    let signed_with = |rsa: u8, ecdsa: u8| {
        twice(&[&RSA[..], &[rsa]].concat()) || twice(&[&ECDSA[..], &[ecdsa]].concat())
    };
    if signed_with(11, 2) {
        Some(Sha256::digest(certificate).to_vec())
    } else if signed_with(12, 3) {
        Some(Sha384::digest(certificate).to_vec())
    } else if signed_with(13, 4) {
        Some(Sha512::digest(certificate).to_vec())
    } else {
        None
    }
}

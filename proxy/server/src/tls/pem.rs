//! Reading certificates and keys.

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why TLS cannot be set up. No text quotes key material.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The PEM holds no certificate, or one that cannot be read.
    #[error("no usable certificate in the PEM: {0}")]
    Certificate(String),
    /// The PEM holds no private key, or one that cannot be read.
    #[error("no usable private key in the PEM")]
    Key,
    /// rustls refuses the combination.
    #[error("{0}")]
    Refused(#[from] rustls::Error),
    /// Client certificates cannot be verified with these roots.
    #[error("client certificate roots: {0}")]
    Roots(String),
}

/// All certificates of a PEM, in order.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::Certificate(error.to_string()))?;
    if certificates.is_empty() {
        return Err(TlsError::Certificate("it is empty".to_owned()));
    }
    Ok(certificates)
}

/// The private key of a PEM.
pub(super) fn key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| TlsError::Key)
}

/// Roots of trust from a PEM.
pub(super) fn roots(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(pem)? {
        store.add(certificate)?;
    }
    Ok(store)
}

//! A certificate authority of the test's own, and certificates from it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384,
};

/// An authority that exists as long as this value.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its private key, both PEM.
#[derive(Clone)]
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

/// The files that [`Identity::write`] wrote.
#[derive(Debug, Clone)]
pub struct IdentityFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    /// # Errors
    /// When a key cannot be made.
    pub fn new() -> Result<Self> {
        Self::with(KeyPair::generate()?)
    }

    /// An authority that signs with SHA-384.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn sha384() -> Result<Self> {
        Self::with(KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384)?)
    }

    fn with(key: KeyPair) -> Result<Self> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "narrowgate test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, key)?,
        })
    }

    /// The authority's own certificate, PEM: what clients trust.
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// A server's certificate for host names and IP addresses.
    ///
    /// # Errors
    /// When a name is neither.
    pub fn server(&self, names: &[&str]) -> Result<Identity> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let common = names.first().cloned().unwrap_or_default();
        let params = CertificateParams::new(names)?;
        self.issue(params, &common, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A server's certificate for localhost and 127.0.0.1.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn loopback(&self) -> Result<Identity> {
        self.server(&["localhost", "127.0.0.1"])
    }

    /// A client's certificate; its common name is what PostgreSQL's `cert` method compares.
    ///
    /// # Errors
    /// When a key cannot be made.
    pub fn client(&self, common_name: &str) -> Result<Identity> {
        let params = CertificateParams::default();
        self.issue(params, common_name, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(
        &self,
        mut params: CertificateParams,
        common_name: &str,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<Identity> {
        params
            .distinguished_name
            .push(DnType::CommonName, common_name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Identity {
            certificate,
            key: key.serialize_pem(),
        })
    }
}

impl Identity {
    /// Writes `NAME.crt` and `NAME.key` (0600) into `folder`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path, name: &str) -> Result<IdentityFiles> {
        let files = IdentityFiles {
            certificate: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        fs::write(&files.certificate, &self.certificate)?;
        write_private(&files.key, &self.key)?;
        Ok(files)
    }
}

/// Writes a file that only its owner reads.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    Ok(options.open(path)?.write_all(text.as_bytes())?)
}

//! What a private server is started with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Postgres, owner, template};
use crate::certs::Authority;
use crate::ports;

/// How the server lets TCP clients in (`pg_hba.conf`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    #[default]
    ScramSha256,
    Md5,
    /// The password in clear text.
    Password,
    Trust,
    /// A client certificate whose common name is the role; over TLS only.
    Certificate,
}

/// Collects a server's settings; [`Builder::start`] starts it.
#[derive(Debug, Default)]
pub struct Builder {
    /// Debian's, if nothing is said.
    version: Option<u32>,
    auth: Auth,
    tls: bool,
    hba: Vec<String>,
    settings: Vec<(String, String)>,
    sql: Vec<String>,
    /// Made at start, unless the test brings its own.
    authority: Option<Authority>,
}

impl Builder {
    /// A server of this major version: 14, 16, 17 or 18 of `tests/servers`, which have no
    /// contrib modules that need more than they bring.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.version = Some(version);
        self
    }

    /// How TCP clients are let in; SCRAM-SHA-256 if nothing is said.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// TLS with a certificate for localhost and 127.0.0.1. TCP without it is refused then.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// [`Builder::tls`] under an authority of the test's own, which client certificates come
    /// from as well.
    #[must_use]
    pub fn tls_from(mut self, authority: Authority) -> Self {
        self.authority = Some(authority);
        self.tls()
    }

    /// A line of `pg_hba.conf` before the one that [`Builder::auth`] makes.
    #[must_use]
    pub fn hba(mut self, line: &str) -> Self {
        self.hba.push(line.to_owned());
        self
    }

    /// A line of `postgresql.conf`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    /// SQL to run in the database `postgres` once the server is up.
    #[must_use]
    pub fn sql(mut self, sql: &str) -> Self {
        self.sql.push(sql.to_owned());
        self
    }

    /// Starts the server and waits until it takes connections.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, does not come up, or refuses the SQL.
    pub fn start(self) -> Result<Postgres> {
        let owner = owner::of_servers()?;
        let folder = tempfile::Builder::new()
            .prefix("narrowgate-pg-")
            .tempdir()?;
        let path = folder.path();
        // The server's user has to reach its files; nobody else has.
        owner.take(path)?;
        let binaries = owner.reach(owner::binaries(self.version)?, path)?;
        template::copy(&path.join("data"), &owner, &binaries)
            .context("cannot make a data folder")?;
        fs::write(path.join("pg_hba.conf"), self.hba_file())?;
        if self.tls {
            self.write_certificates(path)?;
        }
        for entry in fs::read_dir(path)? {
            owner.take(&entry?.path())?;
        }

        let port = ports::free()?;
        let arguments = self.arguments(path, port);
        let mut server = Postgres {
            folder,
            binaries,
            port,
            arguments,
            process: None,
        };
        server.start_again()?;
        for sql in &self.sql {
            server.sql("postgres", sql)?;
        }
        Ok(server)
    }

    fn write_certificates(&self, folder: &Path) -> Result<()> {
        let own;
        let authority = match &self.authority {
            Some(given) => given,
            None => {
                own = Authority::new()?;
                &own
            }
        };
        let trusted = folder.join("ca.crt");
        fs::write(&trusted, authority.certificate())?;
        fs::set_permissions(&trusted, fs::Permissions::from_mode(0o644))?;
        authority.loopback()?.write(folder, "server")?;
        Ok(())
    }

    fn hba_file(&self) -> String {
        let kind = if self.tls { "hostssl" } else { "host" };
        let method = match self.auth {
            Auth::ScramSha256 => "scram-sha-256",
            Auth::Md5 => "md5",
            Auth::Password => "password",
            Auth::Trust => "trust",
            Auth::Certificate => "cert",
        };
        let mut lines = vec!["local all postgres trust".to_owned()];
        lines.extend(self.hba.iter().cloned());
        lines.push(format!("{kind} all all 127.0.0.1/32 {method}\n"));
        lines.join("\n")
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<String> {
        let inside = |name: &str| folder.join(name).display().to_string();
        let mut settings = vec![
            ("port", port.to_string()),
            ("listen_addresses", "127.0.0.1".into()),
            ("unix_socket_directories", folder.display().to_string()),
            ("hba_file", inside("pg_hba.conf")),
            ("max_connections", "200".into()),
            ("shared_buffers", "64MB".into()),
            // Nothing here has to outlive a power failure.
            ("fsync", "off".into()),
            ("full_page_writes", "off".into()),
            ("synchronous_commit", "off".into()),
        ];
        if self.auth == Auth::Md5 {
            settings.push(("password_encryption", "md5".into()));
        }
        if self.tls {
            settings.extend([
                ("ssl", "on".into()),
                ("ssl_cert_file", inside("server.crt")),
                ("ssl_key_file", inside("server.key")),
                ("ssl_ca_file", inside("ca.crt")),
            ]);
        }
        let given = self
            .settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let mut arguments = vec!["-D".to_owned(), inside("data")];
        for (name, value) in settings.into_iter().chain(given) {
            arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        arguments
    }
}

//! A billing database of a test's own, on a server that tests share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::Result;

use crate::postgres::{Builder, Postgres};

/// What is in every database.
const BILLING: &str = include_str!("billing.sql");
/// The database that every other is a copy of.
const TEMPLATE: &str = "billing_template";
/// The password of the role `gateway`.
pub const PASSWORD: &str = "the-real-password";

/// The server of this test binary, while a test holds it.
static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
/// The number of the last database.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database. It is dropped with its value, the server with the last one of its.
#[derive(Debug)]
pub struct Database {
    server: Arc<Postgres>,
    name: String,
}

impl Database {
    /// A database on the shared server: SCRAM-SHA-256, no TLS.
    ///
    /// # Errors
    /// When the server does not start.
    pub fn shared() -> Result<Self> {
        let server = {
            // Held while it starts, so that nobody starts a second one.
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            match shared.upgrade() {
                Some(server) => server,
                None => {
                    let server = Arc::new(prepared(Postgres::builder())?);
                    *shared = Arc::downgrade(&server);
                    server
                }
            }
        };
        Self::on(server)
    }

    /// A database on a server of a test's own, started with `builder`.
    ///
    /// # Errors
    /// When the server does not start.
    pub fn own(builder: Builder) -> Result<Self> {
        Self::on(Arc::new(prepared(builder)?))
    }

    fn on(server: Arc<Postgres>) -> Result<Self> {
        let name = format!("billing_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
        server.sql("postgres", &create)?;
        server.sql(&name, "GRANT CREATE ON SCHEMA public TO gateway")?;
        Ok(Self { server, name })
    }

    pub fn server(&self) -> &Postgres {
        &self.server
    }

    /// The server, if no other test has it, to be stopped and started.
    pub fn server_mut(&mut self) -> Option<&mut Postgres> {
        Arc::get_mut(&mut self.server)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs SQL past the gateway, as superuser, and gives the rows.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn sql(&self, sql: &str) -> Result<String> {
        self.server.sql(&self.name, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that is about to end takes it along.
        if Arc::strong_count(&self.server) > 1 {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            let _ = self.server.sql("postgres", &drop);
        }
    }
}

/// A server with the role of the gateway and the database that others are copied from.
fn prepared(builder: Builder) -> Result<Postgres> {
    let role = format!("CREATE ROLE gateway LOGIN PASSWORD '{PASSWORD}'");
    let server = builder.sql(&role).start()?;
    server.sql("postgres", &format!("CREATE DATABASE {TEMPLATE}"))?;
    server.sql(TEMPLATE, "GRANT CREATE ON SCHEMA public TO gateway")?;
    server.sql(TEMPLATE, BILLING)?;
    Ok(server)
}

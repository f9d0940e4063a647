//! Two databases that differ in nothing but secrets, a third to try statements in, and
//! the gateway before them.

use anyhow::{Result, bail};
use narrowgate_tests::postgres::{Auth, Postgres};
use narrowgate_tests::stage::{Database, PASSWORD, Setting, Stage};
use narrowgate_tests::wire::Wire;

use super::canaries::Canaries;

const SCHEMA: &str = include_str!("world.sql");
const ROWS: &str = include_str!("rows.sql");
const READABLE: &str = include_str!("readable.sql");

/// Columns that nobody may see.
const MASKED: [(&str, &str); 12] = [
    ("customers.email", ""),
    ("customers.salary", ", with: \"null\""),
    ("customers.born", ""),
    ("customers.keys", ""),
    ("customers.blob", ""),
    ("customers.profile", ", path: $.phone"),
    ("customers.profile", ", path: $.contact.mobile"),
    ("invoices.reference", ", with: redact"),
    ("contacts.contact", ""),
    ("events.detail", ", with: \"null\""),
    ("accounts.pin", ""),
    ("premium_accounts.pin", ""),
];
/// No statement runs longer, but for what the gateway asks itself.
pub(crate) const BOUND: &str = "SET statement_timeout = '500ms'";
/// Values whose digests count as the values.
const DIGESTS: &str = "
    SELECT string_agg(concat_ws(' ', md5(form), encode(sha256(form::bytea), 'hex'),
        encode(sha512(form::bytea), 'hex')), ' ')
    FROM (SELECT email FROM customers UNION ALL SELECT reference FROM invoices
          UNION ALL SELECT pin FROM accounts UNION ALL SELECT detail FROM events
          UNION ALL SELECT profile ->> 'phone' FROM customers) secrets(secret),
        LATERAL (VALUES (secret), (upper(secret)), (reverse(secret)), (substr(secret, 2))) forms(form)";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Masked columns may decide over nothing.
    Denied,
    /// Masked columns may decide over rows.
    Allowed,
}

/// Which database is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    One,
    Other,
}

/// The databases and the gateway.
#[derive(Debug)]
pub(crate) struct World {
    stage: Stage,
    canaries: [Canaries; 2],
    /// Sessions past the gateway, one for each side.
    keepers: [Wire; 2],
}

impl World {
    /// # Errors
    /// When something does not start.
    pub(crate) fn new(seed: u64, masked: bool) -> Result<Self> {
        let server = Postgres::builder()
            .auth(Auth::Password)
            // Nothing that runs by itself may make the databases differ.
            .setting("autovacuum", "off")
            .setting("max_parallel_workers_per_gather", "0");
        let database = Database::own(server)?;
        let sql = |name: &str, sql: &str| database.server().sql(name, sql);
        sql("postgres", "ALTER ROLE gateway SUPERUSER")?;
        sql(
            database.name(),
            "DROP OWNED BY gateway; GRANT ALL ON SCHEMA public TO public",
        )?;
        sql(database.name(), SCHEMA)?;
        for copy in ["other", "trial"] {
            let create = format!("CREATE DATABASE {copy} TEMPLATE {}", database.name());
            sql("postgres", &create)?;
        }
        let mut setting = Setting::default()
            .rules(&["{ name: all, groups: [insights, clerks], allow: [{ everything: true }] }"])
            .holds(&[])
            .target("allow_privileged: true")
            .target("databases: [other]");
        setting.masks = match masked {
            true => masks(),
            false => vec!["{ match: public.nothing.masked }".to_owned()],
        };
        setting.masking = vec!["trusted_functions: [public.shout]".to_owned()];
        let server = database.server().address();
        let mut canaries = [Side::One, Side::Other].map(|side| Canaries::new(seed, side));
        let [one, other] = &mut canaries;
        let keeper = |name: &str, canaries: &Canaries| -> Result<Wire> {
            let mut wire = Wire::login_as(server, "gateway", name, PASSWORD)?;
            value(&mut wire, &canaries.sql())?;
            value(&mut wire, ROWS)?;
            Ok(wire)
        };
        keeper("trial", one)?;
        let mut keepers = [keeper(database.name(), one)?, keeper("other", other)?];
        for (wire, canaries) in keepers.iter_mut().zip([one, other]) {
            canaries.add_digests(&String::from_utf8(value(wire, DIGESTS)?)?);
        }
        let stage = Stage::on(database, setting)?;
        Ok(Self {
            stage,
            canaries,
            keepers,
        })
    }

    /// A session through the gateway.
    ///
    /// # Errors
    /// When it is refused.
    pub(crate) fn ask(&self, side: Side, asker: Asker) -> Result<Wire> {
        let group = match asker {
            Asker::Denied => "insights",
            Asker::Allowed => "clerks",
        };
        let name = match side {
            Side::One => "billing",
            Side::Other => "billing/other",
        };
        let mut wire = Wire::login(self.stage.plain(), name, &self.stage.token(&[group])?)?;
        value(&mut wire, BOUND)?;
        Ok(wire)
    }

    /// A session past the gateway, in a database with the secrets of [`Side::One`].
    ///
    /// # Errors
    /// When it is refused.
    pub(crate) fn trial(&self) -> Result<Wire> {
        let server = self.stage.database.server().address();
        Wire::login_as(server, "gateway", "trial", PASSWORD)
    }

    /// All that no rule masks, as it is stored.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn readable(&mut self, side: Side) -> Result<Vec<u8>> {
        let [one, other] = &mut self.keepers;
        let keeper = match side {
            Side::One => one,
            Side::Other => other,
        };
        value(keeper, READABLE)
    }

    /// Makes both databases what they were; `made` if there may be something in `scratch`.
    ///
    /// # Errors
    /// When one cannot be filled.
    pub(crate) fn reset(&mut self, made: bool) -> Result<()> {
        for keeper in &mut self.keepers {
            if made {
                value(keeper, "DROP SCHEMA scratch CASCADE; CREATE SCHEMA scratch")?;
            }
            value(keeper, ROWS)?;
        }
        Ok(())
    }

    pub(crate) fn canaries(&self, side: Side) -> &Canaries {
        let [one, other] = &self.canaries;
        match side {
            Side::One => one,
            Side::Other => other,
        }
    }
}

/// Runs SQL and gives the one value that it gives, or nothing.
fn value(wire: &mut Wire, sql: &str) -> Result<Vec<u8>> {
    wire.query(sql)?;
    let answer = wire.until('Z')?;
    if let Some(error) = answer.iter().find(|message| message.tag == 'E') {
        bail!("{:?} of {sql}", error.field('M'));
    }
    let row = answer.into_iter().find(|message| message.tag == 'D');
    // Behind the number of columns and the length.
    Ok(row.map_or_else(Vec::new, |row| row.body.into_iter().skip(6).collect()))
}

/// Each column for either sort of asker.
fn masks() -> Vec<String> {
    let rule = |(column, how): &(&str, &str)| {
        let rule = |group: &str, predicates: &str| {
            format!(
                "{{ match: public.{column}{how}, groups: [{group}], predicates: {predicates} }}"
            )
        };
        [rule("insights", "deny"), rule("clerks", "allow")]
    };
    MASKED.iter().flat_map(rule).collect()
}

//! A lane: a server with the two worlds, past the gateway and through it, and the gateway.
//!
//! The worlds are copies of two templates that differ in their secrets alone. A case that has
//! written anything, as the server's count of transactions tells, leaves its database to be replaced.

use anyhow::{Context, Result};
use narrowgate_tests::postgres::{Auth, Postgres};
use narrowgate_tests::stage::{Database, Stage};

use crate::canary::Canaries;
use crate::case::Case;
use crate::rules;
use crate::session::{Past, Place, play};
use crate::transcript::Transcript;

const SCHEMA: &str = include_str!("../../corpus/schema.sql");
const SECRETS: [&str; 2] = [
    include_str!("../../corpus/secrets_one.sql"),
    include_str!("../../corpus/secrets_two.sql"),
];
const ORDERS: &str = include_str!("../../corpus/orders.sql");
const STATE: &str = include_str!("../../corpus/state.sql");

/// Databases of each world that may be used up through the gateway.
const COPIES: usize = 120;

/// A world, and the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Past,
    Through,
}

pub(crate) struct Lane {
    stage: Stage,
    /// On the database `postgres`.
    control: Past,
    /// By way and world: the number of the copy in use, and whether it is there.
    copies: [[Copy; 2]; 2],
    canaries: Canaries,
}

#[derive(Debug, Clone, Copy, Default)]
struct Copy {
    number: usize,
    made: bool,
}

impl Lane {
    /// # Errors
    /// When something does not start.
    pub(crate) fn open() -> Result<Self> {
        let server = Postgres::builder()
            .auth(Auth::Trust)
            .setting("autovacuum", "off")
            .setting("wal_level", "logical")
            .setting("max_prepared_transactions", 10)
            .setting("deadlock_timeout", "100ms");
        let database = Database::own(server)?;
        let names: Vec<String> = [0, 1]
            .into_iter()
            .flat_map(|world| (0..COPIES).map(move |number| name(Way::Through, world, number)))
            .collect();
        let stage = Stage::on(database, rules::setting(&names))?;
        let server = stage.database.server();
        server.sql("postgres", "ALTER ROLE gateway SUPERUSER")?;
        for (world, secrets) in SECRETS.iter().enumerate() {
            server.sql("postgres", &format!("CREATE DATABASE {}", template(world)))?;
            server.sql(&template(world), SCHEMA)?;
            server.sql(&template(world), secrets)?;
            server.sql(&template(world), ORDERS)?;
            server.sql(&template(world), "VACUUM ANALYZE")?;
        }
        let address = server.address();
        let mut canaries = Vec::new();
        for world in [0, 1] {
            canaries.extend(Past::open(address, &template(world))?.sql("TABLE vault.canaries")?);
        }
        Ok(Self {
            control: Past::open(address, "postgres")?,
            stage,
            copies: Default::default(),
            canaries: Canaries::new(&canaries),
        })
    }

    pub(crate) fn canaries(&self) -> &Canaries {
        &self.canaries
    }

    /// Runs a case in a world as it was made.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn play(&mut self, case: &Case, way: Way, world: usize) -> Result<Transcript> {
        let place = self.place(case, way, world)?;
        let before = self.written()?;
        let transcript = play(case, &place)?;
        self.clean(case, before, way, world)?;
        Ok(transcript)
    }

    /// Undoes what outlives the database, and has it replaced if anything was written.
    fn clean(&mut self, case: &Case, before: Vec<String>, way: Way, world: usize) -> Result<()> {
        let written = self.written()? != before;
        for sql in &case.cleans {
            self.control.sql(sql).context("cannot clean")?;
        }
        match written {
            true => self.replace(way, world),
            false => Ok(()),
        }
    }

    /// Runs a case in the first world, and tells whether anything has changed there that must
    /// not.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn changes(&mut self, case: &Case, way: Way) -> Result<(Transcript, bool)> {
        let place = self.place(case, way, 0)?;
        let (written, before) = (self.written()?, self.state(&place));
        let transcript = play(case, &place)?;
        let changed = self.state(&place) != before;
        self.clean(case, written, way, 0)?;
        // What waits to be committed has not taken its number yet.
        if changed && self.copy(way, 0)?.made {
            self.replace(way, 0)?;
        }
        Ok((transcript, changed))
    }

    fn place(&mut self, case: &Case, way: Way, world: usize) -> Result<Place> {
        let copy = self.copy(way, world)?;
        let real_name = name(way, world, copy.number);
        if !copy.made {
            let sql = format!("CREATE DATABASE {real_name} TEMPLATE {}", template(world));
            self.control.sql(&sql)?;
            self.copy(way, world)?.made = true;
        }
        Ok(match way {
            Way::Past => Place {
                server: self.stage.database.server().address(),
                database: real_name.clone(),
                real_name,
                password: String::new(),
            },
            Way::Through => Place {
                server: self.stage.plain(),
                database: format!("billing/{real_name}"),
                real_name,
                password: self.stage.token(&[&case.group])?,
            },
        })
    }

    fn copy(&mut self, way: Way, world: usize) -> Result<&mut Copy> {
        let ways = self.copies.get_mut(way as usize).context("no such way")?;
        ways.get_mut(world).context("no such world")
    }

    /// The next transaction's number: whoever writes takes one.
    fn written(&mut self) -> Result<Vec<String>> {
        self.control
            .sql("SELECT pg_snapshot_xmax(pg_current_snapshot())")
    }

    /// A digest of all that no attack may change; where it cannot be told any more, why.
    fn state(&self, place: &Place) -> String {
        let server = self.stage.database.server().address();
        let told = Past::open(server, &place.real_name).and_then(|mut past| past.sql(STATE));
        told.map_or_else(|error| error.to_string(), |rows| rows.concat())
    }

    fn replace(&mut self, way: Way, world: usize) -> Result<()> {
        let copy = self.copy(way, world)?;
        let old = name(way, world, copy.number);
        copy.number += 1;
        copy.made = false;
        anyhow::ensure!(copy.number < COPIES, "all databases are used up");
        let prepared = "SELECT gid FROM pg_prepared_xacts";
        for gid in self.control.sql(prepared)? {
            Past::open(self.stage.database.server().address(), &old)?
                .sql(&format!("ROLLBACK PREPARED '{gid}'"))?;
        }
        self.control
            .sql(&format!("DROP DATABASE IF EXISTS {old} WITH (FORCE)"))?;
        Ok(())
    }
}

fn template(world: usize) -> String {
    format!("world_{world}")
}

fn name(way: Way, world: usize, number: usize) -> String {
    let way = match way {
        Way::Past => "past",
        Way::Through => "through",
    };
    format!("{way}_{world}_{number}")
}

//! The rules as they are written.

use std::collections::BTreeMap;

use narrowgate_sdk::Glob;
use narrowgate_sdk::matcher::OneOrMany;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::pattern::Pattern;

/// The policy of a chain.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The rules. What none of them allows is denied.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A rule: who, where, and what is allowed or denied.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, which denials, recordings and `explain` tell.
    pub name: String,
    /// Groups it is for, any of which is enough: `dba`, or `staff/dba` for a
    /// group of one issuer. Empty: everybody.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Subjects it is for: `bot`, or `agents/bot`; one that has a `/` itself is
    /// written with its issuer. Empty: everybody.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Issuers it is for. Empty: all.
    #[serde(default)]
    pub issuers: Vec<String>,
    /// Claims that the token has to have.
    #[serde(default)]
    pub claims: BTreeMap<String, OneOrMany>,
    /// Targets it is for. Empty: all.
    #[serde(default)]
    pub targets: Vec<Glob>,
    /// Protocols it is for. Empty: all.
    #[serde(default)]
    pub protocols: Vec<String>,
    /// What it allows.
    #[serde(default)]
    pub allow: Vec<Entry>,
    /// What it denies, whatever else allows it.
    #[serde(default)]
    pub deny: Vec<Entry>,
    /// `browse`: the system catalog may be read, but for what holds data, secrets or
    /// doings of others (`pg_stats`, `pg_authid`, `pg_stat_activity` and their like).
    #[serde(default)]
    pub catalog: Catalog,
    /// Most rows of a result that this rule allows.
    pub rows: Option<u64>,
    /// How often an identity may do what this rule allows.
    pub rate: Option<Rate>,
}

/// How much of the system catalog may be read.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Catalog {
    /// What drivers read to learn about types, and nothing more.
    #[default]
    None,
    /// Names, definitions, sizes and rights, and the functions that tell them: `\d` and
    /// its relatives, tab completion, and `pg_dump` of tables that `select` and `copy`
    /// allow besides (with `--inserts`, `select` alone).
    Browse,
}

/// A rate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many operations.
    pub operations: u64,
    /// In what time: `30s`, `1m`, `1h`.
    pub per: String,
}

/// What is allowed or denied. Objects are names or patterns, with columns in
/// brackets where only some are meant: `public.customers(id, name)`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// Relations that may be read.
    pub select: Vec<Pattern>,
    /// Relations that may be inserted into.
    pub insert: Vec<Pattern>,
    /// Relations whose rows may be changed or locked.
    pub update: Vec<Pattern>,
    /// Relations whose rows may be deleted.
    pub delete: Vec<Pattern>,
    /// Relations that may be merged into.
    pub merge: Vec<Pattern>,
    /// Relations that may be emptied.
    pub truncate: Vec<Pattern>,
    /// Relations that may be copied from or to. Reading them needs `select` too,
    /// writing them `insert`.
    pub copy: Vec<Pattern>,
    /// Relations that may be locked; in ACCESS SHARE mode, which reading takes as well,
    /// `select` is enough.
    pub lock: Vec<Pattern>,
    /// Functions that may be called, beyond those that are known to be harmless.
    pub functions: Vec<Glob>,
    /// Actions, on `objects` or, where that is empty, on everything.
    pub actions: Vec<String>,
    /// Objects of `actions`, by their full names: `public.shout` for a function, type or
    /// index, `public.customers.audit` for what belongs to a relation (a trigger, rule,
    /// policy, constraint or column), `reports` for what is in no schema (a schema, role,
    /// extension, publication).
    pub objects: Vec<Pattern>,
    /// Everything, also what cannot be understood; nothing else stands beside it.
    /// A `deny` still wins, over what can be seen of a statement: what code does
    /// that the statement only runs (`DO`, a function) is not seen.
    pub everything: bool,
}

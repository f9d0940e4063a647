//! Whether masked columns are within a statement's reach.

use narrowgate_sdk::{Object, Operation};

use crate::scope::Scope;

/// What a statement reaches.
#[derive(Debug, Default)]
pub(crate) struct Reach<'a> {
    /// Masked columns, by way of relations that have some.
    pub(crate) masked: bool,
    /// Possibly anything: it calls what could read any relation, or was not
    /// understood whole.
    pub(crate) everything: bool,
    /// It was not understood whole.
    pub(crate) unresolved: bool,
    /// It brings code into the server, or runs code given as text.
    pub(crate) code: bool,
    /// Relations of the catalog that hold samples of others' values.
    pub(crate) secrets: Vec<&'a str>,
}

impl<'a> Reach<'a> {
    pub(crate) fn of(scope: &Scope, operation: &'a Operation) -> Self {
        let mut reach = Self {
            unresolved: !operation.unresolved.is_empty(),
            code: operation.is("narrowgate.postgres.creates_code"),
            ..Self::default()
        };
        reach.everything = reach.unresolved || reach.code;
        let mut look = false;
        for object in &operation.objects {
            match relation_kind(object) {
                Kind::Plain => reach.masked |= scope.masks_relation(&object.name),
                // Behind these there can be others, under other names.
                Kind::Derived => {
                    reach.masked |= scope.masks_relation(&object.name);
                    look = true;
                }
                Kind::Secret => {
                    reach.everything = true;
                    reach.secrets.push(&object.name);
                }
                Kind::Anything => reach.everything |= !scope.rules().trusts(&object.name),
                Kind::Harmless => {}
            }
        }
        if look && !reach.masked {
            reach.look(scope, operation);
        }
        reach
    }

    /// Looks at the columns themselves.
    fn look(&mut self, scope: &Scope, operation: &Operation) {
        let origins = operation.origins().unwrap_or_default();
        let reached = operation.reach().iter();
        let mut columns = reached.chain(origins.iter().flat_map(|origin| &origin.columns));
        self.masked = columns.any(|column| scope.mask(column).is_some());
        // A view may call functions that the statement does not name.
        let told = |known, columns| scope.rules().told(known, columns).is_some();
        self.everything |= origins
            .iter()
            .any(|origin| !told(origin.known, &origin.columns))
            || operation
                .flows()
                .iter()
                .any(|flow| !told(flow.known, &flow.columns));
    }

    /// True when a column is one of a relation that holds samples.
    pub(crate) fn is_secret(&self, column: &str) -> bool {
        let column = column.split_once(" $").map_or(column, |(column, _)| column);
        let relation = column.rsplit_once('.').map(|(relation, _)| relation);
        self.secrets.iter().any(|secret| relation == Some(*secret))
    }
}

/// What can be reached through an object.
enum Kind {
    /// Its own columns.
    Plain,
    /// Other relations, too.
    Derived,
    /// Samples of others' values.
    Secret,
    /// Anything.
    Anything,
    /// Nothing.
    Harmless,
}

fn relation_kind(object: &Object) -> Kind {
    let kind = object.kind.strip_prefix("base:").unwrap_or(&object.kind);
    match kind {
        "table" | "partitioned" | "foreign" => Kind::Plain,
        "builtin" | "catalog" | "catalog-function" | "sequence" => Kind::Harmless,
        "secret-catalog" => Kind::Secret,
        // What is only defined is not read.
        "function" | "procedure" | "routine" if object.access.call => Kind::Anything,
        _ if object.access.define && !object.access.read && !object.access.write => Kind::Plain,
        _ => Kind::Derived,
    }
}

//! The PostgreSQL statement analyser: text in, what it would read, write, call and give away out.
//!
//! The path of a statement: [`shape`] makes the cache key, [`parse`] runs PostgreSQL's own grammar,
//! [`analyse`] resolves names against a [`Catalog`] snapshot as the server would, and [`Statement`] is the
//! answer. What cannot be told is said in the statement ([`Unresolved`], [`Origin::Unknown`]), never guessed.

mod action;
mod alias;
mod analyser;
mod call;
mod catalog;
mod column;
mod control;
mod copy;
mod cte;
mod ddl;
mod ddl_alter;
mod ddl_other;
mod expr;
mod fingerprint;
mod from;
mod full_name;
mod function;
mod grammar;
mod harmless;
mod held;
mod influence;
mod insert;
mod join;
mod json;
mod lineage;
mod merge;
mod modify;
mod nested;
mod nodes;
mod object;
mod operator;
mod options;
mod output;
mod parse;
mod places;
mod pool;
mod position;
mod predicate;
mod record;
mod relation;
mod scope;
mod secrets;
mod select;
mod settings;
mod shape;
mod stack;
mod statement;
mod target;
mod types;
mod utility;
mod view;
mod walk;

#[cfg(test)]
mod tests;

pub use action::Action;
pub use analyser::{analyse, analyse_text};
pub use catalog::{
    CHANGE_PROBE, Catalog, CatalogBuilder, CatalogError, CatalogQuery, Column, Function, Relation,
    RelationKind, SETUP,
};
pub use control::{Change, Control, CopyFormat, CursorMove, DiscardKind, SettingChange};
pub use fingerprint::fingerprint;
pub use function::{FunctionGroup, FunctionUse};
pub use parse::{Limits, Parsed, SyntaxError, parse};
pub use pool::{AnalyserPool, Done, PoolError};
pub use predicate::{How, Predicate};
pub use record::{Access, RelationUse, Via};
pub use secrets::secret_places;
pub use settings::Settings;
pub use shape::{Shape, fits_inline, shape};
pub use statement::{
    ColumnId, Flags, Flow, FlowSource, Into, ObjectUse, Origin, OutputColumn, Statement,
    Unresolved, UnresolvedKind,
};

//! The answer of the analyser: one [`Statement`] per statement of the text.

use std::ops::Range;
use std::sync::Arc;

use super::{Action, Control, FunctionUse, Predicate, RelationUse, SettingChange};

/// A column by its full name. System columns appear under their own names (`ctid`, `xmin`, …), a place inside
/// JSON behind the name of its column (`profile $.plan`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId {
    pub schema: Arc<str>,
    pub relation: Arc<str>,
    pub column: Arc<str>,
}

/// Where the value of a result column comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// From these columns alone, sorted. A column of a view is named together with the columns behind it, a
    /// column of a partitioned or inherited table together with its namesakes up and down the tree.
    Known {
        columns: Vec<ColumnId>,
        /// The value is the column's own, unchanged.
        direct: bool,
    },
    /// From no column: constants, parameters, the session.
    Constant,
    /// From these columns and from what these functions return, both sorted. The functions, by full name, are
    /// not known: what they return counts as unknown for whoever does not know better.
    Called {
        columns: Vec<ColumnId>,
        functions: Vec<Arc<str>>,
    },
    /// Cannot be told: counts as every column of every relation in [`Statement::relations`], and as every
    /// column there is if [`Statement::reaches_everything`].
    Unknown,
}

/// One column of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputColumn {
    pub name: Arc<str>,
    pub origin: Origin,
    /// The (table OID, attribute number) that RowDescription must report; `None` means (0, 0).
    pub expected: Option<(u32, i16)>,
    /// The server may also report (0, 0): whether it does hangs on types that the analyser does not compute.
    pub expected_loose: bool,
    /// Another pair that the server may report instead: a column merged by USING is either side's when their
    /// types differ.
    pub expected_other: Option<(u32, i16)>,
}

impl OutputColumn {
    /// Whether RowDescription's (table OID, attribute number) agrees with what was predicted. A mismatch means
    /// that the catalog snapshot is not the one the server used.
    pub fn matches(&self, table_oid: u32, attnum: i16) -> bool {
        match self.expected {
            None => table_oid == 0 && attnum == 0,
            Some(expected) => {
                expected == (table_oid, attnum)
                    || self.expected_other == Some((table_oid, attnum))
                    || (self.expected_loose && table_oid == 0 && attnum == 0)
            }
        }
    }
}

/// A value that leaves its column for another place, where a mask on the column would not follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    pub from: FlowSource,
    pub into: Into,
}

/// Where a flow starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowSource {
    /// These columns, sorted; never empty.
    Columns(Vec<ColumnId>),
    /// As [`Origin::Called`].
    Called {
        columns: Vec<ColumnId>,
        functions: Vec<Arc<str>>,
    },
    /// Any column in reach of the statement.
    Unknown,
}

/// Where a flow ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Into {
    Column(ColumnId),
    /// A table or materialised view made by this statement, or a view that would show it under a new name.
    NewRelation {
        schema: Arc<str>,
        name: Arc<str>,
    },
    /// A new name for an existing column or relation, under which no rule knows it.
    NewName(String),
    Notification,
    Setting,
    /// An argument of a function that is not known to be harmless.
    FunctionArgument(String),
    /// A file or program on the server's machine.
    ServerFile,
}

/// An object that is not a relation and that a definition statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectUse {
    /// In the server's words, lower case: `schema`, `function`, `role`, `type`, `extension`…
    pub kind: &'static str,
    /// Full name, unquoted: with its schema where the kind lives in one, and with its relation where it belongs
    /// to one.
    pub name: String,
}

/// Something in the statement that the analyser could not tell. Only a rule that allows everything may let
/// such a statement through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    pub kind: UnresolvedKind,
    /// For logs and recordings. Never for the client: it would tell what exists.
    pub name: String,
}

/// Why something is unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnresolvedKind {
    Relation,
    Column,
    AmbiguousColumn,
    Function,
    Type,
    /// The relation lives in another database.
    CrossDatabase,
    /// This server's grammar reads the text in another way than the analyser's.
    Grammar,
    /// A construct that the analyser does not understand.
    Construct,
    /// The relation has rewrite rules, which replace the statement by others.
    Rule,
    /// The names or number of the result's columns cannot be told.
    ResultShape,
    /// Analysing it would take more work than a statement may cost.
    TooComplex,
}

/// Facts about a statement that rules and filters ask for by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// Writes rows, also from within a CTE.
    pub modifies: bool,
    /// A CTE contains INSERT, UPDATE, DELETE or MERGE.
    pub modifying_cte: bool,
    /// FOR UPDATE, FOR SHARE and their like.
    pub locks_rows: bool,
    /// EXPLAIN ANALYZE: what it explains is run.
    pub explain_analyze: bool,
    /// Makes a temporary object.
    pub temporary: bool,
    /// Makes a relation out of a query (SELECT INTO, CREATE TABLE AS, CREATE VIEW…).
    pub creates_from_query: bool,
    /// Reads or writes a file on the server's machine.
    pub server_file: bool,
    /// Runs a program on the server's machine.
    pub server_program: bool,
    /// SET ROLE or SET SESSION AUTHORIZATION, also by `set_config`.
    pub changes_role: bool,
    /// ALTER SYSTEM, ALTER DATABASE … SET, ALTER ROLE … SET: settings that outlive the session.
    pub lasting_setting: bool,
    /// Brings code into the server or runs code given as text: CREATE FUNCTION, TRIGGER, RULE, EXTENSION,
    /// LANGUAGE, event triggers, policies, DO, LOAD.
    pub creates_code: bool,
    /// Runs triggers, whose functions are not analysed: writes a relation that has some, or ends what deferred them.
    pub fires_triggers: bool,
    /// PREPARE TRANSACTION and its ends.
    pub two_phase: bool,
    /// Rows come back, but their columns are another statement's (FETCH, EXECUTE) or cannot be predicted (CALL).
    pub result_elsewhere: bool,
    /// Rows are chosen, ordered or grouped by something whose origin is unknown: counts as a predicate on
    /// every column in reach.
    pub unknown_predicate: bool,
    /// Writes or defines with CASCADE, so that objects not named here may go too.
    pub cascade: bool,
    /// Contains text in a known secret position (`PASSWORD '…'`, a connection string, an option of a user
    /// mapping or foreign server). Recordings must not keep the text as it is.
    pub secret_text: bool,
}

/// One analysed statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What the statement is.
    pub action: Action,
    /// Every action it carries out, sorted and without repeats: a CTE that deletes adds `delete`, an EXPLAIN
    /// adds what it explains. Rules must allow all of them.
    pub actions: Vec<Action>,
    /// The command in the server's words, upper case: `SELECT`, `DROP TABLE`, `ALTER ROLE`…
    pub tag: String,
    /// Where the statement stands in the text, in bytes, without its semicolon and surrounding blanks.
    pub span: Range<usize>,
    /// Sixteen hexadecimal digits that group statements which differ in literals alone. For statistics and
    /// display; no decision may be keyed on it.
    pub fingerprint: String,
    /// Relations, one entry per relation and way of reaching it.
    pub relations: Vec<RelationUse>,
    /// Objects other than relations that a definition statement names.
    pub objects: Vec<ObjectUse>,
    /// Functions called, and operators and casts that are not the server's own.
    pub functions: Vec<FunctionUse>,
    /// The result's columns; `None` when there is no result set or [`Flags::result_elsewhere`] is set.
    pub columns: Option<Vec<OutputColumn>>,
    /// Columns that influence which rows come, in what order, or which branch is taken.
    pub predicates: Vec<Predicate>,
    /// Functions that are not known and influence the same, by full name; with [`Flags::unknown_predicate`], not
    /// all that does.
    pub predicate_functions: Vec<Arc<str>>,
    /// Values that are stored or sent elsewhere.
    pub flows: Vec<Flow>,
    /// Settings changed by SET, RESET or `set_config`.
    pub settings: Vec<SettingChange>,
    /// Settings that SHOW or `current_setting` gives, lower case; `*` for one whose name is not a constant.
    pub shown: Vec<String>,
    pub flags: Flags,
    pub control: Control,
    /// What could not be told. Empty for a statement that was understood whole.
    pub unresolved: Vec<Unresolved>,
    /// The analysis holds for any values of the literals that [`super::shape`] takes out.
    pub literal_independent: bool,
    /// Highest number of a `$n` parameter.
    pub parameters: u16,
}

impl Statement {
    /// Whether the statement calls something that could read any relation, so that what is unknown in it may
    /// come from anywhere.
    pub fn reaches_everything(&self) -> bool {
        use super::FunctionGroup::{Unlisted, User};
        self.functions
            .iter()
            .any(|function| !function.harmless && matches!(function.group, Unlisted | User))
    }

    /// Whether everything in the statement was understood.
    pub fn is_resolved(&self) -> bool {
        self.unresolved.is_empty()
    }
}

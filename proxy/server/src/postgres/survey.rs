//! What a target holds besides what statements name: triggers, copies, grants.
//! For `narrowgate check --target`; nothing but the gateway's own questions
//! reaches the target.

mod queries;

use narrowgate_codec::postgres::analysis::{
    self, Catalog, Limits, Origin, RelationKind, SETUP, Settings, analyse_text,
};

use super::catalog::{CatalogFault, contents};
use super::query::{QueryError, rows};
use super::upstream::dial;
use crate::plan::{Target, TargetCredential};

pub(crate) use queries::SuspectKind;

/// What was found.
pub(crate) struct Survey {
    /// Every column of every relation that is not the server's own.
    pub(crate) cells: Vec<Cell>,
    /// What may undermine rules about them.
    pub(crate) suspects: Vec<Suspect>,
}

/// A column.
pub(crate) struct Cell {
    /// `schema.relation`.
    pub(crate) relation: String,
    /// The column's own name.
    pub(crate) name: String,
    /// Its relation holds rows that were computed before: a materialised view.
    pub(crate) stored: bool,
    /// Full names of the columns that its values come from, its own among them;
    /// `None` when that cannot be told.
    pub(crate) origin: Option<Vec<String>>,
}

/// Something that may carry values past the rules.
pub(crate) struct Suspect {
    /// What it is.
    pub(crate) kind: SuspectKind,
    /// Its name.
    pub(crate) name: String,
    /// `schema.relation` that it belongs to or shows.
    pub(crate) relation: Option<String>,
    /// Columns that it surely takes; `None` where that is not recorded.
    pub(crate) columns: Option<Vec<String>>,
    /// Its definition.
    pub(crate) definition: String,
    /// What else there is to say of it.
    pub(crate) detail: String,
}

/// Why there is no survey.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SurveyError {
    /// The target cannot be asked.
    #[error("{0}")]
    Catalog(String),
    /// An answer is not what it should be.
    #[error("the answer about {0:?} cannot be understood")]
    Answer(SuspectKind),
}

impl From<CatalogFault> for SurveyError {
    fn from(fault: CatalogFault) -> Self {
        Self::Catalog(fault.to_string())
    }
}

impl From<QueryError> for SurveyError {
    fn from(error: QueryError) -> Self {
        Self::Catalog(error.to_string())
    }
}

/// Looks through a database as a login of the gateway sees it. The login may be
/// more powerful than one for sessions: that is one of the things looked for.
///
/// # Errors
/// When the target cannot be asked or understood.
pub(crate) async fn survey(
    target: &Target,
    database: &str,
    credential: &TargetCredential,
) -> Result<Survey, SurveyError> {
    let name = ("application_name".to_owned(), "narrowgate check".to_owned());
    let mut upstream = dial(target, credential, database, &[name])
        .await
        .map_err(CatalogFault::from)?;
    let wire = &mut upstream.wire;
    rows(wire, SETUP).await?;
    rows(wire, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let catalog = contents(wire).await?.finish(1);
    let mut suspects = Vec::new();
    for kind in SuspectKind::ALL {
        for row in rows(wire, kind.sql()).await? {
            suspects.push(suspect(kind, row).ok_or(SurveyError::Answer(kind))?);
        }
    }
    Ok(Survey {
        cells: cells(&catalog),
        suspects,
    })
}

/// One row of an answer.
fn suspect(kind: SuspectKind, row: Vec<Option<String>>) -> Option<Suspect> {
    let [name, relation, columns, definition, detail] = <[_; 5]>::try_from(row).ok()?;
    let columns = match columns {
        Some(json) => Some(serde_json::from_str(&json).ok()?),
        None => None,
    };
    Some(Suspect {
        kind,
        name: name?,
        relation,
        columns,
        definition: definition.unwrap_or_default(),
        detail: detail.unwrap_or_default(),
    })
}

/// The columns of a catalog, and where their values come from: as a statement
/// that shows the whole of each relation would have it.
fn cells(catalog: &Catalog) -> Vec<Cell> {
    let mut cells = Vec::new();
    for relation in catalog.relations() {
        let shown = !matches!(relation.kind, RelationKind::Sequence | RelationKind::Index);
        if relation.is_system() || !shown {
            continue;
        }
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let sql = format!(
            "TABLE {}.{}",
            quoted(&relation.schema),
            quoted(&relation.name)
        );
        let statements = analyse_text(&sql, catalog, &Settings::default(), &Limits::default());
        let outputs = statements.ok().and_then(|mut all| all.pop()?.columns);
        let outputs = outputs.unwrap_or_default();
        for (index, column) in relation.columns.iter().enumerate() {
            cells.push(Cell {
                relation: format!("{}.{}", relation.schema, relation.name),
                name: column.name.to_string(),
                stored: relation.kind == RelationKind::MaterializedView,
                origin: outputs.get(index).and_then(|output| origin(&output.origin)),
            });
        }
    }
    cells.sort_by(|a, b| (&a.relation, &a.name).cmp(&(&b.relation, &b.name)));
    cells
}

/// The columns that a value comes from, if that can be told.
fn origin(origin: &Origin) -> Option<Vec<String>> {
    let full = |column: &analysis::ColumnId| {
        format!("{}.{}.{}", column.schema, column.relation, column.column)
    };
    match origin {
        Origin::Known { columns, .. } => Some(columns.iter().map(full).collect()),
        Origin::Constant => Some(Vec::new()),
        Origin::Called { .. } | Origin::Unknown => None,
    }
}

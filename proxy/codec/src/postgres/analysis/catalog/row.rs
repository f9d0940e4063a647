//! Reading the text values of a catalog row.

use std::str::FromStr;
use std::sync::Arc;

/// A row that does not have the shape its query promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("catalog query returned an unexpected value in column {column}")]
pub struct CatalogError {
    /// Index of the column, from 0.
    pub column: usize,
}

/// A row in text format.
#[derive(Clone, Copy)]
pub(super) struct Row<'a>(pub(super) &'a [Option<&'a str>]);

impl<'a> Row<'a> {
    pub(super) fn optional(self, column: usize) -> Result<Option<&'a str>, CatalogError> {
        self.0.get(column).copied().ok_or(CatalogError { column })
    }

    pub(super) fn text(self, column: usize) -> Result<&'a str, CatalogError> {
        self.optional(column)?.ok_or(CatalogError { column })
    }

    pub(super) fn name(self, column: usize) -> Result<Arc<str>, CatalogError> {
        self.text(column).map(Arc::from)
    }

    pub(super) fn number<T: FromStr>(self, column: usize) -> Result<T, CatalogError> {
        self.text(column)?
            .parse()
            .map_err(|_| CatalogError { column })
    }

    pub(super) fn boolean(self, column: usize) -> Result<bool, CatalogError> {
        match self.text(column)? {
            "t" => Ok(true),
            "f" => Ok(false),
            _ => Err(CatalogError { column }),
        }
    }
}

//! The gateway's own queries at a target, in the simple protocol.

use narrowgate_codec::postgres::backend::{Message, field};
use narrowgate_codec::postgres::frontend::Query;
use narrowgate_codec::postgres::{Limits, Text};

use super::wire::{Wire, WireError, said};

/// Longest message, in bytes: view definitions can be long.
const MESSAGE: u32 = 16 << 20;
/// Most rows of an answer.
pub(super) const ROWS: usize = 4_000_000;

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum QueryError {
    /// The connection failed.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The server refused.
    #[error("the server says {sqlstate}: {message}")]
    Refused {
        /// SQLSTATE.
        sqlstate: String,
        /// Message.
        message: String,
    },
    /// The answer is too long.
    #[error("more than {ROWS} rows")]
    TooLong,
    /// The answer is not text.
    #[error("a value is not UTF-8")]
    NotText,
    /// A message that has no place here.
    #[error("an unexpected message")]
    Unexpected,
}

impl From<narrowgate_codec::postgres::Error> for QueryError {
    fn from(error: narrowgate_codec::postgres::Error) -> Self {
        Self::Wire(error.into())
    }
}

/// The rows of a query's result, in text format.
pub(super) async fn rows(
    wire: &mut Wire,
    sql: &'static str,
) -> Result<Vec<Vec<Option<String>>>, QueryError> {
    Query {
        query: Text::from(sql),
    }
    .encode(&mut wire.out)?;
    wire.send().await?;
    let limits = Limits::backend(MESSAGE);
    let mut rows = Vec::new();
    let mut refused = None;
    loop {
        let frame = wire.frame(&limits).await?;
        match Message::decode(&frame)? {
            Message::DataRow(row) => {
                if rows.len() >= ROWS {
                    return Err(QueryError::TooLong);
                }
                let row = row
                    .row()
                    .values()
                    .map(|cell| {
                        cell.map(|bytes| String::from_utf8(bytes.to_vec()))
                            .transpose()
                    })
                    .collect::<Result<_, _>>()
                    .map_err(|_| QueryError::NotText)?;
                rows.push(row);
            }
            Message::ErrorResponse(error) => {
                refused = Some(QueryError::Refused {
                    sqlstate: said(&error.fields, field::CODE),
                    message: said(&error.fields, field::MESSAGE),
                });
            }
            Message::ReadyForQuery(_) => return refused.map_or(Ok(rows), Err),
            Message::RowDescription(_)
            | Message::CommandComplete(_)
            | Message::NoticeResponse(_)
            | Message::ParameterStatus(_) => {}
            _ => return Err(QueryError::Unexpected),
        }
    }
}

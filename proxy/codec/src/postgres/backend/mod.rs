//! Messages from a server to a client.

mod authentication;
mod backend_key_data;
mod command_complete;
mod copy_response;
mod data_row;
mod empty;
mod error_response;
mod fields;
mod function_call_response;
mod message;
mod negotiate_protocol_version;
mod notification_response;
mod parameter_description;
mod parameter_status;
mod ready_for_query;
mod row;
mod row_description;
mod row_pieces;

pub use crate::postgres::copy_data::{CopyData, CopyDone};
pub use authentication::Authentication;
pub use backend_key_data::BackendKeyData;
pub use command_complete::CommandComplete;
pub use copy_response::{CopyBothResponse, CopyInResponse, CopyOutResponse};
pub use data_row::DataRow;
pub use empty::{
    BindComplete, CloseComplete, EmptyQueryResponse, NoData, ParseComplete, PortalSuspended,
};
pub use error_response::{ErrorResponse, NoticeResponse};
pub use fields::{Fields, Severity, field};
pub use function_call_response::FunctionCallResponse;
pub use message::Message;
pub use negotiate_protocol_version::NegotiateProtocolVersion;
pub use notification_response::NotificationResponse;
pub use parameter_description::ParameterDescription;
pub use parameter_status::ParameterStatus;
pub use ready_for_query::{ReadyForQuery, TransactionStatus};
pub use row::{Cells, Row};
pub use row_description::{Field, RowDescription};
pub use row_pieces::{RowPiece, RowPieces};

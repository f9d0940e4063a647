//! Messages from a client to a server.

mod authentication_response;
mod bind;
mod close;
mod copy_fail;
mod describe;
mod empty;
mod execute;
mod function_call;
mod message;
mod oauth_bearer;
mod parse;
mod query;
mod target;

pub use crate::postgres::copy_data::{CopyData, CopyDone};
pub use authentication_response::{
    AuthenticationResponse, PasswordMessage, SaslInitialResponse, SaslResponse,
};
pub use bind::Bind;
pub use close::Close;
pub use copy_fail::CopyFail;
pub use describe::Describe;
pub use empty::{Flush, Sync, Terminate};
pub use execute::Execute;
pub use function_call::FunctionCall;
pub use message::Message;
pub use oauth_bearer::{OauthBearer, OauthBearerError};
pub use parse::Parse;
pub use query::Query;
pub use target::Target;

//! Any message from a server, by its type byte.

use bytes::BytesMut;

use super::{
    Authentication, BackendKeyData, BindComplete, CloseComplete, CommandComplete, CopyBothResponse,
    CopyData, CopyDone, CopyInResponse, CopyOutResponse, DataRow, EmptyQueryResponse,
    ErrorResponse, FunctionCallResponse, NegotiateProtocolVersion, NoData, NoticeResponse,
    NotificationResponse, ParameterDescription, ParameterStatus, ParseComplete, PortalSuspended,
    ReadyForQuery, RowDescription,
};
use crate::postgres::{Error, Frame};

/// A message from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Asks for authentication, or says that it is done.
    Authentication(Authentication),
    /// What a CancelRequest for this session must say.
    BackendKeyData(BackendKeyData),
    /// The newest version and the options that the server does not know.
    NegotiateProtocolVersion(NegotiateProtocolVersion),
    /// Value of a setting.
    ParameterStatus(ParameterStatus),
    /// The server waits for a new pipeline.
    ReadyForQuery(ReadyForQuery),
    /// Columns of a result.
    RowDescription(RowDescription),
    /// Types of a statement's parameters.
    ParameterDescription(ParameterDescription),
    /// A row.
    DataRow(DataRow),
    /// A statement is complete.
    CommandComplete(CommandComplete),
    /// In place of CommandComplete for a text without a statement.
    EmptyQueryResponse,
    /// An error.
    ErrorResponse(ErrorResponse),
    /// A warning or a remark.
    NoticeResponse(NoticeResponse),
    /// Somebody's NOTIFY.
    NotificationResponse(NotificationResponse),
    /// Parse is done.
    ParseComplete,
    /// Bind is done.
    BindComplete,
    /// Close is done.
    CloseComplete,
    /// A statement or portal has no result.
    NoData,
    /// Execute's bound on rows is reached.
    PortalSuspended,
    /// The client is to send a COPY stream.
    CopyInResponse(CopyInResponse),
    /// A COPY stream follows.
    CopyOutResponse(CopyOutResponse),
    /// COPY streams both ways, for replication.
    CopyBothResponse(CopyBothResponse),
    /// Part of a COPY stream.
    CopyData(CopyData),
    /// End of a COPY stream.
    CopyDone,
    /// Result of a FunctionCall.
    FunctionCallResponse(FunctionCallResponse),
}

impl Message {
    /// Decodes a whole message.
    ///
    /// # Errors
    /// [`Error::UnknownMessage`], and what the message's own decoder says.
    pub fn decode(frame: &Frame) -> Result<Self, Error> {
        let body = frame.body();
        match frame.tag() {
            DataRow::TAG => DataRow::decode(body).map(Self::DataRow),
            CopyData::TAG => CopyData::decode(body).map(Self::CopyData),
            ReadyForQuery::TAG => ReadyForQuery::decode(body).map(Self::ReadyForQuery),
            CommandComplete::TAG => CommandComplete::decode(body).map(Self::CommandComplete),
            RowDescription::TAG => RowDescription::decode(body).map(Self::RowDescription),
            BindComplete::TAG => BindComplete::decode(body).map(|_| Self::BindComplete),
            ParseComplete::TAG => ParseComplete::decode(body).map(|_| Self::ParseComplete),
            CloseComplete::TAG => CloseComplete::decode(body).map(|_| Self::CloseComplete),
            NoData::TAG => NoData::decode(body).map(|_| Self::NoData),
            PortalSuspended::TAG => PortalSuspended::decode(body).map(|_| Self::PortalSuspended),
            EmptyQueryResponse::TAG => {
                EmptyQueryResponse::decode(body).map(|_| Self::EmptyQueryResponse)
            }
            ParameterDescription::TAG => {
                ParameterDescription::decode(body).map(Self::ParameterDescription)
            }
            ErrorResponse::TAG => ErrorResponse::decode(body).map(Self::ErrorResponse),
            NoticeResponse::TAG => NoticeResponse::decode(body).map(Self::NoticeResponse),
            NotificationResponse::TAG => {
                NotificationResponse::decode(body).map(Self::NotificationResponse)
            }
            ParameterStatus::TAG => ParameterStatus::decode(body).map(Self::ParameterStatus),
            CopyInResponse::TAG => CopyInResponse::decode(body).map(Self::CopyInResponse),
            CopyOutResponse::TAG => CopyOutResponse::decode(body).map(Self::CopyOutResponse),
            CopyBothResponse::TAG => CopyBothResponse::decode(body).map(Self::CopyBothResponse),
            CopyDone::TAG => CopyDone::decode(body).map(|_| Self::CopyDone),
            FunctionCallResponse::TAG => {
                FunctionCallResponse::decode(body).map(Self::FunctionCallResponse)
            }
            Authentication::TAG => Authentication::decode(body).map(Self::Authentication),
            BackendKeyData::TAG => BackendKeyData::decode(body).map(Self::BackendKeyData),
            NegotiateProtocolVersion::TAG => {
                NegotiateProtocolVersion::decode(body).map(Self::NegotiateProtocolVersion)
            }
            tag => Err(Error::UnknownMessage { tag }),
        }
    }

    /// Appends the message.
    ///
    /// # Errors
    /// What the message's own encoder says; `out` is then as it was.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), Error> {
        match self {
            Self::Authentication(message) => message.encode(out)?,
            Self::BackendKeyData(message) => message.encode(out)?,
            Self::NegotiateProtocolVersion(message) => message.encode(out)?,
            Self::ParameterStatus(message) => message.encode(out)?,
            Self::ReadyForQuery(message) => message.encode(out),
            Self::RowDescription(message) => message.encode(out)?,
            Self::ParameterDescription(message) => message.encode(out)?,
            Self::DataRow(message) => message.encode(out)?,
            Self::CommandComplete(message) => message.encode(out)?,
            Self::EmptyQueryResponse => EmptyQueryResponse.encode(out),
            Self::ErrorResponse(message) => message.encode(out)?,
            Self::NoticeResponse(message) => message.encode(out)?,
            Self::NotificationResponse(message) => message.encode(out)?,
            Self::ParseComplete => ParseComplete.encode(out),
            Self::BindComplete => BindComplete.encode(out),
            Self::CloseComplete => CloseComplete.encode(out),
            Self::NoData => NoData.encode(out),
            Self::PortalSuspended => PortalSuspended.encode(out),
            Self::CopyInResponse(message) => message.encode(out)?,
            Self::CopyOutResponse(message) => message.encode(out)?,
            Self::CopyBothResponse(message) => message.encode(out)?,
            Self::CopyData(message) => message.encode(out)?,
            Self::CopyDone => CopyDone.encode(out),
            Self::FunctionCallResponse(message) => message.encode(out)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::Message;
    use crate::postgres::{Error, Frame, Limits};

    #[test]
    fn a_type_of_the_other_side_is_unknown() {
        let limits = Limits::none().with(b'Q', 10);
        let mut buffer = BytesMut::from(&b"Q\0\0\0\x05\0"[..]);
        let frame = Frame::split(&mut buffer, &limits).unwrap().unwrap();
        let error = Error::UnknownMessage { tag: b'Q' };
        assert_eq!(Message::decode(&frame), Err(error));
    }
}

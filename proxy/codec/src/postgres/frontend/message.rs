//! Any message from a client, by its type byte.

use bytes::BytesMut;

use super::{
    AuthenticationResponse, Bind, Close, CopyData, CopyDone, CopyFail, Describe, Execute, Flush,
    FunctionCall, Parse, Query, Sync, Terminate,
};
use crate::postgres::{Error, Frame};

/// A message from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Statements as text, in the simple protocol.
    Query(Query),
    /// Prepares a statement.
    Parse(Parse),
    /// Makes a portal of a statement and parameters.
    Bind(Bind),
    /// Asks what a statement or portal takes and gives.
    Describe(Describe),
    /// Runs a portal.
    Execute(Execute),
    /// Drops a statement or portal.
    Close(Close),
    /// Asks for the answers so far.
    Flush,
    /// Ends a pipeline: the implicit transaction is closed, errors are over.
    Sync,
    /// Calls a function by its object id.
    FunctionCall(FunctionCall),
    /// Part of a COPY stream.
    CopyData(CopyData),
    /// End of a COPY stream.
    CopyDone,
    /// Gives a COPY up.
    CopyFail(CopyFail),
    /// Ends the session.
    Terminate,
    /// Answers an authentication request.
    AuthenticationResponse(AuthenticationResponse),
}

impl Message {
    /// Decodes a whole message.
    ///
    /// # Errors
    /// [`Error::UnknownMessage`], and what the message's own decoder says.
    pub fn decode(frame: &Frame) -> Result<Self, Error> {
        let body = frame.body();
        match frame.tag() {
            Query::TAG => Query::decode(body).map(Self::Query),
            Parse::TAG => Parse::decode(body).map(Self::Parse),
            Bind::TAG => Bind::decode(body).map(Self::Bind),
            Describe::TAG => Describe::decode(body).map(Self::Describe),
            Execute::TAG => Execute::decode(body).map(Self::Execute),
            Close::TAG => Close::decode(body).map(Self::Close),
            Flush::TAG => Flush::decode(body).map(|_| Self::Flush),
            Sync::TAG => Sync::decode(body).map(|_| Self::Sync),
            FunctionCall::TAG => FunctionCall::decode(body).map(Self::FunctionCall),
            CopyData::TAG => CopyData::decode(body).map(Self::CopyData),
            CopyDone::TAG => CopyDone::decode(body).map(|_| Self::CopyDone),
            CopyFail::TAG => CopyFail::decode(body).map(Self::CopyFail),
            Terminate::TAG => Terminate::decode(body).map(|_| Self::Terminate),
            AuthenticationResponse::TAG => {
                AuthenticationResponse::decode(body).map(Self::AuthenticationResponse)
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
            Self::Query(message) => message.encode(out)?,
            Self::Parse(message) => message.encode(out)?,
            Self::Bind(message) => message.encode(out)?,
            Self::Describe(message) => message.encode(out)?,
            Self::Execute(message) => message.encode(out)?,
            Self::Close(message) => message.encode(out)?,
            Self::Flush => Flush.encode(out),
            Self::Sync => Sync.encode(out),
            Self::FunctionCall(message) => message.encode(out)?,
            Self::CopyData(message) => message.encode(out)?,
            Self::CopyDone => CopyDone.encode(out),
            Self::CopyFail(message) => message.encode(out)?,
            Self::Terminate => Terminate.encode(out),
            Self::AuthenticationResponse(message) => message.encode(out)?,
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
        let limits = Limits::none().with(b'Z', 10);
        let mut buffer = BytesMut::from(&b"Z\0\0\0\x05I"[..]);
        let frame = Frame::split(&mut buffer, &limits).unwrap().unwrap();
        let error = Error::UnknownMessage { tag: b'Z' };
        assert_eq!(Message::decode(&frame), Err(error));
    }
}

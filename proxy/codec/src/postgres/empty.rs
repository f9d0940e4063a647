//! Messages without a body: their type byte is all there is, so one macro makes
//! them, and each side lists its own in one file.

/// Defines a message without a body.
macro_rules! empty_message {
    ($(#[$doc:meta])* $name:ident, $tag:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl $name {
            /// Type byte.
            pub const TAG: u8 = $tag;

            /// Decodes the body, of which there must be none.
            ///
            /// # Errors
            /// [`Error::TrailingBytes`](crate::postgres::Error::TrailingBytes).
            pub fn decode(body: bytes::Bytes) -> Result<Self, crate::postgres::Error> {
                crate::postgres::read::Reader::new(stringify!($name), body).finish()?;
                Ok(Self)
            }

            /// Appends the message.
            pub fn encode(self, out: &mut bytes::BytesMut) {
                out.extend_from_slice(&[$tag, 0, 0, 0, 4]);
            }
        }
    };
}

pub(super) use empty_message;

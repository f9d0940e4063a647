//! Any message of either side, any first packet.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use crate::postgres::backend::{self, Authentication, Fields, Severity, TransactionStatus};
use crate::postgres::frontend::{self, Target};
use crate::postgres::startup::{CancelRequest, GssEncRequest, SslRequest, Startup, StartupMessage};
use crate::postgres::{CopyData, Format, Formats, ProtocolVersion, SecretKey, Text};

fn text() -> impl Strategy<Value = Text> {
    vec(1..=255u8, 0..12).prop_map(|bytes| Text::from(Bytes::from(bytes)))
}

fn name() -> impl Strategy<Value = Text> {
    vec(1..=255u8, 1..12).prop_map(|bytes| Text::from(Bytes::from(bytes)))
}

fn data() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..20).prop_map(Bytes::from)
}

fn values() -> impl Strategy<Value = Vec<Option<Bytes>>> {
    vec(option::of(data()), 0..6)
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Text), Just(Format::Binary)]
}

/// Formats as decoding gives them: one code is always `All`.
fn formats(count: usize) -> impl Strategy<Value = Formats> {
    let each = vec(format(), count).prop_map(|formats| match *formats {
        [] => Formats::Unspecified,
        [format] => Formats::All(format),
        _ => Formats::Each(formats),
    });
    prop_oneof![
        Just(Formats::Unspecified),
        format().prop_map(Formats::All),
        each
    ]
}

fn valued() -> impl Strategy<Value = (Formats, Vec<Option<Bytes>>)> {
    values().prop_flat_map(|values| (formats(values.len()), Just(values)))
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        text().prop_map(Target::Statement),
        text().prop_map(Target::Portal)
    ]
}

fn secret_key() -> impl Strategy<Value = SecretKey> {
    vec(any::<u8>(), 4..=256).prop_map(|bytes| SecretKey::new(bytes).unwrap())
}

fn fields() -> impl Strategy<Value = Fields> {
    vec((1..=255u8, "[^\0]{0,8}"), 0..6).prop_map(|fields| {
        let first = Fields::new(Severity::Error, "42501", "denied");
        fields
            .into_iter()
            .fold(first, |fields, (letter, value)| fields.with(letter, value))
    })
}

/// Any message of a client.
pub(super) fn frontend() -> impl Strategy<Value = frontend::Message> {
    use frontend::Message;
    prop_oneof![
        text().prop_map(|query| Message::Query(frontend::Query { query })),
        (text(), text(), vec(any::<u32>(), 0..5)).prop_map(
            |(statement, query, parameter_types)| {
                Message::Parse(frontend::Parse {
                    statement,
                    query,
                    parameter_types,
                })
            }
        ),
        (text(), text(), valued(), formats(3)).prop_map(
            |(portal, statement, (parameter_formats, parameters), result_formats)| {
                Message::Bind(frontend::Bind {
                    portal,
                    statement,
                    parameter_formats,
                    parameters,
                    result_formats,
                })
            }
        ),
        target().prop_map(|target| Message::Describe(frontend::Describe { target })),
        target().prop_map(|target| Message::Close(frontend::Close { target })),
        (text(), any::<i32>()).prop_map(|(portal, max_rows)| {
            Message::Execute(frontend::Execute { portal, max_rows })
        }),
        (any::<u32>(), valued(), format()).prop_map(
            |(function, (argument_formats, arguments), result_format)| {
                Message::FunctionCall(frontend::FunctionCall {
                    function,
                    argument_formats,
                    arguments,
                    result_format,
                })
            }
        ),
        data().prop_map(|data| Message::CopyData(CopyData { data })),
        text().prop_map(|message| Message::CopyFail(frontend::CopyFail { message })),
        data().prop_map(|body| {
            Message::AuthenticationResponse(frontend::AuthenticationResponse { body })
        }),
        proptest::sample::select(vec![
            Message::Flush,
            Message::Sync,
            Message::CopyDone,
            Message::Terminate,
        ]),
    ]
}

/// Anything that a client may present by OAUTHBEARER.
pub(super) fn oauth_bearer() -> impl Strategy<Value = frontend::OauthBearer> {
    prop_oneof![
        Just(frontend::OauthBearer::Discovery),
        "[-._~+/0-9a-zA-Z]{1,40}={0,2}"
            .prop_map(|token| frontend::OauthBearer::Token(Text::from(token))),
    ]
}

fn authentication() -> impl Strategy<Value = Authentication> {
    prop_oneof![
        Just(Authentication::Ok),
        Just(Authentication::CleartextPassword),
        any::<[u8; 4]>().prop_map(|salt| Authentication::Md5Password { salt }),
        vec(name(), 0..4).prop_map(|mechanisms| Authentication::Sasl { mechanisms }),
        data().prop_map(|data| Authentication::SaslContinue { data }),
        data().prop_map(|data| Authentication::SaslFinal { data }),
    ]
}

fn field() -> impl Strategy<Value = backend::Field> {
    let numbers = any::<(u32, i16, u32, i16, i32)>();
    (text(), numbers, format()).prop_map(|(name, numbers, format)| {
        let (table_oid, attribute_number, type_oid, type_size, type_modifier) = numbers;
        backend::Field {
            name,
            table_oid,
            attribute_number,
            type_oid,
            type_size,
            type_modifier,
            format,
        }
    })
}

fn data_row() -> impl Strategy<Value = backend::DataRow> {
    values().prop_map(|values| {
        let mut out = BytesMut::new();
        let values = values.iter().map(Option::as_deref);
        backend::DataRow::encode_values(values, &mut out).unwrap();
        backend::DataRow::decode(out.freeze().slice(5..)).unwrap()
    })
}

fn session() -> impl Strategy<Value = backend::Message> {
    use backend::Message;
    prop_oneof![
        authentication().prop_map(Message::Authentication),
        (any::<i32>(), secret_key()).prop_map(|(process_id, secret_key)| {
            Message::BackendKeyData(backend::BackendKeyData {
                process_id,
                secret_key,
            })
        }),
        (any::<u32>(), vec(text(), 0..4)).prop_map(|(code, unrecognized)| {
            Message::NegotiateProtocolVersion(backend::NegotiateProtocolVersion {
                version: ProtocolVersion::from_code(code),
                unrecognized,
            })
        }),
        (text(), text()).prop_map(|(name, value)| {
            Message::ParameterStatus(backend::ParameterStatus { name, value })
        }),
        proptest::sample::select(vec![
            TransactionStatus::Idle,
            TransactionStatus::InTransaction,
            TransactionStatus::Failed,
        ])
        .prop_map(|status| Message::ReadyForQuery(backend::ReadyForQuery { status })),
        fields().prop_map(|fields| Message::ErrorResponse(backend::ErrorResponse { fields })),
        fields().prop_map(|fields| Message::NoticeResponse(backend::NoticeResponse { fields })),
        (any::<i32>(), text(), text()).prop_map(|(process_id, channel, payload)| {
            Message::NotificationResponse(backend::NotificationResponse {
                process_id,
                channel,
                payload,
            })
        }),
    ]
}

fn result() -> impl Strategy<Value = backend::Message> {
    use backend::Message;
    prop_oneof![
        vec(field(), 0..4)
            .prop_map(|fields| Message::RowDescription(backend::RowDescription { fields })),
        vec(any::<u32>(), 0..4).prop_map(|types| {
            Message::ParameterDescription(backend::ParameterDescription { types })
        }),
        data_row().prop_map(Message::DataRow),
        text().prop_map(|tag| Message::CommandComplete(backend::CommandComplete { tag })),
        option::of(data()).prop_map(|value| {
            Message::FunctionCallResponse(backend::FunctionCallResponse { value })
        }),
        (format(), vec(format(), 0..4)).prop_map(|(format, columns)| {
            Message::CopyInResponse(backend::CopyInResponse { format, columns })
        }),
        (format(), vec(format(), 0..4)).prop_map(|(format, columns)| {
            Message::CopyOutResponse(backend::CopyOutResponse { format, columns })
        }),
        (format(), vec(format(), 0..4)).prop_map(|(format, columns)| {
            Message::CopyBothResponse(backend::CopyBothResponse { format, columns })
        }),
        data().prop_map(|data| Message::CopyData(CopyData { data })),
        proptest::sample::select(vec![
            Message::CopyDone,
            Message::ParseComplete,
            Message::BindComplete,
            Message::CloseComplete,
            Message::NoData,
            Message::PortalSuspended,
            Message::EmptyQueryResponse,
        ]),
    ]
}

/// Any message of a server.
pub(super) fn backend() -> impl Strategy<Value = backend::Message> {
    prop_oneof![session(), result()]
}

/// Any first packet but a TLS handshake.
pub(super) fn startup() -> impl Strategy<Value = Startup> {
    let message = (any::<u16>(), name(), vec((name(), text()), 0..6)).prop_map(
        |(minor, user, parameters)| {
            let first = StartupMessage::new(ProtocolVersion { major: 3, minor }, user);
            parameters
                .into_iter()
                .filter(|(name, _)| *name != "user")
                .fold(first, |message, (name, value)| message.with(name, value))
        },
    );
    prop_oneof![
        Just(Startup::SslRequest),
        Just(Startup::GssEncRequest),
        (any::<i32>(), secret_key()).prop_map(|(process_id, secret_key)| {
            Startup::CancelRequest(CancelRequest {
                process_id,
                secret_key,
            })
        }),
        message.prop_map(Startup::StartupMessage),
    ]
}

/// Appends a first packet.
pub(super) fn encode_startup(packet: &Startup, out: &mut BytesMut) {
    match packet {
        Startup::SslRequest => SslRequest.encode(out),
        Startup::GssEncRequest => GssEncRequest.encode(out),
        Startup::CancelRequest(request) => request.encode(out).unwrap(),
        Startup::StartupMessage(message) => message.encode(out).unwrap(),
        Startup::DirectTls => unreachable!("not among the packets made here"),
    }
}

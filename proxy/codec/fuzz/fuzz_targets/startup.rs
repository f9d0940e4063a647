//! First packets: what is decoded encodes to the same bytes, and an incomplete
//! packet is left alone.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use narrowgate_codec::postgres::startup::{
    EncryptionAnswer, GssEncRequest, SslRequest, Startup, decode,
};

fuzz_target!(|stream: &[u8]| {
    let _ = EncryptionAnswer::decode(&mut BytesMut::from(stream));

    let mut buffer = BytesMut::from(stream);
    let Ok(packet) = decode(&mut buffer) else {
        return;
    };
    let taken = stream.len() - buffer.len();
    let mut out = BytesMut::new();
    match packet {
        None | Some(Startup::DirectTls) => {}
        Some(Startup::SslRequest) => SslRequest.encode(&mut out),
        Some(Startup::GssEncRequest) => GssEncRequest.encode(&mut out),
        Some(Startup::CancelRequest(request)) => {
            request
                .encode(&mut out)
                .expect("what was decoded can be encoded");
        }
        Some(Startup::StartupMessage(message)) => {
            assert!(!message.user().is_empty() && !message.database().is_empty());
            let _ = (message.is_replication(), message.protocol_options().count());
            message
                .encode(&mut out)
                .expect("what was decoded can be encoded");
        }
    }
    assert_eq!(&out[..], &stream[..taken]);
});

//! A client's bytes, in one piece and in two: the same messages, which encode to
//! the same bytes.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use narrowgate_codec::postgres::frontend::Message;
use narrowgate_codec::postgres::{Error, Frame, Limits};

fn frames(pieces: &[&[u8]]) -> (Vec<Frame>, Option<Error>) {
    let limits = Limits::frontend(1 << 16);
    let (mut buffer, mut frames) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match Frame::split(&mut buffer, &limits) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error)),
            }
        }
    }
    (frames, None)
}

fuzz_target!(|input: (u16, &[u8])| {
    let (cut, stream) = input;
    let (front, back) = stream.split_at(usize::from(cut).min(stream.len()));
    let (whole, error) = frames(&[stream]);
    assert_eq!(frames(&[front, back]), (whole.clone(), error));

    for frame in whole {
        if let Ok(message) = Message::decode(&frame) {
            let mut out = BytesMut::new();
            message
                .encode(&mut out)
                .expect("what was decoded can be encoded");
            assert_eq!(&out[..], frame.as_bytes());
            if let Message::AuthenticationResponse(response) = message {
                let _ = response.password();
                let _ = response.sasl_initial_response();
            }
        }
    }
});

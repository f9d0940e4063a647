//! A server's bytes: scanning and framing find the same messages, which encode to
//! the same bytes; rows can be written anew with any cell replaced.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use narrowgate_codec::postgres::backend::{Message, Row};
use narrowgate_codec::postgres::{Frame, Header, Limits, Run, Scan};

fn replace(row: Row<'_>, index: usize) {
    let mut out = BytesMut::new();
    let value = &b"masked"[..];
    let replaced = row.encode_with([(index, Some(value))], &mut out);
    assert_eq!(replaced.is_ok(), index < row.len());
    if replaced.is_ok() {
        let edited = Row::decode(&out[Header::SIZE..]).expect("a row that was encoded");
        let expected = row
            .values()
            .enumerate()
            .map(|(place, cell)| if place == index { Some(value) } else { cell });
        assert!(edited.values().eq(expected));
    }
}

fuzz_target!(|input: (u8, &[u8])| {
    let (index, stream) = input;
    let limits = Limits::backend(1 << 16);
    let mut buffer = BytesMut::from(stream);
    let mut scan = Scan::new(stream, &limits);
    while let Ok(Some(frame)) = Frame::split(&mut buffer, &limits) {
        let found = scan.next().expect("as many").expect("as good");
        assert_eq!(
            (found.tag, &stream[found.range]),
            (frame.tag(), frame.as_bytes())
        );
        if let Ok(message) = Message::decode(&frame) {
            let mut out = BytesMut::new();
            message
                .encode(&mut out)
                .expect("what was decoded can be encoded");
            assert_eq!(&out[..], frame.as_bytes());
            if let Message::DataRow(row) = message {
                replace(row.row(), usize::from(index));
            }
        }
    }
    assert_eq!(scan.position(), stream.len() - buffer.len());
    assert!(Run::leading(stream, b'D', &limits).bytes <= scan.position());
});

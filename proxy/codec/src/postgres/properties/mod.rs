//! Properties of the codec as a whole: however a stream is cut, it is the same
//! messages; what was decoded is encoded to the same bytes; no bytes panic.

mod messages;

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_assume, proptest};
use proptest::sample::Index;
use proptest::test_runner::Config;

use super::{Error, Frame, Header, Limits, Passing, Scan, backend, frontend, startup};

const LARGE: u32 = 1 << 20;

fn config() -> Config {
    Config {
        failure_persistence: None,
        ..Config::with_cases(512)
    }
}

/// Frames of a stream that arrives in pieces cut at `cuts`.
fn frames(stream: &[u8], cuts: &[Index], limits: &Limits) -> Result<Vec<Frame>, Error> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    places.push(stream.len());
    places.sort_unstable();
    let (mut buffer, mut frames, mut start) = (BytesMut::new(), Vec::new(), 0);
    for place in places {
        buffer.extend_from_slice(&stream[start..place]);
        start = place;
        while let Some(frame) = Frame::split(&mut buffer, limits)? {
            frames.push(frame);
        }
    }
    assert!(buffer.is_empty());
    Ok(frames)
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..20)
}

/// Bytes that look like messages often enough: known tags, honest lengths, and
/// bodies of small numbers and letters.
fn near_messages(tags: &'static [u8]) -> impl Strategy<Value = (u8, Vec<u8>)> {
    let byte = proptest::prop_oneof![
        4 => Just(0u8),
        2 => 1..4u8,
        1 => proptest::sample::select(b"SPIaCM".as_slice()),
        1 => Just(0xff),
    ];
    (proptest::sample::select(tags), vec(byte, 0..40))
}

fn frame(tag: u8, body: &[u8]) -> Frame {
    let mut bytes = BytesMut::from(&[tag][..]);
    bytes.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    bytes.extend_from_slice(body);
    let limits = Limits::none().with(tag, LARGE);
    Frame::split(&mut bytes, &limits).unwrap().unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_split_gives_the_same_frontend_messages(
        messages in vec(messages::frontend(), 0..8),
        cuts in cuts(),
    ) {
        let mut stream = BytesMut::new();
        for message in &messages {
            message.encode(&mut stream).unwrap();
        }
        let frames = frames(&stream, &cuts, &Limits::frontend(LARGE)).unwrap();
        let decoded: Vec<_> = frames
            .iter()
            .map(|frame| frontend::Message::decode(frame).unwrap())
            .collect();
        prop_assert_eq!(&decoded, &messages);
        let bytes: Vec<_> = frames.iter().flat_map(|frame| frame.as_bytes().to_vec()).collect();
        prop_assert_eq!(bytes, &stream[..]);
    }

    #[test]
    fn any_split_gives_the_same_backend_messages(
        messages in vec(messages::backend(), 0..8),
        cuts in cuts(),
    ) {
        let mut stream = BytesMut::new();
        for message in &messages {
            message.encode(&mut stream).unwrap();
        }
        let limits = Limits::backend(LARGE);
        let frames = frames(&stream, &cuts, &limits).unwrap();
        let decoded: Vec<_> = frames
            .iter()
            .map(|frame| backend::Message::decode(frame).unwrap())
            .collect();
        prop_assert_eq!(&decoded, &messages);

        let scanned: Vec<_> = Scan::new(&stream, &limits)
            .map(|found| stream[found.unwrap().range].to_vec())
            .collect();
        let framed: Vec<_> = frames.iter().map(|frame| frame.as_bytes().to_vec()).collect();
        prop_assert_eq!(scanned, framed);
    }

    #[test]
    fn any_split_gives_the_same_first_packet(
        packet in messages::startup(),
        cut in any::<Index>(),
    ) {
        let mut stream = BytesMut::new();
        messages::encode_startup(&packet, &mut stream);
        let (mut buffer, cut) = (BytesMut::new(), cut.index(stream.len()));
        buffer.extend_from_slice(&stream[..cut]);
        prop_assert_eq!(startup::decode(&mut buffer), Ok(None));
        buffer.extend_from_slice(&stream[cut..]);
        buffer.extend_from_slice(b"after");
        prop_assert_eq!(startup::decode(&mut buffer), Ok(Some(packet)));
        prop_assert_eq!(&buffer[..], b"after");
    }

    #[test]
    fn a_message_passed_in_pieces_is_whole(
        body in vec(any::<u8>(), 0..200),
        cuts in cuts(),
    ) {
        let message = frame(b'd', &body);
        let stream = [message.as_bytes(), b"after"].concat();
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        places.push(stream.len());
        places.sort_unstable();
        let mut passing = Passing::begin(Header::peek(&stream).unwrap().unwrap());
        let (mut buffer, mut passed, mut start) = (BytesMut::new(), Vec::new(), 0);
        for place in places {
            buffer.extend_from_slice(&stream[start..place]);
            start = place;
            passed.extend(passing.take(&mut buffer));
        }
        prop_assert!(passing.is_done());
        prop_assert_eq!(passed, message.as_bytes());
        prop_assert_eq!(&buffer[..], b"after");
    }

    #[test]
    fn replaced_cells_are_replaced_and_others_kept(
        cells in vec(proptest::option::of(vec(any::<u8>(), 0..10)), 1..12),
        edits in vec(proptest::option::of(proptest::option::of(vec(any::<u8>(), 0..10))), 12),
    ) {
        let mut out = BytesMut::new();
        backend::DataRow::encode_values(cells.iter().map(Option::as_deref), &mut out).unwrap();
        let body = out.split().freeze().slice(Header::SIZE..);
        let row = backend::Row::decode(&body).unwrap();
        let edits = &edits[..cells.len()];
        let replacements = edits
            .iter()
            .enumerate()
            .filter_map(|(index, edit)| edit.as_ref().map(|value| (index, value.as_deref())));
        row.encode_with(replacements, &mut out).unwrap();

        let body = Bytes::from(out).slice(Header::SIZE..);
        let edited = backend::Row::decode(&body).unwrap();
        let expected = cells.iter().zip(edits).map(|(cell, edit)| edit.as_ref().unwrap_or(cell));
        prop_assert!(edited.values().eq(expected.map(Option::as_deref)));
    }

    #[test]
    fn what_is_presented_by_oauthbearer_is_what_was_meant(
        presented in messages::oauth_bearer(),
        ignored in vec("[a-z]{1,4}=[ -~]{0,8}", 0..3),
        cut in any::<Index>(),
    ) {
        prop_assume!(!ignored.iter().any(|pair| pair.starts_with("auth=")));
        let message = presented.encode();
        prop_assert_eq!(&frontend::OauthBearer::decode(&message).unwrap(), &presented);
        let shorter = message.slice(..cut.index(message.len()));
        prop_assert!(frontend::OauthBearer::decode(&shorter).is_err());

        let (head, tail) = message.split_at(4);
        let pairs: String = ignored.iter().map(|pair| format!("{pair}\u{1}")).collect();
        let longer = Bytes::from([head, pairs.as_bytes(), tail].concat());
        prop_assert_eq!(frontend::OauthBearer::decode(&longer).unwrap(), presented);
    }

    #[test]
    fn random_bytes_do_not_panic(bytes in vec(any::<u8>(), 0..300)) {
        let limits = Limits::backend(LARGE);
        Scan::new(&bytes, &limits).for_each(drop);
        let _ = startup::decode(&mut BytesMut::from(&bytes[..]));
        let _ = startup::EncryptionAnswer::decode(&mut BytesMut::from(&bytes[..]));
        let _ = backend::Row::decode(&bytes);
        let behind_header = [b"n,,\x01", &bytes[..]].concat();
        let _ = frontend::OauthBearer::decode(&Bytes::from(behind_header));
        if let Some((tag, body)) = bytes.split_first() {
            let frame = frame(*tag, body);
            let _ = frontend::Message::decode(&frame);
            let _ = backend::Message::decode(&frame);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 16_384, ..config() })]

    #[test]
    fn what_decodes_is_encoded_to_the_same_bytes(
        (tag, body) in near_messages(b"QPBDECHSFdcfXp"),
    ) {
        let frame = frame(tag, &body);
        if let Ok(message) = frontend::Message::decode(&frame) {
            let mut out = BytesMut::new();
            message.encode(&mut out).unwrap();
            prop_assert_eq!(&out[..], frame.as_bytes());
        }
    }

    #[test]
    fn what_decodes_of_a_server_is_encoded_to_the_same_bytes(
        (tag, body) in near_messages(b"RKvSZTtDCIENA123nsGHWdcV"),
    ) {
        let frame = frame(tag, &body);
        if let Ok(message) = backend::Message::decode(&frame) {
            let mut out = BytesMut::new();
            message.encode(&mut out).unwrap();
            prop_assert_eq!(&out[..], frame.as_bytes());
        }
    }
}

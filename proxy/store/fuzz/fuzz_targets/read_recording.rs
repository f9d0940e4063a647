//! Hostile bytes as a segment and as the log of heads: reading them may report
//! anything, and must neither panic nor grow.
//!
//! `make fuzz TIME=60` runs it.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use narrowgate_store::recordings::{Format, PublicKey, Reader, SessionFilter, verify};

const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

fuzz_target!(|input: (&[u8], &[u8])| {
    let (segment, heads) = input;
    let Ok(directory) = tempfile::tempdir() else {
        return;
    };
    let path = directory.path();
    if fs::write(path.join("w0-00000001.jsonl"), segment).is_err()
        || fs::write(path.join("heads.jsonl"), heads).is_err()
    {
        return;
    }
    if let Ok(key) = PublicKey::from_pem(KEY) {
        let _ = verify(path, &[key]);
    }
    let reader = Reader::new(path);
    for session in reader.list(&SessionFilter::default()).unwrap_or_default() {
        for format in [Format::JsonLines, Format::Asciicast] {
            let _ = reader.export(&session.id, format, &mut Vec::new());
        }
    }
});

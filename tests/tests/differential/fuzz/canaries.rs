//! Secrets that are recognised wherever they turn up, in whatever form.

use std::collections::HashSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::world::Side;

/// Letters of secret words: no text of ours has six consonants in a row.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz";
/// Words and numbers of a database, more than `rows.sql` asks for.
const COUNT: usize = 120;
/// The shortest piece of a word that counts as the word, in characters.
const PIECE: usize = 6;

/// The secrets of one database.
#[derive(Debug)]
pub(crate) struct Canaries {
    words: Vec<String>,
    numbers: Vec<u32>,
    needles: Vec<Needles>,
}

/// Pieces of one length.
#[derive(Debug)]
struct Needles {
    length: usize,
    pieces: HashSet<Vec<u8>>,
    seen_in: Haystack,
}

/// What is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Haystack {
    /// The bytes as they came.
    Raw,
    /// Letters and digits alone, in lower case, as if nothing stood between them.
    Plain,
}

impl Canaries {
    /// Secrets that are others on the other side, and often have another length there; in
    /// bytes they are as long, so that tables are laid out in the same way.
    pub(crate) fn new(seed: u64, side: Side) -> Self {
        let mut random = StdRng::seed_from_u64(match side {
            Side::One => seed,
            Side::Other => !seed,
        });
        let word = |number: usize| {
            let letters = (0..8 + number % 7).filter_map(|_| LETTERS.choose(&mut random));
            let letters: String = letters.map(|letter| char::from(*letter)).collect();
            letters
                + if number.is_multiple_of(2) == (side == Side::One) {
                    "th"
                } else {
                    "\u{e9}"
                }
        };
        let words: Vec<String> = (0..COUNT).map(word).collect();
        // Their first byte in binary is no printable character, so that no text is taken for one.
        let number = |_| random.random_range(100_000_000..0x2000_0000);
        let numbers: Vec<u32> = (0..COUNT).map(number).collect();
        let needles = needles(&words, &numbers);
        Self {
            words,
            numbers,
            needles,
        }
    }

    /// Temporary functions that give the secrets by number: `w(n)` and `d(n)`.
    pub(crate) fn sql(&self) -> String {
        let words = self.words.join(",");
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        format!(
            "CREATE OR REPLACE FUNCTION pg_temp.w(integer) RETURNS text LANGUAGE sql IMMUTABLE
                 AS $$SELECT (string_to_array('{words}', ','))[$1]$$;
             CREATE OR REPLACE FUNCTION pg_temp.d(integer) RETURNS integer LANGUAGE sql IMMUTABLE
                 AS $$SELECT (ARRAY[{}])[$1]$$;",
            numbers.join(",")
        )
    }

    /// What of a secret is in these bytes.
    pub(crate) fn sighted(&self, bytes: &[u8]) -> Option<String> {
        let plain: Vec<u8> = bytes
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect();
        self.needles.iter().find_map(|needles| {
            let haystack = match needles.seen_in {
                Haystack::Raw => bytes,
                Haystack::Plain => &plain,
            };
            let mut windows = haystack.windows(needles.length);
            let found = windows.find(|window| needles.pieces.contains(*window))?;
            Some(String::from_utf8_lossy(found).into_owned())
        })
    }

    /// Digests of whole values, in hexadecimal, as the database makes them.
    pub(crate) fn add_digests(&mut self, digests: &str) {
        let pieces = digests.split_whitespace().flat_map(|digest| {
            let windows = digest.as_bytes().windows(2 * PIECE);
            windows.map(<[u8]>::to_vec).collect::<Vec<_>>()
        });
        self.needles.push(Needles {
            length: 2 * PIECE,
            pieces: pieces.collect(),
            seen_in: Haystack::Plain,
        });
    }
}

fn needles(words: &[String], numbers: &[u32]) -> Vec<Needles> {
    let mut clear = HashSet::new();
    let mut hex = HashSet::new();
    let mut base64 = HashSet::new();
    for word in words {
        let backwards: String = word.chars().rev().collect();
        for word in [word.clone(), backwards, word.to_uppercase()] {
            for piece in word.as_bytes().windows(PIECE) {
                clear.insert(piece.to_ascii_lowercase());
                hex.insert(hexadecimal(piece).into_bytes());
                base64.insert(STANDARD.encode(piece).into_bytes());
            }
        }
    }
    let digits = |number: &u32| {
        [
            number.to_string(),
            number.to_string().chars().rev().collect(),
        ]
    };
    let digits = numbers.iter().flat_map(digits).map(String::into_bytes);
    let binary = numbers.iter().map(|number| number.to_be_bytes().to_vec());
    [
        (PIECE, clear, Haystack::Plain),
        (2 * PIECE, hex, Haystack::Plain),
        (8, base64, Haystack::Raw),
        (9, digits.collect(), Haystack::Plain),
        (4, binary.collect(), Haystack::Raw),
    ]
    .map(|(length, pieces, seen_in)| Needles {
        length,
        pieces,
        seen_in,
    })
    .into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[test]
fn a_secret_is_recognised_in_every_form() {
    let canaries = Canaries::new(7, Side::One);
    let word = canaries.words.first().map_or("", String::as_str);
    let backwards: String = word.chars().rev().collect();
    let apart: Vec<String> = word.chars().map(String::from).collect();
    let number = canaries.numbers.first().copied().unwrap_or_default();
    for form in [
        format!("a {word} b"),
        word.to_uppercase(),
        backwards,
        word.get(1..7).unwrap_or_default().to_owned(),
        apart.join("\0\0\0\u{1}"),
        hexadecimal(word.as_bytes()),
        hexadecimal(word.to_uppercase().as_bytes()),
        STANDARD.encode(word),
        STANDARD.encode(format!("x{word}")),
        STANDARD.encode(format!("xy{word}")),
        number.to_string(),
    ] {
        assert!(canaries.sighted(form.as_bytes()).is_some(), "{form}");
    }
    assert!(canaries.sighted(&number.to_be_bytes()).is_some());
    let harmless = "SELECT string_agg(body, ',') FROM notes -- [redacted] 123456789 8a7b6c5d4e3f";
    assert_eq!(canaries.sighted(harmless.as_bytes()), None);
}

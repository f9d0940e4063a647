//! Whatever the file holds, the answer is a configuration or errors that point
//! into it.

use narrowgate_config::parse;
use proptest::prelude::*;

const FULL: &str = include_str!("full.yaml");
const EVERY_KEY: &str = include_str!("every_key.yaml");

/// Errors stand in the file and say something.
fn holds(text: &str) {
    if let Err(errors) = parse(text, "gate.yaml") {
        assert!(!errors.errors.is_empty());
        let lines = text.split(['\n', '\r']).count();
        for error in &errors.errors {
            assert!((1..=lines + 1).contains(&error.line), "{error:?}");
            assert!(error.column >= 1 && !error.message.is_empty(), "{error:?}");
            assert_ne!(
                error.message, "is not what belongs here",
                "the shape let it through"
            );
        }
    }
}

/// Text that looks like YAML more often than not.
fn yaml() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("  ".to_owned()),
        Just("- ".to_owned()),
        Just(": ".to_owned()),
        Just("? ".to_owned()),
        "[\\[\\]{},&*!|>'\"%@#~-]",
        "(issuers|listeners|targets|chains|name|filter|config|limits|<<|---|\\.\\.\\.|null|true|1e5)",
        "[a-z0-9]{1,6}",
        "\\PC{1,3}",
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// A value in place of another.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9:./-]{0,20}",
        Just("~".to_owned()),
        Just("true".to_owned()),
        "-?[0-9]{1,20}(\\.[0-9]{1,3})?",
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        "\\[[a-z]{1,5}, [0-9]{1,2}\\]",
        "\\{ [a-z_]{1,8}: [a-z0-9]{1,8} \\}",
        "[0-9]{1,19}(ms|s|m|h|d|y|KiB|GiB|TiB)",
        "(env|file):[A-Za-z0-9_/]{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        holds(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_yaml(text in yaml()) {
        holds(&text);
    }

    #[test]
    fn a_good_file_with_a_piece_replaced(
        every in any::<bool>(), at in any::<prop::sample::Index>(), length in 0usize..30, piece in yaml(),
    ) {
        let text = if every { EVERY_KEY } else { FULL };
        let start = text.floor_char_boundary(at.index(text.len()));
        let end = text.ceil_char_boundary((start + length).min(text.len()));
        holds(&format!("{}{piece}{}", &text[..start], &text[end..]));
    }

    /// What the schema lets through, the types can read: `holds` looks for it.
    #[test]
    fn a_good_file_with_another_value(at in any::<prop::sample::Index>(), value in value()) {
        let places: Vec<_> = EVERY_KEY.match_indices(": ").map(|(index, _)| index + 2).collect();
        let start = places[at.index(places.len())];
        let rest = &EVERY_KEY[start..];
        let end = start + rest.find([',', '\n', '}']).unwrap_or(rest.len());
        holds(&format!("{}{value}{}", &EVERY_KEY[..start], &EVERY_KEY[end..]));
    }
}

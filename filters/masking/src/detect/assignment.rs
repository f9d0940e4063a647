//! Secrets that stand behind a name: `password=hunter2`, `api_key: "abc"`.

use std::ops::Range;

use super::bytes::{at, run, run_back};

/// Names, in lower case without separators, whose values are secret.
const NAMES: [&[u8]; 14] = [
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"secret",
    b"secretkey",
    b"clientsecret",
    b"apikey",
    b"accesskey",
    b"accesstoken",
    b"refreshtoken",
    b"authtoken",
    b"privatekey",
    b"sharedkey",
];
/// Longest name that is looked at.
const LONGEST: usize = 64;
/// Fewest characters of a value.
const FEWEST: usize = 4;

/// True when the name is that of a secret: a known one or one that ends so,
/// however its words are joined (`DB_PASSWORD`, `clientSecret`, `x-api-key`).
pub(crate) fn names_a_secret(name: &[u8]) -> bool {
    let mut plain = [0_u8; LONGEST];
    let mut length = 0;
    for byte in name
        .iter()
        .rev()
        .filter(|byte| byte.is_ascii_alphanumeric())
    {
        let Some(slot) = plain.get_mut(length) else {
            break;
        };
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    let Some(plain) = plain.get_mut(..length) else {
        return false;
    };
    plain.reverse();
    NAMES.iter().any(|known| plain.ends_with(known))
}

/// Looks around a `=` or `:`; finds the value.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let mut to = run_back(text, anchor, 4, |byte| byte == b' ');
    to = run_back(text, to, 2, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
    let from = run_back(text, to, LONGEST, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    if !names_a_secret(text.get(from..to)?) {
        return None;
    }
    // `=>`, `==` and `:=` assign, too.
    let after = run(text, anchor + 1, 2, |byte| matches!(byte, b'=' | b'>'));
    let start = run(text, after, 4, |byte| matches!(byte, b' ' | b'\t'));
    let quote = at(text, start);
    let (start, end) = match quote {
        b'"' | b'\'' => {
            let start = start + 1;
            (
                start,
                run(text, start, usize::MAX, |byte| {
                    byte != quote && byte != b'\n'
                }),
            )
        }
        _ => (start, run(text, start, usize::MAX, |byte| !ends(byte))),
    };
    (end - start >= FEWEST).then_some(start..end)
}

/// What ends a value without quotes.
fn ends(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b';' | b'&' | b'}' | b')')
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use super::names_a_secret;
    use crate::detect::Kind;

    #[test]
    fn values() {
        table(
            Kind::Secret,
            &[
                ("password=hunter2", &["hunter2"]),
                ("host=x password='hunter 2' user=y", &["hunter 2"]),
                ("\"api_key\": \"abcdef\", \"b\": 1", &["abcdef"]),
                ("DB_PASSWORD=s3cr3t;x", &["s3cr3t"]),
                ("x-api-key: abcdef", &["abcdef"]),
                ("secret := topsecret", &["topsecret"]),
                ("?access_token=abcdef&x=1", &["abcdef"]),
                ("clientSecret => 'abcdef'", &["abcdef"]),
                ("password=abc", &[]),
                ("password:", &[]),
                ("the secret of it", &[]),
                ("passwords: none", &[]),
                ("a=b", &[]),
            ],
        );
    }

    #[test]
    fn names() {
        for name in [
            "password",
            "userPassword",
            "API-KEY",
            "stripe.secret_key",
            "Pwd",
        ] {
            assert!(names_a_secret(name.as_bytes()), "{name}");
        }
        for name in ["", "passwords", "secretary", "key", "id", "token_count"] {
            assert!(!names_a_secret(name.as_bytes()), "{name}");
        }
    }
}

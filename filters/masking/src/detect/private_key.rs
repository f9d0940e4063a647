//! Private keys in PEM (RFC 7468, and the older labels of OpenSSL and PGP).

use std::ops::Range;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
/// Longest label.
const LABEL: usize = 64;

/// Looks from the first hyphen of `-----BEGIN`. A key whose end is missing goes
/// on to the end of the text.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let rest = text.get(anchor..)?.strip_prefix(BEGIN)?;
    let label = label(rest)?;
    let private = b"PRIVATE KEY";
    if !label.windows(private.len()).any(|words| words == private) {
        return None;
    }
    let end = rest
        .windows(END.len())
        .position(|words| words == END)
        .and_then(|at| {
            let after = rest.get(at + END.len()..)?;
            let length = self::label(after)?.len();
            Some(anchor + BEGIN.len() + at + END.len() + length + HYPHENS.len())
        });
    Some(anchor..end.unwrap_or(text.len()))
}

const HYPHENS: &[u8] = b"-----";

/// The label up to the closing hyphens.
fn label(text: &[u8]) -> Option<&[u8]> {
    let within = text.get(..text.len().min(LABEL + HYPHENS.len()))?;
    let end = within
        .windows(HYPHENS.len())
        .position(|words| words == HYPHENS)?;
    within.get(..end)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::table;
    use crate::detect::Kind;

    #[test]
    fn keys() {
        let rsa = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nowIB\n-----END RSA PRIVATE KEY-----";
        let pkcs8 = "-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----";
        let cut = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn";
        table(
            Kind::PrivateKey,
            &[
                (rsa, &[rsa]),
                (&format!("key:\n{rsa}\nrest"), &[rsa]),
                (&format!("{pkcs8}{pkcs8}"), &[pkcs8, pkcs8]),
                (&format!("x {cut}"), &[cut]),
                (
                    "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx",
                    &["-----BEGIN PGP PRIVATE KEY BLOCK-----\nx"],
                ),
                (&format!("---{pkcs8}"), &[pkcs8]),
                (
                    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
                    &[],
                ),
                ("-----BEGIN PUBLIC KEY-----", &[]),
                ("-----BEGIN PRIVATE KEY", &[]),
                ("--------", &[]),
            ],
        );
    }
}

//! Keys of services that mark theirs with a prefix.

use std::ops::Range;

use super::bytes::{before, ends_with, is_token, run};

/// A service's keys: what they begin with, ending in the anchor, and how many
/// characters of base64url follow at least.
struct Prefix {
    text: &'static [u8],
    rest: usize,
}

const fn prefix(text: &'static [u8], rest: usize) -> Prefix {
    Prefix { text, rest }
}

/// The prefixes that are known. The longer ones stand before those that they
/// end with.
const PREFIXES: [Prefix; 27] = [
    // GitHub
    prefix(b"github_pat_", 22),
    prefix(b"ghp_", 30),
    prefix(b"gho_", 30),
    prefix(b"ghu_", 30),
    prefix(b"ghs_", 30),
    prefix(b"ghr_", 30),
    // GitLab
    prefix(b"glpat-", 20),
    prefix(b"glptt-", 20),
    prefix(b"gldt-", 20),
    // Slack
    prefix(b"xoxb-", 10),
    prefix(b"xoxp-", 10),
    prefix(b"xoxa-", 10),
    prefix(b"xoxr-", 10),
    prefix(b"xoxs-", 10),
    prefix(b"xapp-", 10),
    // Stripe
    prefix(b"sk_live_", 16),
    prefix(b"sk_test_", 16),
    prefix(b"rk_live_", 16),
    prefix(b"rk_test_", 16),
    prefix(b"whsec_", 16),
    // Google: `AIza` and 35 characters
    prefix(b"AIz", 36),
    // npm, PyPI, Docker Hub
    prefix(b"npm_", 30),
    prefix(b"pypi-", 30),
    prefix(b"dckr_pat_", 20),
    // Keys of model providers
    prefix(b"sk-", 20),
    prefix(b"hf_", 30),
    // SendGrid writes `SG.` and shows no anchor; DigitalOcean does.
    prefix(b"dop_v1_", 40),
];

/// Looks around the last character of a prefix.
pub(super) fn find(text: &[u8], anchor: usize) -> Option<Range<usize>> {
    let known = PREFIXES
        .iter()
        .find(|prefix| ends_with(text, anchor + 1, prefix.text))?;
    let start = anchor + 1 - known.text.len();
    if before(text, start).is_ascii_alphanumeric() {
        return None;
    }
    let end = run(text, anchor + 1, usize::MAX, is_token);
    (end - (anchor + 1) >= known.rest).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::super::kind::testing::{found, table};
    use super::PREFIXES;
    use crate::detect::Kind;

    #[test]
    fn every_prefix() {
        for prefix in &PREFIXES {
            let text = String::from_utf8_lossy(prefix.text);
            let key = format!("{text}{}", "a1B2c3D4e5".repeat(5));
            assert_eq!(
                found(Kind::ApiKey, &format!("(key {key})")),
                [key.as_str()],
                "{text}"
            );
            assert!(
                found(Kind::ApiKey, &format!("{text}a1B2")).is_empty(),
                "{text}"
            );
            assert!(found(Kind::ApiKey, &format!("x{key}")).is_empty(), "{text}");
        }
    }

    #[test]
    fn words() {
        table(
            Kind::ApiKey,
            &[
                ("risk-averse-people-everywhere", &[]),
                ("a task-force of well-known people", &[]),
                ("snake_case_names_everywhere_in_the_text", &[]),
                ("a jazz band, a quiz, a prize", &[]),
            ],
        );
    }
}

//! Secrets, and the forms in which they could slip out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Shorter ones would be found by chance.
const SHORTEST: usize = 6;

/// Every form of every secret.
#[derive(Debug)]
pub(crate) struct Canaries(Vec<Vec<u8>>);

impl Canaries {
    pub(crate) fn new(secrets: &[String]) -> Self {
        let long = secrets.iter().filter(|secret| secret.len() >= SHORTEST);
        let mut forms: Vec<Vec<u8>> = long.flat_map(|secret| forms(secret)).collect();
        forms.sort();
        forms.dedup();
        Self(forms)
    }

    /// A form of a secret that is in these bytes.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> Option<String> {
        let found = self.0.iter().find(|form| {
            bytes
                .windows(form.len())
                .any(|window| window == form.as_slice())
        });
        found.map(|form| form.escape_ascii().to_string())
    }
}

fn forms(secret: &str) -> Vec<Vec<u8>> {
    let each = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let texts = [
        secret.to_owned(),
        secret.to_lowercase(),
        secret.to_uppercase(),
        secret.chars().rev().collect(),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("\\{byte:03o}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        }),
        each(|byte| format!("{byte},")),
        // Without what may come after it, base64 of a beginning is the beginning of base64.
        STANDARD.encode(
            secret
                .as_bytes()
                .get(..secret.len() / 3 * 3)
                .unwrap_or_default(),
        ),
    ];
    let wide = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
    texts
        .into_iter()
        .map(String::into_bytes)
        .chain([wide])
        .collect()
}

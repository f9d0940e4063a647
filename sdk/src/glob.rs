//! Patterns for names: `*` stands for any characters but a dot at the places of
//! a dotted name, `**` for any characters at all.

use std::fmt;

/// A pattern, as written.
#[derive(Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// A pattern.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when the whole of `name` fits.
    pub fn matches(&self, name: &str) -> bool {
        if !self.0.contains('*') {
            return self.0 == name;
        }
        fits(self.0.as_bytes(), name.as_bytes())
    }
}

/// Whether a name fits a pattern. Of each kind of star only the last one is
/// gone back to, so the time is bounded by the product of the lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where to go on after a star took one byte more: pattern, name.
    let mut single: Option<(usize, usize)> = None;
    let mut double: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), name.get(n)) {
            (Some(b'*'), _) if pattern.get(p + 1) == Some(&b'*') => {
                p += 2;
                (double, single) = (Some((p, n)), None);
                continue;
            }
            (Some(b'*'), _) => {
                p += 1;
                single = Some((p, n));
                continue;
            }
            (Some(a), Some(b)) if a == b => {
                (p, n) = (p + 1, n + 1);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let again = match single {
            Some((at, from)) if name.get(from).is_some_and(|byte| *byte != b'.') => {
                single = Some((at, from + 1));
                Some((at, from + 1))
            }
            _ => match double {
                Some((at, from)) if from < name.len() => {
                    (double, single) = (Some((at, from + 1)), None);
                    Some((at, from + 1))
                }
                _ => None,
            },
        };
        match again {
            Some(place) => (p, n) = place,
            None => return false,
        }
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> serde::Deserialize<'de> for Glob {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.is_empty() || text.len() > 512 {
            true => Err(serde::de::Error::custom(
                "a name or pattern has 1 to 512 bytes",
            )),
            false => Ok(Self(text)),
        }
    }
}

impl schemars::JsonSchema for Glob {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Glob".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": 512,
            "description": "A name, or a pattern: `*` for any characters but a dot, `**` for any characters",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_dots_and_double_stars_do_not() {
        let cases = [
            ("public.customers", "public.customers", true),
            ("public.customers", "public.customers2", false),
            ("public.*", "public.customers", true),
            ("public.*", "public.customers.email", false),
            ("public.*.email", "public.customers.email", true),
            ("public.**", "public.customers.email", true),
            ("**.email", "public.customers.email", true),
            ("*", "customers", true),
            ("*", "public.customers", false),
            ("**", "", true),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("**x*.y", "a.b.xz.y", true),
            ("pg_*.pg_c*", "pg_catalog.pg_class", true),
            ("", "x", false),
        ];
        for (pattern, name, fits) in cases {
            assert_eq!(Glob::new(pattern).matches(name), fits, "{pattern} {name}");
        }
    }

    /// What the stars mean, said plainly; takes exponential time.
    fn means(pattern: &[u8], name: &[u8]) -> bool {
        match pattern {
            [] => name.is_empty(),
            [b'*', b'*', rest @ ..] => (0..=name.len()).any(|at| means(rest, &name[at..])),
            [b'*', rest @ ..] => (0..=name.len())
                .take_while(|at| !name[..*at].contains(&b'.'))
                .any(|at| means(rest, &name[at..])),
            [byte, rest @ ..] => name.first() == Some(byte) && means(rest, &name[1..]),
        }
    }

    /// Every text of up to `longest` of these bytes.
    fn texts(bytes: &[u8], longest: u32) -> Vec<Vec<u8>> {
        let mut texts = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..longest {
            let to = texts.len();
            for at in from..to {
                for byte in bytes {
                    let mut text: Vec<u8> = texts[at].clone();
                    text.push(*byte);
                    texts.push(text);
                }
            }
            from = to;
        }
        texts
    }

    #[test]
    fn every_short_pattern_means_what_its_stars_say() {
        let names = texts(b"ab.", 5);
        for pattern in texts(b"ab.*", 5) {
            for name in &names {
                assert_eq!(
                    fits(&pattern, name),
                    means(&pattern, name),
                    "{:?} {:?}",
                    String::from_utf8_lossy(&pattern),
                    String::from_utf8_lossy(name),
                );
            }
        }
    }
}

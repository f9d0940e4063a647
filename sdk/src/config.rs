//! Reading a configuration, with errors that say where.

use serde::de::DeserializeOwned;

/// A fault in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// JSON pointer to it, empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl ConfigError {
    /// A fault at a place.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

/// Reads a configuration.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, Vec<ConfigError>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = error.path().iter().fold(String::new(), |pointer, segment| {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => format!("{pointer}/{index}"),
                Segment::Map { key } => {
                    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
                }
                Segment::Enum { .. } | Segment::Unknown => pointer,
            }
        });
        let message = error.into_inner().to_string();
        // Positions in the JSON mean nothing to who wrote YAML.
        let message = message
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        vec![ConfigError { pointer, message }]
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "rules")]
        _rules: Vec<Rule>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rule {
        #[serde(rename = "name")]
        _name: String,
    }

    #[test]
    fn errors_say_where() {
        let error = read::<Outer>(r#"{"rules":[{"name":"a"},{"nam":"b"}]}"#).unwrap_err();
        assert_eq!(error[0].pointer, "/rules/1/nam");
        assert!(
            error[0].message.starts_with("unknown field `nam`"),
            "{error:?}"
        );
        let error = read::<Outer>(r#"{"rules":[{"name":7}]}"#).unwrap_err();
        assert_eq!(error[0].pointer, "/rules/0/name");
    }
}

//! Start-up parameters: which of them a client may set for its session.
//!
//! They can change how text is read, what a query means or whose rights apply,
//! so they are an allow-list. What is not on it is refused by name, as a typing
//! error would be, rather than dropped: a client that relies on a setting has
//! to know that it does not have it. The list is that of statements: what may be
//! SET may be asked for here.

use narrowgate_sdk::postgres::SETTINGS;

/// Longest value of a setting, in bytes.
const VALUE: usize = 1024;

/// Why a client's settings are refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ParameterError {
    /// Not on the list.
    #[error("the start-up parameter \"{0}\" may not be set through the gateway")]
    NotAllowed(String),
    /// The gateway reads statements as UTF-8.
    #[error("the client encoding has to be UTF8")]
    Encoding,
    /// `options` with something other than settings.
    #[error("the start-up parameter \"options\" may hold -c name=value only")]
    Options,
    /// A value that is too long.
    #[error("the value of the start-up parameter \"{0}\" is too long")]
    TooLong(String),
    /// Replication speaks another language than statements.
    #[error("replication connections are not allowed through the gateway")]
    Replication,
}

/// The settings to send on, from the parameters of a start-up packet.
pub(super) fn settings<'a>(
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<(String, String)>, ParameterError> {
    let mut settings = Vec::new();
    for (name, value) in parameters {
        match name.to_ascii_lowercase().as_str() {
            "user" | "database" => {}
            "replication" if matches!(value, "false" | "off" | "no" | "0") => {}
            "replication" => return Err(ParameterError::Replication),
            "options" => {
                for (name, value) in options(value)? {
                    add(&mut settings, &name, &value)?;
                }
            }
            name if name.starts_with("_pq_.") => {}
            name => add(&mut settings, name, value)?,
        }
    }
    Ok(settings)
}

/// Adds a setting, if it is allowed.
fn add(
    settings: &mut Vec<(String, String)>,
    name: &str,
    value: &str,
) -> Result<(), ParameterError> {
    let name = name.to_ascii_lowercase();
    if value.len() > VALUE {
        return Err(ParameterError::TooLong(name));
    }
    if name == "client_encoding" {
        let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        return match plain.to_ascii_lowercase().as_str() {
            // "auto" is what libpq makes of an unset locale; it never comes
            // over the wire, but poolers have been seen to send it on.
            "utf8" | "unicode" | "auto" => Ok(()),
            _ => Err(ParameterError::Encoding),
        };
    }
    if name == "standard_conforming_strings" {
        return match value {
            "on" | "true" | "1" => Ok(()),
            _ => Err(ParameterError::NotAllowed(name)),
        };
    }
    if name != "fallback_application_name" && !SETTINGS.contains(&name.as_str()) {
        return Err(ParameterError::NotAllowed(name));
    }
    settings.push((name, value.to_owned()));
    Ok(())
}

/// The settings of `options`, which is a command line: words are split at
/// blanks, a backslash takes the next character as it is.
fn options(text: &str) -> Result<Vec<(String, String)>, ParameterError> {
    let mut settings = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        let setting = if word == "-c" {
            words.next().ok_or(ParameterError::Options)?
        } else if let Some(rest) = word.strip_prefix("-c") {
            rest.to_owned()
        } else if let Some(rest) = word.strip_prefix("--") {
            rest.to_owned()
        } else {
            return Err(ParameterError::Options);
        };
        let (name, value) = setting.split_once('=').ok_or(ParameterError::Options)?;
        // PostgreSQL reads `-` in a name as `_` here.
        settings.push((name.trim().replace('-', "_"), value.to_owned()));
    }
    Ok(settings)
}

/// Words as PostgreSQL splits them (`pg_split_opts`).
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.extend(chars.next()),
            c if c.is_ascii_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parameters: &[(&str, &str)]) -> Result<Vec<(String, String)>, ParameterError> {
        settings(parameters.iter().copied())
    }

    #[test]
    fn drivers_settings_pass() {
        let passed = check(&[
            ("user", "a"),
            ("database", "b"),
            ("client_encoding", "UTF8"),
            ("DateStyle", "ISO"),
            ("TimeZone", "UTC"),
            ("extra_float_digits", "2"),
            ("application_name", "psql"),
            ("_pq_.some", "1"),
        ]);
        let names: Vec<String> = passed.unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "datestyle",
                "timezone",
                "extra_float_digits",
                "application_name"
            ]
        );
    }

    #[test]
    fn what_changes_meaning_or_rights_is_refused() {
        let refused = |name: &str| Err(ParameterError::NotAllowed(name.to_owned()));
        for name in [
            "search_path",
            "role",
            "session_authorization",
            "backslash_quote",
            "session_replication_role",
            "x.y",
        ] {
            assert_eq!(check(&[(name, "v")]), refused(name));
        }
        assert_eq!(
            check(&[("standard_conforming_strings", "off")]),
            refused("standard_conforming_strings")
        );
        assert_eq!(
            check(&[("client_encoding", "SJIS")]),
            Err(ParameterError::Encoding)
        );
        assert_eq!(
            check(&[("replication", "database")]),
            Err(ParameterError::Replication)
        );
    }

    #[test]
    fn options_are_the_same_door() {
        let given = |text| check(&[("options", text)]);
        let set = |name: &str, value: &str| Ok(vec![(name.to_owned(), value.to_owned())]);
        assert_eq!(
            given("-c statement_timeout=5min"),
            set("statement_timeout", "5min")
        );
        assert_eq!(given("-cjit=off"), set("jit", "off"));
        assert_eq!(given("--lock-timeout=1s"), set("lock_timeout", "1s"));
        assert_eq!(
            given(r"-c datestyle=ISO,\ MDY"),
            set("datestyle", "ISO, MDY")
        );
        let path = ParameterError::NotAllowed("search_path".to_owned());
        assert_eq!(given("-c search_path=evil"), Err(path));
        for hidden in [
            "--search-path=evil",
            "--Search_Path=evil",
            r"-c\ search_path=evil",
            r"-c sear\ch_path=evil",
            r"\-\-search_path=evil",
            "-c jit=off\t-csearch_path=evil",
            "-c search-path=evil",
        ] {
            let path = ParameterError::NotAllowed("search_path".to_owned());
            assert_eq!(given(hidden), Err(path), "{hidden}");
        }
        // Whatever a statement may SET.
        assert_eq!(
            given("-c bytea_output=escape"),
            set("bytea_output", "escape")
        );
        for odd in ["-c", "-e", "-c jit", "text", "-S 5"] {
            assert_eq!(given(odd), Err(ParameterError::Options), "{odd}");
        }
    }
}

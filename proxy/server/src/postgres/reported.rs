//! What a target will report of a session's settings, foretold.
//!
//! A client is told of them when it logs in, and its target is dialled later
//! (`relay/undialled.rs`). What does not depend on the session is as the gateway's
//! own last connection to that database, in the same role, was told; what the
//! session sets itself is brought into the form in which PostgreSQL reports it,
//! since drivers read some of these values (`DateStyle` above all). Where that
//! errs, the value that is really in force is sent before the first answer.

use narrowgate_codec::postgres::Text;
use narrowgate_codec::postgres::backend::ParameterStatus;

/// The values that a session with such settings will report. Names of settings are
/// in lower case.
pub(super) fn foretold(
    known: &[ParameterStatus],
    settings: &[(String, String)],
) -> Vec<ParameterStatus> {
    let foretell = |status: &ParameterStatus| {
        let name = status.name.to_string_lossy().to_ascii_lowercase();
        let Some((_, value)) = settings.iter().rfind(|(set, _)| *set == name) else {
            return status.clone();
        };
        let value = match name.as_str() {
            "datestyle" => date_style(&status.value.to_string_lossy(), value),
            "intervalstyle" => value.to_ascii_lowercase(),
            "default_transaction_read_only" => switch(value).unwrap_or(value).to_owned(),
            _ => value.clone(),
        };
        ParameterStatus {
            name: status.name.clone(),
            value: Text::from(value),
        }
    };
    known.iter().map(foretell).collect()
}

/// Those that are not as the client was told.
pub(super) fn news<'a>(
    told: &'a [ParameterStatus],
    real: &'a [ParameterStatus],
) -> impl Iterator<Item = &'a ParameterStatus> {
    real.iter().filter(|status| !told.contains(status))
}

/// A date style as PostgreSQL reports it (`check_datestyle`): the style and the order
/// of day, month and year, where what is not said stays as it is.
fn date_style(old: &str, said: &str) -> String {
    let (mut style, mut order) = old.split_once(", ").unwrap_or((old, "MDY"));
    let mut ordered = false;
    for word in said.split(',') {
        let word = word.trim().to_ascii_lowercase();
        match word.as_str() {
            "iso" => style = "ISO",
            "sql" => style = "SQL",
            word if word.starts_with("postgres") => style = "Postgres",
            "german" => {
                style = "German";
                // Its own order, unless another one is said.
                order = if ordered { order } else { "DMY" };
            }
            "ymd" => (order, ordered) = ("YMD", true),
            "dmy" => (order, ordered) = ("DMY", true),
            "mdy" | "us" => (order, ordered) = ("MDY", true),
            word if word.starts_with("euro") => (order, ordered) = ("DMY", true),
            word if word.starts_with("noneuro") => (order, ordered) = ("MDY", true),
            _ => {}
        }
    }
    format!("{style}, {order}")
}

/// A switch as PostgreSQL reports it (`parse_bool`): words may be cut short as long
/// as they are told apart.
fn switch(said: &str) -> Option<&'static str> {
    let said = said.to_ascii_lowercase();
    let short = |word: &str| !said.is_empty() && word.starts_with(said.as_str());
    if short("true") || short("yes") || said == "on" || said == "1" {
        Some("on")
    } else if short("false") || short("no") || (said.len() > 1 && short("off")) || said == "0" {
        Some("off")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(name: &str, value: &str) -> ParameterStatus {
        ParameterStatus {
            name: Text::from(name.to_owned()),
            value: Text::from(value.to_owned()),
        }
    }

    fn set(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn what_a_session_sets_is_reported_in_the_database_s_own_form() {
        let known = [
            status("server_version", "15.6"),
            status("application_name", "narrowgate catalog"),
            status("DateStyle", "SQL, DMY"),
            status("IntervalStyle", "postgres"),
            status("TimeZone", "Etc/UTC"),
            status("default_transaction_read_only", "off"),
        ];
        let settings = [
            set("application_name", "narrowgate:bot"),
            set("datestyle", "iso"),
            set("intervalstyle", "ISO_8601"),
            set("timezone", "Europe/Berlin"),
            set("default_transaction_read_only", "t"),
            set("statement_timeout", "5s"),
            // The last one counts.
            set("timezone", "UTC"),
        ];
        assert_eq!(
            foretold(&known, &settings),
            [
                status("server_version", "15.6"),
                status("application_name", "narrowgate:bot"),
                status("DateStyle", "ISO, DMY"),
                status("IntervalStyle", "iso_8601"),
                status("TimeZone", "UTC"),
                status("default_transaction_read_only", "on"),
            ]
        );
        assert_eq!(foretold(&known, &[]), known);
    }

    #[test]
    fn date_styles_are_read_as_postgresql_reads_them() {
        for (old, said, new) in [
            ("ISO, MDY", "ISO", "ISO, MDY"),
            ("ISO, MDY", "ISO, DMY", "ISO, DMY"),
            ("ISO, YMD", "sql , European", "SQL, DMY"),
            ("ISO, MDY", "German", "German, DMY"),
            ("ISO, MDY", "ymd, german", "German, YMD"),
            ("German, DMY", "PostgreSQL, US", "Postgres, MDY"),
            ("ISO, DMY", "NonEuropean", "ISO, MDY"),
        ] {
            assert_eq!(date_style(old, said), new, "{old} and {said}");
        }
    }

    #[test]
    fn switches_may_be_cut_short() {
        for on in ["on", "TRUE", "tr", "y", "1"] {
            assert_eq!(switch(on), Some("on"), "{on}");
        }
        for off in ["off", "of", "f", "No", "0"] {
            assert_eq!(switch(off), Some("off"), "{off}");
        }
        for neither in ["", "o", "2", "onn", "maybe"] {
            assert_eq!(switch(neither), None, "{neither}");
        }
    }

    #[test]
    fn only_what_differs_is_news() {
        let told = [status("a", "1"), status("b", "2")];
        let real = [status("a", "1"), status("b", "3"), status("c", "4")];
        let news: Vec<_> = news(&told, &real).collect();
        assert_eq!(news, [&real[1], &real[2]]);
    }
}

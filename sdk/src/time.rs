//! Times as a configuration has them.

/// Seconds of a time such as `30s`, `10m`, `1h` or `7d`; nothing if it is none,
/// or no time at all.
///
/// ```
/// assert_eq!(narrowgate_sdk::seconds("10m"), Some(600));
/// assert_eq!(narrowgate_sdk::seconds("soon"), None);
/// ```
pub fn seconds(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text
        .strip_suffix(unit)?
        .parse()
        .ok()
        .filter(|number| *number > 0)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, expected) in [
            ("1s", Some(1)),
            ("30s", Some(30)),
            ("10m", Some(600)),
            ("2h", Some(7200)),
            ("7d", Some(604_800)),
            ("0s", None),
            ("", None),
            ("10", None),
            ("m", None),
            ("-1s", None),
            ("1.5h", None),
            ("1w", None),
            ("1h30m", None),
            ("18446744073709551615d", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}

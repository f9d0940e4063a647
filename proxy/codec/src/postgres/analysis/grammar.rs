//! Where servers before 18 read a text in another way than the analyser's grammar does.

use super::parse::raw_scan;

/// Before this version `0x1F` is `0 AS x1F` and `1_000` is `1 AS _000`.
const INTEGER_FORMS: u32 = 160_000;

/// Whether the text has a number that a server of this version splits into a number and a name.
pub(super) fn has_foreign_number(sql: &str, server_version: u32) -> bool {
    if server_version >= INTEGER_FORMS || !looks_foreign(sql) {
        return false;
    }
    let Ok(tokens) = raw_scan(sql) else {
        return true;
    };
    tokens.iter().any(|token| {
        let text = usize::try_from(token.start)
            .ok()
            .zip(usize::try_from(token.end).ok())
            .and_then(|(start, end)| sql.get(start..end));
        text.is_none_or(|text| {
            let mut bytes = text.bytes();
            bytes
                .next()
                .is_some_and(|byte| byte.is_ascii_digit() || byte == b'.')
                && bytes.any(|byte| matches!(byte, b'_' | b'x' | b'X' | b'o' | b'O' | b'b' | b'B'))
        })
    })
}

/// A quick look that errs on the side of yes.
fn looks_foreign(sql: &str) -> bool {
    let mut number = false;
    let mut before = b' ';
    for byte in sql.bytes() {
        match byte {
            b'0'..=b'9' => {
                number |=
                    !(before.is_ascii_alphanumeric() || matches!(before, b'_' | b'$' | 0x80..))
            }
            b'_' | b'x' | b'X' | b'o' | b'O' | b'b' | b'B' if number && before.is_ascii_digit() => {
                return true;
            }
            b'.' => {}
            _ => number = false,
        }
        before = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_foreign_number;

    #[test]
    fn new_integer_forms_are_seen_on_old_servers_alone() {
        for sql in ["SELECT 0x1F", "SELECT 1_000", "SELECT 0b11", "SELECT 1.0_1"] {
            assert!(has_foreign_number(sql, 150_004), "{sql}");
            assert!(!has_foreign_number(sql, 160_000), "{sql}");
        }
        for sql in [
            "SELECT '0x1F'",
            "SELECT a0x1, $1, t_1_000 FROM x",
            "SELECT 10 x",
            "SELECT 1 _a",
        ] {
            assert!(!has_foreign_number(sql, 150_004), "{sql}");
        }
    }
}

//! "Did you mean": the known word nearest to a misspelt one.

/// The candidate that `word` was most likely meant to be, if one is near:
/// a third of the letters may differ, a swap of neighbours counts once.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = fold(word);
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &fold(candidate)),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= length.max(candidate.len()).div_ceil(3).min(4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The suggestion as it is shown: ``did you mean `x`?``
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    closest(word, candidates).map(|candidate| format!("did you mean `{candidate}`?"))
}

/// Longer words are not compared: the distance takes quadratic time.
const LONGEST: usize = 64;

/// Case and the choice of word separator are not worth a mistake.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_word() {
        assert_eq!(closest("chian", ["chain", "bind"]), Some("chain"));
        assert_eq!(
            closest("allow-cleartext", ["allow_cleartext"]),
            Some("allow_cleartext")
        );
        assert_eq!(closest("adress", ["address", "database"]), Some("address"));
    }

    #[test]
    fn says_nothing_when_nothing_is_near() {
        assert_eq!(closest("kubernetes", ["chain", "bind"]), None);
        assert_eq!(closest(&"x".repeat(1000), ["x"]), None);
    }
}

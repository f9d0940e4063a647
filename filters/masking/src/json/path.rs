//! Paths into JSON, a small part of SQL/JSON paths (RFC 9535 has the same
//! notation): `$.a.b`, `$['a b']`, `$.items[*].phone`, `$.*`, `$..phone`.

/// A path, as steps from the root. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) steps: Vec<Step>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it leads to.
    pub(crate) to: To,
    /// At any depth below, not only right below.
    pub(crate) deep: bool,
}

/// What a step leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// The member of this name.
    Member(String),
    /// Any member.
    AnyMember,
    /// Any element of an array.
    AnyElement,
}

/// Why a text is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    /// It has to begin with the root.
    #[error("a path begins with `$.` or `$[`")]
    Root,
    /// A step cannot be read.
    #[error("a step is `.name`, `..name`, `.*`, `[*]` or `['name']`")]
    Step,
    /// An element by its number.
    #[error("elements cannot be told apart by number: use `[*]`")]
    Index,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// [`PathError`] for anything beyond the notation above.
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        let mut rest = text.strip_prefix('$').ok_or(PathError::Root)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = step(rest)?;
            steps.push(step);
            rest = after;
        }
        if steps.is_empty() {
            Err(PathError::Root)
        } else {
            Ok(Self { steps })
        }
    }
}

/// The first step of a text, and what comes after it.
fn step(text: &str) -> Result<(Step, &str), PathError> {
    if let Some(rest) = text.strip_prefix("..") {
        let (to, after) = match rest.starts_with('[') {
            true => bracket(rest)?,
            false => name(rest)?,
        };
        return Ok((Step { to, deep: true }, after));
    }
    let (to, after) = match text.strip_prefix('.') {
        Some(rest) => name(rest)?,
        None => bracket(text)?,
    };
    Ok((Step { to, deep: false }, after))
}

/// A name or `*`.
fn name(text: &str) -> Result<(To, &str), PathError> {
    if let Some(after) = text.strip_prefix('*') {
        return Ok((To::AnyMember, after));
    }
    let end = text
        .find(|character: char| !character.is_alphanumeric() && !matches!(character, '_' | '-'))
        .unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((name, after)) if !name.is_empty() => Ok((To::Member(name.to_owned()), after)),
        _ => Err(PathError::Step),
    }
}

/// `[*]`, `['name']` or `["name"]`.
fn bracket(text: &str) -> Result<(To, &str), PathError> {
    let inside = text.strip_prefix('[').ok_or(PathError::Step)?;
    if let Some(after) = inside.strip_prefix("*]") {
        return Ok((To::AnyElement, after));
    }
    if inside.starts_with(|character: char| character.is_ascii_digit() || character == '-') {
        return Err(PathError::Index);
    }
    for quote in ['\'', '"'] {
        if let Some(quoted) = inside.strip_prefix(quote) {
            let (name, after) = quoted.split_once(quote).ok_or(PathError::Step)?;
            let after = after.strip_prefix(']').ok_or(PathError::Step)?;
            if name.contains('\\') {
                return Err(PathError::Step);
            }
            return Ok((To::Member(name.to_owned()), after));
        }
    }
    Err(PathError::Step)
}

#[cfg(test)]
mod tests {
    use super::{Path, PathError, Step, To};

    fn member(name: &str) -> Step {
        Step {
            to: To::Member(name.to_owned()),
            deep: false,
        }
    }

    #[test]
    fn paths() {
        let any = |to| Step { to, deep: false };
        for (text, steps) in [
            ("$.phone", vec![member("phone")]),
            ("$.a.b-c_d", vec![member("a"), member("b-c_d")]),
            ("$['a.b'][\"c d\"]", vec![member("a.b"), member("c d")]),
            (
                "$.a[*].b",
                vec![member("a"), any(To::AnyElement), member("b")],
            ),
            ("$.*.b", vec![any(To::AnyMember), member("b")]),
            (
                "$..b",
                vec![Step {
                    deep: true,
                    ..member("b")
                }],
            ),
            ("$[*]", vec![any(To::AnyElement)]),
        ] {
            assert_eq!(Path::parse(text), Ok(Path { steps }), "{text}");
        }
    }

    #[test]
    fn what_is_no_path() {
        for (text, error) in [
            ("", PathError::Root),
            ("$", PathError::Root),
            ("phone", PathError::Root),
            ("$.", PathError::Step),
            ("$.a.", PathError::Step),
            ("$.a b", PathError::Step),
            ("$['a", PathError::Step),
            ("$['a'", PathError::Step),
            ("$[?(@.a)]", PathError::Step),
            ("$.a[0]", PathError::Index),
            ("$.a[-1]", PathError::Index),
        ] {
            assert_eq!(Path::parse(text), Err(error), "{text}");
        }
    }
}

//! Templates as the text files hold them, and the places in them.

use super::types::Ty;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    /// `{kind:argument}`, or `{?kind}` where it decides over rows.
    Place {
        kind: &'t str,
        argument: &'t str,
        decides: bool,
    },
}

/// Names of places besides types.
const KINDS: [&str; 9] = [
    "row", "one", "many", "n", "word", "window", "select", "name", "over",
];

/// The pieces of a template. Braces with anything else in them are text.
pub(crate) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut text = template;
    while let Some(at) = rest.find('{') {
        let tail = rest.get(at + 1..).unwrap_or_default();
        let found = tail
            .find('}')
            .and_then(|end| Some((place(tail.get(..end)?)?, tail.get(end + 1..)?)));
        match found {
            Some((place, after)) => {
                let before = text.len() - tail.len() - 1;
                pieces.push(Piece::Text(text.get(..before).unwrap_or_default()));
                pieces.push(place);
                (text, rest) = (after, after);
            }
            None => rest = tail,
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn place(inside: &str) -> Option<Piece<'_>> {
    let (decides, inside) = match inside.strip_prefix('?') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let (kind, argument) = inside.split_once(':').unwrap_or((inside, ""));
    let known = Ty::named(kind).is_some() || KINDS.contains(&kind);
    known.then_some(Piece::Place {
        kind,
        argument,
        decides,
    })
}

/// The lines of a file of templates.
pub(crate) fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    let lines = file.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn places_are_found_between_other_braces() {
    let place = |kind, argument, decides| Piece::Place {
        kind,
        argument,
        decides,
    };
    assert_eq!(
        pieces("{json} #> '{contact,city}' = {one:text} {?bool} '{}' {x}"),
        [
            Piece::Text(""),
            place("json", "", false),
            Piece::Text(" #> '{contact,city}' = "),
            place("one", "text", false),
            Piece::Text(" "),
            place("bool", "", true),
            Piece::Text(" '{}' {x}"),
        ]
    );
}

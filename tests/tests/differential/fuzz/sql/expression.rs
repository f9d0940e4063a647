//! Expressions of a type over what a level can name.

use std::sync::LazyLock;

use rand::Rng;
use rand::seq::IndexedRandom;

use super::Generator;
use super::template::{Piece, lines, pieces};
use super::types::{Level, Sql, Ty};

/// A template of an expression.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) ty: Ty,
    pub(crate) pieces: Vec<Piece<'static>>,
    /// Masked whatever is put in.
    pub(crate) secret: bool,
}

static EXPRESSIONS: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let file = include_str!("expressions.txt");
    lines(file).filter_map(template).collect()
});

/// A line `type | template`, or `! type | template`.
pub(crate) fn template(line: &'static str) -> Option<Template> {
    let (ty, template) = line.split_once(" | ")?;
    let (secret, ty) = match ty.strip_prefix("! ") {
        Some(ty) => (true, ty),
        None => (false, ty),
    };
    Some(Template {
        ty: Ty::named(ty)?,
        pieces: pieces(template),
        secret,
    })
}

/// How an expression is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// Without masked columns, mostly: it decides over rows.
    pub(crate) shy: bool,
    /// How many templates may stand in each other.
    pub(crate) depth: u32,
}

impl Wish {
    pub(crate) fn deeper(self) -> Self {
        Self {
            depth: self.depth.saturating_sub(1),
            ..self
        }
    }

    pub(crate) fn shy(self) -> Self {
        Self { shy: true, ..self }
    }
}

impl Generator {
    pub(crate) fn expression(&mut self, ty: Ty, level: &Level<'_>, wish: Wish) -> Sql {
        let leaf = wish.depth == 0 || self.spent() || self.chance(0.3);
        if !leaf {
            let all: Vec<&Template> = EXPRESSIONS
                .iter()
                .filter(|template| template.ty == ty && !(template.secret && wish.shy))
                .collect();
            for _ in 0..3 {
                let Some(template) = all.choose(&mut self.random) else {
                    break;
                };
                if let Some(mut sql) = self.fill(&template.pieces, level, wish.deeper()) {
                    sql.secret |= template.secret;
                    sql.text = format!("({})", sql.text);
                    return sql;
                }
            }
        }
        self.leaf(ty, level, wish)
    }

    /// A template with its places filled; none where nothing fits.
    pub(crate) fn fill(
        &mut self,
        pieces: &[Piece<'_>],
        level: &Level<'_>,
        wish: Wish,
    ) -> Option<Sql> {
        let mut out = Sql {
            text: String::new(),
            secret: false,
        };
        for piece in pieces {
            match *piece {
                Piece::Text(text) => out.text.push_str(text),
                Piece::Place {
                    kind,
                    argument,
                    decides,
                } => {
                    let wish = if decides { wish.shy() } else { wish };
                    let sql = self.put(kind, argument, level, wish)?;
                    out.text.push_str(&sql.text);
                    out.secret |= sql.secret;
                }
            }
        }
        Some(out)
    }

    fn put(&mut self, kind: &str, argument: &str, level: &Level<'_>, wish: Wish) -> Option<Sql> {
        if let Some(ty) = Ty::named(kind) {
            return Some(self.expression(ty, level, wish));
        }
        let harmless = |text: String| Sql {
            text,
            secret: false,
        };
        Some(match kind {
            "n" => harmless(self.random.random_range(1..9).to_string()),
            "word" => harmless(self.word()),
            "row" => {
                let visible = level.visible();
                let fits = visible
                    .iter()
                    .filter(|source| !(wish.shy && source.is_secret()));
                let fits: Vec<_> = fits.collect();
                let source = fits.choose(&mut self.random)?;
                Sql {
                    text: source.alias.clone(),
                    secret: source.is_secret(),
                }
            }
            "one" => {
                let query = self.one(Ty::named(argument)?, level, wish.deeper());
                Sql {
                    text: format!("SELECT {} ", query.text),
                    secret: query.secret,
                }
            }
            "many" => self
                .query(&[Ty::named(argument)?], level, wish.deeper())
                .sql(),
            "window" => self.window(level, wish),
            _ => return None,
        })
    }

    /// A column, or a literal where there is none of the type.
    fn leaf(&mut self, ty: Ty, level: &Level<'_>, wish: Wish) -> Sql {
        // Now and then something masked decides all the same: it has to be denied.
        let shy = wish.shy && !self.chance(0.005);
        let secret = !shy && self.chance(0.45);
        let columns: Vec<Sql> = level
            .visible()
            .iter()
            .flat_map(|source| {
                let fits = source.columns.iter().filter(|column| column.ty == ty);
                fits.map(|column| column.of(&source.alias))
            })
            .filter(|column| !(shy && column.secret) && (column.secret || !secret))
            .collect();
        if !self.chance(0.1)
            && let Some(column) = columns.choose(&mut self.random)
        {
            return column.clone();
        }
        let n = self.random.random_range(0..6);
        let text = match ty {
            Ty::Int => n.to_string(),
            Ty::Num => format!("{n}.5"),
            Ty::Text => self.word(),
            Ty::Bool => match n % 3 {
                0 => "true".to_owned(),
                1 => "false".to_owned(),
                _ => "(NULL::boolean)".to_owned(),
            },
            Ty::Json => format!("'{{\"n\": {n}, \"plan\": \"none\"}}'::jsonb"),
            Ty::Texts => format!("ARRAY['a', 'b{n}']"),
            Ty::Date => format!("date '2001-02-0{}'", n + 1),
            Ty::Bytes => format!("'\\x0{n}41'::bytea"),
        };
        Sql {
            text,
            secret: false,
        }
    }

    fn word(&mut self) -> String {
        let words = ["'a'", "'body'", "'name 2'", "'phone'", "''", "'é'", "'pro'"];
        words
            .choose(&mut self.random)
            .copied()
            .unwrap_or("'a'")
            .to_owned()
    }
}

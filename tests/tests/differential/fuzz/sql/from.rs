//! What stands in FROM: tables, views, functions, sub-selects, joined in every way.

use std::sync::LazyLock;

use rand::Rng;
use rand::seq::IndexedRandom;

use super::Generator;
use super::expression::Wish;
use super::template::{Piece, lines, pieces};
use super::types::{Column, Level, Source, Ty};

/// Something that may stand in FROM.
#[derive(Debug)]
struct Form {
    /// Before and behind the alias.
    before: Vec<Piece<'static>>,
    behind: &'static str,
    columns: Vec<Column>,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let file = include_str!("sources.txt");
    lines(file).filter_map(form).collect()
});

fn form(line: &'static str) -> Option<Form> {
    let (form, columns) = line.split_once(" | ")?;
    let (before, behind) = form.rsplit_once(" as")?;
    let column = |column: &str| {
        let (secret, column) = match column.strip_prefix('!') {
            Some(column) => (true, column),
            None => (false, column),
        };
        let (name, ty) = column.rsplit_once(' ')?;
        Some(Column {
            name: name.to_owned(),
            ty: Ty::named(ty)?,
            secret,
        })
    };
    Some(Form {
        before: pieces(before),
        behind,
        columns: columns.split(", ").filter_map(column).collect(),
    })
}

impl Generator {
    /// A FROM list; what is in it is named in `level` then.
    pub(crate) fn from(&mut self, level: &mut Level<'_>, wish: Wish) -> String {
        let (mut text, source) = self.item(level, wish);
        level.sources.push(source);
        let more = match self.spent() {
            true => 0,
            false => [0, 0, 0, 1, 1, 2]
                .choose(&mut self.random)
                .copied()
                .unwrap_or(0),
        };
        for _ in 0..more {
            let before = level.sources.len();
            let (item, source) = self.item(level, wish);
            level.sources.push(source);
            let lateral = item.starts_with("LATERAL") || item.contains('(');
            text = self.joined(&text, &item, level, before, lateral, wish);
        }
        text
    }

    fn joined(
        &mut self,
        left: &str,
        right: &str,
        level: &Level<'_>,
        before: usize,
        lateral: bool,
        wish: Wish,
    ) -> String {
        let outer = if lateral {
            ["JOIN", "LEFT JOIN"]
        } else {
            ["RIGHT JOIN", "FULL JOIN"]
        };
        let kind = match self.random.random_range(0..5) {
            0 => return format!("{left}, {right}"),
            1 => return format!("{left} CROSS JOIN {right}"),
            2 => outer.choose(&mut self.random).copied().unwrap_or("JOIN"),
            3 => "LEFT JOIN",
            _ => "JOIN",
        };
        let numbers = |sources: &[Source]| -> Vec<String> {
            let columns = sources.iter().flat_map(|source| {
                let fits = source
                    .columns
                    .iter()
                    .filter(|column| column.ty == Ty::Int && !column.secret);
                fits.map(|column| column.of(&source.alias).text)
            });
            columns.collect()
        };
        let (one, other) = level.sources.split_at(before);
        let (one, other) = (numbers(one), numbers(other));
        let pair = (one.choose(&mut self.random), other.choose(&mut self.random));
        match pair {
            (Some(one), Some(other)) if kind == "FULL JOIN" || self.chance(0.8) => {
                format!("{left} {kind} {right} ON {one} = {other}")
            }
            _ if kind == "FULL JOIN" => format!("{left} LEFT JOIN {right} ON true"),
            _ => {
                // Names of the queries around are left out: a condition is about its two sides.
                let own = Level {
                    sources: level.sources.clone(),
                    ..Level::default()
                };
                let condition = self.expression(Ty::Bool, &own, wish.shy().deeper());
                format!("{left} {kind} {right} ON {}", condition.text)
            }
        }
    }

    fn item(&mut self, level: &Level<'_>, wish: Wish) -> (String, Source) {
        let alias = self.name();
        let shared = level.all_shared();
        if self.chance(0.6)
            && let Some(source) = shared.choose(&mut self.random)
        {
            let item = format!("{} AS {alias}", source.alias);
            return (
                item,
                Source {
                    alias,
                    columns: source.columns.clone(),
                },
            );
        }
        if wish.depth > 0 && !self.spent() && self.chance(0.25) {
            let lateral = self.chance(0.4);
            let around = Level {
                outer: level.outer,
                ..Level::default()
            };
            let query = self.any_query(if lateral { level } else { &around }, wish.deeper());
            let word = if lateral { "LATERAL " } else { "" };
            let source = query.source(&alias);
            return (format!("{word}({}) AS {alias}", query.text), source);
        }
        loop {
            let Some(form) = FORMS.choose(&mut self.random) else {
                continue;
            };
            // What a function takes apart decides how many rows there are.
            let inside = if self.chance(0.9) { wish.shy() } else { wish };
            let depth = wish.depth.min(1);
            if wish.shy && form.columns.iter().all(|column| column.secret) {
                continue;
            }
            if let Some(before) = self.fill(&form.before, level, Wish { depth, ..inside }) {
                let columns = form.columns.iter().map(|column| Column {
                    secret: column.secret || before.secret,
                    ..column.clone()
                });
                let item = format!("{} AS {alias}{}", before.text, form.behind);
                return (
                    item,
                    Source {
                        alias,
                        columns: columns.collect(),
                    },
                );
            }
        }
    }
}

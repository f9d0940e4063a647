//! Queries: plain ones, groups, windows, set operations, common table expressions.

use std::sync::LazyLock;

use rand::Rng;
use rand::seq::IndexedRandom;

use super::Generator;
use super::expression::{Template, Wish, template};
use super::template::lines;
use super::types::{Column, Level, Source, Sql, TYPES, Ty};

static AGGREGATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let lines = lines(include_str!("aggregates.txt"));
    lines.filter_map(template).collect()
});
static WINDOWS: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let lines = lines(include_str!("aggregates.txt"));
    let windows = lines.filter_map(|line| line.strip_prefix("window "));
    windows.filter_map(template).collect()
});

/// A query, and which of its columns show what is masked.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) columns: Vec<(Ty, bool)>,
}

impl Query {
    /// The query as part of an expression.
    pub(crate) fn sql(self) -> Sql {
        Sql {
            secret: self.columns.iter().any(|(_, secret)| *secret),
            text: self.text,
        }
    }

    /// The query under a name: its columns are c1, c2, …
    pub(crate) fn source(&self, alias: &str) -> Source {
        let columns = self.columns.iter().enumerate();
        Source {
            alias: alias.to_owned(),
            columns: columns
                .map(|(index, (ty, secret))| Column {
                    name: column_name(index),
                    ty: *ty,
                    secret: *secret,
                })
                .collect(),
        }
    }
}

/// `ca`, `cb`, …
fn column_name(index: usize) -> String {
    let letter = u8::try_from(index % 26).unwrap_or_default() + b'a';
    format!("c{}", char::from(letter))
}

impl Generator {
    /// A query of some columns.
    pub(crate) fn any_query(&mut self, level: &Level<'_>, wish: Wish) -> Query {
        let count = self.random.random_range(1..4);
        let types: Vec<Ty> = (0..count)
            .map(|_| match self.chance(0.5) {
                true => Ty::Text,
                false => TYPES.choose(&mut self.random).copied().unwrap_or(Ty::Int),
            })
            .collect();
        self.query(&types, level, wish)
    }

    /// A query of columns of these types.
    pub(crate) fn query(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let kind = if self.spent() {
            0
        } else {
            self.random.random_range(0..100)
        };
        match kind {
            0..50 => self.plain(types, outer, wish),
            50..66 => self.groups(types, outer, wish),
            66..76 => self.windows(types, outer, wish),
            76..88 => self.set_operation(types, outer, wish),
            88..96 => self.shared(types, outer, wish),
            _ => self.recursive(types, outer, wish),
        }
    }

    fn plain(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let mut level = Level::inside(outer);
        let from = self.from(&mut level, wish);
        let distinct = self.chance(0.07);
        let wished = if distinct { wish.shy() } else { wish };
        let outputs = self.outputs(types, &level, wished);
        let mut text = format!(
            "SELECT {}{} FROM {from}",
            if distinct { "DISTINCT " } else { "" },
            listed(&outputs)
        );
        text += &self.condition("WHERE", &level, wish, 0.35);
        if !distinct {
            text += &self.order(&level, wish);
        }
        self.limit(&mut text);
        query(text, types, &outputs)
    }

    /// GROUP BY, in all its forms, or one group of all.
    fn groups(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let mut level = Level::inside(outer);
        let from = self.from(&mut level, wish);
        let count = self.random.random_range(0..3);
        let keys: Vec<(Ty, Sql)> = (0..count)
            .map(|_| {
                let ty = if self.chance(0.5) { Ty::Int } else { Ty::Text };
                // Columns of queries around it could not be told from its own.
                let own = Level {
                    sources: level.sources.clone(),
                    ..Level::default()
                };
                let mut key = self.expression(ty, &own, wish.shy().deeper());
                // A literal would be the number of a column.
                key.text = format!("({}::{})", key.text, ty.sql());
                (ty, key)
            })
            .collect();
        let outputs: Vec<Sql> = types
            .iter()
            .map(|ty| {
                let fits: Vec<&Sql> = keys
                    .iter()
                    .filter(|(of, _)| of == ty)
                    .map(|(_, key)| key)
                    .collect();
                match fits.choose(&mut self.random) {
                    Some(key) if self.chance(0.4) => (*key).clone(),
                    _ => self.one_of(&AGGREGATES, *ty, &level, wish),
                }
            })
            .collect();
        let mut text = format!("SELECT {} FROM {from}", listed(&outputs));
        text += &self.condition("WHERE", &level, wish, 0.3);
        let keys: Vec<&str> = keys.iter().map(|(_, key)| key.text.as_str()).collect();
        if !keys.is_empty() {
            let list = keys.join(", ");
            text += " GROUP BY ";
            text += &match self.random.random_range(0..6) {
                0 => format!("ROLLUP ({list})"),
                1 => format!("CUBE ({list})"),
                2 => format!("GROUPING SETS (({list}), ())"),
                _ => list,
            };
        }
        if self.chance(0.2) {
            text += " HAVING count(*) > 0";
        }
        query(text, types, &outputs)
    }

    fn windows(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let mut level = Level::inside(outer);
        let from = self.from(&mut level, wish);
        let outputs: Vec<Sql> = types
            .iter()
            .map(|ty| match self.chance(0.7) {
                true => self.one_of(&WINDOWS, *ty, &level, wish),
                false => self.expression(*ty, &level, wish),
            })
            .collect();
        let mut text = format!("SELECT {} FROM {from}", listed(&outputs));
        text += &self.condition("WHERE", &level, wish, 0.3);
        query(text, types, &outputs)
    }

    fn set_operation(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let operators = [
            "UNION ALL",
            "UNION ALL",
            "UNION ALL",
            "UNION ALL",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "EXCEPT ALL",
        ];
        let operator = operators
            .choose(&mut self.random)
            .copied()
            .unwrap_or("UNION ALL");
        let wish = if operator == "UNION ALL" {
            wish
        } else {
            wish.shy()
        };
        let left = self.query(types, outer, wish.deeper());
        let right = self.query(types, outer, wish.deeper());
        let both = left.columns.iter().zip(&right.columns);
        Query {
            text: format!("({}) {operator} ({})", left.text, right.text),
            columns: both
                .map(|((ty, left), (_, right))| (*ty, *left || *right))
                .collect(),
        }
    }

    fn shared(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let inner = self.any_query(outer, wish.deeper());
        let name = self.name();
        let source = inner.source(&name);
        let mut level = Level::inside(outer);
        level.shared.push(source.clone());
        let body = self.query(types, &level, wish.deeper());
        let names: Vec<&str> = source
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let hint = ["", "MATERIALIZED ", "NOT MATERIALIZED "];
        let hint = hint.choose(&mut self.random).copied().unwrap_or_default();
        Query {
            text: format!(
                "WITH {name} ({}) AS {hint}({}) {}",
                names.join(", "),
                inner.text,
                body.text
            ),
            columns: body.columns,
        }
    }

    fn recursive(&mut self, types: &[Ty], outer: &Level<'_>, wish: Wish) -> Query {
        let mut level = Level::inside(outer);
        let from = self.from(&mut level, wish);
        let start = self.expression(Ty::Int, &level, wish.shy().deeper());
        let value = self.expression(Ty::Text, &level, wish.deeper());
        let name = self.name();
        let column = |name: &str, ty, secret| Column {
            name: name.to_owned(),
            ty,
            secret,
        };
        let source = Source {
            alias: name.clone(),
            columns: vec![
                column("ca", Ty::Int, start.secret),
                column("cb", Ty::Text, value.secret),
            ],
        };
        let mut level = Level::inside(outer);
        level.shared.push(source);
        let body = self.query(types, &level, wish.deeper());
        Query {
            text: format!(
                "WITH RECURSIVE {name} (ca, cb) AS (SELECT ({}) % 3, {}::text FROM {from} \
                 UNION ALL SELECT ca + 1, left(cb || '.', 40) FROM {name} WHERE ca < 3) {}",
                start.text, value.text, body.text
            ),
            columns: body.columns,
        }
    }

    /// What stands behind SELECT so that one value comes.
    pub(crate) fn one(&mut self, ty: Ty, outer: &Level<'_>, wish: Wish) -> Sql {
        let mut level = Level::inside(outer);
        let from = self.from(&mut level, wish);
        let value = match self.chance(0.5) {
            true => self.one_of(&AGGREGATES, ty, &level, wish),
            false => {
                let mut value = self.expression(ty, &level, wish);
                value.text = format!("{} FROM {from} LIMIT 1", value.text);
                return value;
            }
        };
        Sql {
            text: format!("{} FROM {from}", value.text),
            secret: value.secret,
        }
    }

    fn outputs(&mut self, types: &[Ty], level: &Level<'_>, wish: Wish) -> Vec<Sql> {
        let outputs = types.iter().map(|ty| self.expression(*ty, level, wish));
        outputs.collect()
    }

    fn one_of(&mut self, templates: &[Template], ty: Ty, level: &Level<'_>, wish: Wish) -> Sql {
        let fits: Vec<&Template> = templates
            .iter()
            .filter(|template| template.ty == ty)
            .collect();
        let filled = fits
            .choose(&mut self.random)
            .and_then(|template| self.fill(&template.pieces, level, wish.deeper()));
        filled.unwrap_or_else(|| Sql {
            text: format!("NULL::{}", ty.sql()),
            secret: false,
        })
    }

    /// An OVER clause.
    pub(crate) fn window(&mut self, level: &Level<'_>, wish: Wish) -> Sql {
        let wish = wish.shy().deeper();
        let mut inside = String::new();
        if self.chance(0.4) {
            inside += "PARTITION BY ";
            inside += &self.expression(Ty::Text, level, wish).text;
        }
        if self.chance(0.6) {
            inside += " ORDER BY ";
            inside += &self.expression(Ty::Int, level, wish).text;
            if self.chance(0.3) {
                inside += " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING";
            }
        }
        Sql {
            text: format!("OVER ({inside})"),
            secret: false,
        }
    }

    /// ` WHERE …`, sometimes.
    fn condition(&mut self, word: &str, level: &Level<'_>, wish: Wish, often: f64) -> String {
        if !self.chance(often) {
            return String::new();
        }
        let condition = self.expression(Ty::Bool, level, wish.shy().deeper());
        format!(" {word} {}", condition.text)
    }

    fn order(&mut self, level: &Level<'_>, wish: Wish) -> String {
        if !self.chance(0.25) {
            return String::new();
        }
        let ty = if self.chance(0.5) { Ty::Int } else { Ty::Text };
        let key = self.expression(ty, level, wish.shy().deeper());
        format!(
            " ORDER BY {}::{}{}",
            key.text,
            ty.sql(),
            if self.chance(0.3) { " DESC" } else { "" }
        )
    }

    fn limit(&mut self, text: &mut String) {
        if self.chance(0.1) {
            *text += " LIMIT 3";
        }
        if self.chance(0.03) {
            *text += " OFFSET 1";
        }
    }
}

/// With names, so that queries around it can refer to them.
fn listed(outputs: &[Sql]) -> String {
    let named = outputs.iter().enumerate();
    let named: Vec<String> = named
        .map(|(index, output)| format!("{} AS {}", output.text, column_name(index)))
        .collect();
    named.join(", ")
}

fn query(text: String, types: &[Ty], outputs: &[Sql]) -> Query {
    let columns = types.iter().zip(outputs);
    Query {
        text,
        columns: columns.map(|(ty, output)| (*ty, output.secret)).collect(),
    }
}

//! Random statements about the schema of `world.sql`, the same for the same seed.

mod expression;
mod from;
mod query;
mod template;
mod types;

use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use expression::Wish;
use template::{Piece, lines, pieces};
use types::{Column, Level, Source, Ty};

/// Pieces that a case may have before it comes to its end.
const BUDGET: u32 = 60;

/// Statements that belong together.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) statements: Vec<String>,
    /// The session is not to be used again.
    pub(crate) last: bool,
}

/// Makes cases.
#[derive(Debug)]
pub(crate) struct Generator {
    random: StdRng,
    /// Number of the last name.
    names: u32,
    /// Pieces of the current case.
    spent: u32,
}

/// A template of a case.
struct Form {
    often: usize,
    statements: Vec<Vec<Piece<'static>>>,
    last: bool,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let file = include_str!("statements.txt");
    lines(file).filter_map(form).collect()
});

fn form(line: &'static str) -> Option<Form> {
    let (often, statements) = line.split_once(" | ")?;
    let (last, often) = match often.strip_prefix("* ") {
        Some(often) => (true, often),
        None => (false, often),
    };
    Some(Form {
        often: often.parse().ok()?,
        statements: statements.split(" ;; ").map(pieces).collect(),
        last,
    })
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            names: 0,
            spent: 0,
        }
    }

    pub(crate) fn case(&mut self) -> Case {
        self.spent = 0;
        let form = FORMS.choose_weighted(&mut self.random, |form| form.often);
        let Ok(form) = form else {
            unreachable!("there are forms, and they weigh something")
        };
        let made = self.name();
        let mut customer = customer();
        let mut statements = Vec::new();
        for pieces in &form.statements {
            let mut text = String::new();
            for piece in pieces {
                match *piece {
                    Piece::Text(piece) => text.push_str(piece),
                    Piece::Place { kind: "name", .. } => text.push_str(&made),
                    Piece::Place {
                        kind,
                        argument,
                        decides,
                    } => text.push_str(&self.part(kind, argument, decides, &mut customer)),
                }
            }
            statements.push(text);
        }
        Case {
            statements,
            last: form.last,
        }
    }

    /// A part of a statement.
    fn part(
        &mut self,
        kind: &str,
        argument: &str,
        decides: bool,
        customer: &mut Level<'_>,
    ) -> String {
        let depth = self.random.random_range(1..5);
        let wish = Wish {
            shy: decides,
            depth,
        };
        match (kind, Ty::named(kind).or_else(|| Ty::named(argument))) {
            ("select", _) if argument.is_empty() => self.any_query(&Level::default(), wish).text,
            ("select", _) => {
                let types: Vec<Ty> = argument.split(',').filter_map(Ty::named).collect();
                self.query(&types, &Level::default(), wish).text
            }
            ("one", Some(ty)) => format!("(SELECT {})", self.one(ty, &Level::default(), wish).text),
            ("over", Some(ty)) => {
                customer.sources.push(note());
                let sql = self.expression(ty, customer, wish);
                customer.sources.pop();
                sql.text
            }
            (_, Some(ty)) => self.expression(ty, customer, wish).text,
            _ => String::new(),
        }
    }

    /// A name that nothing has yet.
    fn name(&mut self) -> String {
        self.names += 1;
        format!("t{}", self.names)
    }

    fn chance(&mut self, often: f64) -> bool {
        self.random.random_bool(often)
    }

    /// Counts a piece; true once the case has enough of them.
    fn spent(&mut self) -> bool {
        self.spent += 1;
        self.spent > BUDGET
    }
}

/// A customer by the name `c`.
fn customer() -> Level<'static> {
    let columns = [
        ("id", Ty::Int, false),
        ("name", Ty::Text, false),
        ("email", Ty::Text, true),
        ("salary", Ty::Int, true),
        ("born", Ty::Date, true),
        ("keys", Ty::Texts, true),
        ("blob", Ty::Bytes, true),
        ("profile", Ty::Json, true),
        ("profile ->> 'plan'", Ty::Text, false),
        ("profile -> 'tags'", Ty::Json, false),
    ];
    level_of("c", &columns)
}

/// A row of the table `notes`.
fn note() -> Source {
    let columns = [
        ("id", Ty::Int, false),
        ("body", Ty::Text, false),
        ("number", Ty::Int, false),
        ("extra", Ty::Json, false),
    ];
    source_of("notes", &columns)
}

fn level_of(alias: &str, columns: &[(&str, Ty, bool)]) -> Level<'static> {
    Level {
        sources: vec![source_of(alias, columns)],
        ..Level::default()
    }
}

fn source_of(alias: &str, columns: &[(&str, Ty, bool)]) -> Source {
    let column = |(name, ty, secret): &(&str, Ty, bool)| Column {
        name: (*name).to_owned(),
        ty: *ty,
        secret: *secret,
    };
    Source {
        alias: alias.to_owned(),
        columns: columns.iter().map(column).collect(),
    }
}

#[test]
fn the_same_seed_makes_the_same_statements() {
    let make = |seed| -> Vec<String> {
        let mut generator = Generator::new(seed);
        (0..50).flat_map(|_| generator.case().statements).collect()
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1), make(2));
}

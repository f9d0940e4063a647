//! What is done with the values of one column of a result.

use std::rc::Rc;

use narrowgate_sdk::Column;

use crate::detect::{Hit, Replaced};
use crate::json::{Found, Paths, Rewriter};
use crate::rules::Rules;
use crate::statement::ColumnPlan;
use crate::strategy::Strategy;
use crate::value::{Class, Format, JSONB_VERSION, mask};

/// What is done with the values of one column.
#[derive(Debug)]
pub(super) enum Treatment {
    /// They are replaced.
    Whole(Format, Strategy),
    /// Values inside them are.
    Inside(Format, Rc<Paths>),
    /// Detectors look at them.
    Detect(Format),
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// It stays.
    Same,
    /// It is the one that was written.
    Changed,
    /// It is NULL.
    Null,
}

impl Treatment {
    /// The treatment of a column; none when its values go on as they are.
    pub(super) fn of(plan: ColumnPlan, column: &Column, detects: bool) -> Option<Self> {
        let class = Class::of(&column.type_name);
        let format = Format {
            class,
            binary: column.binary,
        };
        match plan {
            ColumnPlan::Whole(strategy) => Some(Self::Whole(format, strategy)),
            ColumnPlan::Inside(paths) => Some(Self::Inside(format, paths)),
            ColumnPlan::Shown if detects && class.may_hold_text() => Some(Self::Detect(format)),
            ColumnPlan::Shown => None,
        }
    }

    /// True when a value can be replaced before all of it is there.
    pub(super) fn is_blind(&self) -> Option<Strategy> {
        match self {
            Self::Whole(_, strategy) if strategy.is_opaque() => Some(*strategy),
            _ => None,
        }
    }

    /// Appends what stands in place of a value, if something else does.
    pub(super) fn apply(
        &self,
        rules: &Rules,
        value: &[u8],
        hits: &mut Vec<Hit>,
        out: &mut Vec<u8>,
    ) -> Cell {
        match self {
            Self::Whole(format, strategy) => whole(rules, value, *format, *strategy, out),
            Self::Inside(format, paths) => json(rules, value, *format, Some(paths), hits, out),
            Self::Detect(format) => detect(rules, value, *format, hits, out),
        }
    }
}

/// A value that is masked whole.
fn whole(rules: &Rules, value: &[u8], format: Format, how: Strategy, out: &mut Vec<u8>) -> Cell {
    match mask(value, format, how, rules.hasher.as_ref(), out) {
        true => Cell::Changed,
        false => Cell::Null,
    }
}

/// A value that detectors look at.
fn detect(
    rules: &Rules,
    value: &[u8],
    format: Format,
    hits: &mut Vec<Hit>,
    out: &mut Vec<u8>,
) -> Cell {
    let Some(detectors) = &rules.detectors else {
        return Cell::Same;
    };
    match format.class {
        Class::Json | Class::Jsonb => json(rules, value, format, None, hits, out),
        Class::Opaque => {
            hits.clear();
            detectors.find(value, hits);
            if hits.is_empty() {
                Cell::Same
            } else {
                Cell::Null
            }
        }
        _ => match detectors.replace(value, rules.hasher.as_ref(), hits, out) {
            Replaced::Clean => Cell::Same,
            Replaced::Changed => Cell::Changed,
            Replaced::Null => Cell::Null,
        },
    }
}

/// A JSON value that is masked inside. What cannot be followed is masked whole.
fn json(
    rules: &Rules,
    value: &[u8],
    format: Format,
    paths: Option<&Paths>,
    hits: &mut Vec<Hit>,
    out: &mut Vec<u8>,
) -> Cell {
    let versioned = format.class == Class::Jsonb && format.binary;
    let start = out.len();
    let text = match (versioned, value.split_first()) {
        (false, _) => Some(value),
        (true, Some((&JSONB_VERSION, text))) => {
            out.push(JSONB_VERSION);
            Some(text)
        }
        (true, _) => None,
    };
    let rewriter = Rewriter {
        paths,
        detectors: rules.detectors.as_ref(),
        hasher: rules.hasher.as_ref(),
    };
    match text.map(|text| rewriter.rewrite(text, hits, out)) {
        Some(Ok(Found::Clean)) => {
            out.truncate(start);
            Cell::Same
        }
        Some(Ok(Found::Changed)) => Cell::Changed,
        Some(Err(_)) | None => {
            out.truncate(start);
            whole(rules, value, format, rules.default, out)
        }
    }
}

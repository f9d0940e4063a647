//! Running a chain over one operation, filter by filter, without doing
//! anything.

use std::sync::Arc;

use narrowgate_chain::{
    Column, Denial, Direction, Effect, Exchange, Filter, Hold, Interest, Operation, Session, Shape,
    Verdict,
};
use narrowgate_wasm::WasmExchange;

use crate::chains::FilterChain;

/// What a chain makes of one operation.
pub(super) struct Judgement {
    /// The operation.
    pub(super) operation: Arc<Operation>,
    /// What the filters said that were asked, the outermost first.
    pub(super) steps: Vec<Step>,
}

/// What one filter said.
pub(super) struct Step {
    /// The filter.
    pub(super) filter: String,
    /// Its verdict.
    pub(super) said: Said,
    /// The rules that let it through.
    pub(super) rules: Vec<String>,
    /// What else it would have the gateway do.
    pub(super) effects: Vec<Effect>,
    /// Columns of the result that it would look at or change.
    pub(super) columns: Vec<String>,
}

/// A verdict.
pub(super) enum Said {
    /// Go on.
    Proceed,
    /// No.
    Deny(Denial),
    /// After consent; what follows is what would be decided then.
    Hold(Hold),
    /// Another text would be decided in its place.
    Rewrite(String),
    /// It has to wait for these first.
    Wait(Vec<String>),
    /// It could not answer.
    Fault(String),
}

impl Judgement {
    /// Asks the filters of a chain one after another, as the chain would.
    pub(super) async fn of(
        chain: &FilterChain,
        session: &Arc<Session>,
        operation: Arc<Operation>,
        columns: Option<Vec<Column>>,
    ) -> Self {
        let mut steps = Vec::new();
        for filter in chain.filters() {
            if !filter.events().operation {
                continue;
            }
            let step = match filter.operation(session, &operation).await {
                Err(fault) => Step {
                    filter: filter.name().to_owned(),
                    said: Said::Fault(format!("{}: {}", fault.kind.as_str(), fault.message)),
                    rules: Vec::new(),
                    effects: Vec::new(),
                    columns: Vec::new(),
                },
                Ok(decision) => {
                    let (rules, effects) = sorted(decision.effects);
                    let columns = match (decision.exchange, &columns) {
                        (Some(exchange), Some(columns)) => watched(exchange, columns).await,
                        _ => Vec::new(),
                    };
                    Step {
                        filter: filter.name().to_owned(),
                        said: decision.verdict.into(),
                        rules,
                        effects,
                        columns,
                    }
                }
            };
            let goes_on = matches!(step.said, Said::Proceed | Said::Hold(_));
            steps.push(step);
            if !goes_on {
                break;
            }
        }
        Self { operation, steps }
    }

    /// True if it would run, perhaps after consent.
    pub(super) fn runs(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step.said, Said::Proceed | Said::Hold(_)))
    }

    /// The consents that it would need.
    pub(super) fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.steps.iter().filter_map(|step| match &step.said {
            Said::Hold(hold) => Some(hold),
            _ => None,
        })
    }
}

/// Rules apart from the other effects.
fn sorted(effects: Vec<Effect>) -> (Vec<String>, Vec<Effect>) {
    let (rules, others): (Vec<_>, Vec<_>) = effects
        .into_iter()
        .partition(|effect| effect.name == "rule");
    let names = rules.iter().filter_map(|rule| rule.text("name"));
    (names.map(str::to_owned).collect(), others)
}

/// The columns that an exchange wants to see.
async fn watched(mut exchange: WasmExchange, columns: &[Column]) -> Vec<String> {
    let shape = Shape {
        direction: Direction::ToClient,
        content: "postgres.rows",
        columns: columns.to_vec(),
        attributes: Vec::new(),
    };
    let interest = exchange.begin(&shape).await.unwrap_or(Interest::Nothing);
    let wanted = |index: usize| match &interest {
        Interest::Nothing => false,
        Interest::Everything => true,
        Interest::Columns(wanted) => wanted.iter().any(|one| usize::try_from(*one) == Ok(index)),
    };
    let names = columns.iter().enumerate();
    names
        .filter(|(index, _)| wanted(*index))
        .map(|(_, column)| column.name.clone())
        .collect()
}

impl From<Verdict> for Said {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Proceed => Self::Proceed,
            Verdict::Deny(denial) => Self::Deny(denial),
            Verdict::Hold(hold) => Self::Hold(hold),
            Verdict::Rewrite(text) => Self::Rewrite(text),
            Verdict::Wait(wanted) => Self::Wait(wanted),
        }
    }
}

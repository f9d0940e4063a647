//! The one place that turns a refusal into what a PostgreSQL client sees.

use narrowgate_chain::{Denial, code};

/// An error or notice as PostgreSQL has them (Appendix A, and "Error and Notice
/// Message Fields").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// SQLSTATE.
    pub(super) sqlstate: String,
    /// Primary message.
    pub(super) message: String,
    /// What stands behind it.
    pub(super) detail: Option<String>,
    /// What to do.
    pub(super) hint: Option<String>,
    /// Position in the statement, counted in characters from 1.
    pub(super) position: Option<u32>,
    /// Number of the operation that it is about.
    pub(super) operation: Option<u64>,
    /// Primary message as it may be stored, where a secret may be quoted in it.
    pub(super) stored: Option<String>,
}

/// `query_canceled`.
pub(super) const QUERY_CANCELED: &str = "57014";
/// `protocol_violation`.
pub(super) const PROTOCOL_VIOLATION: &str = "08P01";
/// `admin_shutdown`.
pub(super) const ADMIN_SHUTDOWN: &str = "57P01";

impl Report {
    /// A report with a message alone.
    pub(super) fn new(sqlstate: &str, message: impl Into<String>) -> Self {
        Self {
            sqlstate: sqlstate.to_owned(),
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            operation: None,
            stored: None,
        }
    }

    /// The same, about an operation.
    pub(super) fn about(self, operation: u64) -> Self {
        Self {
            operation: Some(operation),
            ..self
        }
    }

    /// The report of a denial.
    pub(super) fn denial(denial: &Denial) -> Self {
        let sqlstate = match denial.code.as_str() {
            code::UNAUTHENTICATED => "28000",
            code::LIMITED => "53400",
            code::UNAVAILABLE => "58000",
            "cancelled" | "expired" => QUERY_CANCELED,
            _ => "42501",
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let detail = match denial.rule.is_empty() {
            false => Some(format!("Rule: {}.", denial.rule)),
            true if denial.code == code::FORBIDDEN => Some("No rule allows it.".to_owned()),
            true => None,
        };
        Self {
            detail,
            hint: some(&denial.hint),
            ..Self::new(sqlstate, denial.message.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_tells_the_rule_or_that_there_is_none() {
        let mut denial = Denial::new(code::FORBIDDEN, "no", "ask");
        assert_eq!(
            Report::denial(&denial).detail.as_deref(),
            Some("No rule allows it.")
        );
        denial.rule = "billing-read".into();
        let report = Report::denial(&denial);
        assert_eq!(report.sqlstate, "42501");
        assert_eq!(report.detail.as_deref(), Some("Rule: billing-read."));
        assert_eq!(report.hint.as_deref(), Some("ask"));
    }
}

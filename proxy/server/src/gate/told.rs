//! What a client is told beside results: errors, notices, notifications, each
//! written down as the client is about to see it.

use narrowgate_chain::Denial;
use narrowgate_store::recordings::{Data, Message, Notification};

use super::Gate;
use super::effects::RecordPlan;
use super::permit::Permit;

/// Stands for words that are not recorded.
const WITHHELD: &str = "(not recorded)";

/// What a client is told.
#[derive(Clone, Copy)]
pub enum Told<'a> {
    /// Something has failed.
    Error(Message<'a>),
    /// Something worth knowing.
    Notice(Message<'a>),
    /// Somebody has notified a channel.
    Notification(Notification<'a>),
}

impl Gate {
    /// The gateway's own words, which quote nothing of the target's data.
    pub fn record_said(&self, told: Told<'_>) -> Result<(), Denial> {
        match self.told_plan(None) {
            Some(plan) => self.append_told(told, plan),
            None => Ok(()),
        }
    }

    /// The target's words about an operation, or, without one, about the session.
    /// They may quote data: where results are not recorded, they are not either.
    pub fn record_quoted(&self, permit: Option<&Permit>, told: Told<'_>) -> Result<(), Denial> {
        let Some(plan) = self.told_plan(permit) else {
            return Ok(());
        };
        self.append_told(if plan.results { told } else { told.withheld() }, plan)
    }

    /// What applies to words about an operation or about the session.
    fn told_plan(&self, permit: Option<&Permit>) -> Option<RecordPlan> {
        match permit {
            Some(permit) => permit.record,
            None => self
                .session_plan()
                .or_else(|| self.records().then_some(RecordPlan::BARE)),
        }
    }

    fn append_told(&self, told: Told<'_>, plan: RecordPlan) -> Result<(), Denial> {
        let appended = match &told {
            Told::Error(message) => self.append(Data::Error(message)),
            Told::Notice(message) => self.append(Data::Notice(message)),
            Told::Notification(notification) => self.append(Data::Notification(notification)),
        };
        Ok(self.later(appended, plan.lenient)?)
    }
}

impl<'a> Told<'a> {
    /// The same without what could quote a value.
    fn withheld(self) -> Self {
        let bare = |message: Message<'a>| Message {
            message: WITHHELD,
            detail: "",
            hint: "",
            context: "",
            ..message
        };
        match self {
            Self::Error(message) => Self::Error(bare(message)),
            Self::Notice(message) => Self::Notice(bare(message)),
            Self::Notification(notification) => Self::Notification(Notification {
                payload: WITHHELD,
                ..notification
            }),
        }
    }
}

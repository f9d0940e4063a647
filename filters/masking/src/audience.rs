//! Whom a rule is for.

use narrowgate_sdk::Session;
use narrowgate_sdk::matcher::Who;

/// Groups that a rule is for, and groups that it is not for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audience {
    only: Who,
    except: Who,
}

impl Audience {
    /// Of the groups of a rule, as written.
    pub(crate) fn new(only: Vec<String>, except: Vec<String>) -> Self {
        let who = |groups| Who {
            groups,
            ..Who::default()
        };
        Self {
            only: who(only),
            except: who(except),
        }
    }

    /// True when the rule holds for a session. It holds for whoever has no
    /// identity.
    pub(crate) fn includes(&self, session: &Session) -> bool {
        if session.identity().is_none() {
            return true;
        }
        let excepted = !self.except.groups.is_empty() && self.except.matches(session);
        self.only.matches(session) && !excepted
    }

    /// True when everybody whom `other` is for is in this audience, too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let all = |some: &Who, of: &Who| some.groups.iter().all(|group| of.groups.contains(group));
        let only = self.only.groups.is_empty()
            || (!other.only.groups.is_empty() && all(&other.only, &self.only));
        only && all(&self.except, &other.except)
    }
}

#[cfg(test)]
mod tests {
    use narrowgate_sdk::testing::session;

    use super::Audience;

    fn audience(only: &[&str], except: &[&str]) -> Audience {
        let owned = |groups: &[&str]| groups.iter().map(|group| (*group).to_owned()).collect();
        Audience::new(owned(only), owned(except))
    }

    #[test]
    fn groups_and_exceptions() {
        let bot = session().groups(&["insights", "night"]).build();
        let nobody = session().anonymous().build();
        for (only, except, holds) in [
            (&[][..], &[][..], true),
            (&["insights"], &[], true),
            (&["dba"], &[], false),
            (&["agents/insights"], &[], true),
            (&["staff/insights"], &[], false),
            (&[], &["night"], false),
            (&["insights"], &["dba"], true),
        ] {
            assert_eq!(
                audience(only, except).includes(&bot),
                holds,
                "{only:?} {except:?}"
            );
            assert!(
                audience(only, except).includes(&nobody),
                "without an identity nothing is shown"
            );
        }
    }

    #[test]
    fn covering() {
        let everybody = audience(&[], &[]);
        let agents = audience(&["agents"], &[]);
        let but_dba = audience(&[], &["dba"]);
        assert!(everybody.covers(&agents) && everybody.covers(&but_dba));
        assert!(!agents.covers(&everybody) && !but_dba.covers(&everybody));
        assert!(agents.covers(&agents) && but_dba.covers(&but_dba));
        assert!(audience(&["agents", "bots"], &[]).covers(&agents));
    }
}

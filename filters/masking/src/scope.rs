//! The rules that hold for one kind of session, and what they say about names.
//!
//! Which rules hold is worked out once a session, what a name means once a
//! scope: most operations are then two look-ups in a hash table away from
//! "nothing masked here".

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use narrowgate_sdk::Session;

use crate::config::Predicates;
use crate::json::{Path, Paths};
use crate::rules::{Rule, Rules};
use crate::strategy::Strategy;

/// Names whose meaning is kept in mind; more are forgotten all at once.
const NAMES: usize = 4096;
/// Sessions, and sets of rules, that are kept in mind.
const SESSIONS: usize = 4096;

/// The rules that hold for some sessions.
pub(crate) struct Scope {
    rules: Rc<Rules>,
    /// Indices of the rules for columns that hold.
    holds: Vec<usize>,
    /// Sees everything as it is.
    exempt: bool,
    /// Whether relations have masked columns, by name.
    relations: RefCell<HashMap<String, bool>>,
    /// Masks of columns, by name.
    columns: RefCell<HashMap<String, Option<Rc<ColumnMask>>>>,
}

/// What holds for one column.
#[derive(Debug)]
pub(crate) struct ColumnMask {
    /// The whole value is replaced by this.
    pub(crate) whole: Option<Strategy>,
    /// Values inside it are.
    pub(crate) paths: Rc<Paths>,
    /// Whether it may choose rows: the strictest answer of its rules.
    pub(crate) predicates: Predicates,
    /// Indices of the rules behind it.
    pub(crate) rules: Vec<usize>,
}

/// The scopes of sessions.
#[derive(Default)]
pub(crate) struct Scopes {
    /// By the number of a session, with the revision that it holds for.
    sessions: RefCell<HashMap<u64, (u32, Rc<Scope>)>>,
    /// By the rules that hold, so that sessions share what is known of names.
    shared: RefCell<HashMap<Vec<usize>, Rc<Scope>>>,
}

impl Scopes {
    /// The scope of a session. A session without a number is not kept in mind.
    pub(crate) fn of(&self, rules: &Rc<Rules>, session: &Session) -> Rc<Scope> {
        let (number, revision) = (session.number(), session.revision());
        let mut sessions = self.sessions.borrow_mut();
        if let Some((known, scope)) = sessions.get(&number)
            && number != 0
            && *known == revision
        {
            return scope.clone();
        }
        let scope = self.shared(rules, session);
        if number != 0 {
            if sessions.len() >= SESSIONS {
                sessions.clear();
            }
            sessions.insert(number, (revision, scope.clone()));
        }
        scope
    }

    /// The scope of everybody for whom the same rules hold.
    fn shared(&self, rules: &Rc<Rules>, session: &Session) -> Rc<Scope> {
        if rules.exempts(session) {
            return Rc::new(Scope::new(rules, Vec::new(), true));
        }
        let indexed = rules.columns.iter().enumerate();
        let holds: Vec<usize> = indexed
            .filter(|(_, rule)| rule.audience.includes(session))
            .map(|(index, _)| index)
            .collect();
        let mut shared = self.shared.borrow_mut();
        if let Some(scope) = shared.get(&holds) {
            return scope.clone();
        }
        if shared.len() >= SESSIONS {
            shared.clear();
        }
        let scope = Rc::new(Scope::new(rules, holds.clone(), false));
        shared.insert(holds, scope.clone());
        scope
    }
}

impl Scope {
    fn new(rules: &Rc<Rules>, holds: Vec<usize>, exempt: bool) -> Self {
        Self {
            rules: rules.clone(),
            holds,
            exempt,
            relations: RefCell::default(),
            columns: RefCell::default(),
        }
    }

    /// True when no column is masked.
    pub(crate) fn is_empty(&self) -> bool {
        self.holds.is_empty()
    }

    /// True when nothing at all is masked, not even what detectors find.
    pub(crate) fn is_exempt(&self) -> bool {
        self.exempt
    }

    /// Everything that is configured.
    pub(crate) fn rules(&self) -> &Rc<Rules> {
        &self.rules
    }

    /// The rules that hold.
    pub(crate) fn holding(&self) -> impl Iterator<Item = &Rule> {
        self.holds
            .iter()
            .filter_map(|index| self.rules.columns.get(*index))
    }

    /// True when a relation, by its full name, may have masked columns.
    pub(crate) fn masks_relation(&self, name: &str) -> bool {
        if let Some(known) = self.relations.borrow().get(name) {
            return *known;
        }
        let masked = self.holding().any(|rule| rule.relation.matches(name));
        remember(&mut self.relations.borrow_mut(), name, masked);
        masked
    }

    /// The mask of a column, by its full name.
    pub(crate) fn mask(&self, column: &str) -> Option<Rc<ColumnMask>> {
        if let Some(known) = self.columns.borrow().get(column) {
            return known.clone();
        }
        let mask = self.find(column).map(Rc::new);
        remember(&mut self.columns.borrow_mut(), column, mask.clone());
        mask
    }

    fn find(&self, name: &str) -> Option<ColumnMask> {
        let (column, place) = place(name);
        let default = self.rules.default;
        let mut mask = ColumnMask {
            whole: None,
            paths: Rc::default(),
            predicates: Predicates::Allow,
            rules: Vec::new(),
        };
        let mut paths = Paths::default();
        for index in &self.holds {
            let Some(rule) = self.rules.columns.get(*index) else {
                continue;
            };
            // A column's own name may look like a place.
            if !rule.column.matches(column) && !rule.column.matches(name) {
                continue;
            }
            let how = match (&rule.path, &place) {
                (None, _) => Some(rule.with),
                (Some(path), None) => match paths.add(path, rule.with) {
                    Ok(()) => None,
                    // More paths than there is room for: nothing of it is shown.
                    Err(_) => Some(default),
                },
                (Some(path), Some(place)) => {
                    let mut one = Paths::default();
                    if one.add(path, rule.with).is_ok() && !one.touch(place) {
                        continue;
                    }
                    Some(default)
                }
            };
            mask.whole = match (mask.whole, how) {
                (Some(whole), Some(how)) => Some(whole.or_stronger(how)),
                (whole, how) => whole.or(how),
            };
            mask.predicates = mask.predicates.min(rule.predicates);
            mask.rules.push(*index);
        }
        mask.paths = Rc::new(paths);
        (!mask.rules.is_empty()).then_some(mask)
    }
}

/// A column, and the place inside it where only that is meant: what is taken
/// out of JSON by constant names has the path behind the name, as in
/// `public.customers.profile $.plan`.
fn place(name: &str) -> (&str, Option<Path>) {
    match name.split_once(" $") {
        Some((column, path)) => (column, Path::parse(&format!("${path}")).ok()),
        None => (name, None),
    }
}

/// Keeps something in mind, within bounds.
fn remember<T>(known: &mut HashMap<String, T>, name: &str, what: T) {
    if known.len() >= NAMES {
        known.clear();
    }
    known.insert(name.to_owned(), what);
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use narrowgate_sdk::testing::session;

    use super::Scopes;
    use crate::config::Predicates;
    use crate::rules::Rules;
    use crate::strategy::Strategy;

    fn rules() -> Rc<Rules> {
        let json = r#"{
            "columns": [
                { "match": "public.customers.email", "with": "partial", "predicates": "equality" },
                { "match": "*.*.email", "groups": ["night"], "with": "null" },
                { "match": "public.customers.profile", "path": "$.phone" }
            ],
            "exempt": [{ "groups": ["dba"] }]
        }"#;
        Rc::new(
            Rules::new(serde_json::from_str(json).expect("JSON"))
                .unwrap_or_else(|errors| panic!("{errors:?}")),
        )
    }

    #[test]
    fn the_strictest_of_several_rules_counts() {
        let (scopes, rules) = (Scopes::default(), rules());
        let day = scopes.of(&rules, &session().number(1).groups(&["day"]).build());
        let email = day.mask("public.customers.email").expect("masked");
        assert_eq!(
            (email.whole, email.predicates),
            (Some(Strategy::Partial), Predicates::Equality)
        );
        assert!(day.mask("sales.leads.email").is_none() && !day.masks_relation("sales.leads"));
        let night = scopes.of(&rules, &session().number(2).groups(&["night"]).build());
        let email = night.mask("public.customers.email").expect("masked");
        assert_eq!(
            (email.whole, email.predicates),
            (Some(Strategy::Null), Predicates::Deny)
        );
        assert!(night.masks_relation("sales.leads"));
        let profile = night.mask("public.customers.profile").expect("masked");
        assert!(profile.whole.is_none() && !profile.paths.start().is_dead());
    }

    #[test]
    fn places_inside_json() {
        let scope = Scopes::default().of(&rules(), &session().build());
        let whole = |name| scope.mask(name).map(|mask| mask.whole);
        assert_eq!(whole("public.customers.profile $.plan"), None);
        for place in ["$.phone", "$.phone.x", "$", "$[0]"] {
            let name = format!("public.customers.profile {place}");
            let mask = scope.mask(&name).expect("masked");
            let inside = !mask.paths.start().is_dead();
            assert!(mask.whole == Some(Strategy::Redact) || inside, "{place}");
        }
        assert!(whole("public.customers.email $.plan").is_some());
    }

    #[test]
    fn scopes_are_shared_and_exemptions_are_not() {
        let (scopes, rules) = (Scopes::default(), rules());
        let scope = |number, group: &str| {
            scopes.of(&rules, &session().number(number).groups(&[group]).build())
        };
        assert!(Rc::ptr_eq(&scope(1, "day"), &scope(2, "evening")));
        assert!(scope(3, "dba").is_exempt() && scope(3, "dba").is_empty());
        assert!(!scope(4, "day").is_exempt());
    }
}

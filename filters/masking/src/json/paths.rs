//! Several paths at once, followed as one automaton while the value streams by.
//!
//! Like PostgreSQL's lax mode, a step into a member looks into the elements of
//! an array, and a step into elements takes what is no array for its only
//! element: data that is shaped a little differently is masked all the same.

use super::path::{Path, Step, To};
use crate::strategy::Strategy;

/// Steps, with one for the end of each path, that one column may have.
const MOST: usize = 64;

/// Too many steps for one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the paths of one column have more than {MOST} steps together: mask the whole column")]
pub(crate) struct TooMany;

/// Where one stands on the paths: a set of nodes, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State(u64);

impl State {
    /// True when no path leads on from here.
    pub(crate) fn is_dead(self) -> bool {
        self.0 == 0
    }

    /// The nodes of the set.
    fn nodes(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let node = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (node < u64::BITS).then_some(node as usize)
        })
    }
}

/// A node of the automaton.
#[derive(Clone, Debug)]
enum Node {
    /// A step that is still to be made.
    Step(Step),
    /// The end of a path.
    End(Strategy),
}

/// The paths of one column and what is done with the values there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paths {
    nodes: Vec<Node>,
    start: u64,
}

impl Paths {
    /// Adds a path.
    ///
    /// # Errors
    /// [`TooMany`] when the column has no room for it.
    pub(crate) fn add(&mut self, path: &Path, strategy: Strategy) -> Result<(), TooMany> {
        if self.nodes.len() + path.steps.len() + 1 > MOST {
            return Err(TooMany);
        }
        self.start |= 1 << self.nodes.len();
        self.nodes
            .extend(path.steps.iter().cloned().map(Node::Step));
        self.nodes.push(Node::End(strategy));
        Ok(())
    }

    /// Where every path begins.
    pub(crate) fn start(&self) -> State {
        State(self.start)
    }

    /// What is done with the value here, if a path ends here.
    pub(crate) fn mask(&self, state: State) -> Option<Strategy> {
        state
            .nodes()
            .filter_map(|node| match self.nodes.get(node) {
                Some(Node::End(strategy)) => Some(*strategy),
                _ => None,
            })
            .reduce(Strategy::or_stronger)
    }

    /// A value that is no array is its own only element.
    pub(crate) fn not_an_array(&self, state: State) -> State {
        let mut closed = state;
        loop {
            let more = self.follow(closed, |step| step.to == To::AnyElement);
            let next = State(closed.0 | more);
            if next == closed {
                return closed;
            }
            closed = next;
        }
    }

    /// True when the value at this place is, holds or is part of one that is
    /// masked.
    pub(crate) fn touch(&self, place: &Path) -> bool {
        let mut state = self.start();
        for step in &place.steps {
            state = self.not_an_array(state);
            state = match &step.to {
                _ if self.mask(state).is_some() || step.deep => return true,
                To::Member(name) => self.member(state, name.as_bytes()),
                To::AnyMember | To::AnyElement => return true,
            };
        }
        !state.is_dead()
    }

    /// On into a member.
    pub(crate) fn member(&self, state: State, name: &[u8]) -> State {
        let on = self.follow(state, |step| match &step.to {
            To::Member(wanted) => wanted.as_bytes() == name,
            To::AnyMember => true,
            To::AnyElement => false,
        });
        State(on | self.stay(state, |step| step.deep))
    }

    /// On into an element.
    pub(crate) fn element(&self, state: State) -> State {
        let on = self.follow(state, |step| step.to == To::AnyElement);
        State(on | self.stay(state, |step| step.deep || step.to != To::AnyElement))
    }

    /// The nodes after those steps that are made.
    fn follow(&self, state: State, made: impl Fn(&Step) -> bool) -> u64 {
        self.stay(state, made) << 1
    }

    /// The steps that fulfil something.
    fn stay(&self, state: State, that: impl Fn(&Step) -> bool) -> u64 {
        let steps = state.nodes().filter(|node| match self.nodes.get(*node) {
            Some(Node::Step(step)) => that(step),
            _ => false,
        });
        steps.fold(0, |set, node| set | (1 << node))
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Paths, TooMany};
    use crate::strategy::Strategy;

    fn paths(texts: &[&str]) -> Paths {
        let mut paths = Paths::default();
        for text in texts {
            let path = Path::parse(text).expect("a path");
            paths.add(&path, Strategy::Redact).expect("room");
        }
        paths
    }

    #[test]
    fn members_and_elements() {
        let paths = paths(&["$.a[*].b", "$..c"]);
        let a = paths.member(paths.start(), b"a");
        assert_eq!(paths.mask(a), None);
        let element = paths.element(a);
        assert!(paths.mask(paths.member(element, b"b")).is_some());
        assert!(paths.mask(paths.member(element, b"c")).is_some());
        assert!(paths.mask(paths.member(element, b"d")).is_none());
        let lax = paths.not_an_array(a);
        assert!(paths.mask(paths.member(lax, b"b")).is_some());
    }

    #[test]
    fn arrays_are_looked_into() {
        let paths = paths(&["$.a.b"]);
        let a = paths.member(paths.element(paths.start()), b"a");
        let nested = paths.element(paths.element(a));
        assert!(paths.mask(paths.member(nested, b"b")).is_some());
        assert!(paths.member(paths.start(), b"x").is_dead());
    }

    #[test]
    fn the_stronger_of_two_counts() {
        let mut paths = paths(&[]);
        for (text, strategy) in [("$.a", Strategy::Partial), ("$.*", Strategy::Null)] {
            paths
                .add(&Path::parse(text).expect("a path"), strategy)
                .expect("room");
        }
        let at = |name: &[u8]| paths.mask(paths.member(paths.start(), name));
        assert_eq!(
            (at(b"a"), at(b"b")),
            (Some(Strategy::Null), Some(Strategy::Null))
        );
    }

    #[test]
    fn places_beside_a_path() {
        let paths = paths(&["$.a.b", "$.l[*].x"]);
        for (place, touched) in [
            ("$.a", true),
            ("$.a.b", true),
            ("$.a.b.c", true),
            ("$.a.c", false),
            ("$.b", false),
            ("$.l", true),
            ("$.l.x", true),
            ("$.l.y", false),
            ("$.l[*].y", true),
            ("$..y", true),
        ] {
            let path = Path::parse(place).expect("a path");
            assert_eq!(paths.touch(&path), touched, "{place}");
        }
    }

    #[test]
    fn there_is_a_bound() {
        let path = Path::parse("$.a.b.c").expect("a path");
        let mut paths = Paths::default();
        for _ in 0..16 {
            paths.add(&path, Strategy::Redact).expect("room");
        }
        assert_eq!(paths.add(&path, Strategy::Redact), Err(TooMany));
        assert!(paths.mask(paths.start()).is_none());
    }
}

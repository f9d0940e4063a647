//! Which operations wait for a person.

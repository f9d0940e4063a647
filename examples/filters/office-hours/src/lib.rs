//! A user's own filter: operations only during office hours.

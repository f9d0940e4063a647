//! What the analyser must know of the session.

/// The session's settings that change how names and text are read. The gateway pins them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Schemas in order, unquoted. As in the server, `pg_temp` stands first and then `pg_catalog` unless they
    /// are listed. `"$user"` stands for the schema of [`Settings::user`].
    pub search_path: Vec<String>,
    /// The role upstream.
    pub user: String,
    /// The name of the database, for names of three parts.
    pub database: String,
    /// Must be on; when it is off every statement is unresolved.
    pub standard_conforming_strings: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            search_path: vec!["public".to_owned(), "pg_temp".to_owned()],
            user: String::new(),
            database: String::new(),
            standard_conforming_strings: true,
        }
    }
}

//! One line that says what a statement came to, for tables of expectations.

use super::super::{Access, Change, FlowSource, How, Into, Origin, Statement, Via};

/// `action | relations | columns | where … | functions | flows | settings | shown | flags | unresolved`, parts without
/// content left out. Relations: access letters, `:view` or `:heir`, `>` before columns written. Columns:
/// `name<-origin`, `!` when direct, `@` when a column is expected in RowDescription (`~` loosely).
pub(super) fn describe(statement: &Statement) -> String {
    let mut parts = vec![
        statement
            .actions
            .iter()
            .map(|action| action.as_str())
            .collect::<Vec<_>>()
            .join("+"),
    ];
    let mut part = |label: &str, entries: Vec<String>| {
        if !entries.is_empty() {
            parts.push(format!("{label}{}", entries.join(" ")));
        }
    };
    part("", statement.relations.iter().map(relation).collect());
    if let Some(columns) = &statement.columns {
        part("", columns.iter().map(column).collect());
    }
    let mut predicates: Vec<String> = statement
        .predicates
        .iter()
        .map(|predicate| {
            let sign = match predicate.how {
                How::Equality => "=",
                How::Cardinality => "#",
                How::Other => "?",
            };
            format!(
                "{}.{}{sign}",
                predicate.column.relation, predicate.column.column
            )
        })
        .collect();
    if statement.flags.unknown_predicate {
        predicates.push("unknown?".to_owned());
    }
    predicates.extend(
        statement
            .predicate_functions
            .iter()
            .map(|function| format!("{function}()?")),
    );
    part("where ", predicates);
    let bad = statement
        .functions
        .iter()
        .filter(|function| !function.harmless);
    part(
        "calls ",
        bad.map(|function| {
            format!(
                "{}.{}{}",
                function.schema,
                function.name,
                if function.via_view { ":view" } else { "" }
            )
        })
        .collect(),
    );
    part("flows ", statement.flows.iter().map(flow).collect());
    part("sets ", statement.settings.iter().map(setting).collect());
    part("shows ", statement.shown.clone());
    part("flags ", flags(statement));
    part(
        "objects ",
        statement
            .objects
            .iter()
            .map(|object| format!("{}:{}", object.kind, object.name))
            .collect(),
    );
    part(
        "unresolved ",
        statement
            .unresolved
            .iter()
            .map(|entry| format!("{:?}:{}", entry.kind, entry.name))
            .collect(),
    );
    parts.join(" | ")
}

fn relation(relation: &super::super::RelationUse) -> String {
    let Access {
        read,
        write,
        define,
    } = relation.access;
    let letters: String = [(read, 'r'), (write, 'w'), (define, 'd')]
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, letter)| letter)
        .collect();
    let via = match relation.via {
        Via::Direct => "",
        Via::View => ":view",
        Via::Inheritance => ":heir",
    };
    let sensitive = if relation.sensitive { "!" } else { "" };
    let schema = if &*relation.schema == "public" {
        String::new()
    } else {
        format!("{}.", relation.schema)
    };
    let read = if relation.columns_read.is_empty() {
        String::new()
    } else {
        format!("({})", relation.columns_read.join(","))
    };
    let written = if relation.columns_written.is_empty() {
        String::new()
    } else {
        format!(">({})", relation.columns_written.join(","))
    };
    format!(
        "{letters} {schema}{}{sensitive}{via}{read}{written}",
        relation.name
    )
}

fn column(column: &super::super::OutputColumn) -> String {
    let origin = match &column.origin {
        Origin::Constant => "const".to_owned(),
        Origin::Unknown => "unknown".to_owned(),
        Origin::Called { columns, functions } => called(columns, functions),
        Origin::Known { columns, direct } => {
            let columns: Vec<String> = columns
                .iter()
                .map(|column| format!("{}.{}", column.relation, column.column))
                .collect();
            format!("{}{}", columns.join("+"), if *direct { "!" } else { "" })
        }
    };
    let expected = match (column.expected, column.expected_loose) {
        (None, _) => "",
        (Some(_), false) => "@",
        (Some(_), true) => "~",
    };
    format!("{}<-{origin}{expected}", column.name)
}

fn flow(flow: &super::super::Flow) -> String {
    let from = match &flow.from {
        FlowSource::Unknown => "unknown".to_owned(),
        FlowSource::Called { columns, functions } => called(columns, functions),
        FlowSource::Columns(columns) => columns
            .iter()
            .map(|column| format!("{}.{}", column.relation, column.column))
            .collect::<Vec<_>>()
            .join("+"),
    };
    let into = match &flow.into {
        Into::Column(column) => format!("{}.{}", column.relation, column.column),
        Into::NewRelation { schema, name } => format!("new:{schema}.{name}"),
        Into::NewName(name) => format!("name:{name}"),
        Into::Notification => "notify".to_owned(),
        Into::Setting => "setting".to_owned(),
        Into::FunctionArgument(name) => format!("arg:{name}"),
        Into::ServerFile => "file".to_owned(),
    };
    format!("{from}->{into}")
}

fn setting(setting: &super::super::SettingChange) -> String {
    let value = match &setting.change {
        Change::To(values) => values.join(","),
        Change::Reset => "(reset)".to_owned(),
        Change::Computed => "(computed)".to_owned(),
    };
    let local = match setting.local {
        Some(true) => ":local",
        Some(false) => "",
        None => ":?",
    };
    format!(
        "{}={value}{local}",
        setting.name.as_deref().unwrap_or("(computed)")
    )
}

fn flags(statement: &Statement) -> Vec<String> {
    let flags = statement.flags;
    let all = [
        (flags.modifying_cte, "modifying_cte"),
        (flags.locks_rows, "locks_rows"),
        (flags.explain_analyze, "explain_analyze"),
        (flags.temporary, "temporary"),
        (flags.creates_from_query, "from_query"),
        (flags.server_file, "server_file"),
        (flags.server_program, "server_program"),
        (flags.changes_role, "changes_role"),
        (flags.lasting_setting, "lasting_setting"),
        (flags.creates_code, "creates_code"),
        (flags.fires_triggers, "fires_triggers"),
        (flags.two_phase, "two_phase"),
        (flags.result_elsewhere, "result_elsewhere"),
        (flags.cascade, "cascade"),
        (flags.secret_text, "secret_text"),
    ];
    all.iter()
        .filter(|(on, _)| *on)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

fn called(columns: &[super::super::ColumnId], functions: &[std::sync::Arc<str>]) -> String {
    let columns = columns
        .iter()
        .map(|column| format!("{}.{}", column.relation, column.column));
    let functions = functions.iter().map(|function| format!("{function}()"));
    columns.chain(functions).collect::<Vec<_>>().join("+")
}

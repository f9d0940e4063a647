//! COPY, in and out, and the format of its rows.

use pg_query::NodeEnum;
use pg_query::protobuf::{CopyStmt, Node};

use super::analyser::{Analyser, Outcome};
use super::lineage::{Field, RowShape, Value};
use super::nodes::{boxed, inner};
use super::options::{is_false, values};
use super::scope::Scope;
use super::{Access, Action, Change, Control, CopyFormat, Into, UnresolvedKind};

impl Analyser<'_> {
    pub(super) fn copy(&mut self, copy: &CopyStmt, scope: &Scope<'_>) -> Outcome {
        let file = !copy.filename.is_empty();
        self.flags.server_program |= copy.is_program;
        self.flags.server_file |= file && !copy.is_program;
        let row = match (&copy.relation, boxed(&copy.query)) {
            (Some(var), _) => {
                let item = self.relation_item(
                    var,
                    if copy.is_from {
                        Access::WRITE
                    } else {
                        Access::READ
                    },
                );
                let columns: Vec<String> = copy
                    .attlist
                    .iter()
                    .filter_map(super::nodes::text)
                    .map(str::to_owned)
                    .collect();
                let relation = item
                    .relation
                    .and_then(|oid| self.relation_by_oid(oid).cloned());
                if copy.is_from {
                    self.flags.modifies = true;
                    if let Some(relation) = &relation {
                        let all = relation
                            .columns
                            .iter()
                            .map(|column| column.name.to_string())
                            .collect();
                        for name in if columns.is_empty() {
                            all
                        } else {
                            columns.clone()
                        } {
                            let attnum = self.target_column(relation, &name);
                            self.write_column(relation.oid, attnum);
                        }
                    }
                }
                let mut row = (*item.row).clone();
                if !columns.is_empty() {
                    let mut level = Scope::inside(scope);
                    level.items.push(item.clone());
                    row.fields.clear();
                    for name in &columns {
                        let value = if copy.is_from {
                            Value::default()
                        } else {
                            self.expr(&super::insert::column_named(name), &level)
                        };
                        row.fields.push(Field {
                            name: name.as_str().into(),
                            value,
                        });
                    }
                } else if !copy.is_from {
                    self.read_columns(&row.whole());
                }
                let mut level = Scope::inside(scope);
                level.items.push(item);
                self.condition_opt(&copy.where_clause, &level);
                row
            }
            (None, Some(query)) => {
                let (action, _, row, _) = self.statement(query, scope);
                self.actions.insert(action);
                row.unwrap_or_default()
            }
            (None, None) => RowShape::default(),
        };
        if file && !copy.is_from {
            self.flow(&row.whole(), Into::ServerFile);
        }
        if row.open.is_some() {
            self.unresolved(UnresolvedKind::ResultShape, "COPY");
        }
        let format = copy_format(&copy.options);
        let control = match (file, copy.is_from) {
            (true, _) => Control::None,
            (false, true) => Control::CopyIn { format },
            (false, false) => Control::CopyOut { format },
        };
        let columns = matches!(control, Control::CopyOut { .. }).then(|| copied(row));
        (Action::Copy, "COPY".to_owned(), columns, control)
    }
}

/// COPY gives no RowDescription, so nothing is expected of it.
fn copied(mut row: RowShape) -> RowShape {
    for field in &mut row.fields {
        field.value.expected = None;
        field.value.alternative = None;
    }
    row
}

/// The row format of a COPY (PostgreSQL, `ProcessCopyOptions`).
fn copy_format(options: &[Node]) -> CopyFormat {
    let mut seen = std::collections::BTreeMap::new();
    for node in options.iter().filter_map(inner) {
        let NodeEnum::DefElem(option) = node else {
            return CopyFormat::Unknown;
        };
        let value = match values(option.arg.as_deref()) {
            Change::To(values) => values
                .into_iter()
                .next()
                .unwrap_or_else(|| "true".to_owned()),
            _ => "*".to_owned(),
        };
        seen.insert(option.defname.to_lowercase(), value);
    }
    let byte = |name: &str, default: u8| match seen.get(name).map(|value| value.as_bytes()) {
        None => Some(default),
        Some([byte]) => Some(*byte),
        Some(_) => None,
    };
    let header = seen.get("header").is_some_and(|value| !is_false(value));
    let utf8 = seen
        .get("encoding")
        .is_none_or(|value| matches!(value.to_lowercase().as_str(), "utf8" | "utf-8" | "unicode"));
    if !utf8 {
        return CopyFormat::Unknown;
    }
    match seen.get("format").map_or("text", String::as_str) {
        "text" => match byte("delimiter", b'\t') {
            Some(delimiter) => CopyFormat::Text {
                delimiter,
                null: seen
                    .get("null")
                    .cloned()
                    .unwrap_or_else(|| "\\N".to_owned()),
                header,
            },
            None => CopyFormat::Unknown,
        },
        "csv" => {
            let quote = byte("quote", b'"');
            match (
                byte("delimiter", b','),
                quote,
                byte("escape", quote.unwrap_or(b'"')),
            ) {
                (Some(delimiter), Some(quote), Some(escape)) => CopyFormat::Csv {
                    delimiter,
                    null: seen.get("null").cloned().unwrap_or_default(),
                    quote,
                    escape,
                    header,
                },
                _ => CopyFormat::Unknown,
            }
        }
        "binary" => CopyFormat::Binary,
        _ => CopyFormat::Unknown,
    }
}

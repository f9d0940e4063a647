//! Aligned columns, for people.

use narrowgate_store::display::escape;

/// Most characters of a cell, but for those of the last column.
const CELL: usize = 40;
/// Most characters of a cell of the last column.
const LAST: usize = 100;

/// Rows under headings.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// No rows yet.
    pub(super) fn new(headings: &[&str]) -> Self {
        let headings = headings.iter().map(|heading| heading.to_string()).collect();
        Self {
            rows: vec![headings],
        }
    }

    /// Adds a row. Cells are made to fit a line: nothing in them moves the
    /// cursor or hides, and what is too long is cut off.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        let last = cells.len().saturating_sub(1);
        let fit =
            |(index, cell): (usize, String)| short(&cell, if index == last { LAST } else { CELL });
        self.rows
            .push(cells.into_iter().enumerate().map(fit).collect());
    }

    /// The table as text, without a line feed at its end.
    pub(super) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            cells.join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A text in one line of at most `most` characters.
pub(super) fn short(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = escape(&words);
    if shown.chars().count() <= most {
        return shown.into_owned();
    }
    let cut: String = shown.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["ID", "STATE"]);
        table.row(vec!["apr-1".into(), "pending".into()]);
        table.row(vec!["a".into(), "used".into()]);
        assert_eq!(table.text(), "ID     STATE\napr-1  pending\na      used");
    }

    #[test]
    fn a_cell_is_one_visible_line() {
        assert_eq!(short("DROP\n\tTABLE  t", 40), "DROP TABLE t");
        assert_eq!(short("a\u{202e}b", 40), "a\\u{202e}b");
        assert_eq!(short("abcdef", 4), "abc…");
    }
}

//! Markdown: texts that stay texts, and tables.

use std::fmt::Write as _;

use super::line;

/// A text that Markdown shows as it is.
pub(super) fn text(said: &str) -> String {
    let mut out = String::new();
    for it in line(said).chars() {
        match it {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' | '$' => {
                out.push('\\');
                out.push(it);
            }
            // Words with these in them would become links.
            ':' => out.push_str("&#58;"),
            '@' => out.push_str("&#64;"),
            _ => out.push(it),
        }
    }
    out
}

/// A table; a column in which every cell is empty is left out.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let is_used = |column: &usize| rows.iter().any(|it| !it[*column].is_empty());
    let columns: Vec<usize> = (0..heads.len())
        .filter(|it| *it == 0 || is_used(it))
        .collect();
    let mut out = String::new();
    let mut put = |cells: Vec<&str>| {
        writeln!(out, "| {} |", cells.join(" | ")).unwrap_or_default();
    };
    put(columns.iter().map(|it| heads[*it]).collect());
    put(columns.iter().map(|_| "---").collect());
    for row in rows {
        let cell = |it: &usize| match row[*it].as_str() {
            "" => "—",
            said => said,
        };
        put(columns.iter().map(cell).collect());
    }
    out
}

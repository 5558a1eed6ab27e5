//! Texts of a design inside expressions.

use std::fmt::Write as _;

/// A text as an expression takes it, in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            it if u32::from(it) < 0x20 || u32::from(it) == 0x7f => {
                write!(out, "\\x{:02x}", u32::from(it)).unwrap_or_default();
            }
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

/// `name{label="value"}`
pub(in crate::export) fn selector(name: &str, labels: &[(&str, &str)]) -> String {
    let labels = labels.iter();
    let labels: Vec<_> = labels
        .map(|(label, value)| format!("{label}={}", quoted(value)))
        .collect();
    format!("{name}{{{}}}", labels.join(","))
}

#[cfg(test)]
mod tests {
    use super::selector;

    #[test]
    fn a_text_cannot_end_itself() {
        assert_eq!(
            selector("up", &[("a", "b\"} or vector(1) #\n\\"), ("c", "")]),
            "up{a=\"b\\\"} or vector(1) #\\n\\\\\",c=\"\"}"
        );
    }
}

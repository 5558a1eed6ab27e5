//! Texts as Python writes them. A text of a design is data, whatever it holds.

use std::fmt::Write as _;

/// A text as a Python literal in double quotes, on one line.
pub(super) fn text(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            // Letters of any language are readable as they are.
            ' ' | '!' | '#'..='[' | ']'..='~' => literal.push(character),
            it if !it.is_ascii() && it.is_alphanumeric() => literal.push(it),
            '\\' => literal.push_str("\\\\"),
            // An escape that a formatter does not answer with other quotes.
            it if u32::from(it) <= 0xff => {
                write!(literal, "\\x{:02x}", u32::from(it)).unwrap_or_default();
            }
            it => {
                let mut units = [0; 2];
                let units = it.encode_utf16(&mut units);
                match units {
                    [unit] => write!(literal, "\\u{unit:04x}"),
                    _ => write!(literal, "\\U{:08x}", u32::from(it)),
                }
                .unwrap_or_default();
            }
        }
    }
    literal.push('"');
    literal
}

/// A text or `None`.
pub(super) fn optional(value: Option<&str>) -> String {
    value.map_or_else(|| "None".to_owned(), text)
}

/// A truth, or `None`.
pub(super) fn truth(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "True",
        Some(false) => "False",
        None => "None",
    }
}

/// Names that a function or a parameter cannot have: Python's words, and what the file
/// of routes uses.
const TAKEN: &[&str] = &[
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "str",
    "answer",
    "callers",
    "router",
    "Answer",
    "Callers",
    "APIRouter",
];

/// A name that Python takes.
pub(super) fn name(name: &str) -> String {
    if TAKEN.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{name, text};

    #[test]
    fn a_text_keeps_its_letters_and_loses_its_power() {
        assert_eq!(text("Place order"), "\"Place order\"");
        assert_eq!(text("日本語 é"), "\"日本語 é\"");
        assert_eq!(text("a\"b\\\n"), "\"a\\x22b\\\\\\x0a\"");
        assert_eq!(
            text("\u{202e}\u{85}\u{1f600}"),
            "\"\\u202e\\x85\\U0001f600\""
        );
        assert_eq!(name("class"), "class_");
    }
}

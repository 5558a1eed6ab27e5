//! How one text stands in a YAML file: plain where nobody can take it for anything
//! else, in double quotes with escapes otherwise.

use std::fmt::Write as _;

/// Words that YAML 1.1 or 1.2 reads as something else than a text, in lower case.
const RESERVED: &[&str] = &[
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
];

/// Units behind a whole number that make it a text for every reader.
const UNITS: &[&str] = &["ms", "s", "m", "h", "M", "G"];

/// Whether the text may stand without quotes, also in a list on one line.
pub(super) fn is_plain(text: &str) -> bool {
    if text.starts_with(|it: char| it.is_ascii_digit()) {
        return is_quantity(text);
    }
    let is_start = |it: char| it.is_ascii_alphabetic() || matches!(it, '_' | '/');
    let is_path = ["./", "../"].iter().any(|it| text.starts_with(it));
    let allowed = |it: char| it.is_ascii_alphanumeric() || "_./-@+= :".contains(it);
    (is_path || text.starts_with(is_start))
        && text.chars().all(allowed)
        && !text.contains(": ")
        && !text.contains("  ")
        && !text.ends_with([':', ' '])
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

/// `10s`, `256M`: a whole number with a unit.
fn is_quantity(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    UNITS.contains(&&text[digits..])
}

/// Whether a character may stand as it is inside double quotes or a comment.
pub(super) fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        // Marks that turn the direction of a line could make a diff lie.
        && !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether the text can be written as lines of their own.
pub(super) fn is_block(text: &str) -> bool {
    text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|it| it == '\n' || is_printable(it))
        && text.lines().all(|it| !it.ends_with(' '))
}

/// Writes the text so that it is read back as the very same.
pub(super) fn write(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            it if is_printable(it) => out.push(it),
            it => match u32::from(it) {
                code @ 0..=0xff => write!(out, "\\x{code:02X}").unwrap_or_default(),
                code @ 0x100..=0xffff => write!(out, "\\u{code:04X}").unwrap_or_default(),
                code => write!(out, "\\U{code:08X}").unwrap_or_default(),
            },
        }
    }
    out.push('"');
}

/// A number that both versions read as one: with a point, and a signed exponent.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, exponent)) => {
            let point = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{digits}{point}e{sign}{exponent}")
        }
    }
}

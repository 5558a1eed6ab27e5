//! How deep a text of JSON nests, looked at before it is parsed.
//!
//! Separate because the parser bounds only the depth of what it keeps: what it skips
//! would cost it memory for every bracket. Nothing is kept here, and whatever else is
//! wrong with the text is for the parser to say.

/// The most brackets that may be open at once; the parser keeps no more of them either.
pub(super) const MOST_LEVELS: usize = 127;

/// Line and column, both counted from 1, of the first bracket that is one too many.
pub(super) fn first_too_deep(text: &str) -> Option<(usize, usize)> {
    let mut levels = 0_usize;
    let mut is_in_string = false;
    let mut is_escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            b'[' | b'{' => {
                levels += 1;
                if levels > MOST_LEVELS {
                    return Some(place(&text.as_bytes()[..offset]));
                }
            }
            b']' | b'}' => levels = levels.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Line and column of what follows these bytes.
fn place(before: &[u8]) -> (usize, usize) {
    let line = before.split(|it| *it == b'\n').count();
    let start = before.iter().rposition(|it| *it == b'\n');
    (line, before.len() - start.map_or(0, |it| it + 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::{MOST_LEVELS, first_too_deep};

    #[test]
    fn the_first_bracket_too_many_is_found_with_its_line_and_column() {
        let text = format!("{{\n  \"x\": {}", "[".repeat(MOST_LEVELS - 1));
        assert_eq!(first_too_deep(&text), None);
        let text = format!("{text}{{");
        assert_eq!(first_too_deep(&text), Some((2, 8 + MOST_LEVELS - 1)));
        assert_eq!(first_too_deep(&"[".repeat(1000)), Some((1, 128)));
    }

    #[test]
    fn brackets_that_close_or_stand_in_strings_do_not_count() {
        assert_eq!(first_too_deep(&"[]{}".repeat(1000)), None);
        assert_eq!(first_too_deep(&format!("\"{}\"", "[".repeat(1000))), None);
        let escaped = format!("\"\\\"{}\"", "[".repeat(1000));
        assert_eq!(first_too_deep(&escaped), None);
        assert_eq!(first_too_deep(&"]".repeat(1000)), None);
    }
}

//! Colors for keys, strings and comments in the formats that are exported.
//!
//! A line at a time and no more than that: enough to read by, and never wrong about
//! what a character is.

mod language;

use std::{ffi::OsStr, path::Path};

use egui::{Color32, FontId, TextFormat, text::LayoutJob};

use self::language::{Keys, Language};
use crate::ui::theme::Theme;

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Key,
    Text,
    Comment,
}

/// A line of a file with its colors.
pub(super) fn line(theme: &Theme, path: &str, text: &str, font: &FontId) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (kind, piece) in pieces(path, text) {
        let color: Color32 = match kind {
            Kind::Plain => theme.text,
            Kind::Key => theme.accent,
            Kind::Text => theme.up,
            Kind::Comment => theme.muted,
        };
        job.append(piece, 0.0, TextFormat::simple(font.clone(), color));
    }
    job
}

fn pieces<'a>(path: &str, text: &'a str) -> Vec<(Kind, &'a str)> {
    let language = language::of(path);
    let starts_comment = |rest: &str| {
        let signs = language.comments.iter();
        signs.copied().any(|it| rest.starts_with(it))
    };
    let mut pieces = Vec::new();
    let starts_with_comment = starts_comment(text.trim_start());
    let mut plain_from = if starts_with_comment {
        0
    } else {
        key_end(language, path, text)
    };
    if plain_from > 0 {
        pieces.push((Kind::Key, &text[..plain_from]));
    }
    let mut at = plain_from;
    while at < text.len() {
        let rest = &text[at..];
        let is_after_space = at == 0 || text[..at].ends_with(char::is_whitespace);
        let word = word_at(text, at);
        if language.words.binary_search(&word).is_ok() {
            push(&mut pieces, Kind::Plain, &text[plain_from..at]);
            at += word.len();
            pieces.push((Kind::Key, &text[at - word.len()..at]));
            plain_from = at;
            continue;
        }
        if is_after_space && starts_comment(rest) {
            push(&mut pieces, Kind::Plain, &text[plain_from..at]);
            pieces.push((Kind::Comment, rest));
            return pieces;
        }
        let first = rest.chars().next().unwrap_or(' ');
        let opens_text = first == '`' && language.has_raw_texts
            || first == '\'' && (is_after_space || language.has_quoted_texts);
        if first == '"' || opens_text {
            push(&mut pieces, Kind::Plain, &text[plain_from..at]);
            let end = at + text_end(rest, first);
            pieces.push((Kind::Text, &text[at..end]));
            plain_from = end;
            at = end;
        } else {
            at += first.len_utf8();
        }
    }
    push(&mut pieces, Kind::Plain, &text[plain_from..]);
    pieces
}

fn push<'a>(pieces: &mut Vec<(Kind, &'a str)>, kind: Kind, piece: &'a str) {
    if !piece.is_empty() {
        pieces.push((kind, piece));
    }
}

/// What a file's name ends with, without the dot.
fn extension(path: &str) -> &str {
    let extension = Path::new(path).extension();
    extension.and_then(OsStr::to_str).unwrap_or_default()
}

/// Where a quoted text ends, its quotes included.
fn text_end(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (index, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            it if it == quote => return index + it.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// The word that begins here, if one does.
fn word_at(text: &str, at: usize) -> &str {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    if text[..at].ends_with(is_word) {
        return "";
    }
    let rest = &text[at..];
    &rest[..rest.find(|it| !is_word(it)).unwrap_or(rest.len())]
}

/// Where the key ends that a line begins with, or 0.
fn key_end(language: &Language, path: &str, text: &str) -> usize {
    let trimmed = text.trim_start();
    let indent = text.len() - trimmed.len();
    let is_word = |it: char| it.is_alphanumeric() || "_-./".contains(it);
    if language.keys == Keys::Colon {
        let body = trimmed.strip_prefix("- ").unwrap_or(trimmed);
        let skipped = indent + trimmed.len() - body.len();
        let key = if body.starts_with('"') {
            text_end(body, '"')
        } else {
            body.find(|it| !is_word(it)).unwrap_or(body.len())
        };
        return if key > 0 && body[key..].starts_with(':') {
            skipped + key
        } else {
            0
        };
    }
    let word = trimmed.find(|it| !is_word(it)).unwrap_or(trimmed.len());
    let after = trimmed[word..].trim_start();
    let is_key = match language.keys {
        Keys::Equals => {
            after.starts_with('=') || extension(path) == "properties" && after.starts_with(':')
        }
        Keys::Directive => true,
        Keys::None | Keys::Colon => false,
    };
    if word > 0 && is_key { indent + word } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{Kind, pieces};

    #[test]
    fn keys_texts_and_comments_are_told_apart() {
        assert_eq!(
            pieces("compose.yaml", "  image: \"a#b\" # pinned"),
            [
                (Kind::Key, "  image"),
                (Kind::Plain, ": "),
                (Kind::Text, "\"a#b\""),
                (Kind::Plain, " "),
                (Kind::Comment, "# pinned"),
            ]
        );
        assert_eq!(
            pieces("x.json", "\"a\": 1"),
            [(Kind::Key, "\"a\""), (Kind::Plain, ": 1")]
        );
        assert_eq!(
            pieces("Dockerfile", "FROM x"),
            [(Kind::Key, "FROM"), (Kind::Plain, " x")]
        );
    }

    #[test]
    fn words_of_a_language_are_told_from_names() {
        assert_eq!(
            pieces("main.go", "\treturn format(`a`) // done"),
            [
                (Kind::Plain, "\t"),
                (Kind::Key, "return"),
                (Kind::Plain, " format("),
                (Kind::Text, "`a`"),
                (Kind::Plain, ") "),
                (Kind::Comment, "// done"),
            ]
        );
        assert_eq!(
            pieces("app.py", "x = get('a', \"b\")"),
            [
                (Kind::Plain, "x = get("),
                (Kind::Text, "'a'"),
                (Kind::Plain, ", "),
                (Kind::Text, "\"b\""),
                (Kind::Plain, ")"),
            ]
        );
        assert_eq!(
            pieces("Caddyfile", "\treverse_proxy orders:5000"),
            [
                (Kind::Key, "\treverse_proxy"),
                (Kind::Plain, " orders:5000")
            ]
        );
        assert_eq!(pieces("README.md", "# Shop"), [(Kind::Comment, "# Shop")]);
    }

    #[test]
    fn no_letter_is_lost() {
        for text in [
            "",
            "\"",
            "é: \"ü\\\"",
            "'",
            "a: 'b' 'c",
            "# ü",
            "- \"x\"",
            "::",
        ] {
            for path in [
                "a.yaml",
                "a.json",
                "nginx.conf",
                "a.rs",
                ".env.example",
                "a.go",
                "a.py",
                "a.js",
            ] {
                let joined: String = pieces(path, text).into_iter().map(|it| it.1).collect();
                assert_eq!(joined, text, "{path}");
            }
        }
    }
}

//! nginx's configuration as a tree, and its writer.
//!
//! A word is quoted where it has to be, so that no word can end its directive. A `$`
//! starts a variable whatever the quotes say: texts of a design must not have one,
//! which the passages of `bundle` see to.

/// A directive longer than this stands on several lines.
const MAX_LINE_CHARS: usize = 160;
/// Words of such a directive that stay on its first line.
const HEAD_WORDS: usize = 3;

/// One directive, with or without a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Directive {
    comment: String,
    words: Vec<String>,
    block: Option<Vec<Self>>,
    is_apart: bool,
    is_quoted: bool,
}

/// `name word word;`
pub(super) fn simple<const N: usize>(words: [&str; N]) -> Directive {
    Directive {
        words: words.into_iter().map(str::to_owned).collect(),
        ..Directive::default()
    }
}

/// `name word { … }`
pub(super) fn block<const N: usize>(words: [&str; N], inside: Vec<Directive>) -> Directive {
    Directive {
        block: Some(inside),
        is_apart: true,
        ..simple(words)
    }
}

impl Directive {
    /// With a comment above; its line breaks stay its own.
    pub(super) fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }

    /// With an empty line above.
    pub(super) fn apart(mut self) -> Self {
        self.is_apart = true;
        self
    }

    /// Without an empty line above.
    pub(super) fn close(mut self) -> Self {
        self.is_apart = false;
        self
    }

    /// `if (…) { … }`, whose condition nginx wants in words that are quoted already.
    pub(super) fn raw_condition<const N: usize>(words: [&str; N], then: Self) -> Self {
        Self {
            is_quoted: true,
            ..block(words, vec![then]).close()
        }
    }

    /// With one more word.
    pub(super) fn word(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }
}

/// The text of a configuration.
pub(super) fn to_text(directives: &[Directive]) -> String {
    let mut out = String::new();
    write(&mut out, directives, 0);
    out
}

fn write(out: &mut String, directives: &[Directive], depth: usize) {
    for (number, directive) in directives.iter().enumerate() {
        if directive.is_apart && number > 0 {
            out.push('\n');
        }
        for line in directive.comment.lines() {
            indent(out, depth);
            out.push_str("# ");
            out.extend(
                line.chars()
                    .map(|it| if it.is_control() { ' ' } else { it }),
            );
            out.push('\n');
        }
        indent(out, depth);
        let length: usize = directive.words.iter().map(|it| it.len() + 1).sum();
        for (number, word) in directive.words.iter().enumerate() {
            if number >= HEAD_WORDS && length > MAX_LINE_CHARS {
                out.push('\n');
                indent(out, depth + 1);
            } else if number > 0 {
                out.push(' ');
            }
            if directive.is_quoted {
                out.push_str(word);
            } else {
                write_word(out, word);
            }
        }
        match &directive.block {
            None => out.push_str(";\n"),
            Some(inside) => {
                out.push_str(" {\n");
                write(out, inside, depth + 1);
                indent(out, depth);
                out.push_str("}\n");
            }
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("    ", depth));
}

fn write_word(out: &mut String, word: &str) {
    let special = |it: char| it.is_whitespace() || it.is_control() || "\"'\\;{}#".contains(it);
    if !word.is_empty() && !word.contains(special) {
        out.push_str(word);
        return;
    }
    // JSON is easier to read inside single quotes, which mean the same.
    let quote = if word.contains('"') && !word.contains('\'') {
        '\''
    } else {
        '"'
    };
    out.push(quote);
    for character in word.chars() {
        match character {
            it if it == quote => {
                out.push('\\');
                out.push(it);
            }
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            it => out.push(it),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::{block, simple, to_text};

    #[test]
    fn words_are_quoted_only_where_they_have_to_be() {
        let text = to_text(&[
            simple(["return", "200", "ok\n"]),
            simple(["map", "~^[a-z]{8}$", "a;b", "\"", "\\", ""]),
            block(["location", "/a b"], vec![simple(["x"])]).with_comment("one\ntwo\u{b}three"),
        ]);
        assert_eq!(
            text,
            "return 200 \"ok\\n\";\nmap \"~^[a-z]{8}$\" \"a;b\" '\"' \"\\\\\" \"\";\n\n\
             # one\n# two three\nlocation \"/a b\" {\n    x;\n}\n"
        );
    }
}

//! HAProxy's configuration as sections of lines, and its writer.
//!
//! A word is quoted where it has to be, so that no word can end its line or become two.
//! Within single quotes HAProxy takes every sign as it stands.

/// One line of a section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    comment: String,
    words: Vec<String>,
    is_apart: bool,
}

/// A section: its head and what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Section {
    comment: String,
    head: String,
    lines: Vec<Line>,
}

/// A line of plain words, which a space divides; data is added by [`Line::word`].
pub(super) fn line(words: &str) -> Line {
    Line {
        words: words.split_whitespace().map(str::to_owned).collect(),
        ..Line::default()
    }
}

impl Line {
    /// With one more word, whatever is in it.
    pub(super) fn word(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    /// With more plain words.
    pub(super) fn words(mut self, words: &str) -> Self {
        self.words
            .extend(words.split_whitespace().map(str::to_owned));
        self
    }

    /// The same with another second word: a condition under another name.
    pub(super) fn renamed(mut self, name: &str) -> Self {
        if let Some(word) = self.words.get_mut(1) {
            name.clone_into(word);
        }
        self
    }

    /// With a comment above; its line breaks stay its own.
    pub(super) fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self.is_apart = true;
        self
    }

    /// With an empty line above.
    pub(super) fn apart(mut self) -> Self {
        self.is_apart = true;
        self
    }
}

impl Section {
    /// An empty section; its head is plain words.
    pub(super) fn new(head: impl Into<String>) -> Self {
        Self {
            head: head.into(),
            ..Self::default()
        }
    }

    /// With a comment above.
    pub(super) fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }

    /// With more lines.
    pub(super) fn with(mut self, lines: impl IntoIterator<Item = Line>) -> Self {
        self.lines.extend(lines);
        self
    }
}

/// The text of a configuration.
pub(super) fn to_text(sections: &[Section]) -> String {
    let mut out = String::new();
    for (number, section) in sections.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        write_comment(&mut out, "", &section.comment);
        out.push_str(&section.head);
        out.push('\n');
        for (number, line) in section.lines.iter().enumerate() {
            if line.is_apart && number > 0 {
                out.push('\n');
            }
            write_comment(&mut out, "    ", &line.comment);
            out.push_str("   ");
            for word in &line.words {
                out.push(' ');
                write_word(&mut out, word);
            }
            out.push('\n');
        }
    }
    out
}

fn write_comment(out: &mut String, indent: &str, comment: &str) {
    for line in comment.lines() {
        out.push_str(indent);
        out.push_str("# ");
        let plain = |it: char| if it.is_control() { ' ' } else { it };
        out.extend(line.chars().map(plain));
        out.push('\n');
    }
}

fn write_word(out: &mut String, word: &str) {
    let special = |it: char| it.is_whitespace() || it.is_control() || "\"'\\#$".contains(it);
    if !word.is_empty() && !word.contains(special) {
        out.push_str(word);
    } else if word.contains('\n') || word.contains('\'') && !word.contains(['"', '\\', '$']) {
        out.push('"');
        out.push_str(&word.replace('\n', "\\n"));
        out.push('"');
    } else {
        out.push('\'');
        out.push_str(&word.replace('\'', "'\\''"));
        out.push('\'');
    }
}

#[cfg(test)]
mod tests {
    use super::{Section, line, to_text};

    #[test]
    fn words_are_quoted_only_where_they_have_to_be() {
        let lines = [
            line("acl x path").word("/a b"),
            line("bind :80")
                .word("'none'")
                .with_comment("one\ntwo\u{b}three"),
            line("y")
                .word("^a$")
                .word("")
                .word("{\"a\":'b'}")
                .word("ok\n")
                .word("a#b"),
        ];
        assert_eq!(
            to_text(&[Section::new("frontend x").with(lines)]),
            "frontend x\n    acl x path '/a b'\n\n    # one\n    # two three\n    bind :80 \"'none'\"\n    \
             y '^a$' '' '{\"a\":'\\''b'\\''}' \"ok\\n\" 'a#b'\n"
        );
    }
}

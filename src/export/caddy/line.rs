//! A Caddyfile as a tree of lines, and its writer.
//!
//! A word is quoted unless it is plain, so that no word can end its line or open a
//! block. Placeholders of Caddy (`{err.status_code}`) are words of their own kind: no
//! text of a design becomes one.

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// Any text, taken literally.
    Text(String),
    /// Caddy's own words, written as they stand.
    Raw(&'static str),
}

/// One line, with or without a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    comment: String,
    words: Vec<Word>,
    block: Option<Vec<Self>>,
}

/// `name word word`
pub(super) fn line<const N: usize>(words: [&str; N]) -> Line {
    Line {
        words: words
            .into_iter()
            .map(|it| Word::Text(it.to_owned()))
            .collect(),
        ..Line::default()
    }
}

/// `name word { … }`
pub(super) fn block<const N: usize>(words: [&str; N], inside: Vec<Line>) -> Line {
    Line {
        block: Some(inside),
        ..line(words)
    }
}

/// `{ … }`, what holds for all sites.
pub(super) fn global(inside: Vec<Line>) -> Line {
    block([], inside)
}

/// `(name) { … }`, to be imported.
pub(super) fn snippet(name: &str, inside: Vec<Line>) -> Line {
    block([&format!("({name})")], inside)
}

impl Line {
    /// With a comment above; its line breaks stay its own.
    pub(super) fn with_comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = comment.into();
        self
    }

    /// With one more word.
    pub(super) fn word(mut self, word: impl Into<String>) -> Self {
        self.words.push(Word::Text(word.into()));
        self
    }

    /// With more words that are Caddy's own.
    pub(super) fn raw(mut self, words: &'static str) -> Self {
        self.words.push(Word::Raw(words));
        self
    }

    /// With a block.
    pub(super) fn with_block(mut self, inside: Vec<Self>) -> Self {
        self.block = Some(inside);
        self
    }
}

/// The text of a Caddyfile; the lines on top are apart from each other.
pub(super) fn to_text(lines: &[Line]) -> String {
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        write(&mut out, line, 0);
    }
    out
}

fn write(out: &mut String, line: &Line, depth: usize) {
    for text in line.comment.lines() {
        indent(out, depth);
        let text: String = text
            .chars()
            .map(|it| if it.is_control() { ' ' } else { it })
            .collect();
        out.push_str(format!("# {text}").trim_end());
        out.push('\n');
    }
    indent(out, depth);
    for (number, word) in line.words.iter().enumerate() {
        if number > 0 {
            out.push(' ');
        }
        match word {
            Word::Raw(text) => out.push_str(text),
            Word::Text(text) => write_word(out, text),
        }
    }
    match &line.block {
        None => out.push('\n'),
        Some(inside) => {
            out.push_str(if line.words.is_empty() { "{\n" } else { " {\n" });
            for line in inside {
                write(out, line, depth + 1);
            }
            indent(out, depth);
            out.push_str("}\n");
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n('\t', depth));
}

/// Between backticks everything is text; no word that is checked has one.
fn write_word(out: &mut String, word: &str) {
    let is_plain = |it: char| it.is_alphanumeric() || "-._~/:*@+=,?>()!&^$|\\[]".contains(it);
    let is_start = |it: char| it != '\\';
    if word.starts_with(is_start) && word.chars().all(is_plain) && !word.ends_with('\\') {
        out.push_str(word);
        return;
    }
    out.push('`');
    let text = word.chars().filter(|it| *it != '`');
    out.extend(text.map(|it| if it.is_control() { ' ' } else { it }));
    out.push('`');
}

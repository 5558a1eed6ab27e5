//! Reads an HAProxy configuration back, by HAProxy's own rules for words, for tests.

/// A section: the words of its head, and the words of each line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::export) struct Read {
    /// Such as `backend orders`.
    pub(in crate::export) head: String,
    /// Each line's words, quotes and escapes resolved.
    pub(in crate::export) lines: Vec<Vec<String>>,
}

impl Read {
    /// The lines, their words with a space between.
    pub(in crate::export) fn joined(&self) -> Vec<String> {
        self.lines.iter().map(|it| it.join(" ")).collect()
    }
}

/// Reads a whole configuration; a quote that is not closed fails the test.
pub(in crate::export) fn read(text: &str) -> Vec<Read> {
    let mut sections: Vec<Read> = Vec::new();
    for line in text.lines() {
        let words = words(line);
        if words.is_empty() {
            continue;
        }
        if line.starts_with(' ') {
            sections.last_mut().unwrap().lines.push(words);
        } else {
            sections.push(Read {
                head: words.join(" "),
                lines: Vec::new(),
            });
        }
    }
    sections
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), it) if it == open => quote = None,
            (None | Some('"'), '\\') => {
                let escaped = match characters.next().unwrap() {
                    'n' => '\n',
                    other => other,
                };
                word.get_or_insert_default().push(escaped);
            }
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') => break,
            (None, it) if it.is_ascii_whitespace() => words.extend(word.take()),
            (_, it) => word.get_or_insert_default().push(it),
        }
    }
    assert_eq!(quote, None, "a quote is not closed: {line}");
    words.extend(word);
    words
}

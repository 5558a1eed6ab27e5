//! Reads an nginx configuration back, by nginx's own rules for words, for tests.

/// A directive as nginx would see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::export) struct Read {
    /// Its words, quotes and escapes resolved.
    pub(in crate::export) words: Vec<String>,
    /// What is in its block.
    pub(in crate::export) inside: Vec<Self>,
}

impl Read {
    /// Every directive in here, however deep, in order.
    pub(in crate::export) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        for inner in &self.inside {
            all.extend(inner.all());
        }
        all
    }

    /// The words as one line.
    pub(in crate::export) fn line(&self) -> String {
        self.words.join(" ")
    }
}

/// Reads a whole configuration; anything nginx would refuse fails the test.
pub(in crate::export) fn read(text: &str) -> Read {
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    let inside = block(&characters, &mut at, 0);
    assert_eq!(at, characters.len(), "a brace too many");
    Read {
        words: Vec::new(),
        inside,
    }
}

fn block(text: &[char], at: &mut usize, depth: usize) -> Vec<Read> {
    let mut all = Vec::new();
    let mut words = Vec::new();
    while *at < text.len() {
        match text[*at] {
            '#' => {
                while *at < text.len() && text[*at] != '\n' {
                    *at += 1;
                }
            }
            it if it.is_whitespace() => *at += 1,
            ';' => {
                *at += 1;
                assert!(!words.is_empty(), "an empty directive");
                let words = std::mem::take(&mut words);
                all.push(Read {
                    words,
                    inside: Vec::new(),
                });
            }
            '{' => {
                *at += 1;
                let words = std::mem::take(&mut words);
                let inside = block(text, at, depth + 1);
                all.push(Read { words, inside });
            }
            '}' => {
                assert!(depth > 0 && words.is_empty(), "a brace out of place");
                *at += 1;
                return all;
            }
            quote @ ('"' | '\'') => {
                *at += 1;
                words.push(word(text, at, |it| it == quote));
                *at += 1;
                let next = text.get(*at).copied().unwrap_or(' ');
                assert!(
                    next.is_whitespace() || ";{)".contains(next),
                    "{next:?} after a quote"
                );
            }
            _ => words.push(word(text, at, |it| it.is_whitespace() || ";{".contains(it))),
        }
    }
    assert!(
        depth == 0 && words.is_empty(),
        "the end came too early: {words:?}"
    );
    all
}

fn word(text: &[char], at: &mut usize, is_end: impl Fn(char) -> bool) -> String {
    let mut word = String::new();
    while *at < text.len() && !is_end(text[*at]) {
        let character = text[*at];
        *at += 1;
        if character == '\\' && *at < text.len() {
            let escaped = text[*at];
            *at += 1;
            match escaped {
                '"' | '\'' | '\\' => word.push(escaped),
                't' => word.push('\t'),
                'r' => word.push('\r'),
                'n' => word.push('\n'),
                other => word.extend(['\\', other]),
            }
        } else {
            word.push(character);
        }
    }
    word
}

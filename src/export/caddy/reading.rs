//! Reads a Caddyfile back as Caddy's own lexer does, for tests.

/// One line and the block behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// Its words, without quotes.
    pub(super) words: Vec<String>,
    /// What stands in its block.
    pub(super) inside: Vec<Self>,
}

impl Read {
    /// Its words with a space between.
    pub(super) fn line(&self) -> String {
        self.words.join(" ")
    }

    /// Every line in it, itself left out.
    pub(super) fn all(&self) -> Vec<&Self> {
        let below = self.inside.iter();
        below
            .flat_map(|it| std::iter::once(it).chain(it.all()))
            .collect()
    }
}

/// The whole file; a mistake in it fails the test.
pub(super) fn read(text: &str) -> Read {
    let mut tokens = tokens(text).into_iter().peekable();
    let inside = block(&mut tokens, 0);
    assert!(tokens.next().is_none(), "a brace too many");
    Read {
        words: Vec::new(),
        inside,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut all = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            if let Some(quoted) = rest.strip_prefix('`') {
                let (word, after) = quoted.split_once('`').expect("a closing backtick");
                all.push(Token::Word(word.to_owned()));
                assert!(after.is_empty() || after.starts_with(' '), "{line}");
                rest = after.trim_start();
                continue;
            }
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            assert!(!word.contains(['"', '`']), "a quote within a word: {line}");
            all.push(match word {
                "{" => Token::Open,
                "}" => Token::Close,
                _ => Token::Word(word.to_owned()),
            });
            rest = after.trim_start();
        }
        all.push(Token::End);
    }
    all
}

fn block(tokens: &mut std::iter::Peekable<std::vec::IntoIter<Token>>, depth: usize) -> Vec<Read> {
    let mut all = Vec::new();
    let mut read = Read::default();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => read.words.push(word),
            Token::Open => {
                read.inside = block(tokens, depth + 1);
                all.push(std::mem::take(&mut read));
            }
            Token::Close => {
                assert!(depth > 0 && read.words.is_empty(), "a brace out of place");
                return all;
            }
            Token::End if read.words.is_empty() => {}
            Token::End => all.push(std::mem::take(&mut read)),
        }
    }
    assert_eq!(depth, 0, "the end came too early");
    all
}

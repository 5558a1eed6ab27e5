//! One line of a metrics page.
//!
//! Every character is looked at a fixed number of times, so that a line costs what it is
//! long, whatever stands in it.

use std::borrow::Cow;

use super::{Kind, MAX_LABEL_BYTES, Sample};

/// The most labels of one sample.
const MAX_LABELS: usize = 128;

/// What may stand between two words.
pub(super) const BLANKS: [char; 3] = [' ', '\t', '\r'];

/// What a line is.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// Nothing, or a comment.
    Blank,
    /// `# HELP …` or `# UNIT …`.
    Words,
    /// `# TYPE …`: a family and its kind.
    Type(Cow<'a, str>, Kind),
    /// `# EOF`.
    End,
    Sample(Sample<'a>),
    /// No line of a metrics page.
    Nonsense,
}

/// Reads one line, without its end.
pub(super) fn read(line: &str) -> Line<'_> {
    steps::count(line.len());
    let line = line.trim_matches(BLANKS);
    if let Some(rest) = line.strip_prefix('#') {
        comment(rest)
    } else if line.is_empty() {
        Line::Blank
    } else {
        sample(line).map_or(Line::Nonsense, Line::Sample)
    }
}

/// What stands after `#`. A declaration that makes no sense is a comment like any other.
fn comment(text: &str) -> Line<'_> {
    let mut rest = Rest(text);
    rest.skip_blanks();
    match rest.word() {
        Some("HELP" | "UNIT") => Line::Words,
        Some("TYPE") => family(rest).unwrap_or(Line::Words),
        Some("EOF") if rest.0.is_empty() => Line::End,
        _ => Line::Blank,
    }
}

fn family(mut rest: Rest<'_>) -> Option<Line<'_>> {
    rest.skip_blanks();
    let name = if rest.0.starts_with('"') {
        rest.quoted()?
    } else {
        Cow::Borrowed(rest.metric_name()?)
    };
    Some(Line::Type(name, Kind::of(rest.word()?)))
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let mut rest = Rest(line);
    let mut name = rest.metric_name().map(Cow::Borrowed);
    rest.skip_blanks();
    let mut labels = Vec::new();
    if rest.take('{') {
        read_labels(&mut rest, &mut name, &mut labels)?;
    }
    let value = rest.word()?.parse().ok()?;
    rest.skip_blanks();
    // What may follow is a timestamp, then an exemplar after `#`.
    if !rest.0.is_empty() && !rest.0.starts_with('#') {
        rest.word()?.parse::<f64>().ok()?;
        rest.skip_blanks();
        if !rest.0.is_empty() && !rest.0.starts_with('#') {
            return None;
        }
    }
    Some(Sample {
        name: name?,
        labels,
        value,
        kind: Kind::Unknown,
    })
}

type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Reads up to and with the closing brace. A quoted text without a value is the
/// metric's name.
fn read_labels<'a>(
    rest: &mut Rest<'a>,
    name: &mut Option<Cow<'a, str>>,
    labels: &mut Labels<'a>,
) -> Option<()> {
    loop {
        rest.skip_blanks();
        if rest.take('}') {
            return Some(());
        }
        let key = if rest.0.starts_with('"') {
            rest.quoted()?
        } else {
            Cow::Borrowed(rest.label_name()?)
        };
        rest.skip_blanks();
        if rest.take('=') {
            rest.skip_blanks();
            let value = rest.quoted()?;
            let is_long = key.len() > MAX_LABEL_BYTES || value.len() > MAX_LABEL_BYTES;
            if is_long || labels.len() == MAX_LABELS {
                return None;
            }
            labels.push((key, value));
        } else if name.is_none() && labels.is_empty() && !key.is_empty() {
            *name = Some(key);
        } else {
            return None;
        }
        rest.skip_blanks();
        if !rest.take(',') && !rest.0.starts_with('}') {
            return None;
        }
    }
}

/// What is still to be read of a line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip_blanks(&mut self) {
        let rest = self.0.trim_start_matches(BLANKS);
        steps::count(self.0.len() - rest.len() + 1);
        self.0 = rest;
    }

    fn take(&mut self, expected: char) -> bool {
        steps::count(1);
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn split_at_first(&mut self, is_end: impl Fn(char) -> bool) -> Option<&'a str> {
        let (head, rest) = self.0.split_at(self.0.find(is_end).unwrap_or(self.0.len()));
        steps::count(head.len() + 1);
        self.0 = rest;
        (!head.is_empty()).then_some(head)
    }

    fn metric_name(&mut self) -> Option<&'a str> {
        if self.0.starts_with(|it: char| it.is_ascii_digit()) {
            return None;
        }
        self.split_at_first(|it| !(it.is_ascii_alphanumeric() || it == '_' || it == ':'))
    }

    fn label_name(&mut self) -> Option<&'a str> {
        if self.0.starts_with(|it: char| it.is_ascii_digit()) {
            return None;
        }
        self.split_at_first(|it| !(it.is_ascii_alphanumeric() || it == '_'))
    }

    /// The next word, up to a blank or a comment.
    fn word(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        self.split_at_first(|it| BLANKS.contains(&it) || it == '#')
    }

    /// A text in quotes; borrowed unless it holds an escape.
    fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?;
        let mut end = None;
        let mut is_escaped = false;
        let mut has_escape = false;
        for (position, byte) in inner.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => (is_escaped, has_escape) = (true, true),
                b'"' => {
                    end = Some(position);
                    break;
                }
                _ => {}
            }
        }
        // A text without an end is read up to the end of the line, which ends the line.
        steps::count(end.unwrap_or(inner.len()) + 1);
        let (text, rest) = inner.split_at(end?);
        self.0 = &rest[1..];
        Some(if has_escape {
            Cow::Owned(unescaped(text))
        } else {
            Cow::Borrowed(text)
        })
    }
}

/// Without escapes; a backslash before anything but `\`, `"` and `n` stays.
fn unescaped(text: &str) -> String {
    steps::count(text.len());
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('n') => plain.push('\n'),
                Some(other @ ('\\' | '"')) => plain.push(other),
                Some(other) => plain.extend(['\\', other]),
                None => plain.push('\\'),
            },
            (other, false) => plain.push(other),
        }
    }
    plain
}

/// How many bytes were looked at, so that tests can tell the cost of a page without a clock.
pub(super) mod steps {
    #[cfg(test)]
    thread_local! {
        static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[cfg(not(test))]
    pub(super) fn count(_bytes: usize) {}

    #[cfg(test)]
    pub(super) fn count(bytes: usize) {
        STEPS.with(|it| it.set(it.get() + bytes));
    }

    /// What `work` cost.
    #[cfg(test)]
    pub(in crate::monitor::exposition) fn of(work: impl FnOnce()) -> usize {
        let before = STEPS.with(std::cell::Cell::get);
        work();
        STEPS.with(std::cell::Cell::get) - before
    }
}

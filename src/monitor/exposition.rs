//! The text of a metrics page: Prometheus 0.0.4 and `OpenMetrics` 1.0, one line at a time.
//!
//! Tolerant, because real pages are: `name{} 1`, a comma before the closing brace,
//! blanks anywhere, series before their `# TYPE`, quoted names of Prometheus 3. A line
//! that makes no sense is left out; a last line without its end is left out too, since
//! it may be cut (`5` of `50`). Time is linear in the text, and nothing is kept.

use std::borrow::Cow;

/// The most samples of one page that are read.
pub const MAX_SAMPLES: usize = 200_000;

/// The longest label name or value, in bytes; a sample with a longer one is left out.
pub const MAX_LABEL_BYTES: usize = 1024;

/// The most labels of one sample.
const MAX_LABELS: usize = 128;

/// One value of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'a> {
    /// Name of the metric.
    pub name: Cow<'a, str>,
    /// Labels in the order of the page, unescaped.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The value; may be infinite or not a number.
    pub value: f64,
}

impl Sample<'_> {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref())
    }
}

/// The samples of a page, [`MAX_SAMPLES`] at most.
pub fn samples(page: &str) -> impl Iterator<Item = Sample<'_>> {
    whole_lines(page).filter_map(sample).take(MAX_SAMPLES)
}

/// Whether a text is a metrics page: it starts with `# HELP` or `# TYPE`, or its first
/// line that is no comment is a sample.
pub fn is_metrics_page(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(|it| it.trim_matches(BLANKS))
        .filter(|it| !it.is_empty());
    lines
        .find_map(|line| {
            let Some(comment) = line.strip_prefix('#') else {
                return Some(sample(line).is_some());
            };
            let comment = comment.trim_start_matches(BLANKS);
            let is_declaration = ["HELP ", "TYPE ", "UNIT "]
                .iter()
                .any(|it| comment.starts_with(it));
            is_declaration.then_some(true)
        })
        .unwrap_or(false)
}

const BLANKS: [char; 3] = [' ', '\t', '\r'];

/// The lines that are known to be complete.
fn whole_lines(page: &str) -> impl Iterator<Item = &str> {
    let end = page.rfind('\n').map_or(0, |it| it + 1);
    page[..end].lines()
}

/// Reads one line; `None` for comments, blank lines and what makes no sense.
fn sample(line: &str) -> Option<Sample<'_>> {
    let mut rest = Rest(line.trim_matches(BLANKS));
    if rest.0.is_empty() || rest.0.starts_with('#') {
        return None;
    }
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
        } else if name.is_none() && labels.is_empty() {
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
        self.0 = self.0.trim_start_matches(BLANKS);
    }

    fn take(&mut self, expected: char) -> bool {
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn split_at_first(&mut self, is_end: impl Fn(char) -> bool) -> Option<&'a str> {
        let (head, rest) = self.0.split_at(self.0.find(is_end).unwrap_or(self.0.len()));
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

    /// The next word, which must be set apart from what stood before.
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
        let (text, rest) = inner.split_at(end?);
        self.0 = &rest[1..];
        Some(if has_escape {
            Cow::Owned(unescaped(text))
        } else {
            Cow::Borrowed(text)
        })
    }
}

fn unescaped(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_LABEL_BYTES, is_metrics_page, samples};

    const PAGE: &str = concat!(
        "# HELP calls Calls\n# TYPE calls counter\n",
        "calls_total{name=\"a\\\"b\\\\c\\nd\",kind=\"x,}y\",} 50.25 1700000000000\n",
        "  up { a = \"1\" , b=\"2\" }\t1\n",
        "empty{} 1\nplain -3e2\r\n",
        "{\"my.metric\",\"a.b\"=\"c\"} +Inf\n",
        "bucket{le=\"0.5\"} 7 # {trace=\"x\"} 0.3 1.5\n",
        "nothing NaN\n# EOF\n",
    );

    fn shown(page: &str) -> Vec<String> {
        let line = |it: super::Sample<'_>| format!("{} {:?} {}", it.name, it.labels, it.value);
        samples(page).map(line).collect()
    }

    #[test]
    fn real_pages_are_read_with_all_their_oddities() {
        let expected = [
            r#"calls_total [("name", "a\"b\\c\nd"), ("kind", "x,}y")] 50.25"#,
            r#"up [("a", "1"), ("b", "2")] 1"#,
            "empty [] 1",
            "plain [] -300",
            r#"my.metric [("a.b", "c")] inf"#,
            r#"bucket [("le", "0.5")] 7"#,
            "nothing [] NaN",
        ];
        assert_eq!(shown(PAGE), expected);
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let page = "a\na b\na{b} 1\na{b=c} 1\na{b=\"c\" 1\n1a 1\na 1 2 3\na{\"x\",\"y\"} 1\n\
                    Active connections: 1 \na{b=\"c\"d=\"e\"} 1\n= 1\n\u{feff}\n";
        assert_eq!(shown(page), Vec::<String>::new());
        assert!(!is_metrics_page("Active connections: 1 \n"));
        assert!(is_metrics_page("\n# a comment\nenvoy_x{} 1\n"));
    }

    #[test]
    fn a_page_cut_at_any_byte_gives_only_samples_of_the_whole_page() {
        let whole = shown(PAGE);
        for end in (0..PAGE.len()).filter(|it| PAGE.is_char_boundary(*it)) {
            assert!(whole.starts_with(&shown(&PAGE[..end])), "cut at {end}");
        }
    }

    #[test]
    fn labels_that_are_too_long_are_left_out_and_others_are_not() {
        let page = format!("a{{b=\"{}\"}} 1\nc 2\n", "x".repeat(MAX_LABEL_BYTES + 1));
        assert_eq!(shown(&page), ["c [] 2"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_failing(page in "\\PC*") {
            prop_assert!(samples(&page).count() <= page.len());
        }

        #[test]
        fn any_text_of_telling_characters_is_read_without_failing(
            page in "[a-c0-1{}\"\\\\=,# \t\n]{0,200}",
        ) {
            let whole = shown(&page);
            for end in 0..page.len() {
                prop_assert!(whole.starts_with(&shown(&page[..end])));
            }
        }

        #[test]
        fn what_is_written_is_what_is_read(
            name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,8}",
            label in "[a-zA-Z_][a-zA-Z0-9_]{0,8}",
            text in "\\PC{0,20}",
            value in any::<f32>().prop_filter("a number", |it| it.is_finite()),
        ) {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let page = format!("{name}{{{label}=\"{escaped}\"}} {value}\n");
            let read: Vec<_> = samples(&page).collect();
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(read[0].name.as_ref(), name.as_str());
            prop_assert_eq!(read[0].label(&label), Some(text.as_str()));
            prop_assert!((read[0].value as f32 - value).abs() <= f32::EPSILON * value.abs());
        }
    }
}

//! The text of a metrics page: Prometheus 0.0.4 and `OpenMetrics` 1.0, one line at a time.
//!
//! Tolerant, because real pages are: `name{} 1`, a comma before the closing brace,
//! blanks anywhere, series before their `# TYPE`, quoted names of Prometheus 3. A line
//! that makes no sense is left out; a last line without its end is left out too, since
//! it may be cut (`5` of `50`). Timestamps and exemplars are understood and not kept:
//! what is shown is what is so now. Time is linear in the text, and nothing is kept.
//!
//! Measured against the cases of the `OpenMetrics` project with `tests/real/openmetrics.py`:
//! of 211, the 44 that a parser must accept are read completely. Of the 167 that it must
//! reject, 41 are seen to be broken. The others break promises that are not relied on here
//! (order, units, one `# TYPE` a family, sums of histograms); the script says which.

mod line;

use std::{borrow::Cow, str::Lines};

use line::{BLANKS, Line};

/// The most samples of one page that are read.
pub const MAX_SAMPLES: usize = 200_000;

/// The longest label name or value, in bytes; a sample with a longer one is left out.
pub const MAX_LABEL_BYTES: usize = 1024;

/// The most numbers of lines that make no sense that are kept.
const MAX_NUMBERS: usize = 10;

/// What a metric is, as `# TYPE` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// It says nothing, or nothing that is known.
    #[default]
    Unknown,
    /// Only grows while its process lives.
    Counter,
    /// A value as it is now.
    Gauge,
    /// Counts by size.
    Histogram,
    /// Counts by size as they are now.
    GaugeHistogram,
    /// Quantiles, a sum and a count.
    Summary,
    /// Always 1: its labels tell.
    Info,
    /// One series a state, 1 for those that hold.
    StateSet,
}

impl Kind {
    fn of(word: &str) -> Self {
        match word {
            "counter" => Self::Counter,
            "gauge" => Self::Gauge,
            "histogram" => Self::Histogram,
            "gaugehistogram" => Self::GaugeHistogram,
            "summary" => Self::Summary,
            "info" => Self::Info,
            "stateset" => Self::StateSet,
            _ => Self::Unknown,
        }
    }

    /// Whether its values count, so that 1 does not mean that something holds.
    pub fn is_count(self) -> bool {
        matches!(
            self,
            Self::Counter | Self::Histogram | Self::GaugeHistogram | Self::Summary
        )
    }
}

/// One value of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<'a> {
    /// Name of the metric.
    pub name: Cow<'a, str>,
    /// Labels in the order of the page, unescaped.
    pub labels: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The value; may be infinite or not a number.
    pub value: f64,
    /// What the page says above it that it is.
    pub kind: Kind,
}

impl Sample<'_> {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref())
    }
}

/// How a page was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Samples that were read.
    pub samples: usize,
    /// Lines that make no sense and were left out.
    pub left_out: usize,
    /// The numbers of the first of these, from 1.
    pub left_out_lines: Vec<usize>,
    /// Whether there are more than [`MAX_SAMPLES`]; those are not read.
    pub is_longer: bool,
    /// Whether the last line has no end, so that it may be cut and is left out.
    pub has_cut_line: bool,
    /// Whether it ends with `# EOF`, as a page of `OpenMetrics` must.
    pub has_end: bool,
}

/// Reads a page, sample by sample.
#[derive(Debug)]
pub struct Page<'a> {
    lines: Lines<'a>,
    number: usize,
    /// The family that `# TYPE` declared last.
    family: (Cow<'a, str>, Kind),
    survey: Survey,
}

impl<'a> Page<'a> {
    /// Begins to read.
    pub fn new(text: &'a str) -> Self {
        let (whole, rest) = text.split_at(text.rfind('\n').map_or(0, |it| it + 1));
        let last = rest.trim_matches(BLANKS);
        let is_end = |it: &str| line::read(it) == Line::End;
        let before = || whole.trim_end().rsplit('\n').next().unwrap_or_default();
        let has_end = if last.is_empty() {
            is_end(before())
        } else {
            is_end(last)
        };
        Self {
            lines: whole.lines(),
            number: 0,
            family: (Cow::Borrowed(""), Kind::Unknown),
            survey: Survey {
                has_cut_line: !last.is_empty() && !has_end,
                has_end,
                ..Survey::default()
            },
        }
    }

    /// How it was read so far.
    pub fn survey(&self) -> &Survey {
        &self.survey
    }

    /// What `# TYPE` said of this metric, if it was the last that was declared.
    fn kind(&self, name: &str) -> Kind {
        let (family, kind) = &self.family;
        match name.strip_prefix(family.as_ref()) {
            Some(
                "" | "_total" | "_created" | "_bucket" | "_sum" | "_count" | "_info" | "_gsum"
                | "_gcount",
            ) => *kind,
            Some(_) | None => Kind::Unknown,
        }
    }
}

impl<'a> Iterator for Page<'a> {
    type Item = Sample<'a>;

    fn next(&mut self) -> Option<Sample<'a>> {
        loop {
            let text = self.lines.next()?;
            self.number += 1;
            match line::read(text) {
                Line::Sample(_) if self.survey.samples == MAX_SAMPLES => {
                    self.survey.is_longer = true;
                    return None;
                }
                Line::Sample(mut sample) => {
                    self.survey.samples += 1;
                    sample.kind = self.kind(&sample.name);
                    return Some(sample);
                }
                Line::Type(name, kind) => self.family = (name, kind),
                Line::Nonsense => {
                    self.survey.left_out += 1;
                    if self.survey.left_out_lines.len() < MAX_NUMBERS {
                        self.survey.left_out_lines.push(self.number);
                    }
                }
                Line::Blank | Line::Words | Line::End => {}
            }
        }
    }
}

/// Whether a text is a metrics page: its first line that is no comment and not blank
/// declares something, is a sample, or says that a page of `OpenMetrics` ends here.
pub fn is_metrics_page(text: &str) -> bool {
    let mut lines = text.lines().map(line::read);
    lines
        .find_map(|it| match it {
            Line::Blank => None,
            Line::Words | Line::Type(..) | Line::Sample(_) | Line::End => Some(true),
            Line::Nonsense => Some(false),
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests;

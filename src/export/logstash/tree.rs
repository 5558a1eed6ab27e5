//! Logstash's configuration as a tree, and its writer.
//!
//! Its texts know no escapes, and `${…}` in one is a variable of the environment: texts
//! of a design do not belong here, only ids and our own words. Names that people chose
//! are in files of their own, which Logstash takes as they are.

use std::fmt::Write as _;

/// A plugin with its settings, or a choice.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// `json { source => "message" }`
    Plugin {
        comment: &'static str,
        name: &'static str,
        settings: Vec<(&'static str, Setting)>,
    },
    /// `if [app] { … } else { … }`
    If {
        comment: &'static str,
        condition: String,
        then: Vec<Self>,
        otherwise: Vec<Self>,
    },
}

/// What a setting is set to.
#[derive(Debug, Clone)]
pub(super) enum Setting {
    Text(String),
    Number(u32),
    Bool(bool),
    List(Vec<String>),
    Hash(Vec<(String, String)>),
}

impl From<&str> for Setting {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Setting {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Setting {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Setting {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<const N: usize> From<[&str; N]> for Setting {
    fn from(values: [&str; N]) -> Self {
        Self::List(values.into_iter().map(str::to_owned).collect())
    }
}

impl From<Vec<(String, String)>> for Setting {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self::Hash(pairs)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Setting {
    fn from(pairs: [(&str, &str); N]) -> Self {
        let pairs = pairs.into_iter();
        Self::Hash(
            pairs
                .map(|(key, it)| (key.to_owned(), it.to_owned()))
                .collect(),
        )
    }
}

/// A plugin with these settings.
pub(super) fn plugin<const N: usize>(
    name: &'static str,
    settings: [(&'static str, Setting); N],
) -> Step {
    Step::Plugin {
        comment: "",
        name,
        settings: settings.into(),
    }
}

/// These steps where a condition holds.
pub(super) fn when(condition: impl Into<String>, then: Vec<Step>) -> Step {
    Step::If {
        comment: "",
        condition: condition.into(),
        then,
        otherwise: Vec::new(),
    }
}

impl Step {
    /// With a line of comment above.
    pub(super) fn because(mut self, text: &'static str) -> Self {
        match &mut self {
            Self::Plugin { comment, .. } | Self::If { comment, .. } => *comment = text,
        }
        self
    }

    /// With these steps where the condition does not hold.
    pub(super) fn or_else(mut self, steps: Vec<Self>) -> Self {
        if let Self::If { otherwise, .. } = &mut self {
            *otherwise = steps;
        }
        self
    }
}

/// The text of a pipeline: its sections under a comment.
pub(super) fn to_text(comment: &str, sections: &[(&str, Vec<Step>)]) -> String {
    let mut out = String::new();
    for line in comment.lines() {
        let line: String = line
            .chars()
            .map(|it| if it.is_control() { ' ' } else { it })
            .collect();
        writeln!(out, "# {}", line.trim_end()).unwrap_or_default();
    }
    for (number, (name, steps)) in sections.iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        writeln!(out, "{name} {{").unwrap_or_default();
        write_steps(&mut out, steps, 1);
        out.push_str("}\n");
    }
    out
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn write_steps(out: &mut String, steps: &[Step], depth: usize) {
    for (number, step) in steps.iter().enumerate() {
        let (Step::Plugin { comment, .. } | Step::If { comment, .. }) = step;
        if number > 0 && !comment.is_empty() {
            out.push('\n');
        }
        for line in comment.lines() {
            indent(out, depth);
            writeln!(out, "# {line}").unwrap_or_default();
        }
        indent(out, depth);
        match step {
            Step::Plugin { name, settings, .. } => {
                writeln!(out, "{name} {{").unwrap_or_default();
                for (key, setting) in settings {
                    indent(out, depth + 1);
                    write!(out, "{key} => ").unwrap_or_default();
                    write_setting(out, setting, depth + 1);
                    out.push('\n');
                }
            }
            Step::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                writeln!(out, "if {condition} {{").unwrap_or_default();
                write_steps(out, then, depth + 1);
                if !otherwise.is_empty() {
                    indent(out, depth);
                    out.push_str("} else {\n");
                    write_steps(out, otherwise, depth + 1);
                }
            }
        }
        indent(out, depth);
        out.push_str("}\n");
    }
}

fn write_setting(out: &mut String, setting: &Setting, depth: usize) {
    match setting {
        Setting::Text(text) => write_text(out, text),
        Setting::Number(number) => write!(out, "{number}").unwrap_or_default(),
        Setting::Bool(value) => write!(out, "{value}").unwrap_or_default(),
        Setting::List(values) => {
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                if number > 0 {
                    out.push_str(", ");
                }
                write_text(out, value);
            }
            out.push(']');
        }
        Setting::Hash(pairs) => {
            out.push_str("{\n");
            for (key, value) in pairs {
                indent(out, depth + 1);
                write_text(out, key);
                out.push_str(" => ");
                write_text(out, value);
                out.push('\n');
            }
            indent(out, depth);
            out.push('}');
        }
    }
}

/// Only our own words have quotes, and never both kinds at once.
fn write_text(out: &mut String, text: &str) {
    let quote = if text.contains('"') { '\'' } else { '"' };
    out.push(quote);
    out.extend(text.chars().filter(|it| *it != quote));
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::{plugin, to_text, when};

    #[test]
    fn a_text_cannot_end_itself_and_a_comment_not_its_line() {
        let steps = vec![
            plugin("a", [("b", "x\"'y".into()), ("c", ["1", "2"].into())]),
            when("[d]", vec![plugin("e", [("f", [("g", "h")].into())])])
                .or_else(vec![plugin("i", [])])
                .because("why"),
        ];
        assert_eq!(
            to_text("one\ntwo\u{b}}", &[("filter", steps)]),
            "# one\n# two }\nfilter {\n  a {\n    b => 'x\"y'\n    c => [\"1\", \"2\"]\n  }\n\n  \
             # why\n  if [d] {\n    e {\n      f => {\n        \"g\" => \"h\"\n      }\n    }\n  } \
             else {\n    i {\n    }\n  }\n}\n"
        );
    }
}

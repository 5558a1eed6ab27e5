//! Reading `.env` files and the ones `env_file` names.
//!
//! The grammar of Compose: `NAME=value` or `NAME: value`, `export`, comments, values
//! in quotes over several lines, escapes in double quotes, and variables anywhere but
//! in single quotes. A name alone takes its value from outside.

use std::collections::{BTreeMap, BTreeSet};

use super::interpolate::{Lookup, substitute};

/// A variable and the line its name stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) value: String,
    pub(super) line: u32,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LineProblem {
    pub(super) line: u32,
    pub(super) what: String,
}

/// Reads a whole file; values have `limit` bytes at most, all together.
pub(super) fn parse(
    text: &str,
    lookup: Lookup<'_>,
    limit: usize,
) -> Result<BTreeMap<String, Variable>, LineProblem> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reading = Reading {
        rest: &text,
        line: 1,
    };
    let mut variables: BTreeMap<String, Variable> = BTreeMap::new();
    let mut left = limit;
    while reading.skip_to_statement() {
        let line = reading.line;
        let (name, has_value) = reading.name()?;
        let value = if has_value {
            let inside = |it: &str| {
                let earlier = variables.get(it).map(|it| it.value.clone());
                lookup(it).or(earlier)
            };
            Some(reading.value(&inside, left)?)
        } else {
            lookup(&name)
        };
        if let Some(value) = value {
            left = left.saturating_sub(value.len());
            variables.insert(name, Variable { value, line });
        }
    }
    Ok(variables)
}

struct Reading<'a> {
    rest: &'a str,
    line: u32,
}

impl<'a> Reading<'a> {
    /// Skips spaces, empty lines and comments; false at the end.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            let spaces = self.rest.len() - self.rest.trim_start().len();
            self.advance(spaces);
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    /// Goes on by so many bytes and returns them.
    fn advance(&mut self, length: usize) -> &'a str {
        let (passed, rest) = self.rest.split_at(length);
        let lines = passed.bytes().filter(|it| *it == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.rest = rest;
        passed
    }

    fn problem(&self, what: impl Into<String>) -> LineProblem {
        LineProblem {
            line: self.line,
            what: what.into(),
        }
    }

    /// Reads a name and whether a value follows.
    fn name(&mut self) -> Result<(String, bool), LineProblem> {
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with([' ', '\t'])
        {
            self.rest = after.trim_start_matches([' ', '\t']);
        }
        let end = self.rest.find(['=', ':', '\n']).unwrap_or(self.rest.len());
        let name = self.rest[..end].trim_end();
        if name.contains(char::is_whitespace) {
            return Err(self.problem("the name of a variable cannot contain a space"));
        }
        let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | '-' | '[' | ']');
        if let Some(wrong) = name.chars().find(|it| !is_part(*it)) {
            return Err(self.problem(format!("{wrong:?} cannot be part of a variable's name")));
        }
        if name.is_empty() {
            return Err(self.problem("a value stands without a name"));
        }
        let name = name.to_owned();
        let has_value = self.rest[end..].starts_with(['=', ':']);
        self.advance(end + usize::from(has_value));
        Ok((name, has_value))
    }

    fn value(&mut self, lookup: Lookup<'_>, limit: usize) -> Result<String, LineProblem> {
        let is_space = |it: char| it.is_whitespace() && it != '\n';
        self.rest = self.rest.trim_start_matches(is_space);
        if let Some(quote @ ('"' | '\'')) = self.rest.chars().next() {
            let text = self.quoted(quote)?;
            if quote == '\'' {
                return Ok(text);
            }
            return self.expand(&unescaped(&text), lookup, limit);
        }
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        let text = &self.rest[..end];
        let text = text.split_once(" #").map_or(text, |it| it.0).trim_end();
        let value = self.expand(text, lookup, limit)?;
        self.advance(end);
        Ok(value)
    }

    /// Reads up to the closing quote; an escaped quote is a quote, any other escape
    /// stays as it is.
    fn quoted(&mut self, quote: char) -> Result<String, LineProblem> {
        let mut text = String::new();
        let mut escaped = false;
        for (position, character) in self.rest.char_indices().skip(1) {
            if escaped {
                if character != quote {
                    text.push('\\');
                }
                text.push(character);
                escaped = false;
            } else if character == '\\' {
                escaped = true;
            } else if character == quote {
                self.advance(position + 1);
                return Ok(text);
            } else {
                text.push(character);
            }
        }
        Err(self.problem("the closing quote is missing"))
    }

    fn expand(&self, text: &str, lookup: Lookup<'_>, limit: usize) -> Result<String, LineProblem> {
        substitute(text, lookup, &mut BTreeSet::new(), limit)
            .map_err(|_| self.problem(format!("the variables in {text:?} cannot be replaced")))
    }
}

/// Turns `\n`, `\t` and their like into what they stand for; `\$` into `$$`, which is
/// a dollar after variables are put in.
fn unescaped(text: &str) -> String {
    let mut result = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => result.push('\n'),
            Some('r') => result.push('\r'),
            Some('t') => result.push('\t'),
            Some('$') => result.push_str("$$"),
            Some(other) if other != '\\' => result.extend(['\\', other]),
            Some(_) | None => result.push('\\'),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::parse;

    fn read(text: &str) -> Result<String, String> {
        let lookup = |name: &str| (name == "OUTSIDE").then(|| "world".to_owned());
        let variables =
            parse(text, &lookup, 10_000).map_err(|it| format!("{}: {}", it.line, it.what))?;
        let pairs: Vec<_> = variables
            .iter()
            .map(|(name, it)| format!("{name}={}", it.value))
            .collect();
        Ok(pairs.join("|"))
    }

    #[test]
    fn plain_values_lose_comments_and_outer_spaces() {
        let text = "\u{feff}# c\nA=1\r\nB= 2 # two\nC =\nexport D=x#y\nE: f\n\n5 = z w\n";
        assert_eq!(read(text).unwrap(), "5=z w|A=1|B=2|C=|D=x#y|E=f");
    }

    #[test]
    fn quotes_keep_lines_and_decide_about_escapes() {
        let text = "A='x\\n $B'\nB=\"x\\ty\" # c\nC='Let\\'s\ngo'\nD=\"\\\"q\\\"\"\nE=\"\\$B\"";
        assert_eq!(
            read(text).unwrap(),
            "A=x\\n $B|B=x\ty|C=Let's\ngo|D=\"q\"|E=$B"
        );
    }

    #[test]
    fn values_are_made_of_earlier_ones_and_of_the_outside() {
        let text = "A=1\nB=${A}_$OUTSIDE\nC=${NO:-d}\nOUTSIDE\nNOWHERE\n";
        assert_eq!(read(text).unwrap(), "A=1|B=1_world|C=d|OUTSIDE=world");
    }

    #[test]
    fn a_broken_line_is_named() {
        assert_eq!(
            read("foo=\"\n a\n\"\nINVALID LINE\n").unwrap_err(),
            "4: the name of a variable cannot contain a space"
        );
        assert_eq!(
            read("A=1\nB='x\n").unwrap_err(),
            "2: the closing quote is missing"
        );
        assert_eq!(read("=x").unwrap_err(), "1: a value stands without a name");
        assert!(read("A=${").unwrap_err().contains("cannot be replaced"));
    }

    #[test]
    fn variables_that_multiply_are_stopped() {
        let mut text = "A0=0123456789\n".to_owned();
        for level in 1..20 {
            let earlier = format!("$A{}", level - 1).repeat(10);
            writeln!(text, "A{level}={earlier}").unwrap();
        }
        assert!(read(&text).is_err());
    }
}

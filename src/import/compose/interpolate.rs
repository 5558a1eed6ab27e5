//! Putting variables into texts: `$NAME`, `${NAME:-default}` and the other forms.
//!
//! Compose's own rules: `$$` is a dollar, a dollar before anything else stays, and an
//! unset variable is empty. What comes out is bounded, because variables made of
//! variables can grow without end.

use std::collections::BTreeSet;

/// Defaults inside defaults.
const MAX_NESTING: usize = 20;

/// Why a text cannot be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mistake {
    /// A brace is missing or the name is none.
    Malformed,
    /// `${NAME:?message}` and it is not set.
    Required { name: String, message: String },
    /// More text than is left to use up.
    TooLong,
}

/// Where variables come from.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces every variable; names that are unset and have no default go to `unset`.
/// The result has `limit` bytes at most.
pub(super) fn substitute(
    text: &str,
    lookup: Lookup<'_>,
    unset: &mut BTreeSet<String>,
    limit: usize,
) -> Result<String, Mistake> {
    let mut substitution = Substitution {
        lookup,
        unset,
        left: limit,
    };
    substitution.run(text, 0)
}

struct Substitution<'a> {
    lookup: Lookup<'a>,
    unset: &'a mut BTreeSet<String>,
    left: usize,
}

impl Substitution<'_> {
    fn run(&mut self, text: &str, nesting: usize) -> Result<String, Mistake> {
        if nesting > MAX_NESTING {
            return Err(Mistake::Malformed);
        }
        let mut result = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            self.add(&mut result, &rest[..dollar])?;
            let after = &rest[dollar + 1..];
            if let Some(after) = after.strip_prefix('$') {
                self.add(&mut result, "$")?;
                rest = after;
            } else if let Some(inside) = after.strip_prefix('{') {
                let end = closing_brace(inside).ok_or(Mistake::Malformed)?;
                let value = self.braced(&inside[..end], nesting)?;
                self.add(&mut result, &value)?;
                rest = &inside[end + 1..];
            } else {
                let name = &after[..name_length(after)];
                if name.is_empty() {
                    self.add(&mut result, "$")?;
                } else {
                    let value = self.value(name);
                    self.add(&mut result, &value)?;
                }
                rest = &after[name.len()..];
            }
        }
        self.add(&mut result, rest)?;
        Ok(result)
    }

    fn add(&mut self, result: &mut String, text: &str) -> Result<(), Mistake> {
        self.left = self.left.checked_sub(text.len()).ok_or(Mistake::TooLong)?;
        result.push_str(text);
        Ok(())
    }

    fn value(&mut self, name: &str) -> String {
        (self.lookup)(name).unwrap_or_else(|| {
            self.unset.insert(name.to_owned());
            String::new()
        })
    }

    /// What stands between the braces.
    fn braced(&mut self, inside: &str, nesting: usize) -> Result<String, Mistake> {
        let name = &inside[..name_length(inside)];
        if name.is_empty() {
            return Err(Mistake::Malformed);
        }
        let rest = &inside[name.len()..];
        if rest.is_empty() {
            return Ok(self.value(name));
        }
        let (or_empty, rest) = match rest.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let set = (self.lookup)(name).filter(|it| !or_empty || !it.is_empty());
        let operand = rest.get(1..).ok_or(Mistake::Malformed)?;
        match rest.as_bytes()[0] {
            b'-' => set.map_or_else(|| self.run(operand, nesting + 1), Ok),
            b'+' if set.is_some() => self.run(operand, nesting + 1),
            b'+' => Ok(String::new()),
            b'?' => match set {
                Some(value) => Ok(value),
                None => Err(Mistake::Required {
                    name: name.to_owned(),
                    message: self.run(operand, nesting + 1)?,
                }),
            },
            _ => Err(Mistake::Malformed),
        }
    }
}

fn name_length(text: &str) -> usize {
    let is_name = |(number, it): (usize, char)| {
        it == '_' || it.is_ascii_alphabetic() || (number > 0 && it.is_ascii_digit())
    };
    text.chars()
        .enumerate()
        .take_while(|it| is_name(*it))
        .count()
}

/// Where the brace ends that was open before this text.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(position);
        }
    }
    None
}

/// The name of the only variable a text consists of: `NAME` for `$NAME`, `${NAME}`
/// and `${NAME:-x}`.
pub(super) fn only_variable(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    if let Some(inside) = rest.strip_prefix('{') {
        let end = closing_brace(inside)?;
        let name = &inside[..name_length(inside)];
        return (end + 1 == inside.len() && !name.is_empty()).then_some(name);
    }
    (!rest.is_empty() && name_length(rest) == rest.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Mistake, only_variable, substitute};

    fn lookup(name: &str) -> Option<String> {
        match name {
            "A" => Some("a".to_owned()),
            "EMPTY" => Some(String::new()),
            "LONG" => Some("x".repeat(1000)),
            _ => None,
        }
    }

    fn run(text: &str) -> Result<String, Mistake> {
        substitute(text, &lookup, &mut BTreeSet::new(), 10_000)
    }

    #[test]
    fn every_form_is_replaced_as_compose_does() {
        for (text, result) in [
            ("x$A-${A}", "xa-a"),
            ("${B:-d}${B-d}${EMPTY:-d}${EMPTY-d}", "ddd"),
            ("${A:+y}${B:+y}${EMPTY+y}${EMPTY:+y}", "yy"),
            ("${A:?no}${EMPTY?no}", "a"),
            ("${B:-1${C:-2${A}}}$$A", "12a$A"),
            ("$1 $ ${B:-{\"k\":1}}", "$1 $ {\"k\":1}"),
            ("$B|", "|"),
            ("ü$Aü", "üaü"),
        ] {
            assert_eq!(run(text).as_deref(), Ok(result), "{text}");
        }
    }

    #[test]
    fn what_compose_refuses_is_refused() {
        for text in ["${A", "${}", "${1}", "${A!x}", "${A:", "${A:x}", "${A:é}"] {
            assert_eq!(run(text), Err(Mistake::Malformed), "{text}");
        }
        let required = Mistake::Required {
            name: "B".to_owned(),
            message: "set a".to_owned(),
        };
        assert_eq!(run("${B:?set $A}"), Err(required));
        assert_eq!(run(&"$LONG".repeat(11)), Err(Mistake::TooLong));
        assert_eq!(run(&"${B:-".repeat(100)), Err(Mistake::Malformed));
    }

    #[test]
    fn unset_variables_are_told() {
        let mut unset = BTreeSet::new();
        substitute("$B ${C} ${D:-x}", &lookup, &mut unset, 100).unwrap();
        assert_eq!(unset.into_iter().collect::<Vec<_>>(), ["B", "C"]);
    }

    #[test]
    fn a_text_that_is_one_variable_is_recognised() {
        assert_eq!(only_variable("$A"), Some("A"));
        assert_eq!(only_variable("${A}"), Some("A"));
        assert_eq!(only_variable("${A:-x}"), Some("A"));
        assert_eq!(only_variable("x$A"), None);
        assert_eq!(only_variable("${A}b"), None);
        assert_eq!(only_variable("$"), None);
    }
}

//! What a plain word means in a compose file: a number, a truth value, or itself.
//!
//! Compose reads with Go's YAML library, which lies between YAML 1.1 and 1.2: `yes`
//! and `on` are text, `017` and `0o17` are both fifteen, `1_000` is a thousand.

use saphyr_parser::Tag;

use super::node::Value;

/// Finds the meaning of a scalar; `plain` means without quotes.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&Tag>) -> Value {
    let core = tag.filter(|it| it.is_yaml_core_schema());
    match core.map(|it| it.suffix.as_str()) {
        Some("str" | "binary") => return Value::Text(text.to_owned()),
        Some("null") => return Value::Null,
        Some("int" | "float" | "bool") => return untagged(text),
        Some(_) | None => {}
    }
    if plain {
        untagged(text)
    } else {
        Value::Text(text.to_owned())
    }
}

fn untagged(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Value::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let starts_like_a_number =
        text.starts_with(|it: char| it.is_ascii_digit() || matches!(it, '+' | '-' | '.'));
    if !starts_like_a_number || text.len() > 64 {
        return Value::Text(text.to_owned());
    }
    if is_date(text) {
        return Value::Date(text.to_owned());
    }
    let digits = text.replace('_', "");
    integer(&digits)
        .map(Value::Int)
        .or_else(|| float(&digits).map(Value::Float))
        .unwrap_or_else(|| Value::Text(text.to_owned()))
}

fn integer(text: &str) -> Option<i128> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, &rest[2..]),
        Some("0b") => (2, &rest[2..]),
        Some("0o") => (8, &rest[2..]),
        _ if rest.len() > 1 && rest.starts_with('0') => (8, &rest[1..]),
        _ => (10, rest),
    };
    if digits.is_empty() || !digits.chars().all(|it| it.is_digit(radix)) {
        return None;
    }
    let number = sign * i128::from_str_radix(digits, radix).ok()?;
    (i128::from(i64::MIN)..=i128::from(u64::MAX))
        .contains(&number)
        .then_some(number)
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let has_digits = !whole.is_empty() || !part.is_empty();
    let exponent_fits = exponent.is_none_or(|it| {
        let digits = it.strip_prefix(['-', '+']).unwrap_or(it);
        !digits.is_empty() && all_digits(digits)
    });
    (has_digits && all_digits(whole) && all_digits(part) && exponent_fits)
        .then(|| text.parse().ok())
        .flatten()
}

/// `2001-1-2`, alone or followed by a time.
fn is_date(text: &str) -> bool {
    let day = text.split(['T', 't', ' ']).next().unwrap_or(text);
    let parts: Vec<_> = day.split('-').collect();
    let [year, month, date] = parts.as_slice() else {
        return false;
    };
    let number = |it: &str, lengths: &[usize], most: u32| {
        lengths.contains(&it.len()) && it.parse().is_ok_and(|it: u32| it >= 1 && it <= most)
    };
    year.bytes().all(|it| it.is_ascii_digit())
        && year.len() == 4
        && number(month, &[1, 2], 12)
        && number(date, &[1, 2], 31)
        && (day.len() == text.len() || text[day.len() + 1..].matches(':').count() == 2)
}

#[cfg(test)]
mod tests {
    use crate::import::compose::node::{Node, Place, Value};

    fn read(text: &str) -> Option<String> {
        Node::new(super::resolve(text, true, None), Place::default()).scalar()
    }

    #[test]
    fn plain_words_mean_what_compose_takes_them_for() {
        for (text, meaning) in [
            ("yes", "yes"),
            ("on", "on"),
            ("True", "true"),
            ("0x10", "16"),
            ("1_000", "1000"),
            ("017", "15"),
            ("0o17", "15"),
            ("1e3", "1000"),
            (".5", "0.5"),
            (".inf", "+Inf"),
            ("12345678901234567890", "12345678901234567890"),
            ("1.50", "1.5"),
            ("1.2.3", "1.2.3"),
            ("10.0.0.1", "10.0.0.1"),
            ("089", "89"),
            ("8080:80", "8080:80"),
            ("-", "-"),
            ("+", "+"),
        ] {
            assert_eq!(read(text).as_deref(), Some(meaning), "{text}");
        }
        assert_eq!(read("~"), None);
    }

    #[test]
    fn quotes_make_text_and_dates_are_told_apart() {
        assert_eq!(super::resolve("1", false, None), Value::Text("1".into()));
        assert!(matches!(
            super::resolve("2001-01-02", true, None),
            Value::Date(_)
        ));
        assert!(matches!(
            super::resolve("2001-01-2x", true, None),
            Value::Text(_)
        ));
    }
}

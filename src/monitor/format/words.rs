//! Words and numbers as sources write them, turned into ours.
//!
//! One table of health words and one of breaker words for every format, so that the
//! same word means the same everywhere. The words are those of the projects' own
//! sources; draft-inadarei-api-health-check, section 3.1, makes `ok` and `up`
//! aliases of `pass`, `error` and `down` of `fail`. A number is never a state.

use serde_json::{Map, Value};

use super::CheckReading;
use crate::monitor::{Circuit, Health};

/// The longest text that is shown of what a source says, in characters.
const MAX_TEXT: usize = 200;

/// The most checks of one answer that are kept.
const MAX_CHECKS: usize = 200;

/// The health a word stands for; [`Health::Unknown`] if it is not one of ours.
pub fn health_word(word: &str) -> Health {
    match word.trim().to_ascii_lowercase().as_str() {
        "pass" | "ok" | "up" | "healthy" | "serving" | "success" | "passing" => Health::Up,
        "warn" | "warning" | "degraded" | "partially available" => Health::Degraded,
        "fail" | "error" | "down" | "unhealthy" | "failure" | "unavailable" | "critical"
        | "not_serving" => Health::Down,
        "out_of_service" | "maintenance" | "maint" | "draining" | "shutting_down" => {
            Health::OutOfService
        }
        "starting" | "checking" => Health::Starting,
        _ => Health::Unknown,
    }
}

/// The breaker state a word stands for, however it is cased and joined.
pub fn circuit_word(word: &str) -> Option<Circuit> {
    if word.len() > 32 {
        return None;
    }
    let joined: String = word
        .chars()
        .filter(|it| !matches!(it, '_' | '-' | ' '))
        .map(|it| it.to_ascii_lowercase())
        .collect();
    Some(match joined.as_str() {
        "closed" => Circuit::Closed,
        "open" | "circuitopen" => Circuit::Open,
        "halfopen" | "circuithalfopen" => Circuit::HalfOpen,
        "forcedopen" | "isolated" => Circuit::ForcedOpen,
        "disabled" => Circuit::Disabled,
        "metricsonly" => Circuit::MetricsOnly,
        _ => return None,
    })
}

/// A text from outside, made safe to show: without control characters and those that
/// turn the direction of writing, blanks folded, cut at two hundred characters.
pub fn display_text(text: &str) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for character in text.chars() {
        let character = match character {
            it if it.is_control() || it.is_whitespace() => ' ',
            it if is_trick(it) => continue,
            it => it,
        };
        if character == ' ' && (shown.is_empty() || shown.ends_with(' ')) {
            continue;
        }
        if length == MAX_TEXT {
            shown.push('…');
            break;
        }
        shown.push(character);
        length += 1;
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Whether a character is invisible or turns the direction of writing.
fn is_trick(character: char) -> bool {
    matches!(
        character,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
    )
}

/// The text under a key.
pub(super) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// A rate in percent, from a number or from `60.0%`; below zero means not known.
pub(super) fn percent(value: Option<&Value>) -> Option<f64> {
    let number = match value? {
        Value::String(text) => text.trim().trim_end_matches('%').trim().parse().ok()?,
        other => other.as_f64()?,
    };
    (0.0..=100.0).contains(&number).then_some(number)
}

/// A count; below zero means not known.
pub(super) fn count(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    let whole = || value.as_f64().filter(|it| (0.0..=1e15).contains(it));
    value.as_u64().or_else(|| whole().map(|it| it as u64))
}

/// A finite number, from a number or from a text such as Istio's `"33.3"`.
pub(super) fn number(value: Option<&Value>) -> Option<f64> {
    let number = match value? {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    f64::is_finite(number).then_some(number)
}

/// The checks of a map from names to objects with a `status`.
pub(super) fn checks_by_name(map: &Map<String, Value>) -> Vec<CheckReading> {
    map.iter()
        .filter_map(|(name, value)| {
            let status = text(value.as_object()?, "status")?;
            Some(CheckReading::new(name, status))
        })
        .take(MAX_CHECKS)
        .collect()
}

/// Adds a check unless there are too many already.
pub(super) fn push_check(checks: &mut Vec<CheckReading>, check: CheckReading) {
    if checks.len() < MAX_CHECKS {
        checks.push(check);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{circuit_word, count, display_text, health_word, percent};
    use crate::monitor::{Circuit, Health};

    #[test]
    fn words_mean_the_same_whatever_their_case() {
        assert_eq!(health_word("UP"), Health::Up);
        assert_eq!(health_word("Partially Available"), Health::Degraded);
        assert_eq!(health_word("NOT_SERVING"), Health::Down);
        assert_eq!(health_word("shutting_down"), Health::OutOfService);
        assert_eq!(health_word("CIRCUIT_OPEN"), Health::Unknown);
    }

    #[test]
    fn half_open_is_understood_in_every_spelling() {
        for word in [
            "half_open",
            "half-open",
            "HALF_OPEN",
            "halfOpen",
            "Half Open",
        ] {
            assert_eq!(circuit_word(word), Some(Circuit::HalfOpen), "{word}");
        }
        assert_eq!(circuit_word("1"), None);
        assert_eq!(circuit_word("opened"), None);
    }

    #[test]
    fn what_a_source_says_is_shown_without_tricks() {
        assert_eq!(display_text("a\u{202e}b\n\t c\u{1b}[31m"), "ab c [31m");
        let shown = display_text(&"x".repeat(10_000));
        assert_eq!(shown.chars().count(), 201);
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn a_rate_below_zero_is_not_known() {
        assert_eq!(percent(Some(&json!("60.0%"))), Some(60.0));
        assert_eq!(percent(Some(&json!(12.5))), Some(12.5));
        assert_eq!(percent(Some(&json!("-1.0%"))), None);
        assert_eq!(percent(Some(&json!("NaN"))), None);
        assert_eq!(count(Some(&json!(-1))), None);
        assert_eq!(count(Some(&json!(3.0))), Some(3));
    }
}

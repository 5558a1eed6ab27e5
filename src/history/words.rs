//! States as they stand in the file: numbers in samples, words elsewhere.
//!
//! A number or a word never changes its meaning; a new state gets a new one.

use crate::monitor::{Circuit, Health, Reach};

const HEALTHS: [Health; 6] = [
    Health::Unknown,
    Health::Up,
    Health::Degraded,
    Health::Down,
    Health::OutOfService,
    Health::Starting,
];

const REACHES: [Reach; 11] = [
    Reach::Ok,
    Reach::NameUnknown,
    Reach::Refused,
    Reach::TimedOut,
    Reach::TlsFailed,
    Reach::Reset,
    Reach::AuthDenied,
    Reach::NotFound,
    Reach::TooLarge,
    Reach::Unparseable,
    Reach::Blocked,
];

const CIRCUITS: [Circuit; 9] = [
    Circuit::Unknown,
    Circuit::Closed,
    Circuit::Open,
    Circuit::HalfOpen,
    Circuit::ForcedOpen,
    Circuit::Disabled,
    Circuit::MetricsOnly,
    Circuit::NotClosed,
    Circuit::Overflow,
];

/// A health as a number, below 8.
pub(super) fn health_code(health: Health) -> u8 {
    match health {
        Health::Unknown => 0,
        Health::Up => 1,
        Health::Degraded => 2,
        Health::Down => 3,
        Health::OutOfService => 4,
        Health::Starting => 5,
    }
}

/// The other way; what nobody knows is unknown.
pub(super) fn health_of_code(code: u8) -> Health {
    HEALTHS.get(usize::from(code)).copied().unwrap_or_default()
}

/// Whether an answer came, as a number below 16.
pub(super) fn reach_code(reach: Reach) -> u8 {
    match reach {
        Reach::Ok => 0,
        Reach::NameUnknown => 1,
        Reach::Refused => 2,
        Reach::TimedOut => 3,
        Reach::TlsFailed => 4,
        Reach::Reset => 5,
        Reach::AuthDenied => 6,
        Reach::NotFound => 7,
        Reach::TooLarge => 8,
        Reach::Unparseable => 9,
        Reach::Blocked => 10,
    }
}

/// The other way; what nobody knows made no sense.
pub(super) fn reach_of_code(code: u8) -> Reach {
    let found = REACHES.get(usize::from(code)).copied();
    found.unwrap_or(Reach::Unparseable)
}

/// A health as a word, as `meshboard watch` writes it.
pub fn health_word(health: Health) -> &'static str {
    match health {
        Health::Unknown => "unknown",
        Health::Up => "up",
        Health::Degraded => "degraded",
        Health::Down => "down",
        Health::OutOfService => "out-of-service",
        Health::Starting => "starting",
    }
}

pub(super) fn health_of_word(word: &str) -> Health {
    let mut all = HEALTHS.into_iter();
    all.find(|it| health_word(*it) == word).unwrap_or_default()
}

/// Whether an answer came, as a word, as `meshboard watch` writes it.
pub fn reach_word(reach: Reach) -> &'static str {
    match reach {
        Reach::Ok => "ok",
        Reach::NameUnknown => "name-unknown",
        Reach::Refused => "refused",
        Reach::TimedOut => "timed-out",
        Reach::TlsFailed => "tls-failed",
        Reach::Reset => "reset",
        Reach::AuthDenied => "auth-denied",
        Reach::NotFound => "not-found",
        Reach::TooLarge => "too-large",
        Reach::Unparseable => "unparseable",
        Reach::Blocked => "blocked",
    }
}

pub(super) fn reach_of_word(word: &str) -> Reach {
    let mut all = REACHES.into_iter();
    let found = all.find(|it| reach_word(*it) == word);
    found.unwrap_or(Reach::Unparseable)
}

/// A breaker's state in words: `half-open`, `ejected 1/3`.
pub fn circuit_word(circuit: Circuit) -> String {
    if let Circuit::Ejected { count, of } = circuit {
        return format!("ejected {count}/{of}");
    }
    plain_circuit(circuit).to_owned()
}

pub(super) fn circuit_of_word(word: &str) -> Circuit {
    if let Some((count, of)) = word
        .strip_prefix("ejected ")
        .and_then(|it| it.split_once('/'))
        && let (Ok(count), Ok(of)) = (count.parse(), of.parse())
    {
        return Circuit::Ejected { count, of };
    }
    let mut all = CIRCUITS.into_iter();
    all.find(|it| plain_circuit(*it) == word)
        .unwrap_or_default()
}

fn plain_circuit(circuit: Circuit) -> &'static str {
    match circuit {
        Circuit::Unknown => "unknown",
        Circuit::Closed => "closed",
        Circuit::Open => "open",
        Circuit::HalfOpen => "half-open",
        Circuit::ForcedOpen => "forced-open",
        Circuit::Disabled => "disabled",
        Circuit::MetricsOnly => "metrics-only",
        Circuit::NotClosed => "not-closed",
        Circuit::Ejected { .. } => "ejected",
        Circuit::Overflow => "overflow",
    }
}

#[cfg(test)]
mod tests {
    use super::{
        CIRCUITS, HEALTHS, REACHES, circuit_of_word, circuit_word, health_code, health_of_code,
        health_of_word, health_word, reach_code, reach_of_code, reach_of_word, reach_word,
    };
    use crate::monitor::{Circuit, Health};

    #[test]
    fn every_state_comes_back_from_its_number_and_its_word() {
        for health in HEALTHS {
            assert_eq!(health_of_code(health_code(health)), health);
            assert_eq!(health_of_word(health_word(health)), health);
        }
        for reach in REACHES {
            assert_eq!(reach_of_code(reach_code(reach)), reach);
            assert_eq!(reach_of_word(reach_word(reach)), reach);
        }
        let ejected = Circuit::Ejected { count: 1, of: 3 };
        for circuit in CIRCUITS.into_iter().chain([ejected]) {
            assert_eq!(circuit_of_word(&circuit_word(circuit)), circuit);
        }
    }

    #[test]
    fn what_nobody_knows_is_unknown() {
        assert_eq!(health_of_code(200), Health::Unknown);
        assert_eq!(health_of_word("on fire"), Health::Unknown);
        assert_eq!(circuit_of_word("ejected many/3"), Circuit::Unknown);
    }
}

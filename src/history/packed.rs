//! The polls of one instance in one minute, packed: about five bytes each.
//!
//! ```text
//! poll    = elapsed code [latency]
//! elapsed = varint, milliseconds since the poll before, first since the minute's start
//! code    = one byte: bits 0-2 health, bits 3-6 reach, bit 7 whether a latency follows
//! latency = varint, hundredths of a millisecond
//! varint  = LEB128, at most 32 bits
//! ```

use super::words::{health_code, health_of_code, reach_code, reach_of_code};
use crate::monitor::{Health, Reach};

/// Milliseconds of a minute.
pub(super) const MINUTE: i64 = 60_000;

const HAS_LATENCY: u8 = 0x80;
/// Latencies are kept in hundredths of a millisecond.
const UNITS_IN_MS: f64 = 100.0;

/// One poll as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Raw {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Health, reach, and whether there is a latency.
    pub code: u8,
    /// Hundredths of a millisecond; 0 if there is none.
    pub latency: u32,
}

impl Raw {
    pub(super) fn new(at: i64, health: Health, reach: Reach, latency_ms: Option<f64>) -> Self {
        let code = health_code(health) | reach_code(reach) << 3;
        let has_latency = if latency_ms.is_some() { HAS_LATENCY } else { 0 };
        Self {
            at,
            code: code | has_latency,
            // A cast of a float saturates.
            latency: latency_ms.map_or(0, |it| (it * UNITS_IN_MS).round() as u32),
        }
    }

    pub(super) fn health(self) -> Health {
        health_of_code(self.code & 0b111)
    }

    pub(super) fn reach(self) -> Reach {
        reach_of_code(self.code >> 3 & 0b1111)
    }

    pub(super) fn latency_ms(self) -> Option<f64> {
        (self.code & HAS_LATENCY != 0).then(|| f64::from(self.latency) / UNITS_IN_MS)
    }
}

/// Packs polls of one minute, oldest first.
pub(super) fn pack(minute: i64, polls: &[Raw]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(polls.len() * 6);
    let mut before = minute;
    for poll in polls {
        push_varint(&mut bytes, (poll.at - before).clamp(0, MINUTE) as u32);
        bytes.push(poll.code);
        if poll.code & HAS_LATENCY != 0 {
            push_varint(&mut bytes, poll.latency);
        }
        before = poll.at;
    }
    bytes
}

/// The other way. What makes no sense ends the list.
pub(super) fn unpack(minute: i64, bytes: &[u8]) -> Vec<Raw> {
    let mut polls = Vec::new();
    let mut at = minute;
    let mut rest = bytes;
    while let Some(poll) = next_poll(&mut rest, at) {
        if poll.at >= minute.saturating_add(MINUTE) {
            break;
        }
        at = poll.at;
        polls.push(poll);
    }
    polls
}

fn next_poll(rest: &mut &[u8], before: i64) -> Option<Raw> {
    let elapsed = take_varint(rest)?;
    let (&code, after) = rest.split_first()?;
    *rest = after;
    let latency = if code & HAS_LATENCY == 0 {
        0
    } else {
        take_varint(rest)?
    };
    Some(Raw {
        at: before.saturating_add(i64::from(elapsed)),
        code,
        latency,
    })
}

/// Appends a number: seven bits a byte, the lowest first.
pub(super) fn push_varint(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front; `None` at the end, or if it has more than 32 bits.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut number: u32 = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if shift == 28 && byte > 0x0f {
            return None;
        }
        number |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop, proptest};

    use super::{MINUTE, Raw, pack, take_varint, unpack};
    use crate::monitor::{Health, Reach};

    const START: i64 = 28_000_000 * MINUTE;

    #[test]
    fn polls_come_back_as_they_were_in_five_bytes_each() {
        let polls = [
            Raw::new(START + 120, Health::Up, Reach::Ok, Some(4.25)),
            Raw::new(START + 5_121, Health::Down, Reach::Refused, None),
            Raw::new(START + 10_119, Health::Degraded, Reach::Ok, Some(12.0)),
        ];
        let bytes = pack(START, &polls);
        assert!(bytes.len() <= 15, "{} bytes", bytes.len());
        let back = unpack(START, &bytes);
        assert_eq!(back, polls);
        assert_eq!(back[0].latency_ms(), Some(4.25));
        let told: Vec<_> = back.iter().map(|it| (it.health(), it.reach())).collect();
        let said = [
            (Health::Up, Reach::Ok),
            (Health::Down, Reach::Refused),
            (Health::Degraded, Reach::Ok),
        ];
        assert_eq!(told, said);
        assert_eq!(back[1].latency_ms(), None);
    }

    #[test]
    fn a_number_of_more_than_32_bits_ends_the_list() {
        assert_eq!(take_varint(&mut &[0xff, 0xff, 0xff, 0xff, 0x1f][..]), None);
        assert_eq!(take_varint(&mut &[0xff; 9][..]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_bytes_end_the_program(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let polls = unpack(START, &bytes);
            assert!(polls.iter().all(|it| (START..START + MINUTE).contains(&it.at)));
            assert_eq!(unpack(START, &pack(START, &polls)), polls);
        }
    }
}

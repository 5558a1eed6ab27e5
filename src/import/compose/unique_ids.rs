//! Ids for many names at once, each different from all others.
//!
//! Trying one number after the other for each name takes a time that grows with the
//! square of their count, and a hostile file can have thousands of names that only
//! differ past the longest id; so the last number tried is remembered.

use std::collections::{HashMap, HashSet};

use crate::model::{Id, MAX_ID_LENGTH};

/// The ids given so far.
#[derive(Debug, Default)]
pub(super) struct UniqueIds {
    taken: HashSet<String>,
    /// The last number tried behind a stem.
    numbers: HashMap<String, u64>,
}

impl UniqueIds {
    /// The nearest free id to a name.
    pub(super) fn give<Kind>(&mut self, name: &str, fallback: &str) -> Id<Kind> {
        let nearest = Id::<Kind>::from_display_name(name, fallback);
        if self.taken.insert(nearest.to_string()) {
            return nearest;
        }
        loop {
            let number = self.numbers.entry(nearest.to_string()).or_insert(1);
            *number += 1;
            let suffix = format!("-{number}");
            let keep = nearest.as_str().len().min(MAX_ID_LENGTH - suffix.len());
            let stem = nearest.as_str()[..keep].trim_end_matches('-');
            let id = Id::from_display_name(&format!("{stem}{suffix}"), fallback);
            if self.taken.insert(id.to_string()) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UniqueIds;
    use crate::model::ServiceId;

    #[test]
    fn ids_are_near_to_names_and_never_alike() {
        let mut ids = UniqueIds::default();
        let mut give = |name: &str| {
            let id: ServiceId = ids.give(name, "service");
            id.to_string()
        };
        assert_eq!(give("Orders"), "orders");
        assert_eq!(give("orders-2"), "orders-2");
        assert_eq!(give("orders"), "orders-3");
        assert_eq!(give("日本"), "service");
        let long = "x".repeat(80);
        assert_eq!(give(&long), "x".repeat(63));
        assert_eq!(give(&long), format!("{}-2", "x".repeat(61)));
    }
}

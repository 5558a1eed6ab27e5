//! A person's edits and a new export, put together line by line.
//!
//! Both are compared with what was exported last. Lines that only one of them changed
//! are taken from it; where both changed the same lines, or lines that touch, it is a
//! conflict, and nothing is guessed.

use similar::{Algorithm, TextMergeConfig};

/// What a line starts with that opens a conflict.
const OPENS: &str = "<<<<<<< yours";

/// A file with a person's edits and the new export in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The text; conflicts stand in it between the usual marks.
    pub text: String,
    /// How many conflicts there are. Those that were written once and never resolved
    /// count, too.
    pub conflicts: usize,
}

/// Puts together what became of `base` in a person's hands and in a new export.
pub(super) fn merge(base: &str, mine: &str, new: &str) -> Merge {
    // An editor that changed every line end has not edited every line.
    if is_windows(mine) && !is_windows(base) && !is_windows(new) {
        let merged = merge(base, &mine.replace("\r\n", "\n"), new);
        return Merge {
            text: merged.text.replace('\n', "\r\n"),
            ..merged
        };
    }
    let mut config = TextMergeConfig::new();
    config.algorithm(Algorithm::Patience);
    let mut merged = config.merge_lines(base, mine, new);
    merged.labels("last export", "yours", "new export");
    let text = merged.to_string();
    let conflicts = text.lines().filter(|it| it.starts_with(OPENS)).count();
    Merge {
        conflicts: conflicts.max(merged.conflict_count()),
        text,
    }
}

/// Whether every line ends the way it does on Windows.
fn is_windows(text: &str) -> bool {
    text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Merge, merge};

    fn clean(text: &str) -> Merge {
        Merge {
            text: text.to_owned(),
            conflicts: 0,
        }
    }

    #[test]
    fn edits_in_different_places_are_both_kept() {
        let merged = merge("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nd\ne\n");
        assert_eq!(merged, clean("A\nb\nc\nd\ne\n"));
    }

    #[test]
    fn edits_of_the_same_lines_are_a_conflict_and_both_are_shown() {
        let merged = merge("a\nb\nc\n", "a\nmine\nc\n", "a\nnew\nc\n");
        assert_eq!(
            merged.text,
            "a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> new export\nc\n"
        );
        assert_eq!(merged.conflicts, 1);
        let again = merge("a\nnew\nc\n", &merged.text, "a\nnew\nc\n");
        assert_eq!(again.conflicts, 1, "one that was never resolved");
    }

    #[test]
    fn the_same_edit_on_both_sides_is_no_conflict() {
        let merged = merge("a\nb\nc\nd\n", "a\nB\nc\nd\n", "a\nB\nc\nD\n");
        assert_eq!(merged, clean("a\nB\nc\nD\n"));
    }

    #[test]
    fn other_line_ends_are_no_edit() {
        let merged = merge("a\nb\nc\n", "a\r\nb\r\nmine\r\nc\r\n", "A\nb\nc\n");
        assert_eq!(merged, clean("A\r\nb\r\nmine\r\nc\r\n"));
    }

    fn text() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec!["a\n", "b\n", "}\n", "\n", "  c: 1\n", "é\n"]);
        prop::collection::vec(line, 0..12).prop_map(|it| it.concat())
    }

    proptest! {
        #[test]
        fn what_only_one_side_changed_is_taken_from_it(base in text(), other in text()) {
            prop_assert_eq!(merge(&base, &other, &base), clean(&other));
            prop_assert_eq!(merge(&base, &base, &other), clean(&other));
            prop_assert_eq!(merge(&base, &other, &other), clean(&other));
        }

        #[test]
        fn no_line_of_a_persons_is_lost(base in text(), new in text()) {
            let mine = format!("{base}mine\n");
            let merged = merge(&base, &mine, &new);
            prop_assert!(merged.text.contains("mine\n"), "{}", merged.text);
        }
    }
}

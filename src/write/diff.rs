//! The difference of one file, as text and side by side.

use std::ops::Range;

use similar::{DiffOp, MergeResolution, TextDiff, TextMerge};

use super::{Change, Choice};

/// Unchanged lines around a change.
const CONTEXT_LINES: usize = 3;

/// One line of a file that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Counted from 1.
    pub number: usize,
    /// Without its line end.
    pub text: String,
}

/// One row of two files side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is on disk.
    pub old: Option<Side>,
    /// What it should be.
    pub new: Option<Side>,
    /// Whether both are the same.
    pub is_same: bool,
}

fn texts(change: &Change) -> (&str, &str) {
    (
        change.old.as_deref().unwrap_or_default(),
        change.new.as_deref().unwrap_or_default(),
    )
}

/// The difference as `diff -u` writes it, to what is written once that is chosen, or to
/// what should be if the file stays as it is; empty if there is none.
pub fn unified(change: &Change, choice: Choice) -> String {
    let (old, new) = texts(change);
    let new = change.outcome(choice).unwrap_or(new);
    let old_name = match change.old {
        Some(_) => format!("a/{}", change.path),
        None => "/dev/null".to_owned(),
    };
    let new_name = match change.new {
        Some(_) => format!("b/{}", change.path),
        None => "/dev/null".to_owned(),
    };
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&old_name, &new_name)
        .to_string()
}

/// Both files side by side, whole; lines that replace one another stand in one row.
pub fn side_by_side(change: &Change) -> Vec<Row> {
    let (old, new) = texts(change);
    let (old_lines, new_lines) = (lines(old), lines(new));
    let diff = TextDiff::from_lines(old, new);
    let mut rows = Vec::new();
    for operation in diff.ops() {
        let (old, new) = (operation.old_range(), operation.new_range());
        let is_same = matches!(operation, DiffOp::Equal { .. });
        for offset in 0..old.len().max(new.len()) {
            rows.push(Row {
                old: side(&old_lines, &old, offset),
                new: side(&new_lines, &new, offset),
                is_same,
            });
        }
    }
    rows
}

/// Who has something else than the last export in a row of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoseLine {
    /// Nobody.
    Nobodys,
    /// Only the person who edited the file.
    Mine,
    /// Only the new export.
    New,
    /// Both, and they agree.
    Both,
    /// Both, and they do not agree.
    Conflict,
}

/// One row of the last export, what a person made of it, and the new export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trio {
    /// The last export.
    pub base: Option<Side>,
    /// What is on disk.
    pub mine: Option<Side>,
    /// The new export.
    pub new: Option<Side>,
    /// Who changed it.
    pub whose: WhoseLine,
}

/// The last export, what is on disk and the new export side by side, whole; nothing if
/// the last export is not known.
pub fn three_ways(change: &Change) -> Vec<Trio> {
    let Some(base) = change.base.as_deref() else {
        return Vec::new();
    };
    let (mine, new) = texts(change);
    let (bases, mines, news) = (lines(base), lines(mine), lines(new));
    let merge = TextMerge::from_lines(base, mine, new);
    let mut rows = Vec::new();
    for region in merge.regions() {
        let whose = match region.resolution() {
            MergeResolution::Unchanged => WhoseLine::Nobodys,
            MergeResolution::Ours => WhoseLine::Mine,
            MergeResolution::Theirs => WhoseLine::New,
            MergeResolution::Both => WhoseLine::Both,
            _ => WhoseLine::Conflict,
        };
        let ranges = (
            region.base_range(),
            region.ours_range(),
            region.theirs_range(),
        );
        let height = ranges.0.len().max(ranges.1.len()).max(ranges.2.len());
        for offset in 0..height {
            rows.push(Trio {
                base: side(&bases, &ranges.0, offset),
                mine: side(&mines, &ranges.1, offset),
                new: side(&news, &ranges.2, offset),
                whose,
            });
        }
    }
    rows
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n')
        .map(|it| it.trim_end_matches(['\n', '\r']))
        .collect()
}

fn side(lines: &[&str], range: &Range<usize>, offset: usize) -> Option<Side> {
    let index = range.start + offset;
    if index >= range.end {
        return None;
    }
    Some(Side {
        number: index + 1,
        text: (*lines.get(index)?).to_owned(),
    })
}

/// Lines added and removed.
pub(super) fn line_counts(change: &Change) -> (usize, usize) {
    let (old, new) = texts(change);
    let diff = TextDiff::from_lines(old, new);
    let mut counts = (0, 0);
    for operation in diff.ops() {
        if !matches!(operation, DiffOp::Equal { .. }) {
            counts.0 += operation.new_range().len();
            counts.1 += operation.old_range().len();
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Row, WhoseLine, side_by_side, three_ways, unified};
    use crate::write::{Change, Choice, Kind, plan::Seen};

    fn change(old: &str, new: &str) -> Change {
        Change {
            path: "x".to_owned(),
            kind: Kind::Update,
            old: Some(old.into()),
            new: Some(new.into()),
            base: None,
            merged: None,
            seen: Seen::Nothing,
            exported: None,
            is_edited: false,
        }
    }

    fn drawn(rows: &[Row]) -> String {
        let lines = rows.iter().map(|row| {
            let side = |side: &Option<super::Side>| {
                side.as_ref()
                    .map_or_else(String::new, |it| format!("{} {}", it.number, it.text))
            };
            let middle = if row.is_same { "=" } else { "|" };
            format!("{} {middle} {}", side(&row.old), side(&row.new))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lines_that_replace_one_another_stand_in_one_row() {
        let rows = side_by_side(&change("a\nb\nd\n", "a\nB\nc\nd\n"));
        assert_eq!(drawn(&rows), "1 a = 1 a\n2 b | 2 B\n | 3 c\n3 d = 4 d");
    }

    #[test]
    fn three_texts_stand_in_one_row_with_who_changed_it() {
        let mut change = change("a\nmine\nc\nd\n", "a\nnew\nc\nd\ne\n");
        assert_eq!(three_ways(&change), []);
        change.base = Some("a\nb\nc\nd\n".to_owned());
        let rows = three_ways(&change);
        let drawn: Vec<_> = rows
            .iter()
            .map(|it| {
                let sides = [&it.base, &it.mine, &it.new];
                let texts = sides.map(|it| it.as_ref().map_or("", |it| it.text.as_str()));
                (texts, it.whose)
            })
            .collect();
        assert!(
            drawn.contains(&(["c", "c", "c"], WhoseLine::Nobodys)),
            "{drawn:?}"
        );
        assert!(
            drawn.contains(&(["", "", "e"], WhoseLine::New)),
            "{drawn:?}"
        );
        assert!(
            drawn.contains(&(["b", "mine", "new"], WhoseLine::Conflict)),
            "{drawn:?}"
        );
    }

    #[test]
    fn a_difference_reads_like_that_of_other_programs() {
        let change = change("a\nb\n", "a\nc\n");
        assert_eq!(
            unified(&change, Choice::New),
            "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        );
        assert_eq!(change.line_counts(), (1, 1));
    }
}

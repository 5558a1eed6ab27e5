//! Parts of a file that a person marked as theirs, and that every export leaves alone.
//!
//! A part begins at a comment `meshboard:keep NAME` and ends at the next comment
//! `meshboard:end`. It goes where the new text has a part of that name, or else after
//! the line it stood after.

use std::{ffi::OsStr, ops::Range, path::Path};

const BEGINS: &str = "meshboard:keep";
const ENDS: &str = "meshboard:end";

/// A marked part of a text, by its lines, the marks included.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part<'a> {
    name: &'a str,
    lines: Range<usize>,
}

/// A text with the kept parts of another in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// The text.
    pub(super) text: String,
    /// The parts that found no place in it, whole.
    pub(super) homeless: Vec<String>,
}

/// Whether a text has parts that are to be kept.
pub(super) fn has_parts(path: &str, text: &str) -> bool {
    text.contains(BEGINS) && !parts(path, &lines(text)).is_empty()
}

/// Puts the kept parts of the text on disk into another.
pub(super) fn place(path: &str, disk: &str, text: &str) -> Placed {
    let (old, new) = (lines(disk), lines(text));
    let (kept, there) = (parts(path, &old), parts(path, &new));
    let (old_plain, new_plain) = (plain(&old, &kept), plain(&new, &there));
    // What comes before each line of the new text, and what replaces its parts.
    let mut before: Vec<Vec<&Part<'_>>> = vec![Vec::new(); new.len() + 1];
    let mut replaced: Vec<Option<&Part<'_>>> = vec![None; there.len()];
    let mut homeless = Vec::new();
    for part in &kept {
        let same = there.iter().position(|it| it.name == part.name);
        if let Some(free) = same.filter(|it| replaced[*it].is_none()) {
            replaced[free] = Some(part);
            continue;
        }
        match place_after(&old, &old_plain, part, &new, &new_plain) {
            Some(line) => before[line].push(part),
            None => homeless.push(old[part.lines.clone()].concat()),
        }
    }
    let mut out = String::with_capacity(text.len() + disk.len() / 4);
    let push_parts = |out: &mut String, parts: &[&Part<'_>]| {
        for part in parts {
            end_line(out);
            out.extend(old[part.lines.clone()].iter().copied());
        }
    };
    let mut line = 0;
    while line <= new.len() {
        push_parts(&mut out, &before[line]);
        let at = there.iter().position(|it| it.lines.start == line);
        if let Some((part, kept)) = at.and_then(|it| Some((&there[it], replaced[it]?))) {
            push_parts(&mut out, &[kept]);
            line = part.lines.end;
            continue;
        }
        if let Some(text) = new.get(line) {
            end_line(&mut out);
            out.push_str(text);
        }
        line += 1;
    }
    Placed {
        text: out,
        homeless,
    }
}

/// A last line without an end gets one before something follows.
fn end_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The line of the new text before which a part goes, if the line it stood after is
/// still there. Of several, the one with the most of the same lines above it.
fn place_after(
    old: &[&str],
    old_plain: &[usize],
    part: &Part<'_>,
    new: &[&str],
    new_plain: &[usize],
) -> Option<usize> {
    let above = old_plain.partition_point(|it| *it < part.lines.start);
    if above == 0 {
        return Some(0);
    }
    let same_above = |at: usize| {
        let pairs = old_plain[..above].iter().rev();
        let pairs = pairs.zip(new_plain[..=at].iter().rev());
        pairs
            .take_while(|(one, other)| old[**one] == new[**other])
            .count()
    };
    let mut best: Option<(usize, usize)> = None;
    let mut is_tied = false;
    for (at, line) in new_plain.iter().enumerate() {
        let same = same_above(at);
        match best {
            _ if same == 0 => {}
            Some((most, _)) if same < most => {}
            Some((most, _)) if same == most => is_tied = true,
            Some(_) | None => {
                best = Some((same, *line));
                is_tied = false;
            }
        }
    }
    best.filter(|_| !is_tied).map(|(_, line)| line + 1)
}

/// The lines of a text with their ends.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The numbers of the lines outside of all parts.
fn plain(lines: &[&str], parts: &[Part<'_>]) -> Vec<usize> {
    let is_plain = |line: &usize| !parts.iter().any(|it| it.lines.contains(line));
    (0..lines.len()).filter(is_plain).collect()
}

fn parts<'a>(path: &str, lines: &[&'a str]) -> Vec<Part<'a>> {
    let signs = comment_signs(path);
    let mut found = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    for (number, line) in lines.iter().enumerate() {
        let Some(words) = comment(line, signs) else {
            continue;
        };
        if let Some(name) = words.strip_prefix(BEGINS).and_then(name) {
            open = Some((name, number));
        } else if words.split_whitespace().next() == Some(ENDS)
            && let Some((name, start)) = open.take()
        {
            found.push(Part {
                name,
                lines: start..number + 1,
            });
        }
    }
    found
}

/// The name after the mark.
fn name(rest: &str) -> Option<&str> {
    let name = rest.strip_prefix([' ', '\t'])?.split_whitespace().next()?;
    (!matches!(name, "-->" | "*/")).then_some(name)
}

/// What a line says if it is nothing but a comment.
fn comment<'a>(line: &'a str, signs: &[&str]) -> Option<&'a str> {
    let line = line.trim();
    let sign = signs.iter().find(|it| line.starts_with(**it))?;
    Some(
        line[sign.len()..]
            .trim_start_matches(['#', '/', '-', ';', '*'])
            .trim_start(),
    )
}

/// What comments begin with in a file of this name.
fn comment_signs(path: &str) -> &'static [&'static str] {
    let extension = Path::new(path).extension().and_then(OsStr::to_str);
    match extension.unwrap_or_default() {
        // A file of JSON has no comments, so nothing in it can be marked.
        "json" => &[],
        "rs" | "go" | "js" | "mjs" | "cjs" | "ts" | "java" => &["//", "/*"],
        "hcl" => &["#", "//"],
        "md" | "html" | "xml" => &["<!--"],
        "css" => &["/*"],
        "sql" | "lua" => &["--"],
        "ini" => &["#", ";"],
        _ => &["#"],
    }
}

#[cfg(test)]
mod tests {
    use super::{Placed, has_parts, place};

    const MINE: &str = "# meshboard:keep extra\nmine 1;\nmine 2;\n# meshboard:end\n";

    fn placed(path: &str, disk: &str, text: &str) -> String {
        let placed = place(path, disk, text);
        assert_eq!(placed.homeless, Vec::<String>::new());
        placed.text
    }

    #[test]
    fn a_part_goes_where_the_new_text_has_one_of_its_name() {
        let new = "x\n# meshboard:keep extra\n# meshboard:end\ny\n";
        let disk = format!("a\n{MINE}b\n");
        assert_eq!(placed("a.conf", &disk, new), format!("x\n{MINE}y\n"));
    }

    #[test]
    fn a_part_of_a_persons_own_goes_after_the_line_it_stood_after() {
        let disk = format!("a\nb\n{MINE}c\n");
        assert_eq!(
            placed("a.conf", &disk, "new\na\nb\nd\n"),
            format!("new\na\nb\n{MINE}d\n")
        );
        assert_eq!(placed("a.conf", &disk, "a\nb\nc\n"), disk);
        let first = format!("{MINE}a\n");
        assert_eq!(placed("a.conf", &first, "b\n"), format!("{MINE}b\n"));
    }

    #[test]
    fn of_lines_that_are_alike_the_one_in_the_same_surroundings_counts() {
        let disk = format!("a {{\n}}\nb {{\n}}\n{MINE}c {{\n}}\n");
        assert_eq!(
            placed("a.conf", &disk, "b {\n}\nc {\n}\na {\n}\n"),
            format!("b {{\n}}\n{MINE}c {{\n}}\na {{\n}}\n")
        );
    }

    #[test]
    fn a_part_without_a_place_is_handed_back_whole() {
        let disk = format!("a\n{MINE}b\n");
        assert_eq!(
            place("a.conf", &disk, "b\nc\n"),
            Placed {
                text: "b\nc\n".to_owned(),
                homeless: vec![MINE.to_owned()]
            }
        );
    }

    #[test]
    fn a_mark_counts_only_in_a_comment_of_the_format_and_with_its_end() {
        assert!(has_parts("x.rs", "// meshboard:keep a\n// meshboard:end\n"));
        assert!(has_parts(
            "README.md",
            "<!-- meshboard:keep a -->\n<!-- meshboard:end -->\n"
        ));
        assert!(has_parts(
            "Dockerfile",
            "  # meshboard:keep a\n# meshboard:end"
        ));
        for (path, text) in [
            ("x.rs", "# meshboard:keep a\n# meshboard:end\n"),
            ("x.json", "# meshboard:keep a\n# meshboard:end\n"),
            ("x.yaml", "a: 1 # meshboard:keep a\n# meshboard:end\n"),
            ("x.yaml", "# meshboard:keep a\n"),
            ("x.yaml", "# meshboard:keep\n# meshboard:end\n"),
        ] {
            assert!(!has_parts(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn line_ends_stay_and_a_missing_one_is_added_only_between() {
        let disk = "a\r\n# meshboard:keep x\r\nm\r\n# meshboard:end";
        assert_eq!(
            placed("x.yaml", disk, "a\r\nb"),
            "a\r\n# meshboard:keep x\r\nm\r\n# meshboard:end\nb"
        );
    }
}

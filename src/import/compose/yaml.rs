//! Reading YAML into [`Node`]s: anchors, merge keys, duplicate keys, and limits.
//!
//! Built from the parser's events instead of a ready-made tree, because only so are
//! the cost of aliases and the depth bounded, and duplicate keys seen. Nothing here
//! recurses while reading; finished trees are at most [`MAX_DEPTH`] deep.

use std::collections::{BTreeMap, btree_map::Entry};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Entries, MergeTag, Node, Place, Problem, Value};
use super::{budget::Budget, scalar};

/// Levels of lists and mappings inside each other.
const MAX_DEPTH: usize = 100;

/// Reads every document of a text.
pub(super) fn documents(
    text: &str,
    file: usize,
    budget: &mut Budget,
) -> Result<Vec<Node>, Problem> {
    let mut builder = Builder {
        file,
        budget,
        stack: Vec::new(),
        anchors: BTreeMap::new(),
        documents: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, span)?,
            Err(error) => {
                let line = error.marker().line().max(1);
                return Err(scan_problem(text, file, line, error.info()));
            }
        }
    }
    Ok(builder.documents)
}

fn scan_problem(text: &str, file: usize, line: usize, info: &str) -> Problem {
    let place = Place {
        file,
        line: line_number(line),
    };
    let near = [line, line.saturating_sub(1)];
    let tab = near.into_iter().find(|number| {
        let line = number.checked_sub(1).and_then(|it| text.lines().nth(it));
        line.is_some_and(|it| it.trim_start_matches(' ').starts_with('\t'))
    });
    if let Some(line) = tab {
        let line = line_number(line);
        return Problem::at(
            Place { file, line },
            "this line is indented with a tab, which YAML does not allow",
            "use spaces",
        );
    }
    Problem::at(
        place,
        format!("this is not YAML ({info})"),
        "look at the indentation, quotes and brackets of this line and the one before",
    )
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// A list or mapping that is being read.
struct Open {
    anchor: usize,
    place: Place,
    tag: Option<MergeTag>,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map {
        entries: Entries,
        /// The key whose value comes next, and whether it is `<<`.
        key: Option<(String, Place, bool)>,
        /// What `<<` brings in.
        merged: Vec<Node>,
    },
}

struct Builder<'a> {
    file: usize,
    budget: &'a mut Budget,
    stack: Vec<Open>,
    /// Finished anchors, with how many nodes and levels they have.
    anchors: BTreeMap<usize, (Node, usize, usize)>,
    documents: Vec<Node>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let place = Place {
            file: self.file,
            line: line_number(span.start.line().max(1)),
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.budget.spend(1, text.len(), place)?;
                let plain = matches!(style, ScalarStyle::Plain);
                let tag = tag.as_deref();
                let mut node = Node::new(scalar::resolve(&text, plain, tag), place);
                node.tag = merge_tag(tag);
                let is_merge_key = plain && text == "<<";
                self.finish(node, anchor, is_merge_key)
            }
            Event::Alias(anchor) => {
                let Some((node, size, depth)) = self.anchors.get(&anchor) else {
                    return Err(Problem::at(
                        place,
                        "an alias stands inside what it repeats",
                        "a value cannot contain itself: remove the alias",
                    ));
                };
                if self.stack.len() + depth > MAX_DEPTH {
                    return Err(too_deep(place));
                }
                // Texts weigh little against the nodes that hold them, so an average will do.
                self.budget.spend(*size, size.saturating_mul(16), place)?;
                let mut node = node.clone();
                node.place = place;
                self.finish(node, 0, false)
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(anchor, place, tag.as_deref(), Inside::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let inside = Inside::Map {
                    entries: Entries::new(),
                    key: None,
                    merged: Vec::new(),
                };
                self.open(anchor, place, tag.as_deref(), inside)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn open(
        &mut self,
        anchor: usize,
        place: Place,
        tag: Option<&Tag>,
        inside: Inside,
    ) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(place));
        }
        self.budget.spend(1, 0, place)?;
        self.stack.push(Open {
            anchor,
            place,
            tag: merge_tag(tag),
            inside,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let value = match open.inside {
            Inside::List(items) => Value::List(items),
            Inside::Map {
                mut entries,
                merged,
                ..
            } => {
                for source in merged {
                    merge_key(&mut entries, source)?;
                }
                Value::Map(entries)
            }
        };
        let mut node = Node::new(value, open.place);
        node.tag = open.tag;
        self.finish(node, open.anchor, false)
    }

    /// Puts a finished node where it belongs.
    fn finish(&mut self, node: Node, anchor: usize, is_merge_key: bool) -> Result<(), Problem> {
        if anchor != 0 {
            let (size, depth) = node.measure();
            self.budget
                .spend(size, size.saturating_mul(16), node.place)?;
            self.anchors.insert(anchor, (node.clone(), size, depth));
        }
        match self.stack.last_mut().map(|it| &mut it.inside) {
            None => self.documents.push(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map {
                entries,
                key,
                merged,
            }) => match key.take() {
                None => *key = Some(key_of(&node, is_merge_key)?),
                Some((_, _, true)) => merged.push(node),
                Some((name, place, false)) => insert(entries, name, place, node)?,
            },
        }
        Ok(())
    }
}

fn key_of(node: &Node, is_merge_key: bool) -> Result<(String, Place, bool), Problem> {
    let name = match &node.value {
        Value::Date(text) => Some(text.clone()),
        _ => node.scalar(),
    };
    name.map(|it| (it, node.place, is_merge_key))
        .ok_or_else(|| {
            let what = format!("{} stands where a name is expected", node.kind());
            Problem::at(node.place, what, "write a name before the colon")
        })
}

fn insert(entries: &mut Entries, name: String, place: Place, node: Node) -> Result<(), Problem> {
    match entries.entry(name) {
        Entry::Occupied(first) => Err(Problem::at(
            place,
            format!(
                "{:?} stands here a second time, first on line {}",
                first.key(),
                first.get().place.line
            ),
            "keep one of them",
        )),
        Entry::Vacant(free) => {
            free.insert(Node { place, ..node });
            Ok(())
        }
    }
}

/// Adds what `<<` brings in; entries written out stand above it.
fn merge_key(entries: &mut Entries, source: Node) -> Result<(), Problem> {
    match source.value {
        Value::Map(merged) => {
            for (name, node) in merged {
                entries.entry(name).or_insert(node);
            }
            Ok(())
        }
        Value::List(sources) if sources.iter().all(|it| it.entries().is_some()) => {
            for source in sources {
                merge_key(entries, source)?;
            }
            Ok(())
        }
        _ => Err(Problem::at(
            source.place,
            "the merge key << takes a mapping or a list of mappings",
            "name an anchor of a mapping",
        )),
    }
}

fn merge_tag(tag: Option<&Tag>) -> Option<MergeTag> {
    let tag = tag?;
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "reset") | ("", "!reset") => Some(MergeTag::Reset),
        ("!", "override") | ("", "!override") => Some(MergeTag::Override),
        _ => None,
    }
}

fn too_deep(place: Place) -> Problem {
    Problem::at(
        place,
        format!("lists and mappings lie more than {MAX_DEPTH} levels inside each other"),
        "no compose file needs that: look for a bracket too many",
    )
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::documents;
    use crate::import::compose::budget::Budget;

    fn json(text: &str) -> String {
        let nodes = documents(text, 0, &mut Budget::default()).unwrap();
        let all: Vec<_> = nodes.iter().map(|it| it.as_written().to_string()).collect();
        all.join(" ")
    }

    fn problem(text: &str) -> String {
        let problem = documents(text, 0, &mut Budget::default()).unwrap_err();
        let line = problem.place.map_or(0, |it| it.line);
        format!("{line}: {}", problem.what)
    }

    #[test]
    fn merge_keys_fill_in_what_is_not_written_out() {
        let text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\n";
        assert_eq!(
            json(text),
            r#"{"x":{"a":1,"b":2},"y":{"b":3,"c":4},"z":{"a":0,"b":2,"c":4}}"#
        );
    }

    #[test]
    fn several_documents_are_all_read() {
        assert_eq!(json("a: 1\n---\nb: 2\n"), r#"{"a":1} {"b":2}"#);
        assert_eq!(json("# only a comment\n"), "");
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error_with_both_lines() {
        assert_eq!(
            problem("a:\n  image: x\n  image: y\n"),
            "3: \"image\" stands here a second time, first on line 2"
        );
    }

    #[test]
    fn a_tab_is_named_with_its_line() {
        assert_eq!(
            problem("a:\n\tb: 1\n"),
            "2: this line is indented with a tab, which YAML does not allow"
        );
    }

    #[test]
    fn aliases_that_multiply_are_stopped() {
        let mut text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let alias = format!("*l{}, ", level - 1).repeat(10);
            writeln!(text, "l{level}: &l{level} [{alias}]").unwrap();
        }
        assert!(problem(&text).contains("more than Meshboard reads"));
    }

    #[test]
    fn depth_is_bounded_also_through_aliases() {
        assert!(problem(&"[".repeat(200)).contains("levels"));
        let mut text = "l0: &l0 x\n".to_owned();
        for level in 1..200 {
            writeln!(text, "l{level}: &l{level} [*l{}]", level - 1).unwrap();
        }
        assert!(problem(&text).contains("levels"));
    }

    #[test]
    fn an_alias_inside_its_own_anchor_is_an_error() {
        assert!(problem("a: &a [1, *a]\n").contains("inside what it repeats"));
    }
}

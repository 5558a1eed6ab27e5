//! Which lines of an exported file are about which element of the design.
//!
//! A file is read as people skim it: by its path, by blocks that an element's name
//! opens, and by names inside them. Nothing here knows a target, so every file can be
//! asked about, and what is not recognised is merely not marked.

mod index;
mod reading;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, ops::Range};

use self::{
    index::Index,
    reading::{Line, Token},
};
use crate::model::{ElementId, Model, ServiceId};

/// Lines, counted from 0, and what they are about.
pub type Spot = (Range<usize>, ElementId);

/// The lines of a file that are about elements of the design: blocks before what is in
/// them, and of two alike the more special first, such as a dependency before a service.
pub fn elements(model: &Model, path: &str, text: &str) -> Vec<Spot> {
    Names::of(model).elements(path, text)
}

/// The most special element that a line is about.
pub fn element_at(spots: &[Spot], line: usize) -> Option<&ElementId> {
    let at = spots.iter().filter(|(lines, _)| lines.contains(&line));
    at.min_by_key(|(lines, _)| lines.len()).map(|(_, it)| it)
}

/// The names of a design, to ask about many files.
#[derive(Debug)]
pub struct Names<'a>(Index<'a>);

impl<'a> Names<'a> {
    /// The names of this design.
    pub fn of(model: &'a Model) -> Self {
        Self(Index::of(model))
    }

    /// As [`elements()`].
    pub fn elements(&self, path: &str, text: &str) -> Vec<Spot> {
        Reader::new(&self.0, path, text).read()
    }
}

/// What a block is that is open at a line.
#[derive(Debug)]
struct Open<'a> {
    indent: usize,
    /// Its first line.
    start: usize,
    /// What it is called there: `services`, `upstream`.
    key: &'a str,
    /// The service whose block it is.
    owner: Option<&'a ServiceId>,
}

struct Reader<'a> {
    index: &'a Index<'a>,
    lines: Vec<Line<'a>>,
    /// Whether words stand beside one another as arguments do, and not as prose does.
    has_arguments: bool,
    /// The service that the whole file belongs to.
    of_path: Option<&'a ServiceId>,
    open: Vec<Open<'a>>,
    found: BTreeSet<(usize, std::cmp::Reverse<usize>, u8, ElementId)>,
}

impl<'a> Reader<'a> {
    fn new(index: &'a Index<'a>, path: &str, text: &'a str) -> Self {
        Self {
            index,
            lines: reading::lines(path, text),
            has_arguments: reading::has_arguments(path),
            of_path: index.of_path(path),
            open: Vec::new(),
            found: BTreeSet::new(),
        }
    }

    fn read(mut self) -> Vec<Spot> {
        if let Some(id) = self.of_path {
            self.add_service(0..self.lines.len(), id);
        }
        for number in 0..self.lines.len() {
            if self.lines[number].is_blank() {
                continue;
            }
            let indent = self.lines[number].indent;
            while self.open.last().is_some_and(|it| it.indent >= indent) {
                self.open.pop();
            }
            self.line(number);
        }
        let spots = self.found.into_iter();
        spots
            .map(|(start, end, _, id)| (start..end.0, id))
            .collect()
    }

    fn line(&mut self, number: usize) {
        if self.lines[number].is_comment {
            self.comment(number);
            return;
        }
        let line = &self.lines[number];
        let (indent, key) = (line.indent, line.key);
        let opened = self.opened_service(number);
        let owner = match opened {
            Some((lines, id)) => {
                let caller = self.owner();
                self.add_service(lines.clone(), id);
                self.add_calls(lines, caller, id);
                Some(id)
            }
            None => None,
        };
        let route = opened_route(self.index, &self.lines[number], self.parent_key());
        if let Some(id) = route {
            self.add(self.block(number), ElementId::Route(id));
        }
        self.mentions(number, owner);
        let key = if key.is_empty() { "-" } else { key };
        self.open.push(Open {
            indent,
            start: number,
            key,
            owner,
        });
    }

    /// The service that a line opens a block of, and that block.
    fn opened_service(&self, number: usize) -> Option<(Range<usize>, &'a ServiceId)> {
        let line = &self.lines[number];
        let parent = self.parent_key();
        let in_collection = reading::COLLECTIONS.contains(&parent);
        if let Some(id) = self.index.service(line.key) {
            let is_plain = !reading::is_keyword(line.key)
                && !matches!(parent, "networks" | "routers" | "routes" | "depends_on");
            return (in_collection || is_plain && self.opens_block(number))
                .then(|| (self.block(number), id));
        }
        if reading::BLOCK_WORDS.contains(&line.key)
            && let Some(id) = self.index.service(line.second)
        {
            return Some((self.block(number), id));
        }
        let is_named = reading::NAMING.contains(&line.key) || line.is_item && line.key == "service";
        let id = self.index.service(line.value).filter(|_| is_named)?;
        if self
            .open
            .iter()
            .any(|it| matches!(it.key, "routers" | "routes"))
        {
            return None;
        }
        if line.is_item {
            return Some((self.block(number), id));
        }
        let above = self.open.last()?;
        let whole = if above.key == "metadata" {
            self.document(number)
        } else {
            above.start..self.block(above.start).end
        };
        Some((whole, id))
    }

    /// What the block around is called.
    fn parent_key(&self) -> &'a str {
        // The item of a list stands between.
        let named = self.open.iter().rev().find(|it| it.key != "-");
        named.map_or("", |it| it.key)
    }

    /// The service whose block or file it is.
    fn owner(&self) -> Option<&'a ServiceId> {
        let inner = self.open.iter().rev().find_map(|it| it.owner);
        inner.or(self.of_path)
    }

    fn opens_block(&self, number: usize) -> bool {
        let next = self.lines[number + 1..].iter().find(|it| !it.is_blank());
        next.is_some_and(|it| it.indent > self.lines[number].indent)
    }

    /// A line with all that is indented deeper, its closing bracket, and the comment
    /// right above.
    fn block(&self, number: usize) -> Range<usize> {
        let indent = self.lines[number].indent;
        let mut end = number + 1;
        for (at, line) in self.lines.iter().enumerate().skip(number + 1) {
            if line.is_blank() {
                continue;
            }
            let closes = line.indent == indent && line.closes;
            if line.indent <= indent && !closes {
                break;
            }
            end = at + 1;
            if closes {
                break;
            }
        }
        let above = self.lines[..number].iter().rev();
        let comments = above.take_while(|it| it.is_comment && it.indent == indent);
        number - comments.count()..end
    }

    /// The YAML document around a line.
    fn document(&self, number: usize) -> Range<usize> {
        let is_mark = |it: &Line<'_>| it.text.starts_with("---");
        let before = self.lines[..number].iter().rposition(is_mark);
        let after = self.lines[number..].iter().position(is_mark);
        let end = after.map_or(self.lines.len(), |it| number + it);
        before.map_or(0, |it| it + 1)..end
    }

    /// `Route orders` above what is done for it.
    fn comment(&mut self, number: usize) {
        let words: Vec<_> = self.lines[number].tokens().collect();
        for pair in words.windows(2) {
            let Some(id) = self.index.route(pair[1].text) else {
                continue;
            };
            if pair[0].text.eq_ignore_ascii_case("route") {
                let indent = self.lines[number].indent;
                let rest = self.lines[number..].iter();
                let rest = rest.take_while(|it| !it.is_blank() && it.indent >= indent);
                let end = number + rest.count();
                self.add(number..end, ElementId::Route(id.clone()));
            }
        }
        for word in words {
            if let Some(id) = self.index.dependency(word.text) {
                self.add(number..number + 1, ElementId::Dependency(id.clone()));
            }
        }
    }

    /// The names on one line.
    fn mentions(&mut self, number: usize, opened: Option<&'a ServiceId>) {
        let owner = self.owner();
        let parent = self.parent_key();
        let line = &self.lines[number];
        let in_networks = line.key == "networks" || parent == "networks";
        let tokens: Vec<Token<'a>> = line.tokens().collect();
        for token in tokens {
            let is_key = token.start == 0 || token.text == self.lines[number].key;
            let here = if is_key && parent == "depends_on" {
                self.block(number)
            } else {
                number..number + 1
            };
            if in_networks {
                if let Some(id) = self.index.network(token.text) {
                    self.add(here, ElementId::Boundary(id.clone()));
                }
                continue;
            }
            if let Some(id) = self.index.limited_route(token.text) {
                self.add(here.clone(), ElementId::Route(id.clone()));
            }
            if let Some(id) = self.index.dependency(token.text) {
                self.add(here.clone(), ElementId::Dependency(id.clone()));
            }
            for id in self.index.told_by(owner.or(opened), token.text) {
                self.add(here.clone(), ElementId::Dependency((*id).clone()));
            }
            let Some(id) = self.index.service(token.text) else {
                continue;
            };
            let is_weak = is_key && reading::is_keyword(token.text) && parent != "depends_on";
            let is_prose = !self.has_arguments && token.is_in_prose;
            if opened == Some(id) || is_weak || is_prose || token.is_part_of_path {
                continue;
            }
            if Some(id) != owner {
                self.add_service(here.clone(), id);
            }
            self.add_calls(here, owner.or(opened), id);
        }
    }

    fn add_service(&mut self, lines: Range<usize>, id: &ServiceId) {
        self.add(lines.clone(), ElementId::Service(id.clone()));
        if lines.len() > 1
            && let Some(boundary) = self.index.boundary_of(id)
        {
            self.add(lines, ElementId::Boundary(boundary.clone()));
        }
    }

    fn add_calls(&mut self, lines: Range<usize>, from: Option<&ServiceId>, to: &ServiceId) {
        let Some(from) = from else {
            return;
        };
        for id in self.index.calls(from, to) {
            self.add(lines.clone(), ElementId::Dependency((*id).clone()));
        }
    }

    fn add(&mut self, lines: Range<usize>, id: ElementId) {
        let special = match id {
            ElementId::Route(_) => 0,
            ElementId::Dependency(_) => 1,
            ElementId::Service(_) => 2,
            ElementId::Boundary(_) => 3,
        };
        let end = std::cmp::Reverse(lines.end);
        self.found.insert((lines.start, end, special, id));
    }
}

/// The route that a line opens a block of.
fn opened_route(index: &Index<'_>, line: &Line<'_>, parent: &str) -> Option<crate::model::RouteId> {
    let in_routes = matches!(parent, "routers" | "routes" | "http_routes");
    let name = match line.key {
        "route" => line.second,
        "name" | "id" if in_routes => line.value,
        key if in_routes => key,
        _ => return None,
    };
    let name = if name.is_empty() { line.value } else { name };
    index
        .route(name)
        .or_else(|| index.limited_route(name))
        .cloned()
}

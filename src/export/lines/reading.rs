//! A line of a configuration, taken apart no further than all formats allow.

use std::{ffi::OsStr, path::Path};

/// What holds one block for each service.
pub(super) const COLLECTIONS: &[&str] = &["services", "clusters", "upstreams", "backends"];
/// What stands before the name of a block.
pub(super) const BLOCK_WORDS: &[&str] =
    &["upstream", "backend", "cluster", "service", "job", "listen"];
/// What an item says its name with.
pub(super) const NAMING: &[&str] = &[
    "name",
    "job_name",
    "id",
    "service_name",
    "cluster_name",
    "serviceName",
];

/// Words that formats use themselves, so that at the start of a line they are theirs.
const KEYWORDS: &[&str] = &[
    "admin",
    "api",
    "app",
    "backend",
    "build",
    "cache",
    "catalog",
    "checks",
    "client",
    "cluster",
    "clusters",
    "config",
    "data",
    "default",
    "defaults",
    "deploy",
    "env",
    "environment",
    "events",
    "filter",
    "filters",
    "frontend",
    "gateway",
    "global",
    "health",
    "http",
    "image",
    "images",
    "input",
    "jobs",
    "labels",
    "listeners",
    "location",
    "log",
    "logging",
    "logs",
    "map",
    "metadata",
    "metrics",
    "name",
    "networks",
    "on",
    "output",
    "path",
    "plugins",
    "ports",
    "proxy",
    "queue",
    "redis",
    "route",
    "router",
    "routers",
    "routes",
    "rules",
    "search",
    "secrets",
    "server",
    "servers",
    "service",
    "services",
    "spec",
    "static",
    "stats",
    "steps",
    "storage",
    "template",
    "test",
    "upstream",
    "upstreams",
    "user",
    "users",
    "volumes",
    "web",
];

/// Whether formats use a word themselves.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

/// Whether words beside one another are arguments in a file of this name.
pub(super) fn has_arguments(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(extension(path), "conf" | "cfg") || ["Dockerfile", "Caddyfile"].contains(&name)
}

fn extension(path: &str) -> &str {
    let extension = Path::new(path).extension();
    extension.and_then(OsStr::to_str).unwrap_or_default()
}

/// A line, and what stands at its start.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// How far its text is indented.
    pub(super) indent: usize,
    /// Without the space around it.
    pub(super) text: &'a str,
    /// The first word, without quotes and without what marks the item of a list.
    pub(super) key: &'a str,
    /// The word after it, without quotes.
    pub(super) second: &'a str,
    /// All that follows the key, if that is one word.
    pub(super) value: &'a str,
    /// Whether it begins an item of a list.
    pub(super) is_item: bool,
    /// Whether it is nothing but a comment.
    pub(super) is_comment: bool,
    /// Whether it closes a block.
    pub(super) closes: bool,
}

/// A word that could be a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Where it begins in the text of its line.
    pub(super) start: usize,
    /// Whether it stands among words.
    pub(super) is_in_prose: bool,
    /// Whether it is a step of a longer path, which says little about whom it names.
    pub(super) is_part_of_path: bool,
}

/// The lines of a file.
pub(super) fn lines<'a>(path: &str, text: &'a str) -> Vec<Line<'a>> {
    let comments: &[&str] = match extension(path) {
        "json" => &[],
        "rs" | "go" | "js" | "mjs" | "ts" | "java" => &["//", "/*", "*"],
        "md" => &["<!--"],
        _ => &["#", "//", "/*"],
    };
    text.lines().map(|it| line(it, comments)).collect()
}

fn line<'a>(raw: &'a str, comments: &[&str]) -> Line<'a> {
    let text = raw.trim();
    let body = text.strip_prefix("- ").map_or(text, str::trim_start);
    let (key, rest) = first_word(body);
    let rest = rest.trim_start_matches([' ', ':', '=']);
    let (second, after) = first_word(rest);
    let after = after.trim_matches([' ', ',', ';', '{']);
    Line {
        indent: raw.len() - raw.trim_start().len(),
        text,
        key,
        second,
        value: if after.is_empty() { second } else { "" },
        is_item: body.len() < text.len(),
        is_comment: comments.iter().any(|it| text.starts_with(it)),
        closes: text.starts_with(['}', ']', ')']),
    }
}

/// The first word of a text without its quotes, and what follows.
fn first_word(text: &str) -> (&str, &str) {
    if let Some(rest) = text.strip_prefix(['"', '\''])
        && let Some(end) = rest.find(['"', '\''])
    {
        return (&rest[..end], &rest[end + 1..]);
    }
    let is_part = |it: char| is_name(it) || it == '.';
    let end = text.find(|it| !is_part(it)).unwrap_or(text.len());
    text.split_at(end)
}

fn is_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '-' || it == '_'
}

impl<'a> Line<'a> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Its words.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Token<'a>> + use<'a> {
        let text = self.text;
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at + text[at..].find(is_name)?;
            let rest = &text[start..];
            let end = start + rest.find(|it| !is_name(it)).unwrap_or(rest.len());
            at = end;
            let word = &text[start..end];
            // The mark of an item is no part of a name.
            let name = word.trim_start_matches('-');
            Some(Token {
                text: name,
                start: start + word.len() - name.len(),
                is_in_prose: is_in_prose(text, start, end),
                is_part_of_path: is_part_of_path(text, start, end),
            })
        })
    }
}

/// Whether another word stands beside this one, only a space between.
fn is_in_prose(text: &str, start: usize, end: usize) -> bool {
    let is_word = |it: Option<char>| it.is_some_and(char::is_alphabetic);
    let before = text[..start].strip_suffix(' ');
    let after = text[end..].strip_prefix(' ');
    is_word(before.and_then(|it| it.chars().next_back()))
        || is_word(after.and_then(|it| it.chars().next()))
}

/// Whether this is a step of a path such as `/var/lib/redis`, and not a host.
fn is_part_of_path(text: &str, start: usize, end: usize) -> bool {
    let before = &text[..start];
    let is_step = before.ends_with('/') && !before.ends_with("//");
    // `services/orders` is where the code of a service is.
    let is_folder = before.ends_with("services/");
    let is_file = text[end..].starts_with('.') && !text[end..].starts_with(". ");
    (is_step && !is_folder) || (is_file && !text[end..].starts_with(".internal"))
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, line};

    #[test]
    fn keywords_are_sorted_so_that_they_are_found() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn a_line_is_taken_apart_in_every_format() {
        for (text, key, second, value) in [
            ("  orders:", "orders", "", ""),
            ("- name: orders", "name", "orders", "orders"),
            ("\"name\": \"orders\",", "name", "orders", "orders"),
            ("upstream orders {", "upstream", "orders", "orders"),
            ("name = \"orders\"", "name", "orders", "orders"),
            ("server orders:5000 max_fails=3", "server", "orders", ""),
        ] {
            let line = line(text, &["#"]);
            assert_eq!(
                (line.key, line.second, line.value),
                (key, second, value),
                "{text}"
            );
        }
    }
}

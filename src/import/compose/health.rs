//! Health checks: the HTTP path where one is asked, else the command that runs.

use serde_json::{Map, Value as Json};

use super::{
    node::{Entries, Node, Problem, Value},
    service::Parts,
    units,
};
use crate::model::{HealthCheck, Service};

/// Takes the health check out; one that is switched off stays in `extra`.
pub(super) fn take(
    parts: &mut Parts<'_>,
    service: &Service,
) -> Result<Option<HealthCheck>, Problem> {
    let Some(node) = parts.take("healthcheck") else {
        return Ok(None);
    };
    let Value::Map(mut entries) = node.value else {
        return Ok(None);
    };
    let mut health = HealthCheck::default();
    let mut rest = Map::new();
    let own_names = own_names(parts);
    let test = entries.remove("test");
    let is_off = entries.get("disable").and_then(Node::scalar).as_deref() == Some("true");
    let mut is_known = false;
    if let Some(test) = test {
        let words = test_words(parts.name, &test)?;
        is_known = !words.is_empty();
        match words.iter().find_map(|it| http_target(it, &own_names)) {
            Some((path, port)) => {
                let main = service.ports.first().map(|it| it.number);
                health.path = path;
                health.port = Some(port).filter(|it| Some(*it) != main);
                // Other programs ask the path; only Compose needs the very command.
                rest.insert("test".to_owned(), test.as_written());
            }
            None if words.is_empty() => {
                rest.insert("test".to_owned(), test.as_written());
            }
            None => {
                health.command = if test.items().is_some_and(is_exec) {
                    words
                } else {
                    // The words say the same to the container; the text is kept too.
                    rest.insert("test".to_owned(), test.as_written());
                    ["sh".to_owned(), "-c".to_owned()]
                        .into_iter()
                        .chain(words)
                        .collect()
                };
            }
        }
    }
    health.interval_ms = duration(parts.name, "interval", &mut entries, &mut rest)?;
    health.timeout_ms = duration(parts.name, "timeout", &mut entries, &mut rest)?;
    health.start_period_ms = duration(parts.name, "start_period", &mut entries, &mut rest)?;
    if let Some(retries) = entries.remove("retries") {
        let number = retries.scalar().unwrap_or_default();
        health.retries = Some(number.parse().map_err(|_| {
            let what = format!("{}: {number:?} is no number of retries", parts.name);
            Problem::at(retries.place, what, "write a whole number")
        })?);
    }
    for (key, node) in &entries {
        rest.insert(key.clone(), node.as_written());
    }
    parts.keep("healthcheck", Json::Object(rest));
    let says_something = is_known || health != HealthCheck::default();
    Ok((says_something && !is_off).then_some(health))
}

/// Hosts that mean the container itself.
fn own_names(parts: &Parts<'_>) -> Vec<String> {
    let names = [
        "localhost",
        "127.0.0.1",
        "0.0.0.0",
        "[::1]",
        "$HOSTNAME",
        "${HOSTNAME}",
    ];
    let mut names: Vec<_> = names.map(str::to_owned).into();
    names.push(parts.name.to_owned());
    for key in ["container_name", "hostname"] {
        names.extend(parts.rest.get(key).and_then(Node::scalar));
    }
    names
}

fn is_exec(items: &[Node]) -> bool {
    items.first().and_then(Node::as_text) == Some("CMD")
}

/// The words a test runs: those of `CMD`, or the one line a shell gets; none for `NONE`.
fn test_words(service: &str, test: &Node) -> Result<Vec<String>, Problem> {
    if let Some(text) = test.as_text() {
        return Ok(Some(text.to_owned())
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect());
    }
    let words: Vec<_> = test
        .items()
        .unwrap_or_default()
        .iter()
        .filter_map(Node::scalar)
        .collect();
    match words.split_first() {
        None => Ok(Vec::new()),
        Some((first, _)) if first == "NONE" => Ok(Vec::new()),
        Some((first, rest)) if first == "CMD" || first == "CMD-SHELL" => Ok(rest.to_vec()),
        Some(_) => Err(Problem::at(
            test.place,
            format!(
                "{service}: the test of a health check as a list starts with CMD, CMD-SHELL or NONE"
            ),
            "put CMD in front, or write it as one text",
        )),
    }
}

/// The path and port of the first URL in a word that leads to the container itself.
fn http_target(word: &str, own_names: &[String]) -> Option<(String, u16)> {
    let is_end = |it: char| {
        it.is_whitespace() || matches!(it, '"' | '\'' | '`' | ')' | ';' | '|' | '>' | '&')
    };
    let (start, usual) = match (word.find("http://"), word.find("https://")) {
        (Some(start), _) => (start + "http://".len(), 80),
        (None, Some(start)) => (start + "https://".len(), 443),
        (None, None) => return host_and_path(word, own_names),
    };
    let rest = &word[start..];
    let url = rest.split(is_end).next().unwrap_or(rest);
    target(url, usual, own_names)
}

/// `localhost:8080/health` behind curl or wget, which need no scheme.
fn host_and_path(word: &str, own_names: &[String]) -> Option<(String, u16)> {
    let mut words = word.split_whitespace().peekable();
    let is_shell_line = matches!(*words.peek()?, "curl" | "wget");
    if is_shell_line {
        words
            .filter(|it| !it.starts_with('-'))
            .find_map(|it| target(it.trim_matches(['"', '\'']), 80, own_names))
    } else if word.contains('/') {
        target(word, 80, own_names)
    } else {
        None
    }
}

fn target(url: &str, usual: u16, own_names: &[String]) -> Option<(String, u16)> {
    let (authority, path) = match url.find('/') {
        Some(slash) => url.split_at(slash),
        None => (url, "/"),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, usual),
    };
    own_names
        .iter()
        .any(|it| it.eq_ignore_ascii_case(host))
        .then(|| (path.to_owned(), port))
}

/// Milliseconds; what is finer than that stays as text as well.
fn duration(
    service: &str,
    key: &str,
    entries: &mut Entries,
    rest: &mut Map<String, Json>,
) -> Result<Option<u64>, Problem> {
    const MILLISECOND: u64 = 1_000_000;
    let Some(node) = entries.remove(key) else {
        return Ok(None);
    };
    let text = node.scalar().unwrap_or_default();
    let nanoseconds = units::nanoseconds(&text).ok_or_else(|| {
        Problem::at(
            node.place,
            format!("{service}: {text:?} is no duration"),
            "write it as 10s or 1m30s",
        )
    })?;
    if !nanoseconds.is_multiple_of(MILLISECOND) {
        rest.insert(key.to_owned(), node.as_written());
    }
    Ok(Some(nanoseconds / MILLISECOND))
}

#[cfg(test)]
mod tests {
    use super::http_target;

    #[test]
    fn the_path_a_check_asks_is_found() {
        let own = [
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
            "shop".to_owned(),
        ];
        let target = |word| http_target(word, &own).map(|(path, port)| format!("{port}{path}"));
        let found = |word| target(word).unwrap();
        assert_eq!(found("http://localhost:8080/health"), "8080/health");
        assert_eq!(found("http://localhost"), "80/");
        assert_eq!(found("https://127.0.0.1/ok?x=1"), "443/ok?x=1");
        assert_eq!(
            found("curl -f http://shop:3000/health || exit 1"),
            "3000/health"
        );
        assert_eq!(
            found("wget -q localhost:9200/_cluster/health"),
            "9200/_cluster/health"
        );
        assert_eq!(found("curl --fail \"http://localhost:1/a\""), "1/a");
        assert_eq!(target("curl http://elsewhere/health"), None);
        assert_eq!(target("pg_isready -h localhost"), None);
        assert_eq!(target("/healthchecks/redis.sh"), None);
    }
}

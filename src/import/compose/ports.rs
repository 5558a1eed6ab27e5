//! Ports: `8080:80`, ranges, host addresses, protocols, and the long form.

use std::ops::RangeInclusive;

use super::node::{Node, Problem, Value};

/// More ports than any service has; beyond it a range stays in its text.
const MAX_RANGE: usize = 200;

/// One port of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PortEntry {
    pub(super) number: u16,
    pub(super) published: Option<u16>,
    pub(super) host_ip: String,
    /// `tcp`, `udp` or whatever the file says.
    pub(super) transport: String,
    /// What is spoken above it, where the file says: `http`.
    pub(super) application: String,
}

/// The ports of one entry, and whether they say all that the entry says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PortEntries {
    pub(super) ports: Vec<PortEntry>,
    pub(super) is_shortened: bool,
}

/// Reads an entry of `ports` in either form.
pub(super) fn read(node: &Node, service: &str) -> Result<PortEntries, Problem> {
    let result = match &node.value {
        Value::Map(_) => long(node),
        Value::Text(_) | Value::Int(_) | Value::Float(_) => {
            short(&node.scalar().unwrap_or_default())
        }
        _ => Err(format!("{} stands where a port is expected", node.kind())),
    };
    result.map_err(|what| {
        Problem::at(
            node.place,
            format!("{service}: {what}"),
            "write it as 8080:80, or as 127.0.0.1:8080:80/tcp",
        )
    })
}

fn short(text: &str) -> Result<PortEntries, String> {
    let (rest, transport) = text.split_once('/').unwrap_or((text, "tcp"));
    let (rest, container) = rest.rsplit_once(':').unwrap_or(("", rest));
    let (host_ip, host) = match rest.rsplit_once(':') {
        Some((ip, host)) => (ip.trim_start_matches('[').trim_end_matches(']'), host),
        None => ("", rest),
    };
    if !host_ip.is_empty() && host_ip.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("{host_ip:?} in the port {text:?} is no IP address"));
    }
    if !matches!(
        transport.to_ascii_lowercase().as_str(),
        "tcp" | "udp" | "sctp"
    ) {
        return Err(format!("{transport:?} in the port {text:?} is no protocol"));
    }
    let inside =
        range(container).ok_or_else(|| format!("{container:?} is no port of a container"))?;
    let outside = match host {
        "" => None,
        _ => Some(range(host).ok_or_else(|| format!("{host:?} is no port of the host"))?),
    };
    let entry = |number: u16, published: Option<u16>| PortEntry {
        number,
        published: published.filter(|it| *it != 0),
        host_ip: host_ip.to_owned(),
        transport: transport.to_ascii_lowercase(),
        application: String::new(),
    };
    let Some(outside) = outside else {
        // Without a host port Docker takes any free one, which the model cannot say.
        return Ok(PortEntries {
            ports: inside.take(MAX_RANGE).map(|it| entry(it, None)).collect(),
            is_shortened: true,
        });
    };
    let (count, published) = (inside.len(), outside.len());
    if count != published && count != 1 {
        return Err(format!(
            "the ranges {host} and {container} are of different length"
        ));
    }
    let is_shortened = count != published || count > MAX_RANGE || *outside.start() == 0;
    Ok(PortEntries {
        ports: inside
            .zip(outside)
            .take(MAX_RANGE)
            .map(|(inside, outside)| entry(inside, Some(outside)))
            .collect(),
        is_shortened,
    })
}

fn long(node: &Node) -> Result<PortEntries, String> {
    let field = |name: &str| node.get(name).and_then(Node::scalar).unwrap_or_default();
    let target = field("target");
    let number = target
        .parse()
        .map_err(|_| format!("{target:?} is no port of a container"))?;
    let published = field("published");
    let outside = match published.as_str() {
        "" => None,
        _ => {
            Some(range(&published).ok_or_else(|| format!("{published:?} is no port of the host"))?)
        }
    };
    let transport = field("protocol");
    let is_range = outside
        .as_ref()
        .is_none_or(|it| it.len() != 1 || *it.start() == 0);
    let has_more = node.entries().is_some_and(|it| {
        it.keys()
            .any(|it| matches!(it.as_str(), "name" | "mode") || it.starts_with("x-"))
    });
    Ok(PortEntries {
        ports: vec![PortEntry {
            number,
            published: outside.map(|it| *it.start()).filter(|it| *it != 0),
            host_ip: field("host_ip"),
            transport: if transport.is_empty() {
                "tcp".to_owned()
            } else {
                transport.to_ascii_lowercase()
            },
            application: field("app_protocol").to_ascii_lowercase(),
        }],
        is_shortened: is_range || has_more,
    })
}

/// `80` or `8000-8010`.
pub(super) fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let number = |it: &str| {
        let is_number = !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| it.parse::<u16>().ok()).flatten()
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(first..=last)
}

/// Reads an entry of `expose`; one that is no port is left to the text.
pub(super) fn exposed(node: &Node) -> Option<(Vec<u16>, String)> {
    let text = node.scalar()?;
    let (numbers, transport) = text.split_once('/').unwrap_or((&text, "tcp"));
    let numbers = range(numbers)?;
    (numbers.len() <= MAX_RANGE).then(|| (numbers.collect(), transport.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::short;

    fn read(text: &str) -> String {
        match short(text) {
            Ok(entries) => {
                let ports: Vec<_> = entries
                    .ports
                    .iter()
                    .map(|it| {
                        let published = it.published.map_or("-".to_owned(), |it| it.to_string());
                        format!("{}:{published}:{}/{}", it.host_ip, it.number, it.transport)
                    })
                    .collect();
                let mark = if entries.is_shortened { "…" } else { "" };
                format!("{}{mark}", ports.join(" "))
            }
            Err(what) => what,
        }
    }

    #[test]
    fn every_short_form_is_read() {
        assert_eq!(read("80"), ":-:80/tcp…");
        assert_eq!(read("8080:80"), ":8080:80/tcp");
        assert_eq!(read("127.0.0.1:8001:81/udp"), "127.0.0.1:8001:81/udp");
        assert_eq!(read("[::1]:82:82"), "::1:82:82/tcp");
        assert_eq!(read("::1:82:82"), "::1:82:82/tcp");
        assert_eq!(read("127.0.0.1::81"), "127.0.0.1:-:81/tcp…");
        assert_eq!(read("8000-8001:90-91"), ":8000:90/tcp :8001:91/tcp");
        assert_eq!(read("9000-9010:99"), ":9000:99/tcp…");
        assert_eq!(read("0:80"), ":-:80/tcp…");
    }

    #[test]
    fn what_is_no_port_is_refused_in_words() {
        assert_eq!(read("abc"), "\"abc\" is no port of a container");
        assert_eq!(read("80:99999"), "\"99999\" is no port of a container");
        assert_eq!(
            read("8000-8001:90-92"),
            "the ranges 8000-8001 and 90-92 are of different length"
        );
        assert_eq!(
            read("80:80:80:80"),
            "\"80:80\" in the port \"80:80:80:80\" is no IP address"
        );
        assert_eq!(
            read("80/ftp"),
            "\"ftp\" in the port \"80/ftp\" is no protocol"
        );
    }
}

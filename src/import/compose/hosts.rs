//! Where a text names a host: in a URL, before a port, or as a value that is an address.
//!
//! An ordinary word is no host: `cache` in a sentence, in `redis:7` or as the name of
//! a database says nothing about who calls whom. Everything found here is still only
//! a candidate; whether a service has that name is for the caller to see.

/// A place in a text where a host stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// In lower case.
    pub(super) host: String,
    pub(super) scheme: Option<String>,
    pub(super) port: Option<u16>,
}

/// Texts inside texts that are looked into, such as `-Ddb.url=…` in a list of options.
const MAX_NESTING: u32 = 3;

/// The hosts in the value of a variable.
pub(super) fn in_value(name: &str, value: &str) -> Vec<Found> {
    let mut found = Vec::new();
    collect(name, value, MAX_NESTING, &mut found);
    let whole = value.trim();
    if found.is_empty() && is_distinctive(whole) && !says_something_else(name) {
        found.extend(plain(whole));
    }
    found
}

/// The hosts in the words of a command line.
pub(super) fn in_command<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut option = String::new();
    for word in words.flat_map(str::split_whitespace) {
        if word.starts_with('-') && !word.contains(['=', ':']) {
            let name = word.trim_start_matches('-');
            // `-h` is the host of most clients; those that print help take no value.
            if name == "h" { "host" } else { name }.clone_into(&mut option);
            continue;
        }
        collect(&option, word, MAX_NESTING, &mut found);
        option.clear();
    }
    found
}

fn collect(name: &str, text: &str, nesting: u32, found: &mut Vec<Found>) {
    let is_address = is_address(name);
    let is_image = words(name)
        .iter()
        .any(|it| matches!(it.as_str(), "image" | "tag" | "version"));
    let ends = |it: char| {
        it.is_whitespace()
            || matches!(
                it,
                ',' | ';' | '|' | '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>'
            )
    };
    for piece in text.split(ends).filter(|it| !it.is_empty()) {
        if let Some((before, rest)) = piece.split_once("://") {
            found.extend(authority(before, rest));
        } else if let Some((key, value)) = piece.split_once('=')
            && nesting > 0
        {
            collect(key, value, nesting - 1, found);
        } else {
            let piece = piece.rsplit_once('@').map_or(piece, |(_, it)| it);
            let piece = piece.split(['/', '?']).next().unwrap_or(piece);
            let before = found.len();
            if !is_image {
                found.extend(with_port(piece));
            }
            if before == found.len() && is_address {
                // `Server=tcp:db,1433` puts a protocol in front.
                found.extend(plain(piece.rsplit(':').next().unwrap_or(piece)));
            }
        }
    }
}

/// The host of `scheme://user:password@host:port/path`.
fn authority(before: &str, rest: &str) -> Option<Found> {
    let scheme = before
        .rsplit(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '+' | '-' | '.'))
        .next()
        .unwrap_or(before);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, it)| it);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (authority, None),
    };
    let mut found = plain(host)?;
    found.scheme = Some(scheme.to_ascii_lowercase()).filter(|it| !it.is_empty());
    found.port = port;
    Some(found)
}

/// Every `host:port` in `host:port` or `number:host:port:port`.
fn with_port(piece: &str) -> Vec<Found> {
    let parts: Vec<_> = piece.split(':').collect();
    parts
        .windows(2)
        .filter_map(|pair| {
            let port: u16 = pair[1].parse().ok()?;
            // Small numbers are versions: redis:7 is an image.
            if port < 80 && !matches!(port, 21 | 22 | 25 | 53) {
                return None;
            }
            let mut found = plain(pair[0])?;
            found.port = Some(port);
            Some(found)
        })
        .collect()
}

/// A word that could be a host name, without scheme and port.
fn plain(word: &str) -> Option<Found> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let is_name = !word.is_empty()
        && word.len() <= 255
        && word.chars().all(allowed)
        && word.contains(|it: char| it.is_ascii_alphabetic());
    let host = word.to_ascii_lowercase();
    // Swarm's name for all replicas of a service.
    let host = host
        .strip_prefix("tasks.")
        .map_or(host.clone(), str::to_owned);
    is_name.then_some(Found {
        host,
        scheme: None,
        port: None,
    })
}

/// A word with a joint in it is hardly ever anything but a name.
fn is_distinctive(word: &str) -> bool {
    word.contains(['-', '_', '.']) && !word.contains(char::is_whitespace)
}

/// Whether a variable of this name holds an address.
fn is_address(name: &str) -> bool {
    let mut words = words(name);
    let is_number = |it: &String| it.bytes().all(|it| it.is_ascii_digit());
    while words.last().is_some_and(is_number) {
        words.pop();
    }
    if words.len() > 1 && words.last().is_some_and(|it| it == "name") {
        words.pop();
        return words
            .last()
            .is_some_and(|it| matches!(it.as_str(), "host" | "server" | "domain"));
    }
    words.last().is_some_and(|it| {
        matches!(
            it.as_str(),
            "addr"
                | "addrs"
                | "address"
                | "addresses"
                | "backend"
                | "backends"
                | "bootstrap"
                | "broker"
                | "brokers"
                | "connect"
                | "connection"
                | "dsn"
                | "endpoint"
                | "endpoints"
                | "host"
                | "hostname"
                | "hostnames"
                | "hosts"
                | "join"
                | "nodes"
                | "peer"
                | "peers"
                | "points"
                | "quorum"
                | "remote"
                | "seed"
                | "seeds"
                | "server"
                | "servers"
                | "service"
                | "services"
                | "source"
                | "target"
                | "targets"
                | "upstream"
                | "upstreams"
                | "uri"
                | "uris"
                | "url"
                | "urls"
        )
    })
}

/// Whether a variable of this name holds the name of something that is no host.
fn says_something_else(name: &str) -> bool {
    words(name).iter().any(|it| {
        matches!(
            it.as_str(),
            "app"
                | "application"
                | "bucket"
                | "client"
                | "cluster"
                | "collection"
                | "container"
                | "database"
                | "db"
                | "driver"
                | "env"
                | "exchange"
                | "file"
                | "group"
                | "id"
                | "image"
                | "index"
                | "key"
                | "keyspace"
                | "label"
                | "level"
                | "log"
                | "mode"
                | "name"
                | "namespace"
                | "network"
                | "pass"
                | "password"
                | "path"
                | "profile"
                | "profiles"
                | "project"
                | "queue"
                | "realm"
                | "role"
                | "schema"
                | "secret"
                | "table"
                | "tag"
                | "token"
                | "topic"
                | "type"
                | "user"
                | "username"
                | "version"
                | "vhost"
        )
    })
}

/// The words of a name, in lower case: those of `DB_HOST`, `db.host` and `dbHost`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut after_small = false;
    for character in name.chars() {
        let is_start = !character.is_alphanumeric() || (after_small && character.is_uppercase());
        if is_start && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        after_small = character.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Found, in_command, in_value};

    fn text(found: Vec<Found>) -> String {
        let all: Vec<_> = found
            .into_iter()
            .map(|it| {
                let scheme = it.scheme.map_or(String::new(), |it| format!("{it}://"));
                let port = it.port.map_or(String::new(), |it| format!(":{it}"));
                format!("{scheme}{}{port}", it.host)
            })
            .collect();
        all.join(" ")
    }

    fn value(name: &str, value: &str) -> String {
        text(in_value(name, value))
    }

    #[test]
    fn hosts_of_urls_are_found() {
        assert_eq!(value("X", "http://orders:80/a?b=c"), "http://orders:80");
        assert_eq!(value("X", "amqp://u:p@mq"), "amqp://mq");
        assert_eq!(
            value("X", "jdbc:postgresql://db:5432/x"),
            "postgresql://db:5432"
        );
        assert_eq!(
            value("X", "mongodb://a:1000,b:2000/x"),
            "mongodb://a:1000 b:2000"
        );
        assert_eq!(
            value("X", "PLAINTEXT://k1:9092,PLAINTEXT://k2:9093"),
            "plaintext://k1:9092 plaintext://k2:9093"
        );
        assert_eq!(value("JAVA_OPTS", "-Xmx1g -Da.url=http://x/y"), "http://x");
    }

    #[test]
    fn hosts_before_ports_are_found() {
        assert_eq!(value("X", "db:5432"), "db:5432");
        assert_eq!(value("X", "u:p@tcp(db:3306)/shop"), "db:3306");
        assert_eq!(value("X", "1:zoo1:2181"), "zoo1:2181");
        assert_eq!(value("X", "redis:7"), "");
        assert_eq!(value("BASE_IMAGE", "redis:7000"), "");
    }

    #[test]
    fn whole_values_count_where_the_name_says_address() {
        assert_eq!(value("DB_HOST", "db"), "db");
        assert_eq!(value("ES_HOSTS", "es1, es2"), "es1 es2");
        assert_eq!(value("bootstrapServers", "kafka"), "kafka");
        assert_eq!(value("HOST_NAME", "auth"), "auth");
        assert_eq!(value("X", "Server=tcp:db,1433;Database=shop"), "db");
        assert_eq!(value("X", "host=db port=5432 dbname=x"), "db");
        assert_eq!(value("DB_NAME", "db"), "");
        assert_eq!(value("MYSQL_DATABASE", "orders"), "");
        assert_eq!(value("TEXT", "the cache is in redis"), "");
        assert_eq!(value("SESSIONS", "session-store"), "session-store");
        assert_eq!(value("QUEUE_NAME", "order-events"), "");
    }

    #[test]
    fn command_lines_name_hosts_in_options_and_urls() {
        let command = |it: &str| text(in_command(it.split(' ')));
        assert_eq!(command("-d 60 -h edge-router"), "edge-router");
        assert_eq!(command("--db-host db --port 80"), "db");
        assert_eq!(command("--consul=consul:8500 run redis"), "consul:8500");
        assert_eq!(command("wait-for-it db:5432 -- npm start web"), "db:5432");
    }
}

//! What part a service plays and what it is made with, as far as names and images tell.

use super::node::Node;
use crate::model::{Build, ServiceKind, technology};

/// A kind, and a technology or nothing.
pub(super) struct Recognised {
    pub(super) kind: ServiceKind,
    pub(super) technology: String,
}

/// Well-known images that the table of technologies does not hold.
const OTHER_IMAGES: &[(ServiceKind, &[&str])] = &[
    (
        ServiceKind::Database,
        &[
            "arangodb",
            "clickhouse",
            "clickhouse-server",
            "cockroach",
            "couchbase",
            "couchdb",
            "documentdb",
            "documentdb-local",
            "dynamodb-local",
            "etcd",
            "influxdb",
            "neo4j",
            "oracle-free",
            "oracle-xe",
            "percona",
            "rethinkdb",
            "scylla",
            "surrealdb",
            "tidb",
        ],
    ),
    (
        ServiceKind::Cache,
        &["dragonfly", "hazelcast", "infinispan", "varnish"],
    ),
    (
        ServiceKind::Broker,
        &[
            "activemq",
            "activemq-artemis",
            "activemq-classic",
            "artemis",
            "emqx",
            "eclipse-mosquitto",
            "mosquitto",
            "nsqd",
            "pulsar",
            "rocketmq",
        ],
    ),
    (
        ServiceKind::Search,
        &["meilisearch", "opensearch", "solr", "typesense"],
    ),
    (
        ServiceKind::Gateway,
        &["apisix", "kong", "krakend", "tyk-gateway"],
    ),
];

/// Words at the end of a name that say how many or which, not what.
const SUFFIXES: &[&str] = &[
    "db", "database", "server", "primary", "master", "replica", "slave", "cluster", "node",
];

/// Finds out by the image, then by the name; a proxy that publishes no port serves
/// files to somebody inside, so it is a service and no gateway.
pub(super) fn recognise(
    name: &str,
    image: &str,
    build: Option<&Build>,
    is_published: bool,
) -> Recognised {
    let found = technology::of_image(image)
        .or_else(|| of_words(image_name(image)))
        .or_else(|| build.and_then(|_| of_exact_name(name)));
    let (kind, technology) = match found {
        Some(found) => (found.kind, found.id.to_owned()),
        None => of_other_image(image_name(image)),
    };
    let kind = match kind {
        ServiceKind::Gateway if !is_published => ServiceKind::Service,
        ServiceKind::Service if found.is_none() && is_called_database(name, image) => {
            ServiceKind::Database
        }
        ServiceKind::Service if found.is_none() && is_published && is_called_gateway(name) => {
            ServiceKind::Gateway
        }
        kind => kind,
    };
    Recognised { kind, technology }
}

/// Whether `deploy.mode` says that it runs to its end.
pub(super) fn is_job_mode(deploy: &Node) -> bool {
    let mode = deploy.get("mode").and_then(Node::scalar);
    matches!(mode.as_deref(), Some("replicated-job" | "global-job"))
}

/// The last part of an image's name, without registry, tag and digest.
fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let name = name.rsplit('/').next().unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

/// `rs-mysql-db` ends in `mysql`, once the suffix is off; `mysql-exporter` does not.
fn of_words(image: &str) -> Option<&'static technology::Technology> {
    let mut words: Vec<_> = image.split(['-', '_']).collect();
    while words.len() > 1 && words.last().is_some_and(|it| SUFFIXES.contains(it)) {
        words.pop();
    }
    let last = words
        .last()?
        .trim_end_matches(|it: char| it.is_ascii_digit());
    of_exact_name(last)
}

fn of_exact_name(name: &str) -> Option<&'static technology::Technology> {
    technology::ALL
        .iter()
        .find(|it| it.image_names.contains(&name))
}

fn of_other_image(name: &str) -> (ServiceKind, String) {
    OTHER_IMAGES
        .iter()
        .find(|(_, names)| names.contains(&name))
        .map_or((ServiceKind::Service, String::new()), |(kind, _)| {
            (*kind, name.to_owned())
        })
}

fn is_called_database(name: &str, image: &str) -> bool {
    let last = |it: &str| {
        it.rsplit(['-', '_', '.'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    [last(name), last(image_name(image))]
        .iter()
        .any(|it| it == "db" || it == "database")
}

fn is_called_gateway(name: &str) -> bool {
    name.to_ascii_lowercase().split(['-', '_', '.']).any(|it| {
        matches!(
            it,
            "gateway" | "gw" | "ingress" | "proxy" | "edge" | "apigateway"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::recognise;
    use crate::model::Build;

    fn kind(name: &str, image: &str, is_published: bool) -> String {
        let build = image.is_empty().then(Build::default);
        let found = recognise(name, image, build.as_ref(), is_published);
        format!("{} {}", found.kind, found.technology)
            .trim()
            .to_owned()
    }

    #[test]
    fn images_tell_kind_and_technology() {
        assert_eq!(kind("db", "postgres:15-alpine", false), "Database postgres");
        assert_eq!(kind("m", "acme/rs-mysql-db:1", false), "Database mysql");
        assert_eq!(
            kind("s", "acme/search-elasticsearch8", false),
            "Search elasticsearch"
        );
        assert_eq!(
            kind("q", "apache/activemq-artemis:2", false),
            "Broker activemq-artemis"
        );
        assert_eq!(kind("x", "prom/mysqld-exporter", false), "Service");
        assert_eq!(kind("x", "acme/redis-commander", true), "Service");
        assert_eq!(kind("x", "acme/shop/server:1", true), "Service");
    }

    #[test]
    fn names_help_where_images_do_not() {
        assert_eq!(kind("mysql", "", false), "Database mysql");
        assert_eq!(kind("carts-db", "acme/carts-store", false), "Database");
        assert_eq!(kind("gateway", "acme/shop-gateway", true), "Gateway");
        assert_eq!(kind("gateway", "acme/shop-gateway", false), "Service");
        assert_eq!(kind("front-end", "acme/front-end", true), "Service");
    }

    #[test]
    fn a_proxy_is_a_gateway_where_the_outside_reaches_it() {
        assert_eq!(kind("web", "nginx:alpine", true), "Gateway nginx");
        assert_eq!(kind("files", "nginx:alpine", false), "Service nginx");
    }
}

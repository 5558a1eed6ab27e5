//! What is generally known of a technology: its mark, its usual port and paths.
//!
//! One table for the canvas, the inspector, the importers and the exporters, so
//! that they cannot disagree. Ports and paths are each project's documented
//! defaults; images name the official image and a tag that exists.

use super::ServiceKind;

/// Facts about one technology.
#[derive(Debug, PartialEq, Eq)]
pub struct Technology {
    /// As it stands in a design.
    pub id: &'static str,
    /// As people write it.
    pub label: &'static str,
    /// Two letters for its tile.
    pub mark: &'static str,
    /// The kind a service of it usually has.
    pub kind: ServiceKind,
    /// Its usual port.
    pub port: Option<u16>,
    /// Its usual health path, where it speaks HTTP and has one.
    pub health_path: Option<&'static str>,
    /// Its usual metrics path.
    pub metrics_path: Option<&'static str>,
    /// The official image with a pinned tag, where it runs from one.
    pub image: Option<&'static str>,
    /// Repository names, without registry and tag, that mean this technology.
    pub image_names: &'static [&'static str],
}

/// Finds a technology by its id or label, whatever the case.
pub fn find(text: &str) -> Option<&'static Technology> {
    let text = text.trim();
    ALL.iter()
        .find(|it| it.id.eq_ignore_ascii_case(text) || it.label.eq_ignore_ascii_case(text))
}

/// Finds the technology an image carries, by the last part of its name:
/// `docker.io/library/postgres:17` is `PostgreSQL`.
pub fn of_image(image: &str) -> Option<&'static Technology> {
    let without_digest = image.split('@').next().unwrap_or(image);
    let (folder, last) = without_digest
        .rsplit_once('/')
        .unwrap_or(("", without_digest));
    let name = last.split(':').next().unwrap_or(last);
    // Some names mean something in their folder only: `mssql/server`.
    let folder = folder.rsplit('/').next().unwrap_or(folder);
    let in_folder = format!("{folder}/{name}");
    ALL.iter().find(|it| {
        it.image_names
            .iter()
            .any(|it| *it == name || *it == in_folder)
    })
}

const fn application(
    id: &'static str,
    label: &'static str,
    mark: &'static str,
    port: u16,
    health_path: &'static str,
    metrics_path: &'static str,
) -> Technology {
    Technology {
        id,
        label,
        mark,
        kind: ServiceKind::Service,
        port: Some(port),
        health_path: Some(health_path),
        metrics_path: Some(metrics_path),
        image: None,
        image_names: &[],
    }
}

const fn program(
    id: &'static str,
    label: &'static str,
    mark: &'static str,
    kind: ServiceKind,
    port: u16,
    image: &'static str,
    image_names: &'static [&'static str],
) -> Technology {
    Technology {
        id,
        label,
        mark,
        kind,
        port: Some(port),
        health_path: None,
        metrics_path: None,
        image: Some(image),
        image_names,
    }
}

/// Every known technology: what we write code in, then what we run.
pub const ALL: &[Technology] = &[
    application("fastapi", "FastAPI", "Fa", 8000, "/health", "/metrics"),
    application("express", "Express", "Ex", 3000, "/health", "/metrics"),
    application(
        "spring-boot",
        "Spring Boot",
        "Sp",
        8080,
        "/actuator/health",
        "/actuator/prometheus",
    ),
    application("go", "Go", "Go", 8080, "/health", "/metrics"),
    application("axum", "axum", "Ax", 3000, "/health", "/metrics"),
    application("aspnet", "ASP.NET", "As", 8080, "/health", "/metrics"),
    Technology {
        id: "react",
        label: "React",
        mark: "Re",
        kind: ServiceKind::Client,
        port: None,
        health_path: None,
        metrics_path: None,
        image: None,
        image_names: &[],
    },
    program(
        "nginx",
        "nginx",
        "Nx",
        ServiceKind::Gateway,
        8080,
        "nginxinc/nginx-unprivileged:1.29.3-alpine",
        &["nginx", "nginx-unprivileged", "openresty"],
    ),
    program(
        "envoy",
        "Envoy",
        "En",
        ServiceKind::Gateway,
        8080,
        "envoyproxy/envoy:v1.36.2",
        &["envoy"],
    ),
    program(
        "traefik",
        "Traefik",
        "Tr",
        ServiceKind::Gateway,
        8080,
        "traefik:v3.7.15",
        &["traefik"],
    ),
    program(
        "caddy",
        "Caddy",
        "Ca",
        ServiceKind::Gateway,
        8080,
        "caddy:2.10.2-alpine",
        &["caddy"],
    ),
    program(
        "haproxy",
        "HAProxy",
        "Ha",
        ServiceKind::Gateway,
        8080,
        "haproxy:3.2.7-alpine",
        &["haproxy"],
    ),
    program(
        "postgres",
        "PostgreSQL",
        "Pg",
        ServiceKind::Database,
        5432,
        "postgres:17.6-alpine",
        &["postgres", "postgresql", "postgis", "timescaledb"],
    ),
    program(
        "mysql",
        "MySQL",
        "My",
        ServiceKind::Database,
        3306,
        "mysql:8.4.6",
        &["mysql", "mysql-server"],
    ),
    program(
        "mariadb",
        "MariaDB",
        "Ma",
        ServiceKind::Database,
        3306,
        "mariadb:11.8.3",
        &["mariadb"],
    ),
    program(
        "mongodb",
        "MongoDB",
        "Mo",
        ServiceKind::Database,
        27017,
        "mongo:8.0.14",
        &["mongo", "mongodb"],
    ),
    program(
        "cassandra",
        "Cassandra",
        "Cs",
        ServiceKind::Database,
        9042,
        "cassandra:5.0.5",
        &["cassandra"],
    ),
    program(
        "mssql",
        "SQL Server",
        "Ms",
        ServiceKind::Database,
        1433,
        "mcr.microsoft.com/mssql/server:2022-CU21-ubuntu-22.04",
        &["mssql/server", "azure-sql-edge"],
    ),
    program(
        "redis",
        "Redis",
        "Rd",
        ServiceKind::Cache,
        6379,
        "redis:8.2.2-alpine",
        &["redis", "redis-stack", "valkey", "keydb"],
    ),
    program(
        "memcached",
        "Memcached",
        "Me",
        ServiceKind::Cache,
        11211,
        "memcached:1.6.39-alpine",
        &["memcached"],
    ),
    program(
        "rabbitmq",
        "RabbitMQ",
        "Rq",
        ServiceKind::Broker,
        5672,
        "rabbitmq:4.1.4-management-alpine",
        &["rabbitmq"],
    ),
    program(
        "kafka",
        "Kafka",
        "Ka",
        ServiceKind::Broker,
        9092,
        "apache/kafka:4.1.0",
        &["kafka", "cp-kafka", "redpanda"],
    ),
    program(
        "nats",
        "NATS",
        "Na",
        ServiceKind::Broker,
        4222,
        "nats:2.12.1-alpine",
        &["nats", "nats-streaming"],
    ),
    program(
        "elasticsearch",
        "Elasticsearch",
        "Es",
        ServiceKind::Search,
        9200,
        "elasticsearch:9.1.5",
        &["elasticsearch", "opensearch"],
    ),
    program(
        "consul",
        "Consul",
        "Co",
        ServiceKind::Service,
        8500,
        "hashicorp/consul:1.21.5",
        &["consul"],
    ),
    program(
        "zookeeper",
        "ZooKeeper",
        "Zk",
        ServiceKind::Service,
        2181,
        "zookeeper:3.9.4",
        &["zookeeper", "cp-zookeeper"],
    ),
    program(
        "prometheus",
        "Prometheus",
        "Pr",
        ServiceKind::Service,
        9090,
        "prom/prometheus:v3.7.2",
        &["prometheus"],
    ),
    program(
        "grafana",
        "Grafana",
        "Gf",
        ServiceKind::Service,
        3000,
        "grafana/grafana:12.2.1",
        &["grafana"],
    ),
];

#[cfg(test)]
mod tests {
    use super::{ALL, find, of_image};

    #[test]
    fn ids_and_labels_are_unique_and_images_carry_a_tag() {
        for technology in ALL {
            assert_eq!(find(technology.id), Some(technology));
            assert_eq!(find(technology.label), Some(technology));
            if let Some(image) = technology.image {
                assert!(image.contains(':'), "{image} has no tag");
                assert_eq!(of_image(image), Some(technology));
            }
        }
    }

    #[test]
    fn an_image_tells_its_technology() {
        let id = |image| of_image(image).map(|it| it.id);
        assert_eq!(id("postgres"), Some("postgres"));
        assert_eq!(id("docker.io/library/mongo:4.4"), Some("mongodb"));
        assert_eq!(id("registry:5000/redis@sha256:00"), Some("redis"));
        assert_eq!(id("gitea/server:1"), None);
        assert_eq!(id("weaveworksdemos/front-end:0.3"), None);
        assert_eq!(id(""), None);
    }
}

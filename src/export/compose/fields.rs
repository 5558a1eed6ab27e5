//! What Compose says of each field, in its words.

use crate::export::fields::{Field, carries};

pub(super) const FIELDS: &[Field] = &[
    carries("name", "name"),
    carries("boundary.name", "a comment"),
    carries("boundary.team", "a comment"),
    carries("service.name", "a comment"),
    carries("service.kind", "which settings there are"),
    carries("service.boundary", "networks"),
    carries("service.owner", "a comment"),
    carries("service.technology", "image, health check, hardening"),
    carries("service.image", "image"),
    carries("service.build.context", "build.context"),
    carries("service.build.dockerfile", "build.dockerfile"),
    carries("service.build.target", "build.target"),
    carries("service.build.arguments", "build.args"),
    carries(
        "service.command",
        "entrypoint of our own images, command of others",
    ),
    carries("service.ports.number", "expose, ports.target"),
    carries("service.ports.protocol", "ports.protocol"),
    carries("service.ports.published", "ports.published"),
    carries("service.ports.host_ip", "ports.host_ip"),
    carries("service.replicas", "deploy.replicas"),
    carries(
        "service.resources.cpu_millis",
        "deploy.resources.limits.cpus, processors",
    ),
    carries(
        "service.resources.memory_mib",
        "deploy.resources.limits.memory, M",
    ),
    carries("service.environment", "environment"),
    carries("service.secrets", "secrets"),
    carries("service.volumes.source", "volumes.source"),
    carries("service.volumes.target", "volumes.target"),
    carries("service.volumes.read_only", "volumes.read_only"),
    carries("service.health.path", "healthcheck.test"),
    carries("service.health.port", "healthcheck.test"),
    carries("service.health.command", "healthcheck.test"),
    carries(
        "service.health.interval_ms",
        "healthcheck.interval, ms or s",
    ),
    carries("service.health.timeout_ms", "healthcheck.timeout, ms or s"),
    carries("service.health.retries", "healthcheck.retries"),
    carries(
        "service.health.start_period_ms",
        "healthcheck.start_period, ms or s",
    ),
    carries("service.starts_after", "depends_on.condition"),
    carries("dependency.from", "depends_on, environment …_URL"),
    carries("dependency.to", "depends_on, environment …_URL"),
    carries("dependency.hard", "depends_on.condition"),
    carries("dependency.protocol", "environment …_URL"),
    carries("dependency.timeout_ms", "environment …_TIMEOUT_MS"),
    carries("dependency.retries.count", "environment …_RETRIES"),
    carries(
        "dependency.retries.backoff_ms",
        "environment …_RETRY_BACKOFF_MS",
    ),
    carries(
        "dependency.retries.max_backoff_ms",
        "environment …_RETRY_MAX_BACKOFF_MS",
    ),
    carries("dependency.retries.jitter", "environment …_RETRY_JITTER"),
    carries(
        "dependency.breaker.failure_rate_percent",
        "environment …_BREAKER_FAILURE_RATE, percent",
    ),
    carries(
        "dependency.breaker.consecutive_failures",
        "environment …_BREAKER_CONSECUTIVE_FAILURES",
    ),
    carries(
        "dependency.breaker.window_calls",
        "environment …_BREAKER_WINDOW_CALLS",
    ),
    carries(
        "dependency.breaker.window_ms",
        "environment …_BREAKER_WINDOW_MS",
    ),
    carries(
        "dependency.breaker.minimum_calls",
        "environment …_BREAKER_MINIMUM_CALLS",
    ),
    carries(
        "dependency.breaker.slow_call_ms",
        "environment …_BREAKER_SLOW_CALL_MS",
    ),
    carries(
        "dependency.breaker.slow_call_rate_percent",
        "environment …_BREAKER_SLOW_CALL_RATE, percent",
    ),
    carries(
        "dependency.breaker.open_ms",
        "environment …_BREAKER_OPEN_MS",
    ),
    carries(
        "dependency.breaker.half_open_calls",
        "environment …_BREAKER_HALF_OPEN_CALLS",
    ),
    carries("dependency.breaker.name", "environment …_BREAKER_NAME"),
    carries("dependency.bulkhead", "environment …_BULKHEAD"),
    carries("route.gateway", "networks"),
    carries("route.service", "networks"),
];

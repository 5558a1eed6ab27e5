//! Filebeat, and the settings of Logstash itself.

use super::Facts;
use crate::export::yaml::{Map, Value};

/// `filebeat/filebeat.yml`.
pub(super) fn filebeat(facts: &Facts) -> String {
    let mut file = Map::spaced();
    file.set("filebeat.inputs", vec![Value::Map(input(facts))]);
    file.set_with_comment(
        "processors",
        Value::List(processors(facts)),
        "Containers of others stay out, and so do those that carry logs: a line about a line would never end.",
    );
    file.set(
        "queue.mem",
        Map::from([
            ("events", 4096_u32.into()),
            ("flush.min_events", 512_u32.into()),
            ("flush.timeout", "1s".into()),
        ]),
    );
    file.set_with_comment(
        "output.logstash",
        output(),
        "Nothing is lost while Logstash is away: files wait, and reading goes on where it stopped.",
    );
    file.set("logging.level", "info");
    file.set("logging.to_stderr", true);
    file.to_file(&format!(
        "Ships what the containers of {} write to their standard output.\n\
         Docker's json-file driver writes which service a line is of beside it, where the\n\
         container is told to: compose.operations.yaml does, so Docker's socket stays closed.",
        facts.system
    ))
}

fn input(facts: &Facts) -> Map {
    let container = Map::from([("stream", "all".into()), ("format", "json-file".into())]);
    let mut input = Map::from([
        ("type", "filestream".into()),
        ("id", format!("{}-containers", facts.system).into()),
        ("paths", ["/var/lib/docker/containers/*/*-json.log"].into()),
        (
            "parsers",
            vec![Map::from([("container", container.into())])].into(),
        ),
    ]);
    input.set_with_comment(
        "file_identity.native",
        Value::Null,
        "A short log is read as well: fingerprints would wait for its first kilobyte.",
    );
    input.set("prospector.scanner.fingerprint.enabled", false);
    input.set("close.on_state_change.inactive", "5m");
    input.set("close.on_state_change.removed", true);
    input.set("backoff.init", "1s");
    input.set("backoff.max", "10s");
    input
}

fn processors(facts: &Facts) -> Vec<Value> {
    let label = |name: &str, value: &str| -> Value {
        [(
            "equals",
            [(
                format!("docker.attrs.com.docker.compose.{name}").as_str(),
                Value::from(value),
            )]
            .into(),
        )]
        .into()
    };
    let drop = |when: Value| -> Value { [("drop_event", [("when", when)].into())].into() };
    let carriers = ["filebeat", "logstash"];
    vec![
        drop([("not", label("project", &facts.system))].into()),
        drop(
            [(
                "or",
                Value::List(carriers.iter().map(|it| label("service", it)).collect()),
            )]
            .into(),
        ),
        [(
            "drop_fields",
            [
                ("fields", ["agent.ephemeral_id", "input.type"].into()),
                ("ignore_missing", true.into()),
            ]
            .into(),
        )]
        .into(),
    ]
}

fn output() -> Map {
    let certificates = "/usr/share/filebeat/certs";
    let host = format!("logstash:{}", super::BEATS_PORT);
    Map::from([
        ("hosts", [host.as_str()].into()),
        ("bulk_max_size", 1024_u32.into()),
        ("compression_level", 3_u32.into()),
        ("slow_start", true.into()),
        ("timeout", "30s".into()),
        ("backoff.init", "1s".into()),
        ("backoff.max", "60s".into()),
        (
            "ssl",
            [
                ("enabled", true.into()),
                (
                    "certificate_authorities",
                    [format!("{certificates}/ca.crt").as_str()].into(),
                ),
                ("certificate", format!("{certificates}/filebeat.crt").into()),
                ("key", format!("{certificates}/filebeat.key").into()),
                ("verification_mode", "full".into()),
                ("supported_protocols", ["TLSv1.2", "TLSv1.3"].into()),
            ]
            .into(),
        ),
    ])
}

/// `logstash/logstash.yml`.
pub(super) fn logstash(facts: &Facts) -> String {
    let mut file = Map::default();
    file.set("node.name", format!("{}-logstash", facts.system));
    file.set_with_comment(
        "api.http.host",
        "127.0.0.1",
        "Only its own health check asks.",
    );
    file.set("api.http.port", 9600_u32);
    file.set("pipeline.ecs_compatibility", "v8");
    file.set_with_comment(
        "queue.type",
        "persisted",
        "What was taken is on disk before it is answered for.",
    );
    file.set("queue.max_bytes", "1gb");
    file.set_with_comment(
        "dead_letter_queue.enable",
        true,
        "What Elasticsearch will not take is kept, and read by a pipeline of its own.",
    );
    file.set("dead_letter_queue.max_bytes", "256mb");
    file.set("dead_letter_queue.storage_policy", "drop_older");
    file.set("dead_letter_queue.retain.age", "7d");
    file.set("log.format", "json");
    file.set("allow_superuser", false);
    file.set("xpack.monitoring.enabled", false);
    file.to_file("Logstash itself.")
}

/// `logstash/pipelines.yml`.
pub(super) fn pipelines(facts: &Facts) -> String {
    let folder = "/usr/share/logstash/pipeline";
    let logs = Value::from([
        ("pipeline.id", facts.system.as_str().into()),
        (
            "path.config",
            format!("{folder}/{}.conf", facts.system).into(),
        ),
    ]);
    let letters = Value::from([
        (
            "pipeline.id",
            format!("{}-dead-letters", facts.system).into(),
        ),
        (
            "path.config",
            format!("{folder}/{}-dead-letters.conf", facts.system).into(),
        ),
        // What fails here would come back for ever.
        ("dead_letter_queue.enable", false.into()),
        ("pipeline.workers", 1_u32.into()),
    ]);
    crate::export::yaml::list_to_file("Which pipelines run.", &[logs, letters])
}

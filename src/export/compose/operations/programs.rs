//! The programs that watch, each as one container.

use super::{
    ELASTIC, NETWORK, PUBLISHED, consul,
    container::{after, bind, container, health, published, read_only, secret, volume},
    measured_networks, networks_of,
};
use crate::{
    export::{
        bundle,
        compose::Writing,
        yaml::{Map, Value},
    },
    model::Model,
};

/// A name, a container, and the secrets it reads.
pub(super) type Own = (&'static str, Map, Vec<&'static str>);

/// Every program that the design does not bring along.
pub(super) fn own(writing: &Writing<'_>) -> Vec<Own> {
    let model = writing.model;
    let mut all = vec![prometheus(writing), grafana()];
    if bundle::drawn(model, "elasticsearch").is_none() {
        all.push(elasticsearch());
        all.push(preparation(model));
    }
    all.push(logstash(writing));
    all.push(filebeat());
    all.extend(consul::own(writing));
    all
}

fn prometheus(writing: &Writing<'_>) -> Own {
    let mut networks = vec![NETWORK, PUBLISHED];
    networks.extend(measured_networks(writing));
    let mut map = container("prom/prometheus:v3.7.2", "512M", &networks);
    map.set("user", "65534:65534");
    read_only(&mut map);
    map.set(
        "command",
        [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=15d",
        ],
    );
    map.set(
        "volumes",
        vec![
            bind("./prometheus", "/etc/prometheus"),
            volume("operations_prometheus", "/prometheus"),
        ],
    );
    map.set("ports", published("PROMETHEUS_PORT", 9090));
    let url = "http://127.0.0.1:9090/-/healthy";
    let test = ["CMD", "wget", "-q", "-O", "/dev/null", url];
    map.set("healthcheck", health(&test, "15s"));
    ("prometheus", map, Vec::new())
}

fn grafana() -> Own {
    let mut map = container("grafana/grafana:12.2.1", "512M", &[NETWORK, PUBLISHED]);
    map.set("user", "472:0");
    read_only(&mut map);
    map.set(
        "environment",
        Map::from([
            ("GF_ANALYTICS_CHECK_FOR_UPDATES", "false".into()),
            ("GF_ANALYTICS_REPORTING_ENABLED", "false".into()),
            (
                "GF_SECURITY_ADMIN_PASSWORD__FILE",
                "/run/secrets/operations_grafana_password".into(),
            ),
        ]),
    );
    map.set("secrets", ["operations_grafana_password"]);
    map.set(
        "volumes",
        vec![
            bind("./grafana/provisioning", "/etc/grafana/provisioning"),
            bind("./grafana/dashboards", "/etc/grafana/dashboards"),
            volume("operations_grafana", "/var/lib/grafana"),
        ],
    );
    map.set("ports", published("GRAFANA_PORT", 3000));
    let url = "http://127.0.0.1:3000/api/health";
    let test = ["CMD", "wget", "-q", "-O", "/dev/null", url];
    map.set("healthcheck", health(&test, "30s"));
    ("grafana", map, vec!["operations_grafana_password"])
}

/// Its start script takes a password's file only with rights that a mounted one has not.
fn elasticsearch() -> Own {
    let image = format!("elasticsearch:{ELASTIC}");
    let mut map = container(&image, "1536M", &[NETWORK]);
    map.set(
        "entrypoint",
        [
            "/bin/bash",
            "-c",
            "ELASTIC_PASSWORD=\"$$(cat /run/secrets/operations_elastic_password)\" exec /usr/local/bin/docker-entrypoint.sh eswrapper",
        ],
    );
    let folder = "/usr/share/elasticsearch/config";
    map.set(
        "environment",
        Map::from([
            ("ES_JAVA_OPTS", "-Xms768m -Xmx768m".into()),
            ("discovery.type", "single-node".into()),
            ("xpack.security.http.ssl.enabled", "true".into()),
            (
                "xpack.security.http.ssl.certificate",
                "operations.crt".into(),
            ),
            ("xpack.security.http.ssl.key", "operations.key".into()),
        ]),
    );
    map.set(
        "secrets",
        vec![
            Value::from("operations_elastic_password"),
            secret(
                "operations_elasticsearch_crt",
                &format!("{folder}/operations.crt"),
            ),
            secret(
                "operations_elasticsearch_key",
                &format!("{folder}/operations.key"),
            ),
            Value::from("operations_ca"),
        ],
    );
    map.set(
        "volumes",
        vec![volume(
            "operations_elasticsearch",
            "/usr/share/elasticsearch/data",
        )],
    );
    let asked = "curl -fsS -o /dev/null --cacert /run/secrets/operations_ca --resolve elasticsearch:9200:127.0.0.1 -u \"elastic:$$(cat /run/secrets/operations_elastic_password)\" 'https://elasticsearch:9200/_cluster/health?wait_for_status=yellow&timeout=1s'";
    map.set("healthcheck", health(&["CMD-SHELL", asked], "90s"));
    let secrets = vec![
        "operations_ca",
        "operations_elastic_password",
        "operations_elasticsearch_crt",
        "operations_elasticsearch_key",
    ];
    ("elasticsearch", map, secrets)
}

/// Runs once: the template of the logs, and a user who may write those and nothing else.
fn preparation(model: &Model) -> Own {
    let system = bundle::system(model);
    let stream = system.replace('-', "_");
    let image = format!("elasticsearch:{ELASTIC}");
    let mut map = container(&image, "256M", &[NETWORK]);
    let script = [
        "set -eu",
        "ask() { curl -fsS -o /dev/null --cacert /run/secrets/operations_ca -u \"elastic:$$(cat /run/secrets/operations_elastic_password)\" -H 'Content-Type: application/json' -X PUT \"https://elasticsearch:9200/$$1\" -d \"$$2\"; }",
        &format!("ask _index_template/logs-{stream} @/template.json"),
        &format!(
            "ask _security/role/logstash_writer '{{\"cluster\":[\"monitor\"],\"indices\":[{{\"names\":[\"logs-{stream}-*\",\"logs-{stream}.dead_letter-*\"],\"privileges\":[\"auto_configure\",\"create_doc\"]}}]}}'"
        ),
        "ask _security/user/logstash_writer \"{\\\"password\\\":\\\"$$(cat /run/secrets/operations_writer_password)\\\",\\\"roles\\\":[\\\"logstash_writer\\\"]}\"",
    ];
    map.set("entrypoint", ["/bin/bash", "-c"]);
    let script = format!("{}\n", script.join("\n"));
    map.set("command", Value::List(vec![Value::Block(script)]));
    map.set("restart", "on-failure:5");
    let secrets = vec![
        "operations_ca",
        "operations_elastic_password",
        "operations_writer_password",
    ];
    map.set("secrets", secrets.clone());
    map.set(
        "volumes",
        vec![bind("./logstash/index-template.json", "/template.json")],
    );
    map.set("depends_on", after(&[("elasticsearch", "service_healthy")]));
    ("elasticsearch-preparation", map, secrets)
}

fn logstash(writing: &Writing<'_>) -> Own {
    let image = format!("logstash:{ELASTIC}");
    let drawn = bundle::drawn(writing.model, "elasticsearch").map(|it| it.0);
    let mut networks = vec![NETWORK];
    networks.extend(networks_of(writing, drawn.into_iter()));
    let mut map = container(&image, "1024M", &networks);
    map.set(
        "entrypoint",
        [
            "/bin/bash",
            "-c",
            "ELASTIC_PASSWORD=\"$$(cat /run/secrets/operations_writer_password)\" exec /usr/local/bin/docker-entrypoint",
        ],
    );
    map.set(
        "environment",
        Map::from([
            ("ENVIRONMENT", "${ENVIRONMENT:-production}".into()),
            ("LS_JAVA_OPTS", "-Xms512m -Xmx512m".into()),
        ]),
    );
    logstash_files(&mut map);
    if drawn.is_none() {
        map.set(
            "depends_on",
            after(&[
                ("elasticsearch", "service_healthy"),
                (
                    "elasticsearch-preparation",
                    "service_completed_successfully",
                ),
            ]),
        );
    }
    let asked = "curl -fsS -o /dev/null http://127.0.0.1:9600/_node/pipelines";
    map.set("healthcheck", health(&["CMD-SHELL", asked], "90s"));
    let secrets = vec![
        "operations_ca",
        "operations_logstash_crt",
        "operations_logstash_key",
        "operations_writer_password",
    ];
    ("logstash", map, secrets)
}

/// What Logstash reads and writes.
fn logstash_files(map: &mut Map) {
    let certificates = "/usr/share/logstash/certs";
    map.set(
        "secrets",
        vec![
            secret("operations_ca", &format!("{certificates}/ca.crt")),
            secret(
                "operations_logstash_crt",
                &format!("{certificates}/logstash.crt"),
            ),
            secret(
                "operations_logstash_key",
                &format!("{certificates}/logstash.key"),
            ),
            Value::from("operations_writer_password"),
        ],
    );
    let config = "/usr/share/logstash/config";
    let file = |name: &str| bind(&format!("./logstash/{name}"), &format!("{config}/{name}"));
    map.set(
        "volumes",
        vec![
            file("logstash.yml"),
            file("pipelines.yml"),
            file("teams.yml"),
            bind("./logstash/pipeline", "/usr/share/logstash/pipeline"),
            volume("operations_logstash", "/usr/share/logstash/data"),
        ],
    );
}

/// Root without rights, but for reading what root alone may.
fn filebeat() -> Own {
    let image = format!("elastic/filebeat:{ELASTIC}");
    let mut map = container(&image, "256M", &[NETWORK]);
    map.set("user", "0:0");
    map.set("cap_add", ["DAC_READ_SEARCH"]);
    read_only(&mut map);
    map.set("command", ["-e", "--strict.perms=false"]);
    let certificates = "/usr/share/filebeat/certs";
    map.set(
        "secrets",
        vec![
            secret("operations_ca", &format!("{certificates}/ca.crt")),
            secret(
                "operations_filebeat_crt",
                &format!("{certificates}/filebeat.crt"),
            ),
            secret(
                "operations_filebeat_key",
                &format!("{certificates}/filebeat.key"),
            ),
        ],
    );
    map.set(
        "volumes",
        vec![
            bind(
                "./filebeat/filebeat.yml",
                "/usr/share/filebeat/filebeat.yml",
            ),
            bind("/var/lib/docker/containers", "/var/lib/docker/containers"),
            volume("operations_filebeat", "/usr/share/filebeat/data"),
        ],
    );
    map.set("depends_on", after(&[("logstash", "service_healthy")]));
    map.set(
        "healthcheck",
        health(
            &["CMD", "filebeat", "test", "output", "--strict.perms=false"],
            "30s",
        ),
    );
    let secrets = vec![
        "operations_ca",
        "operations_filebeat_crt",
        "operations_filebeat_key",
    ];
    ("filebeat", map, secrets)
}

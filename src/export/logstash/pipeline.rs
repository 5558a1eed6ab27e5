//! The pipelines: what comes in, and where documents go.

use super::{
    Facts, filter,
    tree::{Setting, Step, plugin, to_text},
};

/// Where containers find certificates.
const CERTIFICATES: &str = "/usr/share/logstash/certs";
/// Where Logstash keeps what Elasticsearch would not take.
const DEAD_LETTERS: &str = "/usr/share/logstash/data/dead_letter_queue";

/// The pipeline of the system's logs.
pub(super) fn logs(facts: &Facts) -> String {
    let certificate = |file: &str| format!("{CERTIFICATES}/{file}");
    let input = plugin(
        "beats",
        [
            ("id", "filebeat".into()),
            ("port", super::BEATS_PORT.into()),
            ("ssl_enabled", true.into()),
            ("ssl_certificate", certificate("logstash.crt").into()),
            ("ssl_key", certificate("logstash.key").into()),
            ("ssl_client_authentication", "required".into()),
            (
                "ssl_certificate_authorities",
                Setting::List(vec![certificate("ca.crt")]),
            ),
        ],
    )
    .because("Only who shows a certificate of ours may send.");
    to_text(
        &format!(
            "{}: what its containers write, as documents of the Elastic Common Schema.\n\
             Passwords come from Logstash's keystore or its environment; none is in here.",
            facts.title
        ),
        &[
            ("input", vec![input]),
            ("filter", filter::steps(facts)),
            ("output", vec![elasticsearch(facts, &facts.dataset)]),
        ],
    )
}

/// The pipeline of what could not be kept, so that somebody sees it.
pub(super) fn dead_letters(facts: &Facts) -> String {
    let input = plugin(
        "dead_letter_queue",
        [
            ("id", "dead_letters".into()),
            ("path", DEAD_LETTERS.into()),
            ("pipeline_id", facts.system.as_str().into()),
            ("commit_offsets", true.into()),
            ("clean_consumed", true.into()),
        ],
    );
    let wrap = vec![
        plugin("ruby", [("code", AS_TEXT.into())]).because(
            "The document becomes a text, which Elasticsearch can take whatever is in it.",
        ),
        plugin(
            "mutate",
            [(
                "add_field",
                [
                    (
                        "[error][message]",
                        "%{[@metadata][dead_letter_queue][reason]}",
                    ),
                    ("[event][dataset]", "logstash.dead_letter"),
                    ("[service][name]", "logstash"),
                ]
                .into(),
            )],
        ),
    ];
    to_text(
        &format!(
            "{}: documents that Elasticsearch would not take, and why.",
            facts.title
        ),
        &[
            ("input", vec![input]),
            ("filter", wrap),
            (
                "output",
                vec![elasticsearch(
                    facts,
                    &format!("{}.dead_letter", facts.dataset),
                )],
            ),
        ],
    )
}

/// Keeps the time and makes everything else a message.
const AS_TEXT: &str = "text = event.to_json; event.to_hash.each_key { |it| event.remove(it) unless it.start_with?('@') }; event.set('message', text)";

fn elasticsearch(facts: &Facts, dataset: &str) -> Step {
    let mut settings: Vec<(&'static str, Setting)> = vec![
        (
            "hosts",
            Setting::List(vec![facts.elasticsearch.address.clone()]),
        ),
        ("user", "${ELASTIC_USER:logstash_writer}".into()),
        ("password", "${ELASTIC_PASSWORD}".into()),
        ("ssl_enabled", facts.elasticsearch.is_ours.into()),
    ];
    if facts.elasticsearch.is_ours {
        settings.push((
            "ssl_certificate_authorities",
            Setting::List(vec![format!("{CERTIFICATES}/ca.crt")]),
        ));
        settings.push(("ssl_verification_mode", "full".into()));
    }
    settings.extend([
        ("data_stream", "true".into()),
        ("data_stream_type", "logs".into()),
        ("data_stream_dataset", dataset.into()),
        ("data_stream_namespace", "${ENVIRONMENT:production}".into()),
    ]);
    Step::Plugin {
        comment: "",
        name: "elasticsearch",
        settings,
    }
}

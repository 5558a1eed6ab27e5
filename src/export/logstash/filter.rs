//! From a line of a container to a document: whose it is, what it says, when it was.

use super::{
    Facts, ecs, shapes,
    tree::{Setting, Step, plugin, when},
};

/// Every step, in order.
pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let mut steps = origin();
    steps.extend(labels(facts));
    steps.push(
        plugin("mutate", [("gsub", ["message", r"\s+\z", ""].into())])
            .because("Docker's line break is no part of a message."),
    );
    steps.push(parse(facts));
    let mut parsed = shapes::all(facts);
    parsed.extend(take_over());
    steps.push(
        when("[app]", parsed)
            .or_else(text(facts))
            .because("What a line says about itself has the same names from here on."),
    );
    steps.extend(finish());
    steps
}

/// Which container and which service: the container's labels say so, not its lines.
fn origin() -> Vec<Step> {
    vec![
        plugin(
            "grok",
            [
                (
                    "match",
                    [("[log][file][path]", "/%{CONTAINER:[container][id]}/")].into(),
                ),
                (
                    "pattern_definitions",
                    [("CONTAINER", "[0-9a-f]{64}")].into(),
                ),
                ("tag_on_failure", ["no_container"].into()),
            ],
        )
        .because("Whose line it is says the container, which no line can fake."),
        plugin(
            "mutate",
            [(
                "rename",
                [(
                    "[docker][attrs][com.docker.compose.service]",
                    "[service][name]",
                )]
                .into(),
            )],
        ),
        when(
            "![service][name]",
            vec![plugin(
                "mutate",
                [("add_field", [("[service][name]", "unknown")].into())],
            )],
        ),
    ]
}

/// Whom a service belongs to, and what it writes, as drawn.
fn labels(facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut look_up = |target: &str, known: &[(String, String)], comment: &'static str| {
        if !known.is_empty() {
            let look_up = plugin(
                "translate",
                [
                    ("source", "[service][name]".into()),
                    ("target", target.into()),
                    ("dictionary", known.to_vec().into()),
                ],
            );
            steps.push(look_up.because(comment));
        }
    };
    look_up(
        "[labels][boundary]",
        &facts.boundaries,
        "Where each service belongs, as drawn.",
    );
    look_up(
        "[@metadata][writes]",
        &facts.formats,
        "How each service writes its log, where the design says it.",
    );
    steps.push(plugin(
        "translate",
        [
            ("source", "[service][name]".into()),
            ("target", "[labels][team]".into()),
            ("dictionary_path", super::TEAMS_PATH.into()),
            ("refresh_interval", 0.into()),
        ],
    ));
    steps
}

/// A line that looks like JSON is parsed into a place of its own, so that no line can
/// set what it has no say in. One that is no JSON after all stays as it is, with a tag.
fn parse(facts: &Facts) -> Step {
    let json = plugin(
        "json",
        [
            ("source", "message".into()),
            ("target", "[app]".into()),
            ("tag_on_failure", ["_jsonparsefailure"].into()),
        ],
    );
    let looks = r"[message] =~ /^\s*\{/";
    let has_text = facts.formats.iter().any(|it| it.1 == super::TEXT);
    let condition = if has_text {
        format!("[@metadata][writes] != \"{}\" and {looks}", super::TEXT)
    } else {
        looks.to_owned()
    };
    when(condition, vec![json])
        .because("Parsed into a place of its own, so that no line can set what it has no say in.")
}

/// What a parsed line says under names of the schema, with dots or nested.
fn take_over() -> Vec<Step> {
    let mut names = Vec::new();
    for (path, _) in ecs::SAID {
        let target = ecs::reference(path);
        names.push((format!("[app][{path}]"), target.clone()));
        if path.contains('.') {
            names.push((format!("[app]{target}"), target));
        }
    }
    let numbers = ecs::SAID.iter().filter(|it| it.1 == "long");
    let numbers = numbers.map(|it| (ecs::reference(it.0), "integer".to_owned()));
    let mut steps = vec![
        plugin(
            "date",
            [
                ("match", ["[app][@timestamp]", "ISO8601"].into()),
                ("tag_on_failure", ["_dateparsefailure"].into()),
            ],
        )
        .because("The time of a line is when it was written, not when it was read."),
        plugin("mutate", [("rename", Setting::from(names))]),
        plugin(
            "mutate",
            [
                ("convert", Setting::from(numbers.collect::<Vec<_>>())),
                ("lowercase", ["[log][level]"].into()),
                ("gsub", ["[url][path]", r"\?.*$", ""].into()),
            ],
        )
        .because("A query may carry what is nobody's business: it is not kept."),
    ];
    for path in ["trace.id", "destination.address", "user_agent.original"] {
        let field = ecs::reference(path);
        let remove = plugin(
            "mutate",
            [("remove_field", Setting::List(vec![field.clone()]))],
        );
        steps.push(when(format!("{field} == \"\""), vec![remove]));
    }
    steps.push(plugin(
        "mutate",
        [(
            "remove_field",
            [
                "[app][@timestamp]",
                "[app][@version]",
                "[app][ecs.version]",
                "[app][ecs]",
                "[app][event.dataset]",
                "[app][service.name]",
            ]
            .into(),
        )],
    ));
    steps
}

/// Lines that are no JSON: databases, brokers, start-up messages.
fn text(facts: &Facts) -> Vec<Step> {
    let mut steps = vec![plugin("mutate", [("add_tag", ["text"].into())])];
    if facts.formats.iter().any(|it| it.1 == super::JSON) {
        steps.push(when(
            format!("[@metadata][writes] == \"{}\"", super::JSON),
            vec![plugin("mutate", [("add_tag", ["not_json"].into())])],
        ));
    }
    if facts.has("nginx") {
        steps.extend(shapes::nginx_errors());
    }
    steps
}

fn finish() -> Vec<Step> {
    let outcome =
        |it: &'static str| plugin("mutate", [("add_field", [("[event][outcome]", it)].into())]);
    let dataset =
        |it: &'static str| plugin("mutate", [("add_field", [("[event][dataset]", it)].into())]);
    let is_access = "[http][response][status_code]";
    vec![
        when(
            is_access,
            vec![
                dataset("%{[service][name]}.access"),
                when(format!("{is_access} >= 500"), vec![outcome("failure")])
                    .or_else(vec![outcome("success")]),
            ],
        )
        .or_else(vec![dataset("%{[service][name]}.log")]),
        plugin(
            "mutate",
            [
                ("add_field", [("[ecs][version]", ecs::VERSION)].into()),
                (
                    "remove_field",
                    [
                        "[agent]",
                        "[docker]",
                        "[event][original]",
                        "[input]",
                        "[log][file]",
                        "[log][offset]",
                    ]
                    .into(),
                ),
            ],
        )
        .because("What only shippers need is not kept."),
    ]
}

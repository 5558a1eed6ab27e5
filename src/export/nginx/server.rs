//! One server per host name; whoever asks for another host is not answered.

use super::{
    cross_origin,
    directive::{Directive, block, simple},
    location,
};
use crate::{
    export::bundle::{self, Checked},
    model::{Model, ServiceId},
};

/// Every server, the default one first.
pub(super) fn all(model: &Model, gateway: &ServiceId, checked: &Checked<'_>) -> Vec<Directive> {
    let port = model
        .services
        .get(gateway)
        .map_or(8080, |it| bundle::port(it));
    let listen = port.to_string();
    let mut default = vec![
        simple(["listen", &listen, "default_server"]),
        simple(["server_name", "_"]),
    ];
    let any_host = checked.hosts.get(&None);
    match any_host {
        Some(_) => default.extend(inside(model, gateway, checked, None)),
        None if checked.hosts.is_empty() => default.extend(inside(model, gateway, checked, None)),
        None => {
            default.extend(variables(checked));
            default.push(
                simple(["error_page", "400", "405", "414", "494", "501", "505", "/"])
                    .with_comment("Nor is what cannot be read."),
            );
            default.push(location::health(model, gateway));
            default.push(block(["location", "/"], vec![simple(["return", "444"])]));
        }
    }
    let comment = if any_host.is_some() || checked.hosts.is_empty() {
        "Any host is answered, because routes name none."
    } else {
        "Whoever asks for a host that no route names is not answered."
    };
    let mut servers = vec![block(["server"], default).with_comment(comment)];
    for host in checked.hosts.keys().flatten() {
        let mut server = vec![simple(["listen", &listen]), simple(["server_name", host])];
        server.extend(inside(model, gateway, checked, Some(host)));
        servers.push(block(["server"], server));
    }
    servers
}

/// What a location may set, empty: nginx complains of a variable that nobody set.
fn variables(checked: &Checked<'_>) -> Vec<Directive> {
    let mut names = vec!["$allowed_methods"];
    if checked.asks_credentials() {
        names.push("$credentials");
    }
    if checked.has_crossing() {
        names.extend(cross_origin::VARIABLES);
    }
    let names = names.into_iter();
    names.map(|it| simple(["set", it, ""])).collect()
}

fn inside(
    model: &Model,
    gateway: &ServiceId,
    checked: &Checked<'_>,
    host: Option<&String>,
) -> Vec<Directive> {
    // The longest match wins whatever the order; sorted, a reader sees that, too.
    let paths = checked.paths_of(host.map(String::as_str));
    let mut all = variables(checked);
    all.extend(location::error_pages());
    all.push(location::health(model, gateway));
    for (prefix, passages) in &paths {
        all.extend(location::all(model, gateway, prefix, passages));
    }
    if paths.iter().all(|(prefix, _)| !prefix.is_empty()) {
        all.push(block(["location", "/"], vec![simple(["return", "404"])]));
    }
    all.extend(error_answers());
    all
}

/// What is answered where nginx itself refuses.
fn error_answers() -> [Directive; 2] {
    let answer = || {
        vec![
            simple(["default_type", "application/json"]),
            simple([
                "return",
                "200",
                "{\"error\":\"$error_text\",\"status\":$status,\"request_id\":\"$req_id\"}\n",
            ]),
        ]
    };
    let mut unread = vec![simple(["internal"])];
    unread.extend(answer());
    [
        block(["location", "@error"], answer()).with_comment(
            "nginx keeps the status of the error; 200 is only what this line has to say.",
        ),
        block(["location", "=", location::UNREAD], unread)
            .with_comment("The same for what cannot be read, which may have no path to come from."),
    ]
}

//! The gateways of a design as Gateway API resources.

use super::{documents, list, names, resource};
use crate::{
    export::{
        bundle::{self, Gateway, Passage, USUAL_LIMITS},
        yaml::{Map, Value},
    },
    model::Model,
};

/// The class each program's controller installs itself as.
const CLASSES: [(&str, &str); 4] = [
    ("envoy", "eg"),
    ("haproxy", "haproxy"),
    ("nginx", "nginx"),
    ("traefik", "traefik"),
];

/// The file of a gateway, and what a reader should know of it.
pub(super) fn file(model: &Model, gateway: &Gateway<'_>) -> (String, Vec<String>) {
    let checked = bundle::passages(model, gateway, USUAL_LIMITS);
    let name = names::service(gateway.id);
    let known = CLASSES.iter().find(|it| it.0 == gateway.program.id);
    let class = known.map_or("nginx", |it| it.1);
    let labels = Map::from([("app.kubernetes.io/part-of", bundle::system(model).into())]);
    let mut entrance = resource(
        "gateway.networking.k8s.io/v1",
        "Gateway",
        &name,
        labels.clone(),
    );
    let from = Value::from([("namespaces", Value::from([("from", "Same".into())]))]);
    let listener = Map::from([
        ("name", "http".into()),
        ("protocol", "HTTP".into()),
        ("port", 80_u16.into()),
        ("allowedRoutes", from),
    ]);
    let mut spec = Map::default();
    spec.set_with_comment(
        "gatewayClassName",
        class,
        "As the controller of the cluster calls itself.",
    );
    spec.set("listeners", list([listener]));
    entrance.set("spec", spec);
    let mut all = vec![entrance];
    for passage in checked.hosts.values().flat_map(|it| it.values().flatten()) {
        all.push(route(&name, passage, labels.clone()));
    }
    let mut notes = checked.notes;
    if known.is_none() {
        notes.push(format!(
            "{} has no gateway class of its own for Kubernetes: {class} stands for {}.",
            gateway.program.title, gateway.id
        ));
    }
    if gateway
        .service
        .ports
        .first()
        .is_some_and(|it| it.published.is_some())
    {
        notes.push(format!(
            "In the cluster {} listens on port 80, and its load balancer says where: TLS is a listener the overlay adds.",
            gateway.id
        ));
    }
    let title = format!("Needs a controller of the Gateway API for the class {class}.");
    (documents(&title, &all), notes)
}

fn route(gateway: &str, passage: &Passage<'_>, labels: Map) -> Map {
    let mut map = resource(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        passage.id.as_str(),
        labels,
    );
    let mut spec = Map::from([("parentRefs", list([Map::from([("name", gateway.into())])]))]);
    if let Some(host) = &passage.host {
        spec.set("hostnames", list([host.replace('_', "-")]));
    }
    let prefix = if passage.prefix.is_empty() {
        "/"
    } else {
        &passage.prefix
    };
    let path = Value::from([("type", "PathPrefix".into()), ("value", prefix.into())]);
    let matches: Vec<Map> = if passage.methods.is_empty() {
        vec![Map::from([("path", path)])]
    } else {
        let methods = passage.methods.iter();
        methods
            .map(|it| Map::from([("path", path.clone()), ("method", it.as_str().into())]))
            .collect()
    };
    let mut rule = Map::from([("matches", list(matches))]);
    if passage.route.strip_prefix && !passage.prefix.is_empty() {
        let path = Value::from([
            ("type", "ReplacePrefixMatch".into()),
            ("replacePrefixMatch", "/".into()),
        ]);
        let filter = Map::from([
            ("type", "URLRewrite".into()),
            ("urlRewrite", Value::from([("path", path)])),
        ]);
        rule.set("filters", list([filter]));
    }
    let target = Map::from([
        ("name", names::service(passage.service.0).into()),
        ("port", passage.port().into()),
    ]);
    rule.set("backendRefs", list([target]));
    if let Some(ms) = passage.timeout_ms {
        rule.set("timeouts", Map::from([("request", duration(ms).into())]));
    }
    spec.set("rules", list([rule]));
    map.set("spec", spec);
    map
}

/// At most five digits and a unit each, as the Gateway API writes durations.
fn duration(ms: u64) -> String {
    let (hours, rest) = (ms / 3_600_000, ms % 3_600_000);
    let (seconds, ms) = (rest / 1_000, rest % 1_000);
    let parts = [(hours, "h"), (seconds, "s"), (ms, "ms")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect();
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_duration_has_parts_of_few_digits() {
        assert_eq!(duration(1_237), "1s237ms");
        assert_eq!(duration(90_000), "90s");
        assert_eq!(duration(3_600_000), "1h");
        assert_eq!(duration(7), "7ms");
    }
}

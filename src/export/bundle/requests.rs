//! Whom our own code asks over HTTP, and what for.

use super::{
    Endpoint, Origin, Variable,
    endpoints::{method_of, parts},
    is_plain_path, named, origin, prefix, variables_of,
};
use crate::model::{Access, Dependency, Method, Model, Operation, Protocol, Service, ServiceId};

/// A dependency that is called over HTTP.
#[derive(Debug, Clone)]
pub(in crate::export) struct Call<'a> {
    /// As drawn.
    pub(in crate::export) dependency: &'a Dependency,
    /// What the caller calls it: the target's id, and a number from the second one on.
    pub(in crate::export) name: String,
    /// What its variables start with.
    pub(in crate::export) prefix: String,
    /// The variable that holds its address.
    pub(in crate::export) address: String,
    /// What an example asks it with.
    pub(in crate::export) method: Method,
    /// What an example asks it for; a plain path.
    pub(in crate::export) path: String,
}

/// Whom a service calls over HTTP, and whom it needs in other ways.
pub(in crate::export) fn calls<'a>(
    model: &'a Model,
    id: &'a ServiceId,
) -> (Vec<Call<'a>>, Vec<&'a ServiceId>) {
    let variables = variables_of(model, id);
    let (mut calls, mut others) = (Vec::new(), Vec::new());
    for named in named(model, id) {
        let dependency = named.dependency;
        let Some(target) = model.services.get(&dependency.to) else {
            continue;
        };
        let address = format!("{}_URL", prefix(&dependency.to));
        let is_http = match variables.get(&address) {
            Some(Variable::Text(url)) => url.starts_with("http://"),
            Some(Variable::Asked) => {
                let is_message = matches!(dependency.access, Access::Publish | Access::Consume);
                dependency
                    .protocol
                    .map_or(!is_message, |it| it == Protocol::Http)
            }
            None => false,
        };
        if !is_http {
            others.push(&dependency.to);
            continue;
        }
        let (method, path) = example(model, dependency, target);
        calls.push(Call {
            dependency,
            name: named.name,
            prefix: named.prefix,
            address,
            method,
            path,
        });
    }
    (calls, others)
}

/// The drawn operation where its target calls nobody in turn, so that examples that
/// call each other come to an end; its health otherwise.
fn example(model: &Model, dependency: &Dependency, target: &Service) -> (Method, String) {
    let is_named = |it: &&Operation| !it.name.is_empty() && it.name == dependency.operation;
    let operation = target.operations.iter().find(is_named);
    let found = operation
        .filter(|_| model.dependencies_of(&dependency.to).next().is_none())
        .and_then(|it| Some((method_of(it)?, parts(&it.path)?)));
    if let Some((method, path)) = found {
        let endpoint = Endpoint {
            id: String::new(),
            title: String::new(),
            method,
            path,
        };
        return (method, endpoint.path(|_| "1".to_owned()));
    }
    let path = match origin(target) {
        Origin::Ours(_) => super::health_path(target).unwrap_or("/"),
        Origin::Program(_) | Origin::Foreign => target
            .health
            .as_ref()
            .map(|it| it.path.as_str())
            .filter(|it| is_plain_path(it))
            .unwrap_or("/"),
    };
    (Method::Get, path.to_owned())
}

/// Where our own code shows its metrics.
pub(in crate::export) fn metrics_path(service: &Service) -> &str {
    let said = Some(service.metrics_path.as_str()).filter(|it| is_plain_path(it) && *it != "/");
    let usual = service.known_technology().and_then(|it| it.metrics_path);
    said.or(usual).unwrap_or("/metrics")
}

#[cfg(test)]
mod tests {
    use super::calls;
    use crate::model::{ServiceId, testing::model};

    #[test]
    fn only_what_speaks_http_is_called_and_each_call_has_variables_of_its_own() {
        let model = model(
            "x(a, b{technology=go}, d:database{technology=postgres}, e:external); \
             a -> b; a -> b; a -> d; a -> e",
        );
        let id = ServiceId::new("a").unwrap();
        let (calls, others) = calls(&model, &id);
        let lines = calls
            .iter()
            .map(|it| format!("{} {} {} {}", it.name, it.prefix, it.address, it.path));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            ["b B B_URL /health", "b-2 B_2 B_URL /health", "e E E_URL /"]
        );
        assert_eq!(others.len(), 1);
    }
}

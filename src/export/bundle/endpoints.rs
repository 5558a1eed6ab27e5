//! What our own code answers, whatever it is written in.
//!
//! Names and paths of a design are free text. What cannot be a route in every router
//! (an odd path, two that are told apart nowhere) is left out with a note, so that no
//! skeleton starts with a panic.

use std::collections::{BTreeMap, BTreeSet};

use super::is_plain_path;
use crate::model::{Method, Model, Operation, OperationKind, Service, ServiceId};

/// Words that a language keeps for itself, or that a skeleton uses.
const RESERVED: &str = "\
    abstract as assert async await become boolean box break byte case catch char class const \
    continue crate def default del delete do double dyn elif else enum example except export \
    extends extern false final finally float fn for from function gen global goto if impl \
    implements import in instanceof int interface is lambda let long loop macro main match mod \
    move mut native new none nonlocal not null or override package pass priv private protected \
    pub public raise record ref return routes self short static strictfp struct super switch \
    synchronized this throw throws trait transient true try type typeof union unsafe unsized \
    use var virtual void volatile where while with yield";

/// Whether a word is one of those.
fn is_reserved(word: &str) -> bool {
    RESERVED.split(' ').any(|it| it == word)
}

/// A part of a path, between two slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::export) enum Part {
    /// These very letters.
    Text(String),
    /// Anything, under this name: letters, digits and `_`.
    Parameter(String),
}

/// Something our own code answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::export) struct Endpoint {
    /// Small letters, digits and single `-`, not a word of a language, the only one of
    /// its service.
    pub(in crate::export) id: String,
    /// As drawn: any text.
    pub(in crate::export) title: String,
    /// Never `HEAD`, which every router answers with what `GET` does.
    pub(in crate::export) method: Method,
    /// The path; none of it is `/`.
    pub(in crate::export) path: Vec<Part>,
}

impl Endpoint {
    /// The path with every parameter written by `parameter`.
    pub(in crate::export) fn path(&self, parameter: impl Fn(&str) -> String) -> String {
        if self.path.is_empty() {
            return "/".to_owned();
        }
        let parts = self.path.iter().map(|it| match it {
            Part::Text(text) => format!("/{text}"),
            Part::Parameter(name) => format!("/{}", parameter(name)),
        });
        parts.collect()
    }
}

/// What a service answers beside its health and its metrics, and what had to be left out.
pub(in crate::export) fn endpoints(
    model: &Model,
    (id, service): (&ServiceId, &Service),
    own_paths: &[&str],
) -> (Vec<Endpoint>, Vec<String>) {
    let mut endpoints = Vec::new();
    let mut notes = Vec::new();
    let mut names = Names::default();
    let mut taken: Vec<(Method, Vec<Part>)> = own_paths
        .iter()
        .filter_map(|it| Some((Method::Get, parts(it)?)))
        .collect();
    for operation in drawn(model, id, service) {
        let mut refuse = |why: &str| {
            let name = &operation.name;
            // Nobody drew the others.
            if !service.operations.is_empty() {
                notes.push(format!(
                    "services/{id} leaves out the operation {name:?}: {why}."
                ));
            }
        };
        let Some(method) = method_of(&operation) else {
            refuse(&format!("{:?} is no method", operation.method));
            continue;
        };
        let slug = ServiceId::from_display_name(&operation.name, "operation");
        let drawn_path = if operation.path.is_empty() {
            format!("/{slug}")
        } else {
            operation.path.clone()
        };
        let Some(path) = parts(&drawn_path).map(|it| names.parameters(it)) else {
            refuse(&format!("{:?} is no path", operation.path));
            continue;
        };
        if taken
            .iter()
            .any(|(other, it)| *other == method && is_ambiguous(it, &path))
        {
            refuse("another one answers there");
            continue;
        }
        taken.push((method, path.clone()));
        endpoints.push(Endpoint {
            id: names.unique(slug.as_str()),
            title: operation.name,
            method,
            path,
        });
    }
    if endpoints.is_empty() {
        endpoints.push(example_endpoint(&taken));
    }
    (endpoints, notes)
}

/// Something to answer for who has nothing else.
fn example_endpoint(taken: &[(Method, Vec<Part>)]) -> Endpoint {
    let mut path = vec![Part::Text("example".to_owned())];
    while taken.iter().any(|(_, it)| is_ambiguous(it, &path)) {
        path.push(Part::Text("example".to_owned()));
    }
    Endpoint {
        id: "example-operation".to_owned(),
        title: "example".to_owned(),
        method: Method::Get,
        path,
    }
}

/// The operations of a service; where none is drawn, one for each route that leads to
/// it, and if there is none either, the root.
fn drawn(model: &Model, id: &ServiceId, service: &Service) -> Vec<Operation> {
    if !service.operations.is_empty() {
        return service.operations.clone();
    }
    let named = |name: String, method: Method, path: &str| Operation {
        name,
        method: method.as_str().to_owned(),
        path: path.to_owned(),
        kind: None,
    };
    let mut seen = BTreeSet::new();
    let mut operations = Vec::new();
    for (_, route) in model.routes.iter().filter(|(_, it)| it.service == *id) {
        let path = if route.strip_prefix {
            "/"
        } else {
            route.path_prefix.as_str()
        };
        let usual = [Method::Get];
        let methods: &[Method] = if route.methods.is_empty() {
            &usual
        } else {
            &route.methods
        };
        for method in methods.iter().filter(|it| **it != Method::Head) {
            if parts(path).is_some() && seen.insert((method.as_str(), path.to_owned())) {
                let name = format!("{} {}", method.as_str().to_ascii_lowercase(), path);
                operations.push(named(name, *method, path));
            }
        }
    }
    if operations.is_empty() {
        operations.push(named("root".to_owned(), Method::Get, "/"));
    }
    operations
}

/// The method of an operation, or what fits its kind.
pub(super) fn method_of(operation: &Operation) -> Option<Method> {
    if operation.method.is_empty() {
        return Some(match operation.kind {
            Some(OperationKind::Command) => Method::Post,
            Some(OperationKind::Query) | None => Method::Get,
        });
    }
    let mut all = Method::ALL.into_iter();
    let found = all.find(|it| it.as_str().eq_ignore_ascii_case(&operation.method))?;
    Some(if found == Method::Head {
        Method::Get
    } else {
        found
    })
}

/// The parts of a path in which only whole parts are parameters.
pub(super) fn parts(path: &str) -> Option<Vec<Part>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/').map(part).collect()
}

fn part(text: &str) -> Option<Part> {
    let inner = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let Some(name) = inner.or_else(|| text.strip_prefix(':')) else {
        let is_plain = !text.is_empty() && is_plain_path(&format!("/{text}"));
        return is_plain.then(|| Part::Text(text.to_owned()));
    };
    let id = ServiceId::from_display_name(name, "value").to_string();
    let mut name = id.replace('-', "_");
    if is_reserved(&id) || name.starts_with(|it: char| it.is_ascii_digit()) {
        name.insert_str(0, "value_");
    }
    Some(Part::Parameter(name))
}

/// Whether some path fits both and neither is the narrower one.
fn is_ambiguous(one: &[Part], other: &[Part]) -> bool {
    let (mut is_one_narrower, mut is_other_narrower) = (false, false);
    if one.len() != other.len() {
        return false;
    }
    for pair in one.iter().zip(other) {
        match pair {
            (Part::Text(one), Part::Text(other)) if one != other => return false,
            (Part::Text(_), Part::Parameter(_)) => is_one_narrower = true,
            (Part::Parameter(_), Part::Text(_)) => is_other_narrower = true,
            _ => {}
        }
    }
    is_one_narrower == is_other_narrower
}

#[derive(Default)]
struct Names {
    /// Ids without their `-`, so that they differ in any way of writing them.
    taken: BTreeSet<String>,
    /// What a path starts with, parameters as `{}` → the name of the parameter there.
    parameters: BTreeMap<String, String>,
}

impl Names {
    fn unique(&mut self, slug: &str) -> String {
        let words = slug.split('-').filter(|it| !it.is_empty());
        let mut stem = words.collect::<Vec<_>>().join("-");
        if is_reserved(&stem) {
            stem.push_str("-operation");
        } else if stem.starts_with(|it: char| it.is_ascii_digit()) {
            stem.insert_str(0, "operation-");
        }
        let mut name = stem.clone();
        let mut number: u64 = 2;
        while !self.taken.insert(name.replace('-', "")) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name
    }

    /// The same place has the same name in every path, and no path has one twice.
    fn parameters(&mut self, path: Vec<Part>) -> Vec<Part> {
        let mut shape = String::new();
        let mut used: Vec<String> = Vec::new();
        let mut named = Vec::new();
        for part in path {
            shape.push('/');
            match part {
                Part::Text(text) => {
                    shape.push_str(&text);
                    named.push(Part::Text(text));
                }
                Part::Parameter(wanted) => {
                    let mut name = wanted.clone();
                    let mut number: u32 = 2;
                    while used.contains(&name) {
                        name = format!("{wanted}_{number}");
                        number += 1;
                    }
                    let name = self.parameters.entry(shape.clone()).or_insert(name);
                    used.push(name.clone());
                    named.push(Part::Parameter(name.clone()));
                    shape.push_str("{}");
                }
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::endpoints;
    use crate::model::{Operation, ServiceId, testing::model};

    fn answered(operations: &[(&str, &str, &str)]) -> (Vec<String>, usize) {
        let mut service = model("x(a)").services["a"].as_ref().clone();
        service.operations = operations
            .iter()
            .map(|(name, method, path)| Operation {
                name: (*name).to_owned(),
                method: (*method).to_owned(),
                path: (*path).to_owned(),
                kind: None,
            })
            .collect();
        let id = ServiceId::new("a").unwrap();
        let (found, notes) = endpoints(&model("x(a)"), (&id, &service), &["/health"]);
        let line = |it: &super::Endpoint| {
            let path = it.path(|it| format!("<{it}>"));
            format!("{} {} {path}", it.id, it.method.as_str())
        };
        (found.iter().map(line).collect(), notes.len())
    }

    #[test]
    fn operations_become_routes_with_names_of_their_own() {
        assert_eq!(
            answered(&[
                ("Place order", "post", "/orders/"),
                ("place-order", "", "/orders/{id}/lines/{id}"),
                ("class", "HEAD", "/orders/:order/lines"),
                ("日本語", "", ""),
            ]),
            (
                vec![
                    "place-order POST /orders".to_owned(),
                    "place-order-2 GET /orders/<id>/lines/<id_2>".to_owned(),
                    "class-operation GET /orders/<id>/lines".to_owned(),
                    "operation GET /operation".to_owned(),
                ],
                0
            )
        );
    }

    #[test]
    fn what_no_router_could_tell_apart_is_left_out_and_said() {
        let (found, notes) = answered(&[
            ("a", "GET", "/a/{x}/c"),
            ("b", "GET", "/a/b/{y}"),
            ("c", "GET", "/a/{z}/c"),
            ("d", "GET", "/health"),
            ("e", "BREW", "/pot"),
            ("f", "GET", "/a b\"); panic"),
            ("g", "POST", "/a/b/{y}"),
        ]);
        assert_eq!(found, ["a GET /a/<x>/c", "g POST /a/b/<y>"]);
        assert_eq!(notes, 5);
    }

    #[test]
    fn a_service_without_operations_answers_where_its_routes_lead() {
        let model = model("x(g:gateway, a, b); g/shop -> a");
        let of = |id: &str| {
            let id = ServiceId::new(id).unwrap();
            let service = &model.services[&id];
            let (found, _) = endpoints(&model, (&id, service), &[]);
            found
                .iter()
                .map(|it| it.path(str::to_owned))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (of("a"), of("b")),
            (vec!["/shop".to_owned()], vec!["/".to_owned()])
        );
    }

    #[test]
    fn a_service_whose_root_is_taken_answers_elsewhere() {
        let model = model("x(a)");
        let id = ServiceId::new("a").unwrap();
        let (found, notes) = endpoints(&model, (&id, &model.services[&id]), &["/", "/example"]);
        assert_eq!(found[0].path(str::to_owned), "/example/example");
        assert_eq!((found.len(), notes.len()), (1, 0));
    }
}

//! What a skeleton is about: a service's operations, whom it calls and whom it needs.
//!
//! Every stack starts from this, so that all answer on the same paths and call the same
//! addresses. Names and texts are a design's: each stack writes them as data of its
//! language, never as anything else.

use std::collections::BTreeSet;

use crate::{
    export::bundle::{self, Address, Call},
    model::{Model, Operation, OperationKind, Service, ServiceId, ServiceKind},
};

/// The path that says whether the service can do its work.
pub(super) const READY_PATH: &str = "/ready";
/// The path of the breakers' states.
pub(super) const BREAKERS_PATH: &str = "/breakers";
/// The path of the description of the operations, where a stack has one.
pub(super) const OPENAPI_PATH: &str = "/openapi.json";

/// Methods that an operation may have; the first is the usual one.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// What a skeleton is about.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The service.
    pub(super) id: &'a ServiceId,
    /// As drawn.
    pub(super) service: &'a Service,
    /// Where it answers for itself.
    pub(super) health_path: &'a str,
    /// Where its metrics are.
    pub(super) metrics_path: &'a str,
    /// What it can be asked, the most exact path first.
    pub(super) operations: Vec<Offered>,
    /// Whom it calls over HTTP.
    pub(super) links: Vec<Link<'a>>,
    /// Whom it needs otherwise.
    pub(super) stores: Vec<Store<'a>>,
    /// Names of operations that cannot be written.
    pub(super) left_out: Vec<String>,
}

/// An operation with every word decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offered {
    /// What people call it; any text.
    pub(super) name: String,
    /// Its HTTP method.
    pub(super) method: &'static str,
    /// Its path, part by part.
    pub(super) path: Vec<Part>,
    /// `command` or `query`, where that is said.
    pub(super) kind: Option<&'static str>,
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// These very letters.
    Word(String),
    /// Anything, under this name: letters, digits and `_`, a letter first.
    Parameter(String),
}

impl Offered {
    /// The path with each parameter written like this.
    pub(super) fn path(&self, parameter: impl Fn(&str) -> String) -> String {
        if self.path.is_empty() {
            return "/".to_owned();
        }
        let parts = self.path.iter().map(|it| match it {
            Part::Word(word) => word.clone(),
            Part::Parameter(name) => parameter(name),
        });
        parts.map(|it| format!("/{it}")).collect()
    }

    /// The names of its parameters.
    pub(super) fn parameters(&self) -> Vec<&str> {
        let names = self.path.iter().filter_map(|it| match it {
            Part::Parameter(name) => Some(name.as_str()),
            Part::Word(_) => None,
        });
        names.collect()
    }

    /// What tells two operations apart when a request comes.
    fn shape(&self) -> (&'static str, String) {
        (self.method, self.path(|_| "{}".to_owned()))
    }
}

/// A call over HTTP.
#[derive(Debug)]
pub(super) struct Link<'a> {
    /// The target's id, with a number where it is not the first.
    pub(super) name: String,
    /// The start of the names of its settings.
    pub(super) prefix: String,
    /// The variable that says where the target is.
    pub(super) address: String,
    /// The method of the call that the skeleton makes.
    pub(super) method: &'static str,
    /// The path of that call.
    pub(super) path: String,
    /// The call as drawn.
    pub(super) call: Call<'a>,
}

/// Somebody who is needed and does not speak HTTP.
#[derive(Debug)]
pub(super) struct Store<'a> {
    /// The target's id, with a number where it is not the first.
    pub(super) name: String,
    /// What it is, as people write it.
    pub(super) technology: &'a str,
    /// The variables that say where it is.
    pub(super) variables: Vec<String>,
}

/// Plans the skeleton of a service.
pub(super) fn of<'a>(model: &'a Model, id: &'a ServiceId, service: &'a Service) -> Plan<'a> {
    let health_path = bundle::health_path(service).unwrap_or("/health");
    let metrics_path = bundle::metrics_path(service).unwrap_or("/metrics");
    let (operations, left_out) = operations(service);
    let (mut links, mut stores) = (Vec::new(), Vec::new());
    for call in bundle::calls_of(model, id) {
        let name = match call.number {
            1 => call.dependency.to.to_string(),
            number => format!("{}-{number}", call.dependency.to),
        };
        let address = bundle::prefix(&call.dependency.to);
        if call.is_http() {
            let asked = asked(&call);
            links.push(Link {
                name,
                prefix: call.prefix(),
                address: format!("{address}_URL"),
                method: asked.method,
                path: asked.path(|_| "1".to_owned()),
                call,
            });
        } else {
            let ends: &[&str] = match call.address {
                Address::HostAndPort => &["HOST", "PORT"],
                Address::Url(_) | Address::Asked => &["URL"],
            };
            stores.push(Store {
                name,
                technology: technology(call.target),
                variables: ends.iter().map(|it| format!("{address}_{it}")).collect(),
            });
        }
    }
    Plan {
        id,
        service,
        health_path,
        metrics_path,
        operations,
        links,
        stores,
        left_out,
    }
}

impl Plan<'_> {
    /// What people call the service.
    pub(super) fn title(&self) -> &str {
        if self.service.name.trim().is_empty() {
            self.id.as_str()
        } else {
            &self.service.name
        }
    }

    /// Whether it runs and ends instead of answering.
    pub(super) fn is_job(&self) -> bool {
        self.service.kind == ServiceKind::Job
    }
}

fn technology(service: &Service) -> &str {
    service
        .known_technology()
        .map_or(service.kind.label(), |it| it.label)
}

/// The operation a call asks for: the one it names, else one that is easily asked.
fn asked(call: &Call<'_>) -> Offered {
    let wanted = call.dependency.operation.trim();
    let (mut offered, _) = operations(call.target);
    let is_wanted = |it: &Offered| {
        let path = it.path(|name| format!("{{{name}}}"));
        !wanted.is_empty()
            && (it.name == wanted || path == wanted || format!("{} {path}", it.method) == wanted)
    };
    let is_easy = |it: &Offered| it.method == "GET" && it.parameters().is_empty();
    let said = wanted.split_once(' ').and_then(|(method, path)| {
        let method = METHODS.into_iter().find(|it| *it == method)?;
        Some(offered_at(wanted, method, path, None))?
    });
    let found = offered
        .iter()
        .position(is_wanted)
        .or_else(|| offered.iter().position(is_easy).filter(|_| said.is_none()))
        .or_else(|| (said.is_none() && !offered.is_empty()).then_some(0));
    found
        .map(|it| offered.swap_remove(it))
        .or(said)
        .unwrap_or_else(root)
}

fn root() -> Offered {
    Offered {
        name: "Root".to_owned(),
        method: "GET",
        path: Vec::new(),
        kind: None,
    }
}

/// The operations that can be written, and the names of those that cannot.
fn operations(service: &Service) -> (Vec<Offered>, Vec<String>) {
    if service.operations.is_empty() {
        return (vec![root()], Vec::new());
    }
    let taken = [
        bundle::health_path(service).unwrap_or("/health"),
        bundle::metrics_path(service).unwrap_or("/metrics"),
        READY_PATH,
        BREAKERS_PATH,
        OPENAPI_PATH,
    ];
    let mut seen: BTreeSet<_> = taken.iter().map(|it| ("GET", (*it).to_owned())).collect();
    let (mut operations, mut left_out) = (Vec::new(), Vec::new());
    for operation in &service.operations {
        let written = offered(operation).filter(|it| seen.insert(it.shape()));
        match written {
            Some(it) => operations.push(it),
            None => left_out.push(format!("{:?}", operation.name)),
        }
    }
    // A parameter would take what a word after it is meant for.
    operations.sort_by(|a, b| a.path.cmp(&b.path));
    (operations, left_out)
}

fn offered(operation: &Operation) -> Option<Offered> {
    let usual = match operation.kind {
        Some(OperationKind::Command) => "POST",
        Some(OperationKind::Query) | None => "GET",
    };
    let said = operation.method.trim().to_ascii_uppercase();
    let method = if said.is_empty() {
        usual
    } else {
        METHODS.into_iter().find(|it| *it == said)?
    };
    let kind = operation.kind.map(|it| match it {
        OperationKind::Command => "command",
        OperationKind::Query => "query",
    });
    let slug = words(&operation.name).join("-");
    let path = if operation.path.trim().is_empty() && !slug.is_empty() {
        format!("/{slug}")
    } else {
        operation.path.trim().to_owned()
    };
    offered_at(&operation.name, method, &path, kind)
}

fn offered_at(
    name: &str,
    method: &'static str,
    path: &str,
    kind: Option<&'static str>,
) -> Option<Offered> {
    let mut parts = Vec::new();
    let inside = path.strip_prefix('/')?;
    for text in inside.split('/').filter(|_| !inside.is_empty()) {
        parts.push(part(text)?);
    }
    let offered = Offered {
        name: name.to_owned(),
        method,
        path: parts,
        kind,
    };
    let names = offered.parameters();
    let unique: BTreeSet<_> = names.iter().map(|it| it.to_ascii_lowercase()).collect();
    (unique.len() == names.len()).then_some(offered)
}

fn part(text: &str) -> Option<Part> {
    let braced = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    let Some(name) = braced.or_else(|| text.strip_prefix(':')) else {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.~".contains(it);
        let is_word = !text.is_empty() && text.chars().all(is_plain);
        return (is_word && !matches!(text, "." | "..")).then(|| Part::Word(text.to_owned()));
    };
    let name: String = name
        .chars()
        .map(|it| if it == '-' { '_' } else { it })
        .collect();
    let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_');
    is_name.then_some(Part::Parameter(name))
}

/// The plain words of a text, in small letters.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric());
    words
        .filter(|it| !it.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

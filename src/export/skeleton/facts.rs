//! What a skeleton has to know of its service, whatever it is written in.

#[cfg(test)]
pub(super) mod testing;

use crate::{
    export::{
        FileSet,
        bundle::{self, Call, Endpoint},
    },
    model::{Model, Service, ServiceId, ServiceKind},
};

/// Whether requests may be sent here.
const READY_PATH: &str = "/ready";
/// How the breakers are.
const BREAKERS_PATH: &str = "/breakers";

/// What a skeleton has to know of its service.
pub(super) struct Facts<'a> {
    /// Its id.
    pub(super) id: &'a ServiceId,
    /// Whether it answers calls at all.
    pub(super) is_server: bool,
    /// The port it listens on unless it is told another one.
    pub(super) port: u16,
    /// The port its health is asked for on, if that is another one.
    pub(super) health_port: Option<u16>,
    /// Where its health is; a plain path, like the other three.
    pub(super) health_path: &'a str,
    /// Where it says whether it is ready.
    pub(super) ready_path: &'static str,
    /// Where it tells of its breakers.
    pub(super) breakers_path: &'static str,
    /// Where its metrics are.
    pub(super) metrics_path: &'a str,
    /// What it answers beside.
    pub(super) endpoints: Vec<Endpoint>,
    /// Whom it calls over HTTP.
    pub(super) calls: Vec<Call<'a>>,
    /// What is not as drawn.
    pub(super) notes: Vec<String>,
}

impl<'a> Facts<'a> {
    /// What is known of this service.
    pub(super) fn of(model: &'a Model, id: &'a ServiceId, service: &'a Service) -> Self {
        let usual = service.known_technology().and_then(|it| it.health_path);
        let health_path = bundle::health_path(service).or(usual).unwrap_or("/health");
        let (port, health_port) = (bundle::port(service), bundle::health_port(service));
        let metrics_path = bundle::metrics_path(service);
        let own = [health_path, READY_PATH, BREAKERS_PATH, metrics_path];
        let is_server = service.kind != ServiceKind::Job;
        let (endpoints, mut notes) = if is_server {
            bundle::endpoints(model, (id, service), &own)
        } else {
            (Vec::new(), Vec::new())
        };
        let (calls, others) = bundle::calls(model, id);
        if !others.is_empty() {
            let names: Vec<_> = others.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "services/{id} has no client for {}: only calls over HTTP are started.",
                names.join(", ")
            ));
        }
        let silent: Vec<_> = service
            .ports
            .iter()
            .map(|it| it.number)
            .filter(|it| *it != port && *it != health_port)
            .map(|it| it.to_string())
            .collect();
        if is_server && !silent.is_empty() {
            notes.push(format!(
                "services/{id} does not listen on {}: that is yours to add.",
                silent.join(", ")
            ));
        }
        Self {
            id,
            is_server,
            port,
            health_port: (health_port != port).then_some(health_port),
            health_path,
            ready_path: READY_PATH,
            breakers_path: BREAKERS_PATH,
            metrics_path,
            endpoints,
            calls,
            notes,
        }
    }
}

/// Files as they stand.
pub(super) fn taken(files: &[(&str, &str)]) -> FileSet {
    let files = files.iter();
    files
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

/// `place-order` as `placeOrder`, or as `PlaceOrder`.
pub(super) fn camel(id: &str, is_first_large: bool) -> String {
    let mut name = String::new();
    let mut is_large = is_first_large;
    for letter in id.chars() {
        if letter == '-' {
            is_large = true;
        } else if is_large {
            name.push(letter.to_ascii_uppercase());
            is_large = false;
        } else {
            name.push(letter);
        }
    }
    name
}

/// A text between quotes: letters of every script stand as they are, and so does what
/// is plain in ASCII; all else is escaped, so that no code can be hidden or turned.
pub(super) fn quoted(text: &str, escape: impl Fn(char) -> String) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            it if it == ' '
                || it.is_ascii_graphic()
                || (!it.is_ascii() && it.is_alphanumeric()) =>
            {
                quoted.push(it);
            }
            it => quoted.push_str(&escape(it)),
        }
    }
    quoted.push('"');
    quoted
}

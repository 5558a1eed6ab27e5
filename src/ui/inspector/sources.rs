//! The sources of an environment, and how anything in it is reached.

use std::collections::BTreeMap;

use egui::{CollapsingHeader, RichText};

use super::{environment::credential, service::words};
use crate::{
    model::ServiceId,
    monitor::source,
    project::{Reference, Source, Tls},
    ui::{
        theme::semibold,
        widgets::{
            fields::{Form, Measure},
            parts,
        },
    },
};

/// Programs that tell of many services: each with its fields, and a way to add one.
pub(super) fn ui(form: &mut Form<'_>, sources: &mut BTreeMap<String, Source>) {
    form.caption("Sources");
    let mut removed = None;
    let mut renamed = None;
    for (name, source) in sources.iter_mut() {
        let title = RichText::new(format!("{name} · {}", title_of(&source.kind)));
        let changed = CollapsingHeader::new(title.family(semibold()))
            .id_salt(("source", name))
            .show_unindented(form.ui, |ui| {
                let mut inner = Form::new(ui, form.commands);
                let taken = |it: &str| match it.trim() {
                    "" => Err("a name is needed".to_owned()),
                    _ => Ok(()),
                };
                if let Some(new) = inner.entered("Source name", name, "consul", &taken) {
                    renamed = Some((name.clone(), new.trim().to_owned()));
                    inner.changed = Some("Source name");
                }
                fields(&mut inner, source);
                if parts::small_button(inner.ui, "Remove source").clicked() {
                    removed = Some(name.clone());
                    inner.changed = Some("Sources");
                }
                inner.changed
            });
        form.changed = form.changed.or(changed.body_returned.flatten());
    }
    if let Some(name) = removed {
        sources.remove(&name);
    }
    if let Some((from, to)) = renamed.filter(|(_, to)| !sources.contains_key(to))
        && let Some(source) = sources.remove(&from)
    {
        sources.insert(to, source);
    }
    if parts::small_button(form.ui, "Add source").clicked() {
        let free = (1..).map(|it| match it {
            1 => "consul".to_owned(),
            number => format!("source-{number}"),
        });
        if let Some(name) = free.into_iter().find(|it| !sources.contains_key(it)) {
            let kind = source::ALL.first().map_or("page", |it| it.id).to_owned();
            sources.insert(
                name,
                Source {
                    kind,
                    ..Source::default()
                },
            );
            form.changed = Some("Sources");
        }
    }
}

fn title_of(kind: &str) -> &str {
    source::find(kind).map_or("unknown kind", |it| it.title)
}

fn fields(form: &mut Form<'_>, source: &mut Source) {
    let kinds: Vec<_> = source::ALL
        .iter()
        .map(|it| (it.id.to_owned(), it.title.to_owned()))
        .collect();
    form.choice("Is", &mut source.kind, &kinds);
    if let Some(kind) = source::find(&source.kind) {
        parts::hint(form.ui, format!("Tells {}.", kind.tells));
    }
    form.text("Address", &mut source.address, "http://127.0.0.1:8500");
    form.text("Namespace", &mut source.namespace, "all");
    form.number(
        "Asked every",
        &mut source.interval_ms,
        Measure::new("ms", 500.0, 86_400_000.0),
    );
    form.number(
        "Rates over",
        &mut source.window_seconds,
        Measure::new("s", 1.0, 86_400.0),
    );
    credential(form, &mut source.credential);
    way(form, &mut source.tls, &mut source.proxy);
}

/// How somebody is reached: certificates and a proxy.
pub(super) fn way(form: &mut Form<'_>, tls: &mut Option<Tls>, proxy: &mut String) {
    form.text("Proxy", proxy, "none");
    let mut has_tls = tls.is_some();
    form.switch("Own TLS settings", &mut has_tls);
    match (has_tls, &mut *tls) {
        (true, None) => *tls = Some(Tls::default()),
        (false, Some(_)) => *tls = None,
        _ => {}
    }
    let Some(tls) = tls else { return };
    form.text("Trusts", &mut tls.ca_file, "the system's authorities");
    form.text("Own certificate", &mut tls.certificate_file, "client.pem");
    form.text("Its key", &mut tls.key_file, "client.key");
    form.text("Server name", &mut tls.server_name, "as the address");
    form.switch("Trust anybody", &mut tls.is_insecure);
    if tls.is_insecure {
        parts::hint(
            form.ui,
            "Whoever answers may be somebody else; it is marked wherever it shows.",
        );
    }
}

/// What sources call a service.
pub(super) fn names(form: &mut Form<'_>, aliases: &mut BTreeMap<String, ServiceId>) {
    let mut texts: BTreeMap<String, String> = aliases
        .iter()
        .map(|(name, id)| (name.clone(), id.to_string()))
        .collect();
    let before = texts.clone();
    form.pairs(
        words("Service names", "Service name", "service's id"),
        &mut texts,
        &|it| match it.trim() {
            "" => Err("what a source calls it".to_owned()),
            name => Ok(name.to_owned()),
        },
    );
    parts::hint(
        form.ui,
        "What a source calls a service, where that is neither its id nor its name.",
    );
    if texts != before {
        // A value counts once it is an id.
        let read = |(name, id): (String, String)| Some((name, ServiceId::new(id).ok()?));
        *aliases = texts.into_iter().filter_map(read).collect();
    }
}

/// Where incidents are told of; the address itself is a secret and never in the file.
pub(super) fn webhook(form: &mut Form<'_>, webhook: &mut Option<Reference>) {
    let (mut way, mut name) = match webhook {
        None => (0, String::new()),
        Some(Reference::FromEnvironment(it)) => (1, it.clone()),
        Some(Reference::FromKeyring(it)) => (2, it.clone()),
    };
    let ways = [
        (0, "nobody"),
        (1, "webhook (variable)"),
        (2, "webhook (keyring)"),
    ];
    form.choice(
        "Incidents go to",
        &mut way,
        &ways.map(|(it, text)| (it, text.to_owned())),
    );
    match way {
        0 => {}
        1 => form.text("Webhook variable", &mut name, "SLACK_WEBHOOK_URL"),
        _ => form.text("Webhook entry", &mut name, "slack-webhook"),
    }
    if way != 0 {
        parts::hint(
            form.ui,
            "The file names where the webhook's address is kept, and never holds it.",
        );
    }
    *webhook = match way {
        1 => Some(Reference::FromEnvironment(name)),
        2 => Some(Reference::FromKeyring(name)),
        _ => None,
    };
}

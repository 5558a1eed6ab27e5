//! A route, and the routes of a gateway or to a service.

use egui::{CollapsingHeader, RichText, Ui};

use super::service::{id_field, words};
use crate::{
    edit::Edit,
    model::{
        Authentication, Cors, ElementId, Method, Model, RateLimit, Route, RouteId, ServiceId,
        ServiceKind,
    },
    ui::{
        command::Commands,
        state::State,
        theme::semibold,
        widgets::{
            fields::{Form, Measure},
            parts,
        },
    },
};

/// The only thing that is selected.
pub(super) fn element(ui: &mut Ui, state: &State, commands: &mut Commands, id: &RouteId) {
    let model = &state.document.project().model;
    let Some(route) = model.routes.get(id) else {
        return;
    };
    parts::heading_with(ui, &route.label(), "route");
    ui.add_space(4.0);
    id_field(ui, commands, model, &ElementId::Route(id.clone()));
    one(ui, model, commands, (id, route));
    ui.add_space(8.0);
    if parts::small_button(ui, "Remove route").clicked() {
        commands.edit(Edit::Remove([ElementId::Route(id.clone())].into()));
    }
}

/// The routes of a gateway, or those that lead to a service.
pub(super) fn routes(ui: &mut Ui, state: &State, commands: &mut Commands, id: &ServiceId) {
    let model = &state.document.project().model;
    let is_gateway = model
        .services
        .get(id)
        .is_some_and(|it| it.kind == ServiceKind::Gateway);
    let routes: Vec<_> = model
        .routes
        .iter()
        .filter(|(_, it)| it.gateway == *id || it.service == *id)
        .collect();
    if routes.is_empty() {
        let text = if is_gateway {
            "A route says which paths it passes on to whom, and within which limits."
        } else {
            "No gateway passes anything on to it."
        };
        parts::empty(ui, "No routes", text);
    }
    for (id, route) in routes {
        let name = format!("{} → {}", route.label(), model.service_name(&route.service));
        let title = RichText::new(name).family(semibold()).size(13.0);
        CollapsingHeader::new(title)
            .id_salt(id.as_str())
            .show_unindented(ui, |ui| {
                one(ui, model, commands, (id, route));
                if parts::small_button(ui, "Remove route").clicked() {
                    commands.edit(Edit::Remove([ElementId::Route(id.clone())].into()));
                }
            });
    }
    ui.add_space(8.0);
    if is_gateway && parts::small_button(ui, "Add route").clicked() {
        add(model, commands, id);
    }
}

/// A route to the first service that has none yet, at a path like its id.
fn add(model: &Model, commands: &mut Commands, gateway: &ServiceId) {
    let has_route = |id: &ServiceId| {
        model
            .routes
            .values()
            .any(|it| it.gateway == *gateway && it.service == *id)
    };
    let candidates = || {
        model
            .services
            .iter()
            .filter(|(id, it)| *id != gateway && it.kind.is_our_code())
            .map(|(id, _)| id)
    };
    let service = candidates()
        .find(|it| !has_route(it))
        .or_else(|| candidates().next());
    let Some(service) = service else {
        let text = "a route needs a service to lead to: add one first";
        commands.push(crate::ui::command::Command::Complain(text.to_owned()));
        return;
    };
    let id = RouteId::from_display_name(&format!("{gateway}-{service}"), "route")
        .made_unique(|it| model.routes.contains_key(it));
    let route = Route::new(gateway.clone(), format!("/{service}"), service.clone());
    commands.edit(Edit::AddRoute(id, Box::new(route)));
}

fn one(ui: &mut Ui, model: &Model, commands: &mut Commands, (id, route): (&RouteId, &Route)) {
    ui.push_id(id.as_str(), |ui| {
        let mut next = route.clone();
        let mut form = Form::new(ui, commands);
        where_it_leads(&mut form, model, &mut next);
        limits(&mut form, &mut next);
        if let Some(field) = form.changed {
            let edit = Edit::ChangeRoute(id.clone(), Box::new(next), field);
            form.commands.edit(edit);
        }
    });
}

fn where_it_leads(form: &mut Form<'_>, model: &Model, next: &mut Route) {
    let services: Vec<_> = model
        .services
        .keys()
        .map(|it| (it.clone(), model.service_name(it).to_owned()))
        .collect();
    form.choice("Gateway", &mut next.gateway, &services);
    form.text("Host", &mut next.host, "any");
    let stored = next.path_prefix.clone();
    let check = |text: &str| {
        if text.starts_with('/') && !text.contains(char::is_whitespace) {
            Ok(text.to_owned())
        } else {
            Err("a path starts with / and has no spaces".to_owned())
        }
    };
    if let Some(path) = form.typed("Path prefix", &stored, "/", RichText::new(""), &check)
        && path != next.path_prefix
    {
        next.path_prefix = path;
        form.changed = Some("Path prefix");
    }
    form.choice("Leads to", &mut next.service, &services);
    form.number("Port there", &mut next.port, Measure::PORT);
    form.switch("Strip prefix", &mut next.strip_prefix);
    form.caption("Methods; none means every one");
    let mut methods = next.methods.clone();
    form.ui.horizontal_wrapped(|ui| {
        for method in Method::ALL {
            let mut is_in = methods.contains(&method);
            if parts::check(ui, &mut is_in, RichText::new(method.as_str())).changed() {
                methods.retain(|it| *it != method);
                if is_in {
                    methods.push(method);
                    methods.sort_unstable();
                }
            }
        }
    });
    if methods != next.methods {
        next.methods = methods;
        form.changed = Some("Methods");
    }
}

fn limits(form: &mut Form<'_>, next: &mut Route) {
    parts::rule(form.ui);
    parts::heading(form.ui, "Limits");
    form.number("Timeout", &mut next.timeout_ms, Measure::MILLIS);
    form.number(
        "Largest body",
        &mut next.body_limit_kib,
        Measure::new("KiB", 1.0, 1e9),
    );
    let mut rate = next.rate_limit.as_ref().map(|it| it.requests_per_second);
    form.number(
        "Rate limit",
        &mut rate,
        Measure::new("requests / s", 1.0, 1e6),
    );
    next.rate_limit = rate.map(|requests_per_second| RateLimit {
        requests_per_second,
        burst: next.rate_limit.as_ref().and_then(|it| it.burst),
    });
    if let Some(limit) = &mut next.rate_limit {
        form.number(
            "Burst",
            &mut limit.burst,
            Measure::new("requests", 0.0, 1e6),
        );
    }
    parts::rule(form.ui);
    parts::heading(form.ui, "Who may ask");
    let ways = [
        (None, "not set"),
        (Some(Authentication::None), "anybody"),
        (Some(Authentication::ApiKey), "who has a key"),
        (Some(Authentication::Jwt), "who has a signed token"),
        (
            Some(Authentication::ForwardAuth),
            "whom another service admits",
        ),
    ];
    let ways = ways.map(|(it, text)| (it, text.to_owned()));
    form.choice("Authentication", &mut next.authentication, &ways);
    let mut has_cors = next.cors.is_some();
    form.switch("Web pages", &mut has_cors);
    if !has_cors {
        next.cors = None;
        return;
    }
    let cors = next.cors.get_or_insert_with(Cors::default);
    form.texts(
        words("Origins", "Origin", "https://shop.example.com"),
        &mut cors.origins,
    );
    form.switch("With cookies", &mut cors.credentials);
}

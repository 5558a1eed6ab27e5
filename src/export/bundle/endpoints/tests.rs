//! What an operation becomes, and whom a service calls.

use super::endpoints;
use crate::{
    export::bundle::calls,
    model::{Operation, ServiceId, testing::model},
};

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
fn only_what_speaks_http_is_called_and_each_call_has_variables_of_its_own() {
    let model = model(
        "x(a, b{technology=go}, d:database{technology=postgres}, e:external); \
         a -> b; a -> b; a -> d; a -> e",
    );
    let id = ServiceId::new("a").unwrap();
    let (calls, others) = calls(&model, &id);
    let lines = calls
        .iter()
        .map(|it| format!("{} {} {}", it.prefix, it.address, it.path));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        ["B B_URL /health", "B_2 B_URL /health", "E E_URL /"]
    );
    assert_eq!(others.len(), 1);
}

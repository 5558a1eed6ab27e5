//! Designs for the tests of every stack, and program text taken apart.

use std::sync::Arc;

use crate::model::{
    Breaker, Fallback, HealthCheck, Model, Operation, Service, ServiceId, testing::model,
};

/// A service `a` of this technology that has this text wherever it could reach code.
pub(in super::super) fn with_text(technology: &str, text: &str) -> Model {
    let notation = format!(
        "x(g:gateway, a{{technology={technology} port=7001}}, b{{technology=go}}, \
         d:database{{technology=postgres}}, e:external); \
         g/a -> a; a -> b{{timeout=300 breaker fallback}}; a -> d; a -> e"
    );
    let mut model = model(&notation);
    let id = ServiceId::new("a").unwrap();
    let mut service = model.services[&id].as_ref().clone();
    let operation = |name: &str, method: &str, path: &str| Operation {
        name: name.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        kind: None,
    };
    service.operations = vec![
        operation(text, "GET", "/first/{id}"),
        operation(text, "POST", "/first/{id}"),
        operation("odd method", text, "/second"),
        operation("odd path", "GET", text),
        operation("odd parameter", "GET", &format!("/third/{{{text}}}")),
    ];
    service.metrics_path = text.to_owned();
    service.health = Some(HealthCheck {
        path: text.to_owned(),
        ..HealthCheck::default()
    });
    model.services.insert(id, Arc::new(service));
    let ids: Vec<_> = model.dependencies.keys().cloned().collect();
    for id in ids {
        let mut it = model.dependencies[&id].as_ref().clone();
        it.operation = text.to_owned();
        it.fallback = it.fallback.map(|_| Fallback {
            description: text.to_owned(),
        });
        it.breaker = it.breaker.map(|it| Breaker {
            name: text.to_owned(),
            ..it
        });
        model.dependencies.insert(id, Arc::new(it));
    }
    model
}

/// The service `a` of such a design.
pub(in super::super) fn service_a(model: &Model) -> (ServiceId, &Service) {
    let id = ServiceId::new("a").unwrap();
    (id.clone(), &model.services[&id])
}

/// Code whose texts between quotes are taken out, and these texts as they stand there.
/// Panics on what a text cannot be: a line that ends in the midst of it.
pub(in super::super) fn taken_apart(code: &str) -> (String, Vec<String>) {
    let (mut rest, mut texts) = (String::new(), Vec::new());
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        rest.push(letter);
        if letter != '"' {
            let is_plain = letter == '\n' || letter == '\t' || letter == ' ';
            assert!(
                is_plain || letter.is_ascii_graphic(),
                "{letter:?} in {code}"
            );
            continue;
        }
        let mut text = String::new();
        loop {
            let letter = letters.next().expect("a text that ends");
            assert!(!letter.is_control(), "{letter:?} in {code}");
            match letter {
                '"' => break,
                '\\' => {
                    text.push(letter);
                    text.push(letters.next().expect("something is escaped"));
                }
                letter => text.push(letter),
            }
        }
        rest.push('"');
        texts.push(text);
    }
    (rest, texts)
}

//! What holds for every finding of every design: it is told apart from all others, and
//! each of its fixes applies, makes it go away, and can be undone to the byte.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use proptest::prelude::*;

use super::{check, check_all, readiness, reference};
use crate::{
    edit::Document,
    model::{
        Access, Breaker, Dependency, DependencyId, Fallback, Mode, Model, Port, Retries, Route,
        RouteId, Service, ServiceId, ServiceKind, StartCondition, testing::model,
    },
    project::{Project, to_json},
};

/// Numbers from which an element is made, whatever they are.
type Roll = [u8; 8];

fn id(number: u8) -> ServiceId {
    ServiceId::new(format!("s{number}")).unwrap()
}

fn service(roll: Roll, count: u8) -> Service {
    let [kind, place, port, image, secret, after, replicas, more] = roll;
    let kinds = ServiceKind::ALL;
    // Every second one is a plain service, as in real designs.
    let kind = if kind.is_multiple_of(2) {
        ServiceKind::Service
    } else {
        kinds[usize::from(kind / 2) % kinds.len()]
    };
    let boundaries = ["x", "y", "z"];
    let mut service = Service {
        boundary: boundaries
            .get(usize::from(place % 4))
            .map(|it| it.parse().unwrap()),
        replicas: (replicas % 3 > 0).then(|| u32::from(replicas % 3)),
        criticality: (more % 5 > 0).then_some(more % 5),
        public: more.is_multiple_of(2),
        owner: ["", "red", "blue"][usize::from(more / 5 % 3)].to_owned(),
        ..Service::of_kind(kind)
    };
    for number in 0..port % 3 {
        service.ports.push(Port {
            number: 80 + u16::from(number),
            published: (port % 5 > 1).then(|| 8000 + u16::from(port % 2)),
            ..Port::default()
        });
    }
    let images = ["", "redis", "shop/a:latest", "postgres:17"];
    images[usize::from(image % 4)].clone_into(&mut service.image);
    if secret.is_multiple_of(3) {
        let pairs = [("DB_PASSWORD", "x"), ("db_password", "y"), ("PORT", "80")];
        service.environment = pairs
            .map(|(name, value)| (name.into(), value.into()))
            .into();
    }
    if after.is_multiple_of(2) {
        service
            .starts_after
            .insert(id(after / 2 % count), StartCondition::Healthy);
    }
    service
}

fn dependency(roll: Roll, count: u8) -> Dependency {
    let [from, to, mode, timeout, retries, breaker, p99, fallback] = roll;
    let mut dependency = Dependency::new(id(from % count), id(to % count));
    if mode.is_multiple_of(5) {
        dependency.mode = Mode::Async;
    }
    dependency.access = match mode % 4 {
        0 | 1 => Access::Call,
        2 => Access::Read,
        _ => Access::Write,
    };
    dependency.timeout_ms = (timeout % 3 > 0).then(|| u64::from(timeout) * 10);
    dependency.retries = (retries % 3 > 0).then(|| Retries {
        count: u32::from(retries % 5),
        backoff_ms: Some(u64::from(retries)),
        ..Retries::default()
    });
    dependency.breaker = breaker.is_multiple_of(3).then(Breaker::recommended);
    dependency.p99_ms = p99.is_multiple_of(2).then(|| u64::from(p99) * 8);
    dependency.fallback = fallback.is_multiple_of(4).then(Fallback::default);
    dependency
}

fn route(roll: Roll, count: u8) -> Route {
    let [gateway, path, service, port, timeout, ..] = roll;
    let paths = ["/", "/a", "/a/", "/s1", "/b"];
    let path = paths[usize::from(path) % paths.len()];
    let mut route = Route::new(id(gateway % count), path, id(service % count));
    route.port = (port % 3 > 0).then(|| 79 + u16::from(port % 4));
    route.timeout_ms = (timeout % 3 > 0).then(|| u64::from(timeout) * 20);
    route
}

fn design() -> impl Strategy<Value = Model> {
    let rolls = |most| prop::collection::vec(any::<Roll>(), 0..most);
    (
        prop::collection::vec(any::<Roll>(), 1..8),
        rolls(12),
        rolls(4),
    )
        .prop_map(|(services, dependencies, routes)| {
            let count = services.len() as u8;
            let mut design = model("x(); y(); z()");
            for (number, roll) in services.into_iter().enumerate() {
                let service = Arc::new(service(roll, count));
                design.services.insert(id(number as u8), service);
            }
            for (number, roll) in dependencies.into_iter().enumerate() {
                let id = DependencyId::new(format!("d{number}")).unwrap();
                design
                    .dependencies
                    .insert(id, Arc::new(dependency(roll, count)));
            }
            for (number, roll) in routes.into_iter().enumerate() {
                let id = RouteId::new(format!("r{number}")).unwrap();
                design.routes.insert(id, Arc::new(route(roll, count)));
            }
            design
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn every_fix_applies_helps_and_can_be_undone(model in design()) {
        let start = Project { model, ..Project::default() };
        let bytes = to_json(&start);
        for finding in check(&start.model, "") {
            for fix in &finding.fixes {
                let mut document = Document::new(start.clone());
                let applied = document.apply(fix.edit.clone());
                prop_assert!(applied.is_ok(), "{}: {applied:?}", fix.label);
                let left = check(&document.project().model, "");
                prop_assert!(
                    left.iter().all(|it| it.key() != finding.key()),
                    "{} leaves {}: {}", fix.label, finding.rule.code, finding.message
                );
                prop_assert!(document.undo(), "{} changes nothing", fix.label);
                prop_assert_eq!(&to_json(document.project()), &bytes);
            }
        }
    }

    #[test]
    fn no_two_findings_are_the_same(model in design()) {
        let keys: Vec<_> = check_all(&model, "").iter().map(super::Finding::key).collect();
        let unique: BTreeSet<_> = keys.iter().collect();
        prop_assert_eq!(unique.len(), keys.len(), "{:?}", keys);
    }

    #[test]
    fn judging_twice_says_the_same(model in design()) {
        let say = || {
            let found = check_all(&model, "");
            found.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>()
        };
        prop_assert_eq!(say(), say());
        prop_assert_eq!(readiness(&model), readiness(&model));
    }
}

#[test]
fn every_rule_but_one_offers_a_fix_and_appears_in_the_reference() {
    let design = model(
        "x(g:gateway, a{published=80 port=1 image=redis env.API_KEY=1 after.b=healthy replicas=1}, \
         b{published=80 after.a=healthy}, w{published=90}, c, d, e, f, db:database); y(u, v); \
         g/a -> a{port=9 timeout=10}; g/a -> b; g -> a; a -> b{timeout=10 retries=2}; \
         b -> c{timeout=10 retries=2}; c -> d{timeout=10 retries=2}; d -> e{timeout=9}; e -> f; \
         f -> f; a -> db{write}; u -> db{write}; u -> a; f -> v",
    );
    let mut fixes: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in check(&design, "") {
        *fixes.entry(finding.rule.code).or_default() += finding.fixes.len();
    }
    for rule in super::ALL {
        let offered = fixes.get(rule.code).copied();
        let expected = if rule.code == "S12" {
            offered == Some(0)
        } else {
            offered > Some(0)
        };
        assert!(expected, "{}: {offered:?}", rule.code);
        assert!(reference().contains(rule.name));
    }
}

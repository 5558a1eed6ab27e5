//! Properties that hold for any sequence of edits.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Document, Edit};
use crate::{
    model::{
        Boundary, BoundaryId, Breaker, Ci, Dependency, ElementId, Governance, Model, Route,
        RouteId, Service, ServiceId, StartCondition, testing::model,
    },
    project::{Environment, Position, Project, Target, to_json},
};

/// What a random edit is made of; indexes are taken modulo what there is, so that
/// most edits succeed and some fail.
#[derive(Debug, Clone)]
struct Roll {
    action: u8,
    first: usize,
    second: usize,
    number: i32,
    name: &'static str,
}

fn roll() -> impl Strategy<Value = Roll> {
    let names = prop::sample::select(vec![
        "a",
        "b",
        "cart",
        "orders",
        "Not An Id",
        "",
        "x--y",
        "stock",
    ]);
    (0..21_u8, any::<u16>(), any::<u16>(), -500..500_i32, names).prop_map(
        |(action, first, second, number, name)| Roll {
            action,
            first: first.into(),
            second: second.into(),
            number,
            name,
        },
    )
}

fn pick<T: Clone>(items: impl Iterator<Item = T>, index: usize) -> Option<T> {
    let items: Vec<_> = items.collect();
    (!items.is_empty()).then(|| items[index % items.len()].clone())
}

fn service(model: &Model, index: usize) -> ServiceId {
    pick(model.services.keys().cloned(), index).unwrap_or_else(|| id("ghost"))
}

fn id(text: &str) -> ServiceId {
    ServiceId::from_display_name(text, "unnamed")
}

fn element(model: &Model, index: usize) -> ElementId {
    let all = model
        .services
        .keys()
        .cloned()
        .map(ElementId::Service)
        .chain(model.boundaries.keys().cloned().map(ElementId::Boundary))
        .chain(
            model
                .dependencies
                .keys()
                .cloned()
                .map(ElementId::Dependency),
        )
        .chain(model.routes.keys().cloned().map(ElementId::Route));
    pick(all, index).unwrap_or_else(|| ElementId::Service(id("ghost")))
}

fn edit(project: &Project, roll: &Roll) -> Edit {
    let model = &project.model;
    let position = Position::new(roll.number, -roll.number);
    let boundary = pick(model.boundaries.keys().cloned(), roll.second);
    let (first, second) = (service(model, roll.first), service(model, roll.second));
    match roll.action {
        0 => Edit::AddService(id(roll.name), Box::default(), Some(position)),
        1 => Edit::AddBoundary(
            BoundaryId::from_display_name(roll.name, "unnamed"),
            Box::default(),
            Some(position),
        ),
        2..=4 => Edit::AddDependency(
            model.free_dependency_id(&first, &second),
            Box::new(Dependency::new(first, second)),
        ),
        5 => Edit::AddRoute(
            RouteId::from_display_name(roll.name, "unnamed"),
            Box::new(Route::new(first, format!("/{}", roll.name), second)),
        ),
        6 => Edit::Remove([element(model, roll.first)].into()),
        7 => Edit::Remove(BTreeSet::from([
            element(model, roll.first),
            element(model, roll.second),
        ])),
        8 | 9 => Edit::ChangeId(element(model, roll.first), roll.name.to_owned()),
        10 => Edit::Join(vec![first, second], boundary),
        11 => Edit::Move(vec![(first, position), (second, position)]),
        12 => Edit::ChangeService(first, Box::new(described(roll)), "name"),
        13 => Edit::Collapse(boundary.into_iter().collect(), roll.number > 0),
        14 => Edit::ChangeBoundary(
            boundary
                .clone()
                .unwrap_or_else(|| BoundaryId::from_display_name("", "ghost")),
            Box::new(Boundary {
                parent: pick(model.boundaries.keys().cloned(), roll.first),
                ..Boundary::default()
            }),
            "parent",
        ),
        15 => Edit::All("batch".to_owned(), batch(model, roll)),
        16 => protected(model, roll),
        17 => Edit::Govern(Governance::default()),
        18 => Edit::DescribeSystem {
            name: roll.name.to_owned(),
            description: String::new(),
        },
        19 => Edit::ChooseCi(Some(Ci::GitlabCi)),
        _ => Edit::Lock(roll.number > 0),
    }
}

fn described(roll: &Roll) -> Service {
    Service {
        name: roll.name.to_owned(),
        replicas: u32::try_from(roll.number).ok(),
        starts_after: [(id("orders"), StartCondition::Healthy)].into(),
        ..Service::default()
    }
}

fn batch(model: &Model, roll: &Roll) -> Vec<Edit> {
    let new = id(roll.name);
    vec![
        Edit::AddService(new.clone(), Box::default(), None),
        Edit::AddDependency(
            model.free_dependency_id(&new, &service(model, roll.first)),
            Box::new(Dependency::new(new, service(model, roll.first))),
        ),
        Edit::ChangeId(element(model, roll.second), "renamed".to_owned()),
    ]
}

fn protected(model: &Model, roll: &Roll) -> Edit {
    match pick(model.dependencies.iter(), roll.first) {
        Some((id, dependency)) => {
            let mut dependency = Dependency::clone(dependency);
            dependency.breaker = Some(Breaker::recommended());
            dependency.timeout_ms = u64::try_from(roll.number).ok();
            Edit::ChangeDependency(id.clone(), Box::new(dependency), "breaker")
        }
        None => Edit::RemoveEnvironment("nowhere".parse().unwrap()),
    }
}

fn start() -> Project {
    let model = model(
        "shop(+cart, orders{after.stock=healthy}); store(stock, db:database); \
         cart -> orders; orders -> stock; orders => db{write}; cart/orders -> orders",
    );
    let mut project = Project {
        model,
        ..Project::default()
    };
    let environment = Environment {
        targets: [(id("orders"), Target::default())].into(),
        breaker_aliases: [("x".to_owned(), "cart-orders".parse().unwrap())].into(),
        ..Environment::default()
    };
    project
        .environments
        .insert("local".parse().unwrap(), environment.into());
    project
}

proptest! {
    #[test]
    fn undoing_all_gives_back_the_very_same_bytes_and_so_does_redoing(
        rolls in prop::collection::vec(roll(), 1..60)
    ) {
        let mut document = Document::new(start());
        let before = to_json(document.project());
        for roll in &rolls {
            let untouched = to_json(document.project());
            if document.apply(edit(document.project(), roll)).is_err() {
                prop_assert_eq!(untouched, to_json(document.project()));
            }
            prop_assert!(document.project().model.check_references().is_ok());
        }
        let after = to_json(document.project());
        while document.undo() {}
        prop_assert_eq!(&before, &to_json(document.project()));
        prop_assert!(!document.is_unsaved());
        while document.redo() {}
        prop_assert_eq!(&after, &to_json(document.project()));
    }

    #[test]
    fn saving_and_opening_gives_the_very_same_bytes(
        rolls in prop::collection::vec(roll(), 1..40)
    ) {
        let mut document = Document::new(start());
        for roll in &rolls {
            document.apply(edit(document.project(), roll)).ok();
        }
        let text = to_json(document.project());
        let opened = crate::project::parse(text.as_bytes()).unwrap();
        prop_assert_eq!(&opened, document.project().as_ref());
        prop_assert_eq!(to_json(&opened), text);
    }
}

#[test]
fn typing_in_one_field_undoes_as_one_step() {
    let mut document = Document::new(start());
    for name in ["C", "Ca", "Cart"] {
        let service = Service {
            name: name.to_owned(),
            ..Service::default()
        };
        document
            .apply(Edit::ChangeService(id("cart"), Box::new(service), "name"))
            .unwrap();
    }
    assert_eq!(document.undo_label(), Some("change name of cart"));
    assert!(document.undo());
    assert_eq!(document.project().as_ref(), &start());
    assert!(!document.undo());
}

#[test]
fn an_edit_that_changes_nothing_leaves_no_step() {
    let mut document = Document::new(start());
    document.apply(Edit::Lock(false)).unwrap();
    assert_eq!(document.undo_label(), None);
}

#[test]
fn an_id_change_is_followed_by_every_reference() {
    let mut document = Document::new(start());
    let from = ElementId::Service(id("orders"));
    document
        .apply(Edit::ChangeId(from, "ordering".to_owned()))
        .unwrap();
    let text = to_json(document.project());
    assert!(!text.contains("\"orders\""), "{text}");
    assert_eq!(text.matches("\"ordering\"").count(), 6, "{text}");
}

#[test]
fn a_removed_service_takes_its_dependencies_and_routes_along() {
    let mut document = Document::new(start());
    document
        .apply(Edit::Remove([ElementId::Service(id("orders"))].into()))
        .unwrap();
    let project = document.project();
    assert!(project.model.dependencies.is_empty());
    assert!(project.model.routes.is_empty());
    let environment = project.environments.get("local").unwrap();
    assert!(environment.targets.is_empty() && environment.breaker_aliases.is_empty());
}

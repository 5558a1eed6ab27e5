//! Designs to lay out: generated clusters of any size, and small ones to look at.

use std::sync::Arc;

use meshboard::model::{Boundary, BoundaryId, Dependency, Model, Service, ServiceId, ServiceKind};

/// Services of one generated boundary, on average.
const CLUSTER: usize = 10;
/// Share of dependencies that stay inside their boundary, in percent.
const INSIDE_PERCENT: usize = 55;

/// A design like a grown shop: boundaries of about ten services, the first of them
/// public, stores at the end; twice as many dependencies as services, those across
/// boundaries going to public services of later boundaries.
pub(crate) fn generated(count: usize) -> Model {
    let mut random = fastrand::Rng::with_seed(7);
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    let mut made = 0;
    while made < count {
        let size = random.usize(CLUSTER - 4..=CLUSTER + 4).min(count - made);
        clusters.push((made..made + size).collect());
        made += size;
    }

    let mut model = Model::default();
    for (number, members) in clusters.iter().enumerate() {
        let boundary = format!("context-{number:04}");
        let boundary = BoundaryId::new(boundary).ok();
        if let Some(boundary) = boundary.clone() {
            model
                .boundaries
                .insert(boundary, Arc::new(Boundary::default()));
        }
        for (place, &member) in members.iter().enumerate() {
            let is_store = place + 2 >= members.len() && members.len() > 3;
            let kind = if is_store {
                ServiceKind::Database
            } else {
                ServiceKind::Service
            };
            let mut service = Service::of_kind(kind);
            service.boundary = boundary.clone();
            model.services.insert(service_id(member), Arc::new(service));
        }
    }

    let inside = count * 2 * INSIDE_PERCENT / 100;
    for edge in 0..count * 2 {
        let cluster = random.usize(0..clusters.len());
        let members = &clusters[cluster];
        let (from, to) = if edge < inside || cluster + 1 >= clusters.len() {
            if members.len() < 2 {
                continue;
            }
            let from = random.usize(0..members.len() - 1);
            let to = random.usize(from + 1..members.len());
            (members[from], members[to])
        } else {
            let later = &clusters[random.usize(cluster + 1..clusters.len())];
            let from = random.usize(0..members.len().saturating_sub(2).max(1));
            (members[from], later[random.usize(0..later.len().min(3))])
        };
        connect(&mut model, service_id(from), service_id(to));
    }
    model
}

fn service_id(number: usize) -> ServiceId {
    ServiceId::from_display_name(&format!("service-{number:05}"), "service")
}

fn connect(model: &mut Model, from: ServiceId, to: ServiceId) {
    let id = model.free_dependency_id(&from, &to);
    let dependency = Arc::new(Dependency::new(from, to));
    model.dependencies.insert(id, dependency);
}

/// A small design by its name, if there is one.
pub(crate) fn named(name: &str) -> Option<Model> {
    let text = ALL.iter().find(|it| it.0 == name)?.1;
    Some(written(text))
}

/// Every small design: boundaries with their services, then who needs whom.
pub(crate) const ALL: &[(&str, &str)] = &[
    (
        "shop",
        "storefront: web/client gateway/gateway; catalog: catalog search catalog-cache/cache \
         catalog-db/database; ordering: orders payments orders-db/database; fulfilment: \
         events/broker shipping notifications; : bank/external; web>gateway gateway>catalog \
         gateway>orders catalog>search catalog>catalog-cache catalog>catalog-db search>catalog-db \
         orders>payments orders>orders-db payments>bank orders>events events>shipping \
         events>notifications",
    ),
    (
        "events",
        "edge: app/client api/gateway; intake: collector validator raw-store/database; \
         streaming: bus/broker enricher scorer deduplicator; serving: profiles \
         profiles-db/database alerts mailer audit audit-db/database; : crm/external \
         sms/external; app>api api>collector collector>validator validator>raw-store \
         collector>bus bus>enricher bus>scorer bus>deduplicator enricher>bus scorer>bus \
         bus>profiles profiles>profiles-db bus>alerts alerts>mailer alerts>sms bus>audit \
         audit>audit-db profiles>crm api>profiles",
    ),
    (
        "flat",
        ": frontend/client ad cart cart-store/cache checkout currency email payment \
         product-catalog recommendation shipping; frontend>ad frontend>cart frontend>checkout \
         frontend>currency frontend>product-catalog frontend>recommendation frontend>shipping \
         recommendation>product-catalog checkout>cart checkout>currency checkout>email \
         checkout>payment checkout>product-catalog checkout>shipping cart>cart-store",
    ),
    (
        "sock",
        ": edge-router/gateway front-end catalogue catalogue-db/database carts carts-db/database \
         orders orders-db/database shipping queue-master rabbitmq/broker payment user \
         user-db/database session-db/cache user-sim/job; edge-router>front-end \
         front-end>catalogue front-end>carts front-end>orders front-end>user \
         front-end>session-db catalogue>catalogue-db carts>carts-db orders>orders-db \
         orders>payment orders>shipping orders>carts orders>user shipping>rabbitmq \
         rabbitmq>queue-master user>user-db user-sim>edge-router",
    ),
];

fn written(text: &str) -> Model {
    let mut model = Model::default();
    for part in text.split(';').map(str::trim) {
        if let Some((boundary, services)) = part.split_once(':') {
            let boundary = BoundaryId::new(boundary.trim()).ok();
            if let Some(boundary) = boundary.clone() {
                model
                    .boundaries
                    .insert(boundary, Arc::new(Boundary::default()));
            }
            for service in services.split_whitespace() {
                let (name, kind) = service.split_once('/').unwrap_or((service, "service"));
                let kind = ServiceKind::ALL
                    .into_iter()
                    .find(|it| it.label().eq_ignore_ascii_case(kind));
                let mut service = Service::of_kind(kind.unwrap_or_default());
                service.boundary = boundary.clone();
                let id = ServiceId::from_display_name(name, "service");
                model.services.insert(id, Arc::new(service));
            }
        } else {
            let ends = part.split_whitespace().filter_map(|it| it.split_once('>'));
            for (from, to) in ends {
                let end = |it| ServiceId::from_display_name(it, "service");
                connect(&mut model, end(from), end(to));
            }
        }
    }
    model
}

//! O08: two services want the same port of the host.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Context, Findings, Fix, Rule, fix::change_service, words};
use crate::model::{Port, PortProtocol, Severity};

pub(super) const RULE: Rule = Rule {
    code: "O08",
    name: "colliding-host-ports",
    severity: Severity::Error,
    summary: "Two services publish the same port of the host.",
    explanation: "\
Only one of them can start. Two ports collide if the number and TCP or UDP are the same and their host addresses overlap; \
no address, 0.0.0.0 and :: mean every address.",
    source: "Compoviz, port conflicts.",
    check,
};

/// What shares its port numbers: everything over TCP, and UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Family {
    Tcp,
    Udp,
}

impl Family {
    fn of(port: &Port) -> Self {
        match port.protocol {
            PortProtocol::Udp => Self::Udp,
            PortProtocol::Http | PortProtocol::Grpc | PortProtocol::Tcp => Self::Tcp,
        }
    }
}

/// Who has a host port so far.
#[derive(Default)]
struct Taken<'a> {
    first: Option<usize>,
    on_every_address: Option<usize>,
    by_address: HashMap<&'a str, usize>,
}

impl<'a> Taken<'a> {
    /// Who already has the port on an address that overlaps; then it is taken there, too.
    fn take(&mut self, address: &'a str, service: usize) -> Option<usize> {
        let before = if means_every(address) {
            self.first
        } else {
            self.on_every_address
                .or_else(|| self.by_address.get(address).copied())
        };
        self.first.get_or_insert(service);
        if means_every(address) {
            self.on_every_address.get_or_insert(service);
        } else {
            self.by_address.entry(address).or_insert(service);
        }
        before
    }
}

fn means_every(address: &str) -> bool {
    matches!(address, "" | "0.0.0.0" | "::" | "[::]" | "*")
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut taken: HashMap<(Family, u16), Taken<'_>> = HashMap::new();
    // Positions of a service's ports that another, or itself, has already.
    let mut collisions: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (number, _, service) in context.services() {
        for (position, port) in service.ports.iter().enumerate() {
            let Some(published) = port.published else {
                continue;
            };
            let taken = taken.entry((Family::of(port), published)).or_default();
            if let Some(before) = taken.take(&port.host_ip, number) {
                collisions
                    .entry((number, before))
                    .or_default()
                    .push(position);
            }
        }
    }
    let mut free = FreePorts {
        taken: taken.keys().copied().collect(),
        found: HashMap::new(),
    };
    for ((later, first), positions) in collisions {
        report(context, (later, first), &positions, &mut free, findings);
    }
}

fn report(
    context: &Context<'_>,
    (later, first): (usize, usize),
    positions: &[usize],
    free: &mut FreePorts,
    findings: &mut Findings,
) {
    let service = context.numbers.service(later);
    let published = |&it: &usize| service.ports[it].published;
    let ports: Vec<String> = positions
        .iter()
        .filter_map(|it| published(it).map(|it| it.to_string()))
        .collect();
    let ports = words::list(&ports);
    let (message, subjects) = if later == first {
        let message = format!(
            "{} publishes port {ports} of the host twice",
            context.name(later)
        );
        (message, vec![context.element(later)])
    } else {
        let message = format!(
            "{} and {} both publish port {ports} of the host",
            context.name(first),
            context.name(later)
        );
        (
            message,
            vec![context.element(later), context.element(first)],
        )
    };
    let fix = moved(context, later, positions, free);
    findings.report(subjects, message).fix(fix);
}

fn moved(
    context: &Context<'_>,
    number: usize,
    positions: &[usize],
    free: &mut FreePorts,
) -> Option<Fix> {
    let service = context.numbers.service(number);
    let mut used = BTreeSet::new();
    let mut changes = Vec::new();
    for &position in positions {
        let port = &service.ports[position];
        let next = free.after(Family::of(port), port.published?, &used)?;
        used.insert((Family::of(port), next));
        changes.push((position, next));
    }
    let edit = change_service(context.numbers.id(number), service, "ports", |it| {
        for &(position, next) in &changes {
            it.ports[position].published = Some(next);
        }
    });
    let ports: Vec<String> = changes.iter().map(|(_, it)| it.to_string()).collect();
    let label = format!(
        "Publish {} on {}",
        context.name(number),
        words::list(&ports)
    );
    Some(Fix::new(label, vec![edit]))
}

/// Finds free host ports, and remembers where it has looked.
struct FreePorts {
    taken: BTreeSet<(Family, u16)>,
    found: HashMap<(Family, u16), Option<u16>>,
}

impl FreePorts {
    /// The next port above that neither the design nor `used` has.
    fn after(&mut self, family: Family, port: u16, used: &BTreeSet<(Family, u16)>) -> Option<u16> {
        let taken = &self.taken;
        let first = *self.found.entry((family, port)).or_insert_with(|| {
            (port.saturating_add(1)..=u16::MAX).find(|&it| !taken.contains(&(family, it)))
        });
        (first?..=u16::MAX)
            .find(|&it| !taken.contains(&(family, it)) && !used.contains(&(family, it)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::RULE;
    use crate::{
        model::{Model, PortProtocol, testing::model},
        rules::{
            Context, Findings,
            testing::{fixes, messages},
        },
    };

    fn changed(text: &str, change: impl FnOnce(&mut crate::model::Port)) -> Model {
        let mut model = model(text);
        let service = Arc::make_mut(model.services.get_mut("b").unwrap());
        change(&mut service.ports[0]);
        model
    }

    fn collides(model: &Model) -> bool {
        !Findings::of(&RULE, None, &Context::new(model)).is_empty()
    }

    #[test]
    fn the_same_port_inside_containers_is_fine() {
        assert_eq!(
            messages(&RULE, "x(a{port=80 published=80}, b{port=80})"),
            ""
        );
    }

    #[test]
    fn the_later_one_moves_to_the_next_free_port() {
        let text = "x(a{published=80}, b{published=80}, c{published=81}, d{published=80})";
        assert_eq!(
            messages(&RULE, text),
            "error: a and b both publish port 80 of the host\n\
             error: a and d both publish port 80 of the host\n"
        );
        assert_eq!(fixes(&RULE, text), "Publish b on 82\nPublish d on 82\n");
    }

    #[test]
    fn one_service_can_collide_with_itself() {
        let text = "x(a{port=1 published=80 port=2 published=80})";
        assert_eq!(
            messages(&RULE, text),
            "error: a publishes port 80 of the host twice\n"
        );
        assert_eq!(fixes(&RULE, text), "Publish a on 81\n");
    }

    #[test]
    fn udp_and_other_addresses_do_not_collide_but_every_address_does() {
        let text = "x(a{published=80}, b{published=80})";
        assert!(!collides(
            &changed(text, |it| it.protocol = PortProtocol::Udp)
        ));
        assert!(collides(
            &changed(text, |it| it.host_ip = "127.0.0.1".to_owned())
        ));
        let mut model = changed(text, |it| it.host_ip = "127.0.0.1".to_owned());
        let service = Arc::make_mut(model.services.get_mut("a").unwrap());
        service.ports[0].host_ip = "10.0.0.1".to_owned();
        assert!(!collides(&model));
    }
}

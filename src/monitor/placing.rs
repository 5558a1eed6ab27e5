//! Which dependency a breaker protects.
//!
//! The process that tells of a breaker is the caller; the breaker's name is only a hint
//! at whom it calls. What a person said comes first, then names that are equal, then
//! names that contain one another. Where two dependencies fit equally well, none is
//! chosen: a breaker on the wrong edge is worse than one in the list of unplaced ones.

use std::collections::BTreeMap;

use crate::model::{DependencyId, Model, ServiceId};

/// The names by which breakers find their dependency, prepared once.
#[derive(Debug, Default)]
pub struct Placing {
    aliases: BTreeMap<String, DependencyId>,
    outgoing: BTreeMap<ServiceId, Vec<Candidate>>,
}

#[derive(Debug)]
struct Candidate {
    dependency: DependencyId,
    to: ServiceId,
    breaker_name: String,
    /// The target's id and display name, folded.
    folded: Vec<String>,
}

/// Shorter names are contained in too much to mean anything.
const MIN_CONTAINED: usize = 3;

impl Placing {
    /// Prepares a design's names and the aliases of an environment.
    pub fn new(model: &Model, aliases: &BTreeMap<String, DependencyId>) -> Self {
        let mut outgoing: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, dependency) in &model.dependencies {
            let mut folded = vec![fold(dependency.to.as_str())];
            let display = fold(model.service_name(&dependency.to));
            if !folded.contains(&display) {
                folded.push(display);
            }
            folded.retain(|it| !it.is_empty());
            let breaker_name = dependency.breaker.as_ref().map(|it| it.name.clone());
            outgoing
                .entry(dependency.from.clone())
                .or_default()
                .push(Candidate {
                    dependency: id.clone(),
                    to: dependency.to.clone(),
                    breaker_name: breaker_name.unwrap_or_default(),
                    folded,
                });
        }
        Self {
            aliases: aliases.clone(),
            outgoing,
        }
    }

    /// The dependency of this caller that a breaker of this name protects.
    pub fn place(&self, caller: &ServiceId, name: &str) -> Option<&DependencyId> {
        if let Some(alias) = self.aliases.get(&format!("{caller}/{name}")) {
            return Some(alias);
        }
        let candidates = self.outgoing.get(caller)?;
        let only = |fits: &dyn Fn(&Candidate) -> bool| {
            let mut fitting = candidates.iter().filter(|it| fits(it));
            match (fitting.next(), fitting.next()) {
                (Some(one), None) => Fit::One(&one.dependency),
                (None, _) => Fit::Nobody,
                (Some(_), Some(_)) => Fit::Several,
            }
        };
        let hint = fold(service_part(caller.as_str(), name));
        let steps: [&dyn Fn(&Candidate) -> bool; 5] = [
            &|it| it.breaker_name == name,
            &|it| it.dependency.as_str() == name,
            &|it| it.to.as_str() == name,
            &|it| it.folded.contains(&hint) || (!hint.is_empty() && fold(&it.breaker_name) == hint),
            &|it| it.folded.iter().any(|target| target == &fold(name)),
        ];
        for step in steps {
            match only(step) {
                Fit::One(dependency) => return Some(dependency),
                Fit::Several => return None,
                Fit::Nobody => {}
            }
        }
        contained(candidates, &hint)
    }
}

enum Fit<'a> {
    One(&'a DependencyId),
    Several,
    Nobody,
}

/// The dependency whose target's name stands in the breaker's name, or the reverse;
/// the longest such name wins, so that `orders-db` is not taken for `orders`.
fn contained<'a>(candidates: &'a [Candidate], hint: &str) -> Option<&'a DependencyId> {
    let overlap = |it: &Candidate| {
        let lengths = it.folded.iter().filter_map(|target| {
            let shorter = target.len().min(hint.len());
            let fits = hint.contains(target.as_str()) || target.contains(hint);
            (fits && shorter >= MIN_CONTAINED).then_some(shorter)
        });
        lengths.max()
    };
    let longest = candidates.iter().filter_map(overlap).max()?;
    let mut best = candidates.iter().filter(|it| overlap(it) == Some(longest));
    match (best.next(), best.next()) {
        (Some(one), None) => Some(&one.dependency),
        _ => None,
    }
}

/// The part of a breaker's name that speaks of the called service:
/// `outbound|9080|v1|reviews.default.svc.cluster.local` → `reviews`,
/// `orders->payments` told by orders → `payments`.
pub(super) fn service_part<'a>(caller: &str, name: &'a str) -> &'a str {
    let name = if name.starts_with("outbound|") {
        let host = name.rsplit('|').next().unwrap_or(name);
        host.split('.').next().unwrap_or(host)
    } else if let Some((from, to)) = name.split_once("->").or_else(|| name.split_once('→')) {
        if fold(from) == fold(caller) { to } else { name }
    } else {
        name
    };
    let without_scheme = name.split_once("://").map_or(name, |(_, rest)| rest);
    let host = without_scheme.split(['/', ':']).next().unwrap_or_default();
    if host.contains(".svc") || host.contains(".local") {
        host.split('.').next().unwrap_or(host)
    } else if without_scheme.len() == name.len() {
        name
    } else {
        host
    }
}

/// Small letters and digits alone, without what many names end in.
pub(super) fn fold(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| it.to_ascii_lowercase())
        .collect();
    let endings = ["circuitbreaker", "breaker", "service", "svc", "client"];
    let mut rest = plain.as_str();
    for ending in endings {
        match rest.strip_suffix(ending) {
            Some(shorter) if !shorter.is_empty() => rest = shorter,
            Some(_) | None => {}
        }
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use super::Placing;
    use crate::model::{DependencyId, Model, ServiceId, testing::model};

    fn placed(model: &Model, caller: &str, name: &str) -> String {
        let placing = Placing::new(model, &BTreeMap::new());
        let caller = ServiceId::new(caller).unwrap();
        placing
            .place(&caller, name)
            .map_or_else(|| "-".to_owned(), ToString::to_string)
    }

    #[test]
    fn names_of_real_libraries_find_their_edge() {
        let model = model(
            "x(orders, payments, loan-service, cards, reviews, mail);
             orders -> payments; orders -> loan-service; orders -> cards; orders -> reviews",
        );
        let on = |name: &str| placed(&model, "orders", name);
        assert_eq!(on("payments"), "orders-payments");
        assert_eq!(on("PaymentsService"), "orders-payments");
        assert_eq!(on("payments-circuit-breaker"), "orders-payments");
        assert_eq!(on("loan"), "orders-loan-service");
        assert_eq!(
            on("CardsFeignClientfetchCardDetailsStringString"),
            "orders-cards"
        );
        assert_eq!(
            on("outbound|9080||reviews.default.svc.cluster.local"),
            "orders-reviews"
        );
        assert_eq!(on("orders->payments"), "orders-payments");
        assert_eq!(on("http://reviews.prod.svc:9080/x"), "orders-reviews");
        assert_eq!(on("http://cards:80"), "orders-cards");
        assert_eq!(on("orders-cards"), "orders-cards");
        assert_eq!(on("backendA"), "-");
        assert_eq!(on("mail"), "-", "orders does not call mail");
        assert_eq!(placed(&model, "mail", "payments"), "-");
    }

    #[test]
    fn between_two_that_fit_none_is_chosen() {
        let model = model(
            "x(shop, pay-eu, pay-us, stock); shop -> pay-eu; shop -> pay-us; shop -> stock; shop -> stock",
        );
        assert_eq!(placed(&model, "shop", "pay"), "-");
        assert_eq!(
            placed(&model, "shop", "stock"),
            "-",
            "two dependencies lead there"
        );
        assert_eq!(placed(&model, "shop", "shop-stock-2"), "shop-stock-2");
    }

    #[test]
    fn the_longer_name_wins_over_one_it_contains() {
        let model = model("x(web, orders, orders-db); web -> orders; web -> orders-db");
        assert_eq!(placed(&model, "web", "OrdersDbReadPool"), "web-orders-db");
        assert_eq!(placed(&model, "web", "ordersReadPool"), "web-orders");
    }

    #[test]
    fn what_a_person_said_comes_first() {
        let mut model = model("x(web, a, b); web -> a; web -> b{breaker}");
        let id = DependencyId::new("web-b").unwrap();
        let mut dependency = (*model.dependencies[&id]).clone();
        dependency.breaker.as_mut().unwrap().name = "backendA".to_owned();
        model.dependencies.insert(id, Arc::new(dependency));
        assert_eq!(placed(&model, "web", "backendA"), "web-b");

        let aliases = BTreeMap::from([(
            "web/backendA".to_owned(),
            DependencyId::new("web-a").unwrap(),
        )]);
        let placing = Placing::new(&model, &aliases);
        let web = ServiceId::new("web").unwrap();
        assert_eq!(placing.place(&web, "backendA").unwrap().as_str(), "web-a");
    }
}

//! Which service a source speaks of.
//!
//! A source has names of its own: `orders-service`, `shop_orders_1`,
//! `outbound|9080||orders.prod.svc.cluster.local`. What a person said comes first, then
//! the id, then the display name, then what is left without the usual trimmings. Where
//! two services fit equally well, none is chosen.

use std::collections::{BTreeMap, HashMap};

use super::placing::{fold, service_part};
use crate::model::{Model, ServiceId};

/// The names by which sources find their services, prepared once.
#[derive(Debug, Default)]
pub(super) struct Naming {
    aliases: BTreeMap<String, ServiceId>,
    ids: BTreeMap<String, ServiceId>,
    /// Folded id or name → the only service that has it; `None` if there are several.
    folded: HashMap<String, Option<ServiceId>>,
}

impl Naming {
    /// Prepares a design's names and the aliases of an environment.
    pub(super) fn new(model: &Model, aliases: &BTreeMap<String, ServiceId>) -> Self {
        let mut folded: HashMap<String, Option<ServiceId>> = HashMap::new();
        for id in model.services.keys() {
            let mut names = vec![fold(id.as_str()), fold(model.service_name(id))];
            names.dedup();
            for name in names.into_iter().filter(|it| !it.is_empty()) {
                let only = folded.entry(name).or_insert_with(|| Some(id.clone()));
                if only.as_ref() != Some(id) {
                    *only = None;
                }
            }
        }
        let ids = model.services.keys();
        Self {
            aliases: aliases.clone(),
            ids: ids.map(|id| (id.to_string(), id.clone())).collect(),
            folded,
        }
    }

    /// The service that a source calls so; `None` if none or several fit.
    pub(super) fn service(&self, name: &str) -> Option<&ServiceId> {
        let name = name.trim();
        let known = self.aliases.get(name).or_else(|| self.ids.get(name));
        if known.is_some() {
            return known;
        }
        let folded = |it: &str| self.folded.get(&fold(it)).and_then(Option::as_ref);
        let bare = service_part("", name);
        folded(name)
            .or_else(|| folded(bare))
            .or_else(|| folded(without_instance(bare)))
            .or_else(|| folded(without_port(name)))
    }
}

/// `shop_orders_1` and `shop-orders-1`, as Docker Compose names containers, → `orders`.
fn without_instance(name: &str) -> &str {
    let separator = if name.contains('_') { '_' } else { '-' };
    let Some((rest, number)) = name.rsplit_once(separator) else {
        return name;
    };
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    match rest.split_once(separator) {
        Some((_, service)) if is_number => service,
        _ => name,
    }
}

/// `orders.prod:8080` → `orders`.
fn without_port(name: &str) -> &str {
    let host = name.split([':', '/']).next().unwrap_or(name);
    host.split('.').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Naming;
    use crate::model::{ServiceId, testing::model};

    #[test]
    fn names_of_real_sources_find_their_service() {
        let naming = Naming::new(
            &model("x(orders, payments-service, orders-db)"),
            &BTreeMap::new(),
        );
        let found = |name: &str| {
            let service = naming.service(name);
            service.map_or("-".to_owned(), ToString::to_string)
        };
        assert_eq!(found("orders"), "orders");
        assert_eq!(found("Orders-Service"), "orders");
        assert_eq!(found("payments"), "payments-service");
        assert_eq!(found("shop_orders_1"), "orders");
        assert_eq!(found("shop-orders-db-12"), "orders-db");
        assert_eq!(
            found("outbound|80||orders.prod.svc.cluster.local"),
            "orders"
        );
        assert_eq!(found("orders.prod:8080"), "orders");
        assert_eq!(found("http://orders:8080/x"), "orders");
        assert_eq!(found("order"), "-");
        assert_eq!(found(""), "-");
    }

    #[test]
    fn what_a_person_said_comes_first_and_two_that_fit_are_none() {
        let aliases = BTreeMap::from([("a9".to_owned(), ServiceId::new("pay-eu").unwrap())]);
        let naming = Naming::new(&model("x(pay-eu, stock, stock-service)"), &aliases);
        assert_eq!(naming.service("a9").unwrap().as_str(), "pay-eu");
        assert_eq!(naming.service("stock").unwrap().as_str(), "stock");
        assert_eq!(naming.service("StockSvc"), None);
    }
}

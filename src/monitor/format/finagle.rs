//! Finagle and Linkerd 1: `/admin/metrics.json`, one flat object of numbers.
//!
//! Failure accrual takes endpoints out of a balancer; if all are out it calls them all the
//! same. Where the balancer counts its busy endpoints, that tells how many are out; else
//! the counters of removals and revivals do, by how they grow. Source: Finagle's guide,
//! *Metrics*, `clnt/<label>/failure_accrual` and `clnt/<label>/loadbalancer`.

use std::collections::BTreeMap;

use super::{BreakerReading, Evidence, Format, Input, display_text, reading::Body};
use crate::monitor::{Circuit, Confidence};

pub(super) const FORMAT: Format = Format {
    id: "finagle",
    title: "Finagle metrics",
    looks_like: r#"{"clnt/bank/failure_accrual/removals":1,"clnt/bank/failure_accrual/revivals":0}"#,
    tested_against: "written after its documentation",
    read,
};

/// The most clients of one answer that are looked at.
const MAX_CLIENTS: usize = 500;

#[derive(Default)]
struct Client {
    removed: Option<f64>,
    revived: f64,
    size: Option<f64>,
    busy: Option<f64>,
}

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let mut clients: BTreeMap<&str, Client> = BTreeMap::new();
    for (key, value) in object {
        let Some((label, what)) = client(key) else {
            continue;
        };
        let Some(value) = value.as_f64().filter(|it| *it >= 0.0) else {
            continue;
        };
        if clients.len() >= MAX_CLIENTS && !clients.contains_key(label) {
            continue;
        }
        let client = clients.entry(label).or_default();
        match what {
            "failure_accrual/removals" => client.removed = Some(value),
            "failure_accrual/revivals" => client.revived = value,
            "loadbalancer/size" => client.size = Some(value),
            "loadbalancer/busy" => client.busy = Some(value),
            _ => {}
        }
    }
    let breakers: Vec<_> = clients
        .iter()
        .filter_map(|(label, it)| it.breaker(label))
        .collect();
    (!breakers.is_empty()).then(|| Body::of_breakers(breakers))
}

/// `clnt/bank/failure_accrual/removals` → `bank` and `failure_accrual/removals`.
fn client(key: &str) -> Option<(&str, &str)> {
    let place = key
        .find("/failure_accrual/")
        .or_else(|| key.find("/loadbalancer/"))?;
    let (path, what) = (&key[..place], &key[place + 1..]);
    let label = path.strip_prefix("clnt/").unwrap_or(path);
    (path.starts_with("clnt/") || path.starts_with("rt/")).then_some((label, what))
}

impl Client {
    fn breaker(&self, label: &str) -> Option<BreakerReading> {
        // Linkerd's labels are paths; the last part is the service.
        let name = match label.strip_prefix("rt/") {
            Some(path) => path.rsplit(['/', '.']).next().unwrap_or(path),
            None => label,
        };
        let name = display_text(name);
        let removed = self.removed?;
        let (Some(size), Some(busy)) = (self.size, self.busy) else {
            let evidence = Evidence::Removals {
                removed,
                revived: self.revived,
            };
            return Some(BreakerReading::inferred(&name, evidence));
        };
        let circuit = if busy > 0.0 {
            Circuit::Ejected {
                count: busy as u32,
                of: size as u32,
            }
        } else {
            Circuit::Closed
        };
        Some(BreakerReading {
            confidence: Confidence::Inferred,
            detail: format!("{busy} of {size} endpoints busy"),
            ..BreakerReading::new(&name, circuit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Evidence, detect};
    use crate::monitor::{Circuit, Confidence};

    #[test]
    fn busy_endpoints_are_out_and_removals_are_evidence() {
        let body = br#"{"jvm/uptime":9,"clnt/bank/failure_accrual/removals":3,
            "clnt/bank/failure_accrual/revivals":1,"clnt/bank/loadbalancer/size":3,
            "clnt/bank/loadbalancer/busy":2,"clnt/mail/failure_accrual/removals":1,
            "clnt/tax/loadbalancer/size":1,"clnt/odd/failure_accrual/removals":"x",
            "rt/http/client/$/inet/shop.orders/failure_accrual/removals":0}"#;
        let reading = detect(200, "application/json", body);
        assert_eq!(reading.format, "finagle");
        let told: Vec<_> = reading
            .breakers
            .iter()
            .map(|it| (it.name.as_str(), it.circuit))
            .collect();
        assert_eq!(
            told,
            [
                ("bank", Circuit::Ejected { count: 2, of: 3 }),
                ("mail", Circuit::Unknown),
                ("orders", Circuit::Closed),
            ]
        );
        let inferred = |it: &super::BreakerReading| it.confidence == Confidence::Inferred;
        assert!(reading.breakers.iter().all(inferred));
        let evidence = Evidence::Removals {
            removed: 1.0,
            revived: 0.0,
        };
        assert_eq!(reading.breakers[1].evidence, Some(evidence));
    }

    #[test]
    fn other_numbers_are_no_metrics_of_finagle() {
        let reading = detect(
            200,
            "application/json",
            br#"{"jvm/uptime":9,"clnt/a/requests":1}"#,
        );
        assert_eq!(reading.format, "http-status");
    }
}

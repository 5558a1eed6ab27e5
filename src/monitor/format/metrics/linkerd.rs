//! Linkerd's proxy: its balancer's endpoints that are ready, and those that are not.
//!
//! Its breaker (failure accrual) takes an endpoint out of those that are ready; but one
//! that is pending may also just not be connected yet. So none ready and some pending is
//! not closed, inferred. Source: `gauge-endpoints` in linkerd2-proxy.

use super::{
    super::BreakerReading,
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};
use crate::monitor::{Circuit, Confidence};

pub(super) const DIALECT: Dialect = Dialect {
    title: "Linkerd",
    looks_like: r#"outbound_http_balancer_endpoints{backend_name="bank",endpoint_state="ready"} 2"#,
    tested_against: "written after its sources",
    start: |_| Box::<Linkerd>::default(),
};

#[derive(Default)]
struct Linkerd(Named<Endpoints>);

#[derive(Default)]
struct Endpoints {
    ready: f64,
    pending: f64,
}

impl Picks for Linkerd {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let is_balancer =
            sample.name.starts_with("outbound_") && sample.name.ends_with("_balancer_endpoints");
        let state = sample.label("endpoint_state");
        let (true, Some(state), Some(name), Some(value)) = (
            is_balancer,
            state,
            sample.label("backend_name"),
            count(sample.value),
        ) else {
            return is_balancer;
        };
        if let Some(endpoints) = self.0.of(name) {
            match state {
                "ready" => endpoints.ready += value,
                "pending" => endpoints.pending += value,
                _ => {}
            }
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, endpoints) in self.0.iter() {
            let circuit = if endpoints.ready > 0.0 {
                Circuit::Closed
            } else if endpoints.pending > 0.0 {
                Circuit::NotClosed
            } else {
                Circuit::Unknown
            };
            let all = endpoints.ready + endpoints.pending;
            found.upstream(BreakerReading {
                confidence: Confidence::Inferred,
                detail: format!("{} of {all} endpoints ready", endpoints.ready),
                ..BreakerReading::new(name, circuit)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn a_backend_with_no_endpoint_ready_is_not_closed() {
        let line = |name: &str, state: &str, value: u32| {
            format!(
                "outbound_http_balancer_endpoints{{endpoint_state=\"{state}\",backend_name=\"{name}\",backend_port=\"80\"}} {value}\n"
            )
        };
        let page = [
            line("bank", "ready", 0),
            line("bank", "pending", 2),
            line("mail", "ready", 1),
            line("mail", "pending", 1),
            line("tax", "ready", 0),
        ]
        .concat();
        assert_eq!(
            told(&page),
            "^bank:NotClosed(0 of 2 endpoints ready) ^mail:Closed(1 of 2 endpoints ready) \
             ^tax:Unknown(0 of 0 endpoints ready)"
        );
    }
}

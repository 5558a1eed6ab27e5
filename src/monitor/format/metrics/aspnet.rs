//! ASP.NET Core's health checks as gauges, in the two ways that its libraries write them.
//!
//! `AspNetCore.HealthChecks.Prometheus.Metrics` has `healthcheck{healthcheck}` with 0, 1, 2
//! for unhealthy, degraded, healthy; `prometheus-net.AspNetCore.HealthChecks` has
//! `aspnetcore_healthcheck_status{name}` with 0, 0.5, 1. Both are fixed in their sources.

use super::{
    Dialect, Found, Picks, Sample,
    found::{Named, count},
};
use crate::monitor::Health;

pub(super) const DIALECT: Dialect = Dialect {
    title: "ASP.NET Core health checks",
    looks_like: r#"healthcheck{healthcheck="db"} 2, aspnetcore_healthcheck_status{name="db"} 0.5"#,
    tested_against: "written after its sources",
    start: |_| Box::<AspNet>::default(),
};

/// Each check with its value, from 0 to 1.
#[derive(Default)]
struct AspNet(Named<f64>);

impl Picks for AspNet {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let (label, best) = match sample.name.as_ref() {
            "healthcheck" => ("healthcheck", 2.0),
            "aspnetcore_healthcheck_status" => ("name", 1.0),
            _ => return false,
        };
        let value = count(sample.value).filter(|it| *it <= best);
        let (Some(name), Some(value)) = (sample.label(label), value) else {
            return false;
        };
        if let Some(check) = self.0.of(name) {
            *check = value / best;
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (name, &value) in self.0.iter() {
            let (health, raw) = if value < 0.25 {
                (Health::Down, "Unhealthy")
            } else if value < 0.75 {
                (Health::Degraded, "Degraded")
            } else {
                (Health::Up, "Healthy")
            };
            found.check(name, health, raw);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::{Health, format::metrics::tests::read};

    #[test]
    fn the_worst_check_is_the_health() {
        let reading =
            read("healthcheck{healthcheck=\"db\"} 2\nhealthcheck{healthcheck=\"mail\"} 1\n");
        assert_eq!(reading.health, Some(Health::Degraded));
        assert_eq!(
            (reading.raw.as_str(), reading.checks.len()),
            ("Degraded", 2)
        );
        let reading = read(
            "aspnetcore_healthcheck_status{name=\"db\"} 0\naspnetcore_healthcheck_status{name=\"x\"} 1\n",
        );
        assert_eq!(reading.health, Some(Health::Down));
        let reading = read("aspnetcore_healthcheck_status{name=\"db\"} 1\n");
        assert_eq!(reading.health, Some(Health::Up));
    }

    #[test]
    fn a_gauge_that_only_has_its_name_is_none() {
        assert_eq!(read("healthcheck 1\nhealthcheck{x=\"y\"} 1\n").health, None);
    }
}

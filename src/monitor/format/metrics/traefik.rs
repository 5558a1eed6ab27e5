//! Traefik's metrics: which servers of a service answer its health check. There is a
//! series only where such a check is set.

use super::{
    Dialect, Found, Picks, Sample,
    found::{MAX_NAMES, bit},
};
use crate::monitor::Health;

pub(super) const DIALECT: Dialect = Dialect {
    title: "Traefik",
    looks_like: r#"traefik_service_server_up{service="bank@docker",url="http://10.0.0.1"} 1"#,
    tested_against: "Traefik 3.7, running",
    start: |_| Box::<Traefik>::default(),
};

#[derive(Default)]
struct Traefik(Vec<(String, String, bool)>);

impl Picks for Traefik {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        if sample.name != "traefik_service_server_up" {
            return sample.name.starts_with("traefik_");
        }
        let (Some(service), Some(url), Some(is_up)) = (
            sample.label("service"),
            sample.label("url"),
            bit(sample.value),
        ) else {
            return true;
        };
        // What stands behind @ is where its configuration comes from.
        let service = service.split_once('@').map_or(service, |(name, _)| name);
        if self.0.len() < 10 * MAX_NAMES {
            self.0.push((service.to_owned(), url.to_owned(), is_up));
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (service, url, is_up) in &self.0 {
            let (health, raw) = if *is_up {
                (Health::Up, "UP")
            } else {
                (Health::Down, "DOWN")
            };
            found.instance(service, url, health, raw);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn servers_with_a_health_check_are_instances() {
        let page = "traefik_service_server_up{service=\"bank@docker\",url=\"http://10.0.0.1\"} 1\n\
                    traefik_service_server_up{service=\"bank@docker\",url=\"http://10.0.0.2\"} 0\n\
                    traefik_service_open_connections{service=\"bank@docker\"} 0\n";
        assert_eq!(
            told(page),
            "bank/http://10.0.0.1=Up bank/http://10.0.0.2=Down"
        );
    }
}

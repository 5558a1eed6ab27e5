//! Caddy's metrics: whether each upstream is healthy, which its admin API does not tell.

use super::{
    Dialect, Found, Picks, Sample,
    found::{MAX_NAMES, bit},
};
use crate::monitor::Health;

pub(super) const DIALECT: Dialect = Dialect {
    title: "Caddy",
    looks_like: r#"caddy_reverse_proxy_upstreams_healthy{upstream="bank:8080"} 0"#,
    tested_against: "Caddy 2.11, running",
    start: |_| Box::<Caddy>::default(),
};

#[derive(Default)]
struct Caddy(Vec<(String, bool)>);

impl Picks for Caddy {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        if sample.name != "caddy_reverse_proxy_upstreams_healthy" {
            return sample.name.starts_with("caddy_");
        }
        let both = sample.label("upstream").zip(bit(sample.value));
        if let Some((upstream, is_healthy)) = both.filter(|_| self.0.len() < 10 * MAX_NAMES) {
            self.0.push((upstream.to_owned(), is_healthy));
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (upstream, is_healthy) in &self.0 {
            let (health, raw) = if *is_healthy {
                (Health::Up, "healthy")
            } else {
                (Health::Down, "unhealthy")
            };
            found.instance(upstream, upstream, health, raw);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn upstreams_are_instances() {
        let page = "caddy_reverse_proxy_upstreams_healthy{upstream=\"bank:8080\"} 0\n\
                    caddy_reverse_proxy_upstreams_healthy{upstream=\"mail:8080\"} 1\n\
                    caddy_http_requests_total{server=\"srv0\"} 4\n";
        assert_eq!(
            told(page),
            "bank:8080/bank:8080=Down mail:8080/mail:8080=Up"
        );
    }
}

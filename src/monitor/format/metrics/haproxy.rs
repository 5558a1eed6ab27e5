//! HAProxy's own exporter, one series a state, and the older `haproxy_exporter`, 0 or 1.
//!
//! A server without a check is UP there. A frontend that is OPEN listens; that is no
//! breaker. Source: `addons/promex` of HAProxy 2.4 and later.

use std::collections::BTreeSet;

use super::{
    Dialect, Found, Picks, Sample,
    found::{MAX_NAMES, bit},
};
use crate::monitor::{Health, format::display_text};

pub(super) const DIALECT: Dialect = Dialect {
    title: "HAProxy",
    looks_like: r#"haproxy_server_status{proxy="bank",server="b1",state="DOWN"} 1"#,
    tested_against: "HAProxy 2.6, running",
    start: |_| Box::<HaProxy>::default(),
};

#[derive(Default)]
struct HaProxy {
    servers: BTreeSet<(String, String, String)>,
    backends: BTreeSet<(String, String)>,
}

impl Picks for HaProxy {
    fn take(&mut self, sample: &Sample<'_>) -> bool {
        let Some(what) = sample.name.strip_prefix("haproxy_") else {
            return false;
        };
        let is_full = self.servers.len() + self.backends.len() >= 10 * MAX_NAMES;
        let proxy = sample.label("proxy").or_else(|| sample.label("backend"));
        let (Some(proxy), false) = (proxy.map(display_text), is_full) else {
            return true;
        };
        let server = || sample.label("server").map(display_text);
        let state = match (sample.label("state"), bit(sample.value)) {
            (Some(state), Some(true)) => display_text(state),
            (None, Some(is_up)) if what.ends_with("_up") => {
                (if is_up { "UP" } else { "DOWN" }).to_owned()
            }
            _ => return true,
        };
        match what {
            "server_status" | "server_up" => {
                if let Some(server) = server() {
                    self.servers.insert((proxy, server, state));
                }
            }
            "backend_status" | "backend_up" => {
                self.backends.insert((proxy, state));
            }
            _ => {}
        }
        true
    }

    fn finish(&self, found: &mut Found) {
        for (proxy, server, state) in &self.servers {
            found.instance(proxy, server, health(state), state);
        }
        let with_servers: BTreeSet<_> = self.servers.iter().map(|(it, ..)| it).collect();
        for (proxy, state) in &self.backends {
            if !with_servers.contains(proxy) {
                found.instance(proxy, "BACKEND", health(state), state);
            }
        }
    }
}

/// NOLB is up, but takes no new sessions.
fn health(state: &str) -> Health {
    match state {
        "UP" => Health::Up,
        "DOWN" => Health::Down,
        "MAINT" | "DRAIN" | "NOLB" => Health::OutOfService,
        _ => Health::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use crate::monitor::format::metrics::tests::told;

    #[test]
    fn servers_are_instances_and_a_backend_stands_in_where_there_are_none() {
        let page = "haproxy_server_status{proxy=\"bank\",server=\"b1\",state=\"DOWN\"} 1\n\
                    haproxy_server_status{proxy=\"bank\",server=\"b1\",state=\"UP\"} 0\n\
                    haproxy_server_status{proxy=\"bank\",server=\"b2\",state=\"UP\"} 1\n\
                    haproxy_server_status{proxy=\"bank\",server=\"b3\",state=\"MAINT\"} 1\n\
                    haproxy_backend_status{proxy=\"bank\",state=\"UP\"} 1\n\
                    haproxy_backend_status{proxy=\"mail\",state=\"DOWN\"} 1\n\
                    haproxy_frontend_status{proxy=\"web\",state=\"UP\"} 1\n\
                    haproxy_server_up{backend=\"tax\",server=\"t1\"} 0\n\
                    haproxy_server_check_status{proxy=\"bank\",server=\"b1\",state=\"L7STS\"} 1\n";
        assert_eq!(
            told(page),
            "bank/b1=Down bank/b2=Up bank/b3=OutOfService tax/t1=Down mail/BACKEND=Down"
        );
    }
}

//! One site per host name; whoever asks for another host is not answered.

use super::{
    line::{Line, block, line},
    route,
};
use crate::export::bundle::{Checked, Gateway};

/// Every site, the one for any other host last.
pub(super) fn all(gateway: &Gateway<'_>, checked: &Checked<'_>) -> Vec<Line> {
    let mut sites = Vec::new();
    for host in checked.hosts.keys().rev().flatten() {
        let address = format!("http://{host}:{}", gateway.port());
        sites.push(block([&address], inside(checked, Some(host))));
    }
    let address = format!("http://:{}", gateway.port());
    let answers_any = checked.hosts.contains_key(&None) || checked.hosts.is_empty();
    sites.push(if answers_any {
        block([&address], inside(checked, None))
            .with_comment("Any other host is answered, because routes name none.")
    } else {
        let closed = vec![line(["import", "health"]), line(["abort"])];
        block([&address], vec![block(["route"], closed)])
            .with_comment("Whoever asks for a host that no route names is not answered.")
    });
    sites
}

fn inside(checked: &Checked<'_>, host: Option<&str>) -> Vec<Line> {
    let mut routes = vec![line(["import", "request"])];
    // A longer path comes before a shorter one that has it, too.
    for (_, passages) in checked.paths_of(host) {
        routes.push(line(["import", &route::name_of(passages)]));
    }
    routes.push(line(["error", "404"]));
    vec![
        line(["import", "log"]),
        block(["route"], routes).with_comment("In this order."),
        line(["import", "errors"]),
    ]
}

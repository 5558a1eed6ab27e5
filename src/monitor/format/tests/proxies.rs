//! What proxies tell of their upstreams.

use super::{detect, told, told_of_others};
use crate::monitor::Health;

/// An Envoy cluster whose hosts have these flags.
fn cluster(name: &str, hosts: &[&str]) -> String {
    let hosts: Vec<_> = hosts
        .iter()
        .enumerate()
        .map(|(number, flags)| {
            format!(
                r#"{{"address":{{"socket_address":{{"address":"10.0.0.{number}","port_value":80}}}},"health_status":{{{flags}}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"cluster_statuses":[{{"name":"{name}","host_statuses":[{}]}}]}}"#,
        hosts.join(",")
    )
}

#[test]
fn envoy_hosts_are_ejected_some_or_all() {
    let ejected = r#""failed_outlier_check":true"#;
    let fine = r#""eds_health_status":"HEALTHY""#;
    assert_eq!(
        told_of_others(&cluster("orders", &[fine, ejected, fine])),
        "envoy-clusters\n\
         orders@10.0.0.0:80 Up healthy\n\
         orders@10.0.0.1:80 Down failed_outlier_check\n\
         orders@10.0.0.2:80 Up healthy\n\
         >orders Ejected { count: 1, of: 3 } 1 of 3 hosts ejected"
    );
    let all = told_of_others(&cluster("orders", &[ejected, ejected]));
    assert!(all.ends_with(">orders Open? 2 of 2 hosts ejected"), "{all}");
    let none = told_of_others(&cluster("orders", &[fine]));
    assert!(none.ends_with(">orders Closed"), "{none}");
    let nobody = told_of_others(&cluster("orders", &[]));
    assert_eq!(nobody, "envoy-clusters");
}

#[test]
fn each_of_envoys_flags_says_how_a_host_is() {
    let health = |flags: &str| {
        let body = cluster("a", &[flags]);
        let reading = detect(200, "application/json", body.as_bytes());
        reading.observation.unwrap().instances[0].health
    };
    assert_eq!(health(r#""failed_active_health_check":true"#), Health::Down);
    assert_eq!(health(r#""eds_health_status":"TIMEOUT""#), Health::Down);
    assert_eq!(
        health(r#""eds_health_status":"DRAINING""#),
        Health::OutOfService
    );
    assert_eq!(
        health(r#""failed_active_degraded_check":true"#),
        Health::Degraded
    );
    let first = r#""failed_active_health_check":true,"pending_active_hc":true"#;
    assert_eq!(health(first), Health::Starting);
    assert_eq!(health(r#""pending_dynamic_removal":true"#), Health::Up);
}

#[test]
fn envoys_text_says_the_same_as_its_json() {
    let page = "orders::observability_name::orders\n\
                orders::added_via_api::false\n\
                orders::10.0.0.1:80::cx_active::0\n\
                orders::10.0.0.1:80::health_flags::healthy\n\
                orders::[::1]:80::health_flags::/failed_active_hc/failed_outlier_check\n";
    assert_eq!(
        told_of_others(page),
        "envoy-clusters\n\
         orders@10.0.0.1:80 Up healthy\n\
         orders@[::1]:80 Down failed_active_hc, failed_outlier_check\n\
         >orders Ejected { count: 1, of: 2 } 1 of 2 hosts ejected"
    );
}

#[test]
fn envoy_statistics_tell_which_limit_is_reached() {
    let stats = |values: &[(&str, u32)]| {
        let stats: Vec<_> = values
            .iter()
            .map(|(name, value)| format!(r#"{{"name":"cluster.{name}","value":{value}}}"#))
            .collect();
        let body = format!(r#"{{"stats":[{},{{"histograms":{{}}}}]}}"#, stats.join(","));
        told_of_others(&body)
    };
    let name = "outbound|80||orders.shop.svc.cluster.local";
    assert_eq!(
        stats(&[
            (&format!("{name}.circuit_breakers.default.rq_open"), 1),
            (&format!("{name}.circuit_breakers.high.cx_open"), 0),
            (&format!("{name}.circuit_breakers.default.remaining_rq"), 0),
        ]),
        format!("envoy-stats\n>{name} Overflow limits reached: default.rq_open")
    );
    assert_eq!(
        stats(&[
            ("a.membership_healthy", 1),
            ("a.membership_total", 2),
            ("a.outlier_detection.ejections_active", 1),
        ]),
        "envoy-stats\n\
         a@a Degraded 1 of 2 hosts healthy\n\
         >a Ejected { count: 1, of: 2 } 1 of 2 hosts ejected"
    );
    let all = stats(&[
        ("a.membership_healthy", 0),
        ("a.membership_total", 2),
        ("a.outlier_detection.ejections_active", 2),
    ]);
    assert!(
        all.contains("a@a Down") && all.contains(">a Open?"),
        "{all}"
    );
    assert_eq!(
        stats(&[("a.outlier_detection.ejections_active", 2)]),
        "envoy-stats\n>a NotClosed? 2 hosts ejected"
    );
}

#[test]
fn haproxy_rows_are_found_by_their_columns() {
    let page = "# pxname,svname,status,check_status,last_chk,new_column,\n\
                web,FRONTEND,OPEN,,,,\n\
                orders,o1,UP,L7OK,Layer7 check passed,,\n\
                orders,o2,UP 1/3,* L4CON,,,\n\
                orders,o3,DOWN,L4CON,\"Connection, refused\",,\n\
                orders,o4,MAINT (via b/s),,,,\n\
                orders,o5,MAINT (resolution),,,,\n\
                orders,o6,no check,,,,\n\
                orders,o7,DRAIN,,,,\n\
                orders,o8\n\
                orders,BACKEND,UP,,,,\n\
                static,s1,no check,,,,\n";
    assert_eq!(
        told_of_others(page),
        "haproxy-csv\n\
         orders@o1 Up UP\n\
         orders@o2 Up UP 1/3\n\
         orders@o3 Down DOWN: L4CON Connection, refused\n\
         orders@o4 OutOfService MAINT (via b/s)\n\
         orders@o5 Down MAINT (resolution)\n\
         orders@o6 Unknown no check\n\
         orders@o7 OutOfService DRAIN",
        "nobody checks static, so nothing is said of it"
    );
}

#[test]
fn nginx_plus_tells_failed_peers_from_unhealthy_ones() {
    let upstream = |states: &[&str]| {
        let peers: Vec<_> = states
            .iter()
            .map(|it| format!(r#"{{"server":"{it}:80","state":"{it}"}}"#))
            .collect();
        format!(r#"{{"peers":[{}],"zone":"orders"}}"#, peers.join(","))
    };
    let all = format!(
        r#"{{"orders":{}}}"#,
        upstream(&["up", "unhealthy", "down", "checking"])
    );
    assert_eq!(
        told_of_others(&all),
        "nginx-plus\n\
         orders@up:80 Up up\n\
         orders@unhealthy:80 Down unhealthy\n\
         orders@down:80 OutOfService down\n\
         orders@checking:80 Starting checking\n\
         >orders Closed"
    );
    assert_eq!(
        told_of_others(&upstream(&["unavail"])),
        "nginx-plus\norders@unavail:80 Down unavail\n>orders Open 1 of 1 peers failed too often"
    );
    let some = told_of_others(&upstream(&["up", "unavail"]));
    assert!(
        some.contains(">orders Ejected { count: 1, of: 2 }"),
        "{some}"
    );
}

#[test]
fn traefik_and_caddy_tell_of_their_servers() {
    let services = r#"[
        {"name":"split@file","provider":"file","type":"weighted"},
        {"name":"orders@docker","provider":"docker","loadBalancer":{},"status":"enabled",
         "serverStatus":{"http://10.0.0.1:80":"UP","http://10.0.0.2:80":"DOWN"}}]"#;
    assert_eq!(
        told_of_others(services),
        "traefik\n\
         orders@http://10.0.0.1:80 Up UP\n\
         orders@http://10.0.0.2:80 Down DOWN"
    );
    let upstreams = r#"[{"address":"orders:80","num_requests":0,"fails":0},
        {"address":"stock:80","num_requests":0,"fails":2}]"#;
    assert_eq!(
        told_of_others(upstreams),
        "caddy-upstreams\n\
         >orders:80 Closed?\n\
         >stock:80 NotClosed? failed calls remembered: 2"
    );
}

#[test]
fn a_page_of_others_leaves_its_own_health_to_the_code() {
    let body = cluster("orders", &[r#""failed_outlier_check":true"#]);
    let by = |status| told(&detect(status, "", body.as_bytes()));
    assert_eq!(by(200), "envoy-clusters Up");
    assert_eq!(by(503), "envoy-clusters Down");
}

//! What registries and platforms tell of the instances they know.

use super::{detect, detect_as, told, told_of_others};
use crate::monitor::Health;

#[test]
fn a_consul_instance_is_as_well_as_its_worst_check_and_its_node() {
    let check = |node: &str, id: &str, service: &str, status: &str| {
        let service_id = if service.is_empty() {
            String::new()
        } else {
            format!("{service}-1")
        };
        format!(
            r#"{{"Node":"{node}","CheckID":"{id}","Name":"","Status":"{status}","ServiceID":"{service_id}","ServiceName":"{service}","Output":"token=secret"}}"#
        )
    };
    let all = [
        check("n1", "serfHealth", "", "passing"),
        check("n2", "serfHealth", "", "critical"),
        check("n1", "service:orders", "orders", "warning"),
        check("n2", "service:orders", "orders", "passing"),
        check("n1", "_service_maintenance:mail-1", "mail", "critical"),
    ];
    let told = told_of_others(&format!("[{}]", all.join(",")));
    assert_eq!(
        told,
        "consul\n\
         mail@mail-1 on n1 OutOfService maintenance _service_maintenance:mail-1=OutOfService serfHealth=Up\n\
         orders@orders-1 on n1 Degraded warning service:orders=Degraded serfHealth=Up\n\
         orders@orders-1 on n2 Down critical service:orders=Up serfHealth=Down"
    );
    let by_id = format!(r#"{{"a":{}}}"#, all[2]);
    let of_agent = told_of_others(&by_id);
    assert!(
        of_agent.contains("orders@orders-1 on n1 Degraded"),
        "{of_agent}"
    );
}

#[test]
fn consul_lists_instances_with_their_checks() {
    let entries = r#"[
        {"Node":{"Node":"n1","Address":"10.0.0.1"},"Service":{"ID":"o1","Service":"orders","Address":"","Port":80},
         "Checks":[{"CheckID":"serfHealth","Name":"Serf","Status":"passing"},{"CheckID":"c","Name":"ping","Status":"critical"}]},
        {"AggregatedStatus":"passing","Service":{"ID":"o2","Service":"orders","Address":"10.0.0.2","Port":81},"Checks":[]}]"#;
    assert_eq!(
        told_of_others(entries),
        "consul\n\
         orders@10.0.0.1:80 Down critical Serf=Up ping=Down\n\
         orders@10.0.0.2:81 Up registered, no checks"
    );
}

#[test]
fn what_is_only_registered_is_not_called_up() {
    let hint = "consul-catalog\n\
                note names services, but not how they are: ask for /v1/health/state/any";
    assert_eq!(told_of_others(r#"{"consul":[],"orders":["v1"]}"#), hint);
    let agent = r#"{"o1":{"ID":"o1","Service":"orders","Port":80}}"#;
    assert_eq!(told_of_others(agent), hint);
    let nodes = r#"[{"Node":"n1","ServiceID":"o1","ServiceName":"orders"}]"#;
    assert_eq!(told_of_others(nodes), hint);
}

#[test]
fn permitted_upstreams_are_no_calls() {
    let body = r#"{"Protocol":"http","FilteredByACLs":true,"Upstreams":[
        {"Name":"orders","ChecksPassing":3,"ChecksWarning":0,"ChecksCritical":1,"Source":"proxy-registration"}],
        "Downstreams":[{"Name":"web","ChecksPassing":2}]}"#;
    assert_eq!(
        told_of_others(body),
        "consul-topology\n\
         note filtered by ACLs: what is missing may only be hidden\n\
         orders@orders Degraded checks: 3 passing, 0 warning, 1 critical\n\
         web@web Up checks: 2 passing, 0 warning, 0 critical"
    );
    let reading = detect(200, "", body.as_bytes());
    assert!(reading.observation.unwrap().is_partial);
}

#[test]
fn containers_are_named_by_their_compose_service() {
    let list = r#"[
        {"Names":["/shop-orders-1"],"State":"running","Status":"Up 2 minutes (unhealthy)","Labels":{"com.docker.compose.service":"orders"}},
        {"Names":["/web"],"State":"running","Status":"Up 2 minutes","Labels":{}},
        {"Names":["/job"],"State":"exited","Status":"Exited (0) 2 minutes ago"},
        {"Names":["/dead"],"State":"exited","Status":"Exited (137) 2 minutes ago"},
        {"Names":["/new"],"State":"running","Status":"Up 1 second (health: starting)","Health":{"Status":"starting"}}]"#;
    assert_eq!(
        told_of_others(list),
        "docker\n\
         orders@shop-orders-1 Down unhealthy\n\
         web@web Up running, no health check\n\
         job@job OutOfService exited (0)\n\
         dead@dead Down exited (137)\n\
         new@new Starting starting"
    );
    let inspected = r#"{"Name":"/shop-orders-1","State":{"Status":"running","Running":true,"Health":{"Status":"healthy","FailingStreak":0,"Log":[]}},
        "Config":{"Labels":{"com.docker.compose.service":"orders"}}}"#;
    let expected = "docker\norders@shop-orders-1 Up healthy";
    assert_eq!(told_of_others(inspected), expected);
    assert_eq!(told_of_others(&format!("[{inspected}]")), expected);
    let check = detect(
        200,
        "",
        br#"{"Status":"unhealthy","FailingStreak":3,"Log":[]}"#,
    );
    assert_eq!(told(&check), "docker Down");
}

#[test]
fn compose_prints_lines_or_a_list() {
    let lines = [
        r#"{"Name":"shop-orders-1","Service":"orders","Project":"shop","State":"running","Health":"healthy","ExitCode":0}"#,
        r#"{"Name":"shop-mail-1","Service":"mail","Project":"shop","State":"exited","Health":"","ExitCode":2}"#,
    ];
    let expected = "compose-ps\n\
                    orders@shop-orders-1 Up healthy\n\
                    mail@shop-mail-1 Down exited (2)";
    assert_eq!(told_of_others(&lines.join("\n")), expected);
    assert_eq!(told_of_others(&format!("[{}]", lines.join(","))), expected);
    let cut = format!("{}\n{}", lines[0], &lines[1][..40]);
    assert_eq!(
        told_of_others(&cut),
        "compose-ps\norders@shop-orders-1 Up healthy"
    );
    let docker_ps = r#"{"Names":"web","Image":"i","Labels":"a=b,com.docker.compose.service=shop","State":"running","Status":"Up 1 hour (healthy)"}"#;
    assert_eq!(told_of_others(docker_ps), "compose-ps\nshop@web Up healthy");
}

#[test]
fn events_of_containers_tell_the_last_change_and_not_all() {
    let event = |action: &str, name: &str| {
        format!(
            r#"{{"Type":"container","Action":"{action}","Actor":{{"ID":"1","Attributes":{{"name":"{name}","com.docker.compose.service":"orders"}}}}}}"#
        )
    };
    let page = [
        event("start", "o1"),
        event("health_status: unhealthy", "o1"),
        event("exec_start: curl", "o1"),
        event("die", "o2"),
    ];
    let reading = detect(200, "application/json", page.join("\n").as_bytes());
    assert_eq!(
        super::others(&reading),
        "docker-events\n\
         orders@o1 Down health_status: unhealthy\n\
         orders@o2 Down die"
    );
    assert!(reading.observation.unwrap().is_partial);
}

/// A pod with this status, and what is told of it.
fn pod(status: &str) -> String {
    let body = format!(
        r#"{{"kind":"PodList","apiVersion":"v1","items":[{{"metadata":{{"name":"orders-7f","labels":{{"app":"orders"}}}},"status":{{{status}}}}}]}}"#
    );
    told_of_others(&body)
}

#[test]
fn pods_say_why_they_are_not_ready() {
    let with = |ready: &str, changed: &str, containers: &str| {
        pod(&format!(
            r#""phase":"Running","startTime":"2026-01-01T00:00:00Z","conditions":[{{"type":"Ready","status":"{ready}","lastTransitionTime":"{changed}"}}],"containerStatuses":[{containers}]"#
        ))
    };
    let (began, later) = ("2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z");
    let line = |it: String| {
        it.strip_prefix("kubernetes-objects\norders@orders-7f ")
            .unwrap_or(&it)
            .to_owned()
    };
    let restarted = r#"{"restartCount":3}"#;
    assert_eq!(line(with("True", later, "")), "Up ready");
    assert_eq!(line(with("True", later, restarted)), "Up ready, 3 restarts");
    assert_eq!(line(with("False", later, "")), "Down not ready");
    assert_eq!(line(with("False", began, "")), "Starting not ready yet");
    let waiting = r#"{"restartCount":5,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}"#;
    assert_eq!(
        line(with("False", began, waiting)),
        "Down CrashLoopBackOff, 5 restarts"
    );
    let pulling = r#""phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]"#;
    assert_eq!(line(pod(pulling)), "Starting not ready yet");
    assert_eq!(
        line(pod(r#""phase":"Failed","reason":"Evicted""#)),
        "Down Evicted"
    );
    assert_eq!(pod(r#""phase":"Succeeded""#), "kubernetes-objects");
}

#[test]
fn workloads_and_endpoints_of_kubernetes_are_counted() {
    let deployment = |status: &str| {
        told_of_others(&format!(
            r#"{{"kind":"Deployment","apiVersion":"apps/v1","metadata":{{"name":"orders","generation":2}},"spec":{{"replicas":3}},"status":{{{status}}}}}"#
        ))
    };
    assert_eq!(
        deployment(r#""availableReplicas":2,"observedGeneration":2"#),
        "kubernetes-objects\norders@orders Degraded 2 of 3 pods available"
    );
    let none = deployment(r#""observedGeneration":1"#);
    assert!(
        none.ends_with("Down 0 of 3 pods available, change not yet acted on"),
        "{none}"
    );
    let slice = r#"{"kind":"List","apiVersion":"v1","items":[
        {"kind":"Deployment","metadata":{"name":"orders"},"status":{}},
        {"kind":"EndpointSlice","metadata":{"labels":{"kubernetes.io/service-name":"orders"}},"endpoints":[
            {"addresses":["10.0.0.1"],"conditions":{}},
            {"addresses":["10.0.0.2"],"conditions":{"ready":false}},
            {"addresses":["10.0.0.3"],"conditions":{"ready":false,"terminating":true},"targetRef":{"name":"orders-3"}}]}]}"#;
    assert_eq!(
        told_of_others(slice),
        "kubernetes-objects\n\
         orders@10.0.0.1 Up ready\n\
         orders@10.0.0.2 Down not ready\n\
         orders@orders-3 OutOfService terminating"
    );
    let refused = br#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods is forbidden","code":403}"#;
    let refused = detect(403, "application/json", refused);
    assert_eq!(told(&refused), "kubernetes-objects Unknown");
    assert_eq!(
        refused.note.as_deref(),
        Some("Kubernetes says: pods is forbidden")
    );
}

#[test]
fn an_empty_list_is_read_where_the_design_names_the_format() {
    for id in [
        "consul",
        "docker",
        "traefik",
        "caddy-upstreams",
        "zipkin-dependencies",
    ] {
        let named = detect_as(id, 200, "application/json", b"[]");
        assert_eq!(named.format, id);
        assert!(named.observation.is_some(), "{id}");
    }
    let plain = detect(200, "application/json", b"[]");
    assert_eq!(
        (plain.format, plain.health),
        ("http-status", Some(Health::Up))
    );
}

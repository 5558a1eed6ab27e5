//! What the resources of a design say, read back.

use saphyr::{LoadableYamlNode as _, Yaml};

use super::EXPORTER;
use crate::{
    export::{Export, export_one, hostile},
    model::{Model, testing::model},
};

fn export(model: &Model) -> Export {
    export_one(&EXPORTER, model).unwrap()
}

/// The documents of a file by their kind.
fn read<'a>(export: &'a Export, id: &str) -> Vec<(String, Yaml<'a>)> {
    let text = &export.files[&format!("kubernetes/base/{id}.yaml")];
    let documents = Yaml::load_from_str(text).unwrap();
    documents
        .into_iter()
        .map(|it| (it["kind"].as_str().unwrap().to_owned(), it))
        .collect()
}

fn one<'a>(export: &'a Export, id: &str, kind: &str) -> Yaml<'a> {
    let all = read(export, id);
    let found = all.into_iter().find(|(it, _)| it == kind);
    found.unwrap_or_else(|| panic!("{id} has no {kind}")).1
}

fn kinds(export: &Export, id: &str) -> Vec<String> {
    read(export, id).into_iter().map(|it| it.0).collect()
}

/// The names of the pods a policy lets in, or out to.
fn peers(policy: &Yaml<'_>, direction: &str, side: &str) -> Vec<String> {
    let rules = policy["spec"]
        .as_mapping_get(direction)
        .and_then(Yaml::as_sequence);
    let rules = rules.into_iter().flatten();
    let peers = rules.flat_map(|it| {
        it.as_mapping_get(side)
            .and_then(Yaml::as_sequence)
            .into_iter()
            .flatten()
    });
    let label = |it: &Yaml<'_>| {
        let labels = it
            .as_mapping_get("podSelector")?
            .as_mapping_get("matchLabels")?;
        Some(
            labels
                .as_mapping_get("app.kubernetes.io/name")?
                .as_str()?
                .to_owned(),
        )
    };
    peers.filter_map(label).collect()
}

#[test]
fn a_service_may_be_called_by_those_the_drawing_says_and_by_nobody_else() {
    let export = export(&model(
        "o(a{technology=go}, b{technology=go}, d:database{technology=postgres}, e:external); \
         c(f{technology=go}); a -> d; f -> a; a -> e",
    ));
    let policy = |id: &str| one(&export, id, "NetworkPolicy");
    assert_eq!(peers(&policy("d"), "ingress", "from"), ["a"]);
    assert_eq!(peers(&policy("a"), "ingress", "from"), ["f"]);
    assert_eq!(peers(&policy("a"), "egress", "to"), ["d"]);
    assert_eq!(peers(&policy("f"), "egress", "to"), ["a"]);
    assert_eq!(peers(&policy("b"), "ingress", "from"), [""; 0]);
    assert!(policy("b")["spec"].as_mapping_get("egress").is_none());
    let space = read(&export, "namespace");
    let closed = &space[1].1["spec"];
    assert!(closed["podSelector"].as_mapping().unwrap().is_empty());
    assert_eq!(closed["policyTypes"].as_sequence().unwrap().len(), 2);
}

#[test]
fn a_gateway_reaches_the_services_of_its_routes_through_the_clusters_own() {
    let export = export(&model(
        "x(g:gateway, a{technology=go port=5000}); g/orders -> a{host=api.example.com timeout=750}",
    ));
    assert_eq!(kinds(&export, "g"), ["Gateway", "HTTPRoute"]);
    let route = one(&export, "g", "HTTPRoute");
    let rule = &route["spec"]["rules"][0];
    assert_eq!(
        route["spec"]["hostnames"][0].as_str(),
        Some("api.example.com")
    );
    assert_eq!(
        rule["matches"][0]["path"]["value"].as_str(),
        Some("/orders")
    );
    assert_eq!(rule["backendRefs"][0]["port"].as_integer(), Some(5000));
    assert_eq!(rule["timeouts"]["request"].as_str(), Some("750ms"));
    let policy = one(&export, "a", "NetworkPolicy");
    let labels = &policy["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"];
    assert_eq!(
        labels["gateway.networking.k8s.io/gateway-name"].as_str(),
        Some("g")
    );
}

#[test]
fn whoever_keeps_data_has_a_volume_and_whoever_ends_is_a_job() {
    let export = export(&model(
        "x(a{technology=go replicas=3}, d:database{technology=postgres}, j:job{technology=go})",
    ));
    assert_eq!(
        kinds(&export, "a"),
        [
            "ServiceAccount",
            "ConfigMap",
            "Deployment",
            "Service",
            "PodDisruptionBudget",
            "HorizontalPodAutoscaler",
            "NetworkPolicy"
        ]
    );
    let store = one(&export, "d", "StatefulSet");
    let claim = &store["spec"]["volumeClaimTemplates"][0];
    let mount = &store["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0];
    assert_eq!(claim["metadata"]["name"], mount["name"]);
    assert_eq!(
        mount["mountPath"].as_str(),
        Some("/var/lib/postgresql/data")
    );
    // A disk has a folder of its own, and a database wants one that it made itself.
    assert_eq!(mount["subPath"].as_str(), Some("data"));
    let told = one(&export, "d", "ConfigMap");
    assert_eq!(
        told["data"]["PGDATA"].as_str(),
        Some("/var/lib/postgresql/data/pgdata")
    );
    assert!(kinds(&export, "j").contains(&"Job".to_owned()));
    assert!(!kinds(&export, "j").contains(&"Service".to_owned()));
}

#[test]
fn postgres_makes_its_own_folder_in_a_drawn_volume_too() {
    let mut drawn = model("x(d:database{technology=postgres})");
    let id = crate::model::ServiceId::new("d").unwrap();
    let mut store = drawn.services[&id].as_ref().clone();
    store.volumes.push(crate::model::Volume {
        source: "kept".to_owned(),
        target: "/var/lib/postgresql/data".to_owned(),
        ..crate::model::Volume::default()
    });
    drawn.services.insert(id, store.into());
    let export = export(&drawn);
    let told = one(&export, "d", "ConfigMap");
    assert!(told["data"].as_mapping_get("PGDATA").is_some());
}

#[test]
fn nobody_is_ended_while_it_starts_for_the_first_time() {
    let export = export(&model(
        "x(a{technology=spring-boot}, d:database{technology=postgres})",
    ));
    for (id, kind) in [("a", "Deployment"), ("d", "StatefulSet")] {
        let container = &one(&export, id, kind)["spec"]["template"]["spec"]["containers"][0];
        let probe = &container["startupProbe"];
        let number = |name: &str| probe[name].as_integer().unwrap();
        let seconds = number("periodSeconds") * number("failureThreshold");
        assert!(seconds >= 60, "{id} has {seconds} s");
    }
}

#[test]
fn pods_are_replaced_when_what_they_are_told_changes() {
    let mark = |timeout: u32| {
        let notation = format!("x(a{{technology=go}}, b); a -> b{{timeout={timeout}}}");
        let export = export(&model(&notation));
        let metadata = &one(&export, "a", "Deployment")["spec"]["template"]["metadata"];
        let mark = metadata["annotations"]["checksum/config"].as_str();
        mark.unwrap().to_owned()
    };
    assert_ne!(mark(750), mark(751));
    assert_eq!(mark(750), mark(750));
}

#[test]
fn no_pod_of_our_code_is_root_or_writes_where_it_should_not() {
    let export = export(&model("x(a{technology=fastapi})"));
    let pod = &one(&export, "a", "Deployment")["spec"]["template"]["spec"];
    assert_eq!(
        pod["securityContext"]["runAsUser"].as_integer(),
        Some(10001)
    );
    let rights = &pod["containers"][0]["securityContext"];
    assert_eq!(rights["readOnlyRootFilesystem"].as_bool(), Some(true));
    assert_eq!(rights["capabilities"]["drop"][0].as_str(), Some("ALL"));
    let space = read(&export, "namespace");
    let labels = &space[0].1["metadata"]["labels"];
    assert_eq!(
        labels["pod-security.kubernetes.io/enforce"].as_str(),
        Some("restricted")
    );
}

#[test]
fn no_text_of_a_design_changes_the_structure() {
    let shape = |text: &str| -> Vec<(String, Vec<String>)> {
        let export = export(&hostile::design(text));
        let paths = export
            .files
            .keys()
            .filter(|it| it.starts_with("kubernetes/base/"));
        let of = |path: &String| {
            let documents = Yaml::load_from_str(&export.files[path])
                .unwrap_or_else(|it| panic!("{text:?}: {it}\n{}", export.files[path]));
            let kinds = documents
                .iter()
                .map(|it| it["kind"].as_str().unwrap().to_owned());
            (path.clone(), kinds.filter(|it| it != "HTTPRoute").collect())
        };
        paths.map(of).collect()
    };
    let harmless = shape(hostile::HARMLESS);
    for text in hostile::HOSTILE {
        let found = shape(text);
        let paths =
            |all: &[(String, Vec<String>)]| all.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
        assert_eq!(paths(&found), paths(&harmless), "{text:?}");
        let export = export(&hostile::design(text));
        let told = one(&export, "a", "ConfigMap");
        assert_eq!(told["data"]["KNOWN"].as_str(), Some(*text), "{text:?}");
    }
}

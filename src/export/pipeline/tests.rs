//! What a pipeline does with a design.

use super::{MATRIX_SIZE, commands, plan, toolchain};
use crate::{
    export::{bundle::Stack, export_all},
    model::testing::model,
};

#[test]
fn every_stack_is_tested_with_the_version_its_image_is_built_with() {
    for stack in Stack::ALL {
        let design = model(&format!("x(a{{technology={}}})", stack.id()));
        let bundle = export_all(&design, &["dockerfile"]).unwrap();
        let file = &bundle.files["services/a/Dockerfile"];
        let base = file.lines().find(|it| it.starts_with("FROM ")).unwrap();
        let toolchain = toolchain(stack);
        assert!(base.contains(toolchain.version), "{base}");
        let image = toolchain.image;
        assert!(image.contains(toolchain.version), "{image}");
        // The image is the builder's or a variant of it.
        let name = image.rsplit_once(':').unwrap().0;
        assert!(base.contains(&format!("{name}:")), "{base}");
        assert!(!commands(stack).is_empty());
    }
}

#[test]
fn each_gateway_is_checked_by_its_own_program_in_its_own_image() {
    let design = model(
        "x(n:gateway, e:gateway{technology=envoy image=example.com/envoy:1}, c:gateway{technology=caddy}, \
         h:gateway{technology=haproxy image=${{x}}}, t:gateway{technology=traefik}, a, b); \
         h/a -> a; h/b -> b; h/c -> a; n/b -> b",
    );
    let plan = plan(&design);
    let check = |id: &str| plan.checks.iter().find(|it| it.id == id);
    let told = |id: &str, name: &str| {
        let variables = &check(id).unwrap().variables;
        let mut found = variables.iter().filter(|it| it.0 == name);
        found.next().unwrap().1.clone()
    };
    assert_eq!(told("check-haproxy-h", "HOSTS"), "a b");
    assert_eq!(told("check-nginx-n", "CONFIGURATION"), "gateway/nginx.conf");
    assert_eq!(check("check-envoy-e").unwrap().image, "example.com/envoy:1");
    let script = check("check-caddy-c").unwrap().script;
    assert!(script.starts_with("caddy validate"), "{script}");
    let haproxy = &check("check-haproxy-h").unwrap().image;
    assert!(haproxy.starts_with("haproxy:"), "{haproxy}");
    assert!(check("check-traefik-t").is_none());
    let notes = plan.notes.join("\n");
    assert!(notes.contains("the configuration of t:"), "{notes}");
    assert!(
        notes.contains("its own image has no usable name"),
        "{notes}"
    );
}

#[test]
fn a_compose_file_that_is_wrong_is_told_what_is_wrong_with_it() {
    let design = model("x(a)");
    let plan = plan(&design);
    let check = plan.checks.iter().find(|it| it.id == "check-compose");
    let script = check.unwrap().script;
    // A shell that ends at an error would end before what follows on a line of its own.
    let calls = script.matches("config --quiet").count();
    assert_eq!(calls, 2, "{script}");
    let told = script.matches("|| { cat /tmp/said; exit 1; }").count();
    assert_eq!(told, calls, "{script}");
    assert!(
        script.contains("--file compose.operations.yaml"),
        "{script}"
    );
}

#[test]
fn more_services_than_a_matrix_takes_are_several_jobs() {
    let names: Vec<_> = (0..=MATRIX_SIZE)
        .map(|it| format!("s{it}{{technology=go}}"))
        .collect();
    let design = model(&format!("x({})", names.join(", ")));
    let plan = plan(&design);
    let sizes: Vec<_> = plan
        .tests
        .iter()
        .map(|it| (it.id.as_str(), it.services.len()))
        .collect();
    assert_eq!(sizes, [("test-go", MATRIX_SIZE), ("test-go-2", 1)]);
    assert_eq!(plan.images.len(), 2);
}

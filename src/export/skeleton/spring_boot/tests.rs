//! What a skeleton in Java says.

use super::{files, method_name, notes};
use crate::{
    export::{
        FileSet,
        hostile::{HARMLESS, HOSTILE, keys, yaml},
        skeleton::facts::testing::{service_a, taken_apart, with_text},
    },
    model::{Model, testing::model},
};

const CONFIGURATION: &str = "src/main/resources/application.yaml";

fn of_a(model: &Model) -> FileSet {
    let (id, service) = service_a(model);
    files(model, &id, service)
}

#[test]
fn a_service_says_where_it_listens_and_whom_it_calls() {
    let model = model("x(a{technology=spring-boot port=7001}, b{port=7002}); a -> b{breaker}");
    let files = of_a(&model);
    let design = &files["src/main/java/app/Design.java"];
    let part = "new Dependency(\"b\", \"B\", \"B_URL\", HttpMethod.GET, \"/\", null, true, null)";
    assert!(design.contains(part), "{design}");
    let file = yaml(&files, CONFIGURATION, "");
    assert_eq!(file["server"]["port"].as_integer(), Some(7001));
    let kept = file["server"]["tomcat"]["keep-alive-timeout"].as_str();
    assert_eq!(kept, Some("75s"));
    let web = &file["management"]["endpoints"]["web"];
    let mapped = |it: &str| web["path-mapping"][it].as_str().unwrap().to_owned();
    assert_eq!(mapped("health"), "actuator/health");
    assert_eq!(mapped("circuitbreakers"), "breakers");
    let import = file["spring"]["config"]["import"].as_str();
    assert_eq!(import, Some("optional:file:/config/breakers.yaml"));
    let (id, service) = service_a(&model);
    assert_eq!(notes(&model, &id, service).len(), 1);
}

#[test]
fn a_job_serves_nothing() {
    let files = of_a(&model("x(a:job{technology=spring-boot}, b); a -> b"));
    assert!(files.contains_key("src/main/java/app/Job.java"));
    assert!(!files.contains_key("src/main/java/app/Operations.java"));
    let file = yaml(&files, CONFIGURATION, "");
    let kind = file["spring"]["main"]["web-application-type"].as_str();
    assert_eq!(kind, Some("none"));
}

#[test]
fn no_method_takes_the_name_of_one_that_every_object_has() {
    assert_eq!(method_name("to-string"), "toStringOperation");
    assert_eq!(method_name("place-order"), "placeOrder");
}

#[test]
fn no_text_of_a_design_becomes_code_or_configuration() {
    let harmless = of_a(&with_text("spring-boot", HARMLESS));
    let (expected, _) = taken_apart(&harmless["src/main/java/app/Design.java"]);
    let expected_keys = keys(&yaml(&harmless, CONFIGURATION, HARMLESS));
    for text in HOSTILE {
        let files = of_a(&with_text("spring-boot", text));
        let (design, texts) = taken_apart(&files["src/main/java/app/Design.java"]);
        assert_eq!(design, expected, "{text:?}");
        // Java reads these before it knows what a text is.
        let escapes = texts.iter().flat_map(|it| it.split("\\u").skip(1));
        let codes: Vec<u32> = escapes
            .filter_map(|it| u32::from_str_radix(it.get(..4)?, 16).ok())
            .collect();
        assert!(codes.iter().all(|it| *it > 0x7f), "{texts:?}");
        let (operations, _) = taken_apart(&files["src/main/java/app/Operations.java"]);
        let count = operations.matches("return example.answer(\"\");").count();
        assert!((2..=5).contains(&count), "{text:?}: {operations}");
        assert_eq!(operations.matches("@RequestMapping(").count(), count);
        assert_eq!(keys(&yaml(&files, CONFIGURATION, text)), expected_keys);
    }
}

//! The skeleton of a service in Java: Spring Boot with Actuator and Resilience4j.
//!
//! The numbers of breakers come from the file that is mounted for them, and where there
//! is none, from the same variables as in every other skeleton.

mod configuration;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::facts::{self, Facts};
use crate::{
    export::{FileSet, bundle::Call},
    model::{Model, Service, ServiceId},
};

/// Where the classes are.
const MAIN: &str = "src/main/java/app";
/// Where their tests are.
const TEST: &str = "src/test/java/app";

/// What every program of this stack is made of.
const FILES: &[(&str, &str)] = &[
    ("Calls", include_str!("files/main/Calls.java")),
    ("Client", include_str!("files/main/Client.java")),
    ("Dependency", include_str!("files/main/Dependency.java")),
    ("EcsLog", include_str!("files/main/EcsLog.java")),
    ("Ids", include_str!("files/main/Ids.java")),
    ("Resilience", include_str!("files/main/Resilience.java")),
    (
        "SettingsAnalyzer",
        include_str!("files/main/SettingsAnalyzer.java"),
    ),
    (
        "SettingsException",
        include_str!("files/main/SettingsException.java"),
    ),
];

/// What answers calls.
const SERVER: &[(&str, &str)] = &[
    ("Application", include_str!("files/main/Application.java")),
    ("Example", include_str!("files/main/Example.java")),
    ("Observed", include_str!("files/main/Observed.java")),
    ("Ports", include_str!("files/main/Ports.java")),
];

/// What runs once.
const JOB: &[(&str, &str)] = &[
    (
        "Application",
        include_str!("files/main/JobApplication.java"),
    ),
    ("Job", include_str!("files/main/Job.java")),
];

/// The files of one service, by their path in its folder.
pub(super) fn files(model: &Model, id: &ServiceId, service: &Service) -> FileSet {
    let facts = Facts::of(model, id, service);
    let mut files = facts::taken(&[("pom.xml", include_str!("files/pom.xml"))]);
    let mut class = |folder: &str, name: &str, text: &str| {
        files.insert(format!("{folder}/{name}.java"), text.to_owned());
    };
    for (name, text) in FILES {
        class(MAIN, name, text);
    }
    for (name, text) in if facts.is_server { SERVER } else { JOB } {
        class(MAIN, name, text);
    }
    class(MAIN, "Design", &design(&facts));
    class(
        TEST,
        "ClientTest",
        include_str!("files/test/ClientTest.java"),
    );
    if facts.is_server {
        class(MAIN, "Operations", &operations(&facts));
        let test = include_str!("files/test/ApplicationTest.java");
        class(TEST, "ApplicationTest", test);
    }
    files.insert(
        "src/main/resources/META-INF/spring.factories".to_owned(),
        include_str!("files/resources/spring.factories").to_owned(),
    );
    files.insert(
        "src/main/resources/application.yaml".to_owned(),
        configuration::application(&facts),
    );
    files
}

/// What a skeleton of this stack does otherwise than drawn.
pub(super) fn notes(model: &Model, id: &ServiceId, service: &Service) -> Vec<String> {
    let facts = Facts::of(model, id, service);
    let mut notes = facts.notes;
    let breakers = || {
        facts
            .calls
            .iter()
            .filter_map(|it| it.dependency.breaker.as_ref())
    };
    let mut say = |is: bool, what: &str| {
        if is {
            notes.push(format!("services/{id}: {what}"));
        }
    };
    say(
        breakers().next().is_some(),
        "Resilience4j judges its trial calls by the failure rate once all of them are done, \
         so one failed trial alone need not open the breaker again.",
    );
    say(
        breakers().any(|it| it.consecutive_failures.is_some() && it.failure_rate_percent.is_some()),
        "Resilience4j has one rule for failures: where a rate and failures in a row are \
         drawn, the rate counts.",
    );
    say(
        breakers()
            .any(|it| it.window_calls.is_none() && it.window_ms.is_some_and(|ms| ms % 1000 != 0)),
        "Resilience4j counts a window of time in whole seconds, rounded up.",
    );
    say(
        breakers().any(|it| it.window_calls.is_some() && it.window_ms.is_some()),
        "Resilience4j has one window: where calls and time are drawn, the calls count.",
    );
    notes
}

fn design(facts: &Facts<'_>) -> String {
    let mut text = String::from("package app;\n\nimport java.util.List;\n");
    if !facts.calls.is_empty() {
        text.push_str("import org.springframework.http.HttpMethod;\n");
    }
    text.push_str("\n/** What the design says of this service. */\nfinal class Design {\n");
    let mut line = |words: &str| writeln!(text, "  {words}").unwrap_or_default();
    if facts.is_server {
        for (name, value) in [
            ("HEALTH_PATH", facts.health_path),
            ("METRICS_PATH", facts.metrics_path),
        ] {
            line(&format!(
                "static final String {name} = {};\n",
                quoted(value)
            ));
        }
        line("/** Its health is asked for on these ports too. */");
        let more = facts.health_port.map(|it| it.to_string());
        line(&format!(
            "static final List<Integer> MORE_PORTS = List.of({});\n",
            more.unwrap_or_default()
        ));
    }
    line("/** Whom it calls over HTTP. */");
    let calls: Vec<_> = facts.calls.iter().map(dependency).collect();
    line(&format!(
        "static final List<Dependency> DEPENDENCIES = List.of({});\n",
        calls.join(",")
    ));
    line("private Design() {}");
    text.push_str("}\n");
    text
}

fn dependency(call: &Call<'_>) -> String {
    let it = call.dependency;
    let idempotent = it.idempotent.map_or("null".to_owned(), |it| it.to_string());
    let fallback = it.fallback.as_ref();
    let fallback = fallback.map_or("null".to_owned(), |it| quoted(&it.description));
    format!(
        "\n      new Dependency({}, {}, {}, HttpMethod.{}, {}, {idempotent}, {}, {fallback})",
        quoted(&call.name),
        quoted(&call.prefix),
        quoted(&call.address),
        call.method.as_str(),
        quoted(&call.path),
        it.is_hard(),
    )
}

fn operations(facts: &Facts<'_>) -> String {
    let mut text = String::from(
        "package app;\n\nimport java.util.Map;\nimport org.springframework.http.ResponseEntity;\n\
         import org.springframework.web.bind.annotation.RequestMapping;\n\
         import org.springframework.web.bind.annotation.RequestMethod;\n\
         import org.springframework.web.bind.annotation.RestController;\n\n\
         /** What the service does. */\n@RestController\nclass Operations {\n\
         \x20 private final Example example;\n\n  Operations(Example example) {\n\
         \x20   this.example = example;\n  }\n",
    );
    if facts.health_path == "/" {
        text.push_str(AT_THE_ROOT);
    }
    for it in &facts.endpoints {
        write!(
            text,
            "\n  @RequestMapping(method = RequestMethod.{}, path = {})\n\
             \x20 ResponseEntity<Map<String, Object>> {}() {{\n\
             \x20   return example.answer({});\n  }}\n",
            it.method.as_str(),
            quoted(&it.path(|name| format!("{{{name}}}"))),
            method_name(&it.id),
            quoted(&it.title)
        )
        .unwrap_or_default();
    }
    text.push_str("}\n");
    text
}

/// Actuator keeps the root for itself, so its health is passed on from there.
const AT_THE_ROOT: &str = r#"
  @RequestMapping(method = RequestMethod.GET, path = "/")
  org.springframework.web.servlet.ModelAndView health() {
    return new org.springframework.web.servlet.ModelAndView("forward:/actuator/health");
  }
"#;

/// A name that no method of every object has.
fn method_name(id: &str) -> String {
    let name = facts::camel(id, false);
    let of_object = [
        "clone",
        "finalize",
        "getClass",
        "hashCode",
        "health",
        "notify",
        "notifyAll",
        "toString",
        "wait",
    ];
    if of_object.contains(&name.as_str()) {
        return format!("{name}Operation");
    }
    name
}

/// A text as Java writes it. What could turn or hide a line of code is escaped; `\u` is
/// read before anything else there, so what it would say in ASCII is said in octal.
fn quoted(text: &str) -> String {
    facts::quoted(text, |it| {
        let mut units = [0; 2];
        if it.is_ascii() {
            return format!("\\{:03o}", u32::from(it));
        }
        let mut escaped = String::new();
        for unit in it.encode_utf16(&mut units) {
            write!(escaped, "\\u{unit:04x}").unwrap_or_default();
        }
        escaped
    })
}

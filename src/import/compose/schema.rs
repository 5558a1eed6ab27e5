//! Whether a file says what Compose knows, in the forms it knows.
//!
//! A key that is misspelt would otherwise be lost without a word. Only as deep as the
//! import looks: the rest is kept as it is.

use super::{
    keys::{self, Form, Keys},
    node::{Entries, Node, Problem},
    units,
};

/// Checks the keys of a whole tree.
pub(super) fn check(tree: &Node) -> Result<(), Problem> {
    let Some(entries) = tree.entries() else {
        return Ok(());
    };
    known(entries, keys::FILE, "")?;
    for (section, table) in [
        ("networks", keys::NETWORK),
        ("volumes", keys::VOLUME),
        ("secrets", keys::SECRET),
        ("configs", keys::CONFIG),
    ] {
        let may_be_empty = matches!(section, "networks" | "volumes");
        let resources = tree.get(section).and_then(Node::entries);
        for (name, resource) in resources.into_iter().flatten() {
            match resource.entries() {
                Some(inside) => known(inside, table, &format!("{section}.{name}"))?,
                None if may_be_empty && resource.is_null() => {}
                None => return Err(no_mapping(resource, &format!("{section}.{name}"))),
            }
        }
    }
    let services = tree.get("services").and_then(Node::entries);
    for (name, node) in services.into_iter().flatten() {
        service(name, node)?;
    }
    Ok(())
}

fn service(name: &str, node: &Node) -> Result<(), Problem> {
    if !is_name(name) {
        return Err(Problem::at(
            node.place,
            format!("{name:?} is no name of a service"),
            "use letters, digits, dots, hyphens and underscores",
        ));
    }
    let Some(entries) = node.entries() else {
        return Err(Problem::at(
            node.place,
            format!("service {name:?} is {} instead of a mapping", node.kind()),
            "give it at least an image or a build below its name",
        ));
    };
    known(entries, keys::SERVICE, name)?;
    for (key, table) in [
        ("build", keys::BUILD),
        ("deploy", keys::DEPLOY),
        ("healthcheck", keys::HEALTH_CHECK),
        ("logging", keys::LOGGING),
    ] {
        if let Some(inside) = node.get(key).and_then(Node::entries) {
            known(inside, table, &format!("{name}.{key}"))?;
        }
    }
    let resources = node.get("deploy").and_then(|it| it.get("resources"));
    if let Some(inside) = resources.and_then(Node::entries) {
        known(inside, keys::RESOURCES, &format!("{name}.deploy.resources"))?;
    }
    let order = node.get("depends_on").and_then(Node::entries);
    for (other, options) in order.into_iter().flatten() {
        if options.get("condition").is_none() {
            return Err(Problem::at(
                options.place,
                format!("{name}: depends_on.{other} says no condition"),
                "write condition: service_started below it, or depends_on as a list",
            ));
        }
    }
    texts(name, entries)
}

/// Texts with a grammar of their own that the import does not look into.
fn texts(name: &str, entries: &Entries) -> Result<(), Problem> {
    let text = |key: &str| entries.get(key).and_then(|it| Some((it, it.as_text()?)));
    if let Some((node, text)) = text("stop_grace_period")
        && units::nanoseconds(text).is_none()
    {
        return Err(Problem::at(
            node.place,
            format!("{name}: {text:?} is no duration"),
            "write it as 10s or 1m30s",
        ));
    }
    if let Some((node, text)) = text("entrypoint")
        && units::words(text).is_none()
    {
        return Err(Problem::at(
            node.place,
            format!("{name}: the entrypoint has a quote that is not closed"),
            "close it, or write it as a list of words",
        ));
    }
    Ok(())
}

fn no_mapping(node: &Node, path: &str) -> Problem {
    Problem::at(
        node.place,
        format!("{path} is {}, but should be a mapping", node.kind()),
        "write it so, or remove the key",
    )
}

/// Whether Compose takes a text for the name of a service, network or volume.
fn is_name(text: &str) -> bool {
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    !text.is_empty() && text.chars().all(allowed)
}

fn known(entries: &Entries, table: Keys, path: &str) -> Result<(), Problem> {
    let dot = if path.is_empty() { "" } else { "." };
    for (key, node) in entries {
        if key.starts_with("x-") {
            continue;
        }
        let form = table
            .iter()
            .find(|(_, keys)| keys.contains(&key.as_str()))
            .map(|(form, _)| *form);
        let Some(form): Option<Form> = form else {
            return Err(Problem::at(
                node.place,
                format!("Docker Compose knows no key {path}{dot}{key}"),
                "correct it, remove it, or start it with x- to keep it as a remark",
            ));
        };
        if !form.allows(node) {
            return Err(Problem::at(
                node.place,
                format!(
                    "{path}{dot}{key} is {}, but should be {}",
                    node.kind(),
                    form.in_words()
                ),
                "write it so, or remove the key",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::compose::{budget::Budget, yaml::documents};

    fn problem(text: &str) -> String {
        let tree = documents(text, 0, &mut Budget::default())
            .unwrap()
            .remove(0);
        match super::check(&tree) {
            Ok(()) => "fine".to_owned(),
            Err(problem) => format!("{}: {}", problem.place.unwrap().line, problem.what),
        }
    }

    #[test]
    fn misspelt_keys_are_named_with_their_line() {
        assert_eq!(
            problem("services:\n  a:\n    imgae: x\n"),
            "3: Docker Compose knows no key a.imgae"
        );
        assert_eq!(
            problem("x-a: 1\nwat: 1\n"),
            "2: Docker Compose knows no key wat"
        );
        assert_eq!(
            problem("services: {a: {deploy: {wat: 1}}}"),
            "1: Docker Compose knows no key a.deploy.wat"
        );
    }

    #[test]
    fn what_stands_in_the_wrong_form_is_named() {
        assert_eq!(
            problem("services: {a: {image: 1}}"),
            "1: a.image is a number, but should be a text"
        );
        assert_eq!(
            problem("services: {a: {ports: {a: b}}}"),
            "1: a.ports is a mapping, but should be a list"
        );
        assert_eq!(
            problem("services: {a: {environment: [A: 1]}}"),
            "1: a.environment is a list, but should be a list of texts or a mapping"
        );
        assert_eq!(
            problem("services: {a: {depends_on: {b: {}}}}"),
            "1: a: depends_on.b says no condition"
        );
        assert_eq!(
            problem("secrets: {s: }"),
            "1: secrets.s is nothing, but should be a mapping"
        );
        assert_eq!(
            problem("services: {a: }"),
            "1: service \"a\" is nothing instead of a mapping"
        );
        assert_eq!(
            problem("services: [a]"),
            "1: services is a list, but should be a mapping"
        );
        assert_eq!(
            problem("services: {a b: {}}"),
            "1: \"a b\" is no name of a service"
        );
    }

    #[test]
    fn what_compose_allows_is_fine() {
        assert_eq!(
            problem(
                "services: {a: {build: ., command: , environment: [A], tty: true, cpus: '1', x-y: 1}}"
            ),
            "fine"
        );
    }
}

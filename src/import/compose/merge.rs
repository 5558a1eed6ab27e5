//! Laying one compose file over another, by Compose's rules.
//!
//! Mappings are joined, most lists appended, commands replaced. Short forms that mean
//! the same as long ones are made long first, so that `environment` as a list meets
//! `environment` as a mapping. A tag `!reset` or `!override` has the last word.

use super::node::{Entries, MergeTag, Node, Problem, Value};

/// Lays `over` on `base`; `path` says where both stand, as `["services", "cart"]`.
pub(super) fn merge(base: Node, over: Node, path: &mut Vec<String>) -> Result<Node, Problem> {
    if over.tag == Some(MergeTag::Override) {
        return Ok(over);
    }
    let (base, over) = (normalised(base, path), normalised(over, path));
    let place = over.place;
    match (base.value, over.value) {
        // A variable without a value takes it from outside, whatever was said before.
        (_, Value::Null) if is_variable(path) => Ok(Node::new(Value::Null, place)),
        (base_value, Value::Null) => Ok(Node {
            value: base_value,
            ..base_node(base.place, base.written)
        }),
        (Value::Null, value) => Ok(Node {
            value,
            ..base_node(place, over.written)
        }),
        (Value::Map(_), Value::Map(entries)) if is_replaced(path) => Ok(Node::map(entries, place)),
        (Value::Map(mut entries), Value::Map(more)) => {
            if is_other_driver(path, &entries, &more) {
                return Ok(Node::map(more, place));
            }
            merge_entries(&mut entries, more, path)?;
            Ok(Node::map(entries, base.place))
        }
        (Value::List(_), Value::List(items)) if is_replaced(path) => {
            Ok(Node::new(Value::List(items), place))
        }
        (Value::List(mut items), Value::List(more)) => {
            items.extend(more);
            unique(&mut items, path);
            Ok(Node::new(Value::List(items), base.place))
        }
        (Value::Map(_) | Value::List(_), value) | (_, value @ (Value::Map(_) | Value::List(_)))
            if !is_replaced(path) =>
        {
            let over = Node::new(value, place);
            let what = format!("{} cannot be laid over what stands there", over.kind());
            Err(Problem::at(
                place,
                format!("{}: {what}", path.join(".")),
                "write both in the same form, or mark this one with !override",
            ))
        }
        (_, value) => Ok(Node {
            value,
            ..base_node(place, over.written)
        }),
    }
}

fn merge_entries(
    entries: &mut Entries,
    more: Entries,
    path: &mut Vec<String>,
) -> Result<(), Problem> {
    for (name, node) in more {
        if node.tag == Some(MergeTag::Reset) {
            entries.remove(&name);
            continue;
        }
        let merged = match entries.remove(&name) {
            Some(earlier) => {
                path.push(name.clone());
                let merged = merge(earlier, node, path)?;
                path.pop();
                merged
            }
            None => node,
        };
        entries.insert(name, merged);
    }
    Ok(())
}

fn base_node(place: super::node::Place, written: Option<Box<str>>) -> Node {
    Node {
        written,
        ..Node::new(Value::Null, place)
    }
}

/// Removes what is only there to be forgotten, once nothing is laid over it any more.
pub(super) fn without_resets(mut node: Node) -> Node {
    node.tag = None;
    node.value = match node.value {
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .filter(|(_, it)| it.tag != Some(MergeTag::Reset))
                .map(|(name, it)| (name, without_resets(it)))
                .collect(),
        ),
        Value::List(items) => Value::List(
            items
                .into_iter()
                .filter(|it| it.tag != Some(MergeTag::Reset))
                .map(without_resets)
                .collect(),
        ),
        value => value,
    };
    node
}

/// The path inside a service, or nothing elsewhere.
fn in_service(path: &[String]) -> Option<Vec<&str>> {
    match path {
        [services, _, inside @ ..] if services == "services" => {
            Some(inside.iter().map(String::as_str).collect())
        }
        _ => None,
    }
}

fn is_replaced(path: &[String]) -> bool {
    matches!(
        in_service(path).as_deref(),
        Some(["command" | "entrypoint"] | ["healthcheck", "test"])
    )
}

fn is_variable(path: &[String]) -> bool {
    matches!(
        in_service(path).as_deref(),
        Some(["environment", _] | ["build", "args", _])
    )
}

/// Options of one logging driver say nothing to another.
fn is_other_driver(path: &[String], base: &Entries, over: &Entries) -> bool {
    let driver = |it: &Entries| it.get("driver").and_then(Node::scalar);
    matches!(in_service(path).as_deref(), Some(["logging"]))
        && matches!((driver(base), driver(over)), (Some(base), Some(over)) if base != over)
}

/// The long form, where a short one means the same.
pub(super) fn normalised(node: Node, path: &[String]) -> Node {
    let Some(inside) = in_service(path) else {
        return node;
    };
    match inside.as_slice() {
        ["build"] => match node.value {
            Value::Text(_) => {
                let place = node.place;
                let context = ("context".to_owned(), Node { tag: None, ..node });
                Node::map(Entries::from([context]), place)
            }
            _ => node,
        },
        ["environment" | "labels" | "annotations" | "sysctls"]
        | ["build", "args" | "labels"]
        | ["deploy", "labels"] => assignments(node, '='),
        ["extra_hosts"] => assignments(node, ':'),
        ["depends_on"] => named(node, |place| {
            let condition = Node::text("service_started", place);
            Node::map(Entries::from([("condition".to_owned(), condition)]), place)
        }),
        ["networks" | "models"] => named(node, |place| Node::new(Value::Null, place)),
        ["env_file" | "dns" | "dns_search" | "tmpfs"] => match node.value {
            Value::Text(_) => {
                let place = node.place;
                Node::new(Value::List(vec![node]), place)
            }
            _ => node,
        },
        _ => node,
    }
}

/// `[A=1, B]` as `{A: 1, B: null}`; other lists stay as they are.
pub(super) fn assignments(node: Node, separator: char) -> Node {
    let Value::List(items) = &node.value else {
        return node;
    };
    let mut entries = Entries::new();
    for item in items {
        let (Some(text), written) = (item.scalar(), item.written.as_deref()) else {
            return node;
        };
        let (name, value) = match text.split_once(separator) {
            Some((name, value)) => (name, Some(value)),
            None => (text.as_str(), None),
        };
        let mut entry = match value {
            Some(value) => Node::text(value, item.place),
            None => Node::new(Value::Null, item.place),
        };
        entry.written = written
            .and_then(|it| it.split_once(separator))
            .filter(|(_, written)| Some(*written) != value)
            .map(|(_, written)| written.into());
        entries.insert(name.to_owned(), entry);
    }
    Node::map(entries, node.place)
}

/// `[a, b]` as `{a: …, b: …}`; other lists stay as they are.
fn named(node: Node, value: impl Fn(super::node::Place) -> Node) -> Node {
    let Value::List(items) = &node.value else {
        return node;
    };
    let names: Option<Vec<_>> = items
        .iter()
        .map(|it| it.scalar().map(|name| (name, value(it.place))))
        .collect();
    match names {
        Some(names) => Node::map(names.into_iter().collect(), node.place),
        None => node,
    }
}

/// Leaves of equal items the last, where Compose takes a list for a set.
fn unique(items: &mut Vec<Node>, path: &[String]) {
    let Some(inside) = in_service(path) else {
        return;
    };
    let key: fn(&Node) -> Option<String> = match inside.as_slice() {
        ["volumes" | "devices"] => |it| mount_target(it),
        ["configs" | "secrets"] => |it| field(it, "target").or_else(|| field(it, "source")),
        ["ports"] => |it| Some(it.as_written().to_string()),
        [
            "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "expose" | "links"
            | "external_links" | "security_opt" | "env_file" | "group_add" | "tmpfs" | "profiles"
            | "volumes_from",
        ] => |it| Some(it.as_written().to_string()),
        _ => return,
    };
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        match key(&item).map(|it| (seen.get(&it).copied(), it)) {
            Some((Some(position), _)) => kept[position] = item,
            Some((None, it)) => {
                seen.insert(it, kept.len());
                kept.push(item);
            }
            None => kept.push(item),
        }
    }
    *items = kept;
}

/// A field of a long form; the short form is its own name.
fn field(node: &Node, name: &str) -> Option<String> {
    node.scalar()
        .or_else(|| node.get(name).and_then(Node::scalar))
}

fn mount_target(node: &Node) -> Option<String> {
    match node.as_text() {
        Some(text) => super::volumes::parse_short(text).map(|it| it.target),
        None => node.get("target").and_then(Node::scalar),
    }
}

#[cfg(test)]
mod tests {
    use super::{merge, without_resets};
    use crate::import::compose::{budget::Budget, yaml::documents};

    fn merged(base: &str, over: &str) -> String {
        let read = |it: &str| {
            let text = format!("services: {{a: {it}}}");
            documents(&text, 0, &mut Budget::default())
                .unwrap()
                .remove(0)
        };
        match merge(read(base), read(over), &mut Vec::new()) {
            Ok(node) => {
                let json = without_resets(node).as_written();
                json["services"]["a"].to_string()
            }
            Err(problem) => problem.what,
        }
    }

    #[test]
    fn lists_and_mappings_of_variables_become_one() {
        assert_eq!(
            merged(
                "{environment: [A=1, B, D=1]}",
                "{environment: {A: 2, C: x=y, D: }}"
            ),
            r#"{"environment":{"A":2,"B":null,"C":"x=y","D":null}}"#
        );
    }

    #[test]
    fn commands_are_replaced_and_ports_appended() {
        assert_eq!(
            merged(
                "{command: [a, b], ports: ['1:1', '2:2']}",
                "{command: c, ports: ['2:2', '3:3']}"
            ),
            r#"{"command":"c","ports":["1:1","2:2","3:3"]}"#
        );
    }

    #[test]
    fn a_mount_replaces_the_one_at_the_same_place() {
        assert_eq!(
            merged(
                "{volumes: ['db:/data', './a:/b']}",
                "{volumes: [{type: tmpfs, target: /data}]}"
            ),
            r#"{"volumes":[{"target":"/data","type":"tmpfs"},"./a:/b"]}"#
        );
    }

    #[test]
    fn tags_reset_and_override() {
        assert_eq!(
            merged(
                "{ports: ['1:1'], image: x, expose: [1]}",
                "{ports: !override ['2:2'], expose: !reset []}"
            ),
            r#"{"image":"x","ports":["2:2"]}"#
        );
    }

    #[test]
    fn short_builds_and_start_orders_meet_long_ones() {
        assert_eq!(
            merged(
                "{build: ./a, depends_on: [b]}",
                "{build: {target: t}, depends_on: {c: {condition: service_healthy}}}"
            ),
            r#"{"build":{"context":"./a","target":"t"},"depends_on":{"b":{"condition":"service_started"},"c":{"condition":"service_healthy"}}}"#
        );
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        assert_eq!(
            merged("{ports: ['1:1']}", "{ports: {a: b}}"),
            "services.a.ports: a mapping cannot be laid over what stands there"
        );
    }
}

//! What is written is read back the same by a YAML parser that is not ours.

use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};

use super::{Map, Value, scalar::is_plain};

fn parsed(text: &str) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(text).unwrap_or_else(|it| panic!("{it}\n{text}"));
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0)
}

fn file(value: impl Into<Value>) -> String {
    Map::from([("key", value.into())]).to_file("")
}

#[test]
fn words_and_numbers_that_are_texts_are_quoted() {
    for text in [
        "y",
        "N",
        "on",
        "OFF",
        "no",
        "null",
        "~",
        "",
        "123",
        "0x1F",
        "0o17",
        "1e3",
        ".5",
        "-1",
        "12:30:45",
        "2001-12-14",
        "1_000",
        "<<",
        "=",
        "- a",
        "a: b",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "{a}",
        "[a]",
        "a,b",
        "'a'",
        "\"a\"",
        "a\n",
        "a ",
        " a",
        "---",
        "...",
        "?",
        ": ",
        "a:",
        "\u{85}",
        "\u{2028}",
        ".inf",
        "NaN",
        "\0",
        "a\tb",
    ] {
        assert!(!is_plain(text), "{text:?}");
        let file = file(text);
        assert_eq!(parsed(&file)["key"].as_str(), Some(text), "{file}");
    }
}

#[test]
fn everyday_texts_stay_readable() {
    for text in [
        "orders",
        "unless-stopped",
        "10s",
        "500ms",
        "256M",
        "postgres:17.6-alpine",
        "./gateway",
        "http://orders:8000",
        "/run/secrets/x",
        "two words",
    ] {
        assert!(is_plain(text), "{text:?}");
        assert_eq!(file(text), format!("key: {text}\n"));
        assert_eq!(parsed(&file(text))["key"].as_str(), Some(text));
    }
}

#[test]
fn values_of_every_kind_come_back() {
    let value = Value::from([
        ("on", Value::Bool(true)),
        ("count", Value::Int(-3)),
        ("share", Value::Float(1e300)),
        ("nothing", Value::Null),
        ("empty", Value::List(Vec::new())),
        ("none", Value::Map(Map::default())),
        ("list", ["a", "b, c", "no"].into()),
        ("script", Value::Block("set -e\n\n  echo a\n".to_owned())),
        (
            "steps",
            Value::List(vec![Value::from([("a", "1".into()), ("b", "x".into())])]),
        ),
    ]);
    let file = file(value);
    let root = parsed(&file);
    let read = &root["key"];
    assert_eq!(read["on"].as_bool(), Some(true), "{file}");
    assert_eq!(read["count"].as_integer(), Some(-3));
    assert_eq!(read["share"].as_floating_point(), Some(1e300));
    assert_eq!(read["nothing"], Yaml::Value(Scalar::Null));
    assert_eq!(read["list"][1].as_str(), Some("b, c"));
    assert_eq!(read["script"].as_str(), Some("set -e\n\n  echo a\n"));
    assert_eq!(read["steps"][0]["a"].as_str(), Some("1"));
    assert_eq!(read["steps"][0]["b"].as_str(), Some("x"));
}

#[test]
fn a_comment_cannot_end_before_its_line() {
    let mut map = Map::default();
    map.set_with_comment("a", "b", "one\ntwo\rthree: 3\u{2028}four");
    let file = map.to_file("top\r\nevil: 1");
    assert_eq!(
        parsed(&file).as_mapping().map_or(0, saphyr::Mapping::len),
        1,
        "{file}"
    );
}

#[test]
fn joining_keeps_what_both_say() {
    let mut ours = Map::from([("a", [("x", "1".into())].into()), ("b", "2".into())]);
    ours.merge(Map::from([
        ("a", [("z", "3".into())].into()),
        ("b", "4".into()),
    ]));
    assert_eq!(ours.to_file(""), "a:\n  x: \"1\"\n  z: \"3\"\nb: \"4\"\n");
}

proptest! {
    #[test]
    fn any_text_comes_back_the_same(text in ".*", key in ".*", more in "\\PC*[:#\\-&*!|>'\"%@`{}\\[\\],?\\n\\r\\t \u{85}\u{2028}]*") {
        let value = Value::List(vec![text.as_str().into(), Value::Block(more.clone())]);
        let file = Map::from([(key.as_str(), value)]).to_file("");
        let root = parsed(&file);
        let (read_key, read) = root.as_mapping().unwrap().iter().next().unwrap();
        prop_assert_eq!(read_key.as_str(), Some(key.as_str()), "{}", file);
        prop_assert_eq!(read[0].as_str(), Some(text.as_str()), "{}", file);
        prop_assert_eq!(read[1].as_str(), Some(more.as_str()), "{}", file);
    }
}

#[test]
fn lines_stand_below_one_another_however_short_they_are() {
    let lines = Value::Lines(vec!["a".to_owned(), "b: c".to_owned()]);
    let map = Map::from([("script", lines), ("none", Value::Lines(Vec::new()))]);
    assert_eq!(map.to_file(""), "script:\n  - a\n  - \"b: c\"\nnone: []\n");
}

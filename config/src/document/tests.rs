use serde_json::json;

use super::*;

fn first_error(text: &str) -> (usize, usize, String) {
    let errors = parse(text).err().expect("an error");
    let error = errors.into_iter().next().unwrap();
    (error.line, error.column, error.message)
}

fn at(document: &Document, pointer: &str) -> (usize, usize) {
    let position = document.positions.locate(pointer);
    (position.line, position.column)
}

#[test]
fn values_and_their_positions() {
    let document =
        parse("a: 1\nb:\n  - { c: x, d: [1, two] }\n  - e:\n      f: \"g\"\nh:\n").unwrap();
    assert_eq!(
        document.value,
        json!({"a": 1, "b": [{"c": "x", "d": [1, "two"]}, {"e": {"f": "g"}}], "h": null})
    );
    assert_eq!(at(&document, "/a"), (1, 4));
    assert_eq!(at(&document, "/b"), (3, 3));
    assert_eq!(at(&document, "/b/0"), (3, 5));
    assert_eq!(at(&document, "/b/0/c"), (3, 10));
    assert_eq!(at(&document, "/b/0/d/1"), (3, 20));
    assert_eq!(at(&document, "/b/1"), (4, 5));
    assert_eq!(at(&document, "/b/1/e/f"), (5, 10));
    assert_eq!(at(&document, "/h"), (6, 1));
    let key = document.positions.locate_key("/b/1/e/f");
    assert_eq!((key.line, key.column), (5, 7));
}

#[test]
fn columns_count_characters() {
    let document = parse("größe: { ä: 1 }").unwrap();
    assert_eq!(at(&document, "/größe/ä"), (1, 13));
}

#[test]
fn duplicate_keys_are_all_reported() {
    let errors = parse("a: 1\na: 2\nb: { c: 1, c: 2 }\n").err().unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0].message, "`a` is given twice; the first is at 1:1");
    assert_eq!(
        (errors[1].line, errors[1].column, errors[1].pointer.as_str()),
        (3, 12, "/b/c")
    );
}

#[test]
fn aliases_are_expanded_and_point_at_their_use() {
    let document = parse("a: &rule { x: [1] }\nb: *rule\n").unwrap();
    assert_eq!(document.value, json!({"a": {"x": [1]}, "b": {"x": [1]}}));
    assert_eq!(at(&document, "/b/x/0"), (2, 4));
}

#[test]
fn an_alias_bomb_is_cut_off() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let alias = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
    }
    let (_, _, message) = first_error(&text);
    assert_eq!(message, "has more than 100000 values, aliases expanded");

    let long = "x".repeat(500_000);
    let text = format!("a: &a {long}\nb: [{}]\n", vec!["*a"; 50].join(", "));
    let (_, _, message) = first_error(&text);
    assert_eq!(message, "has more than 4194304 bytes, aliases expanded");
}

#[test]
fn an_alias_to_itself_is_refused() {
    let (line, column, message) = first_error("a: &a [1, *a]");
    assert_eq!((line, column), (1, 11));
    assert_eq!(message, "names an anchor that is not complete yet");
}

#[test]
fn depth_is_bounded() {
    let flow = "[".repeat(200) + &"]".repeat(200);
    assert!(
        first_error(&flow).2.contains("deeper than 64"),
        "{}",
        first_error(&flow).2
    );
    let block = "- ".repeat(5000) + "x";
    assert!(first_error(&block).2.contains("deeper than 64"));
    let mut aliased = "a0: &a0 [x]\n".to_owned();
    for level in 1..70 {
        aliased += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert!(first_error(&aliased).2.contains("deeper than 64"));
}

#[test]
fn long_keys_do_not_multiply() {
    let text = format!("{}: [{}]", "k".repeat(1000), vec!["1"; 90_000].join(","));
    assert!(first_error(&text).2.contains("keys that are too long"));
}

#[test]
fn a_byte_order_mark_is_no_content() {
    assert_eq!(
        parse("\u{feff}a: 1\r\nb: 2\r\n").unwrap().value,
        json!({"a": 1, "b": 2})
    );
}

#[test]
fn length_is_bounded() {
    assert_eq!(
        first_error(&"#".repeat(MAX_BYTES + 1)).2,
        "is longer than 1048576 bytes"
    );
}

#[test]
fn what_a_reader_would_not_see_through_is_refused() {
    for (text, position, message) in [
        ("", (1, 1), "is empty"),
        ("# nothing\n", (1, 1), "is empty"),
        (
            "a: 1\n---\nb: 2\n",
            (2, 1),
            "a second document begins here; one file is one document",
        ),
        (
            "a: !!str 1",
            (1, 4),
            "tags have no meaning here; quote a word to make it a string",
        ),
        (
            "a: &x { b: 1 }\nc:\n  <<: *x\n",
            (3, 3),
            "merge keys are not part of YAML 1.2; write the members out",
        ),
        (
            "[a]: 1",
            (1, 1),
            "a key must be a word, not a list or a mapping",
        ),
        (
            "a: 1e999",
            (1, 4),
            "is a number too large to be kept exactly",
        ),
    ] {
        let (line, column, found) = first_error(text);
        assert_eq!(
            ((line, column), found.as_str()),
            (position, message),
            "{text:?}"
        );
    }
}

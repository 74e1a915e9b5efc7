//! Attack and good-traffic tests of the strict parser, with serde_json as independent oracle.

use serde_json::{Value, json};

use super::*;
use crate::budget::{Bounds, Budget};
use crate::codes::Code;

fn parse_with(source: &[u8], rules: JsonRules, bounds: &Bounds) -> Result<Tape, JsonFault> {
    parse_json(source, &rules, bounds, &mut Budget::new(bounds))
}

fn parse(source: &[u8]) -> Result<Tape, JsonFault> {
    parse_with(source, JsonRules::STRICT, &Bounds::default())
}

fn refused(source: &[u8]) -> (Code, String, (u32, u32)) {
    match parse(source) {
        Ok(_) => panic!("accepted {:?}", String::from_utf8_lossy(source)),
        Err(fault) => (fault.code, fault.pointer, fault.span),
    }
}

#[test]
fn good_json_reads_as_serde_json_reads_it() {
    for text in [
        "null",
        " true ",
        "false",
        "0",
        "-0",
        "-1.5e-3",
        "\"\"",
        "[]",
        "{}",
        "[[],{}]",
        "[1,2,[3,{\"a\":[null]}],\"x\"]",
        "\t{\"a\" : 1 ,\r\n\"b\":{\"c\":\"d\"}}\n",
        "\"\\u0041\\n\\\"\\\\\\/\\b\\f\\r\\t\\ud83d\\ude00 \u{e9}\u{1f600}\"",
        "\"\\u0000\"",
        "9007199254740992",
        "1e300",
        "{\"\":1}",
        "{\"a\\u0062\":1,\"a\":2}",
        "{\"constructor\":1}",
        "{\"constructor\":{\"a\":1}}",
        "{\"prototype\":1}",
        "[\"__proto__\"]",
    ] {
        let tape = parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        let oracle: Value = serde_json::from_str(text).unwrap();
        assert_eq!(tape.value(tape.root()), oracle, "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "-",
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "0x10",
        "'a'",
        "\"a",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\"}",
        "[",
        "{",
        "[}",
        "{]",
        "1 2",
        "{} {}",
        "[]x",
        "// c\n1",
        "/* c */1",
        "1 // c",
        "# c\n1",
        "\u{feff}1",
        "1\u{feff}",
        "\u{a0}1",
        "\u{2028}1",
        "1\0",
        "\0",
        "{\"a\\u0000b\":1}",
        "\u{c}1",
        "[1}",
        "{\"a\":1]",
    ] {
        assert_eq!(refused(text.as_bytes()).0, Code::ParseBadJson, "{text:?}");
    }
}

#[test]
fn broken_unicode_is_refused_and_pairs_pass() {
    for bytes in [
        &b"\"\xff\""[..],
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xe2\x82\"",
        b"\"\\ud800\"",
        b"\"\\udc00\"",
        b"\"\\ud800x\"",
        b"\"\\ud800\\n\"",
        b"\"\\ud800\\ud800\"",
        b"\"\\udc00\\ud800\"",
    ] {
        assert_eq!(refused(bytes).0, Code::ParseBadJson);
    }
    assert!(parse(b"\"\\uD834\\uDD1E\"").is_ok());
}

#[test]
fn a_repeated_key_is_refused_also_when_escaped_or_among_many() {
    assert_eq!(
        refused(b"{\"b\":{\"a\":1, \"a\":2}}"),
        (Code::ParseDuplicateKey, "/b/a".to_owned(), (13, 16))
    );
    assert_eq!(
        refused(b"{\"ab\":1,\"\\u0061b\":2}").0,
        Code::ParseDuplicateKey
    );
    assert_eq!(refused(b"[{\"\":1,\"\":1}]").1, "/0/");
    for size in [2, 20, 25, 200] {
        let mut keys: Vec<String> = (0..size)
            .map(|key| format!("\"prefix-{key:03}-suffix\":1"))
            .collect();
        let whole = format!("{{{}}}", keys.join(","));
        assert!(parse(whole.as_bytes()).is_ok(), "{size}");
        keys.push("\"prefix-001-suffix\":2".to_owned());
        let twice = format!("{{{}}}", keys.join(","));
        assert_eq!(refused(twice.as_bytes()).1, "/prefix-001-suffix");
    }
    // The same name in two objects is no repeat.
    assert!(parse(b"{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}").is_ok());
}

#[test]
fn numbers_that_two_readers_tell_apart_are_refused() {
    for text in [
        "9007199254740993",
        "-9007199254740993",
        "18446744073709551616",
        "1e309",
        "-1e400",
        &"1".repeat(65),
        &format!("0.{}", "1".repeat(65)),
    ] {
        let (code, pointer, span) = refused(format!("[0,{text}]").as_bytes());
        assert_eq!(
            (code, pointer.as_str()),
            (Code::ParseJsonNumber, "/1"),
            "{text}"
        );
        assert_eq!(span, (3, 3 + narrow(text.len())));
    }
    for text in ["1e308", "0.1", "1e-400", "123456789012345678.5"] {
        assert!(parse(text.as_bytes()).is_ok(), "{text}");
    }
}

#[test]
fn keys_that_change_prototypes_are_refused() {
    assert_eq!(
        refused(b"{\"a\":[{\"__proto__\":{}}]}"),
        (
            Code::ParsePrototypeKey,
            "/a/0/__proto__".to_owned(),
            (7, 18)
        )
    );
    assert_eq!(
        refused(b"{\"\\u005f_proto__\":1}").0,
        Code::ParsePrototypeKey
    );
    assert_eq!(
        refused(b"{\"constructor\":{\"x\":1,\"prototype\":1}}").1,
        "/constructor/prototype"
    );
}

#[test]
fn relaxed_rules_let_exactly_their_own_breach_pass() {
    let bounds = Bounds::default();
    let cases: [(Code, &[u8]); 3] = [
        (Code::ParseDuplicateKey, b"{\"a\":1,\"a\":2}"),
        (Code::ParseJsonNumber, b"18446744073709551616"),
        (Code::ParsePrototypeKey, b"{\"__proto__\":1}"),
    ];
    for (code, source) in cases {
        for (other, _) in cases {
            let parsed = parse_with(source, JsonRules::STRICT.relax(other), &bounds);
            assert_eq!(parsed.is_ok(), code == other);
        }
    }
    let never = JsonRules::STRICT.relax(Code::ParseJsonNumber);
    assert!(parse_with(b"1e400", never, &bounds).is_err());
    assert!(
        parse_with(
            b"[1,]",
            JsonRules::STRICT.relax(Code::ParseBadJson),
            &bounds
        )
        .is_err()
    );
}

#[test]
fn every_bound_holds_a_bomb_and_lets_its_limit_pass() {
    let bounds = Bounds {
        json_depth_max: 3,
        json_keys_max: 3,
        json_nodes_max: 12,
        json_string_max_bytes: 5,
        ..Bounds::default()
    };
    let rules = JsonRules::STRICT;
    for text in [
        "[[[1]]]",
        "{\"a\":1,\"b\":2,\"c\":3}",
        "[1,2,3,4,5,6,7,8,9,10,11]",
        "\"12345\"",
        "\"\\u0031\\u0031\"",
    ] {
        assert!(
            parse_with(text.as_bytes(), rules, &bounds).is_ok(),
            "{text}"
        );
    }
    for text in [
        "[[[[1]]]]",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}",
        "[1,2,3,4,5,6,7,8,9,10,11,12]",
        "\"123456\"",
        "\"\\u0031\\u0031\\u0031\\u0031\\u0031\\u0031\"",
        "{\"123456\":1}",
    ] {
        let fault = parse_with(text.as_bytes(), rules, &bounds).unwrap_err();
        assert_eq!(fault.code, Code::ParseJsonLimit, "{text}");
    }
    let deep = "[".repeat(1 << 20);
    assert_eq!(refused(deep.as_bytes()).0, Code::ParseJsonLimit);
}

#[test]
fn a_spent_budget_is_its_own_fault() {
    let bounds = Bounds {
        steps_max: 3,
        ..Bounds::default()
    };
    assert_eq!(
        parse_with(b"[1,2]", JsonRules::STRICT, &bounds)
            .unwrap_err()
            .code,
        Code::InternalBudget
    );
    assert!(parse_with(b"[1]", JsonRules::STRICT, &bounds).is_ok());
}

#[test]
fn spans_and_pointers_name_the_bytes_of_each_node() {
    let text = "{ \"a~/b\" : [ 10, \"x\\ny\" ], \"z\":{\"\": true} }";
    let tape = parse(text.as_bytes()).unwrap();
    for (pointer, raw) in [
        ("", text),
        ("/a~0~1b", "[ 10, \"x\\ny\" ]"),
        ("/a~0~1b/0", "10"),
        ("/a~0~1b/1", "\"x\\ny\""),
        ("/z/", "true"),
    ] {
        let node = tape.resolve(pointer).unwrap();
        assert_eq!(tape.raw(node), raw);
        assert_eq!(tape.pointer(node), pointer);
    }
    for missing in ["a", "/b", "/a~0~1b/2", "/a~0~1b/00", "/a~0~1b/-", "/z//x"] {
        assert_eq!(tape.resolve(missing), None, "{missing}");
    }
    assert_eq!(tape.text(tape.resolve("/a~0~1b/1").unwrap()), "x\ny");
    assert_eq!(refused(b"{\"a\":[1,{\"b\":x}]}").1, "/a/1/b");
    assert_eq!(refused(b"{\"a\":1} x").1, "");
}

/// A small generator: the same numbers on every run.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16)
            .unwrap()
            .checked_rem(bound)
            .unwrap()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1 << 40)),
            3 => json!(self.below(1 << 30) as f64 / 1024.0 - 5000.0),
            4 | 5 => Value::String(self.text()),
            6 | 7 => (0..self.below(5))
                .map(|_| self.value(depth.saturating_sub(1)))
                .collect(),
            _ => (0..self.below(6))
                .map(|_| (self.text(), self.value(depth.saturating_sub(1))))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    fn text(&mut self) -> String {
        const LETTERS: [&str; 12] = [
            "a",
            "b",
            "\"",
            "\\",
            "\n",
            "\u{e9}",
            "\u{1f600}",
            "/",
            "key",
            "12345678",
            "\u{7f}",
            " ",
        ];
        (0..self.below(6))
            .map(|_| LETTERS[self.below(12)])
            .collect()
    }
}

#[test]
fn generated_and_mutated_texts_are_never_read_unlike_serde_json() {
    let mut seeded = Seeded(0x9e37_79b9_7f4a_7c15);
    let (mut whole, mut accepted) = (0, 0);
    for _ in 0..4_000 {
        let value = seeded.value(4);
        let text = if seeded.below(2) == 0 {
            value.to_string()
        } else {
            serde_json::to_string_pretty(&value).unwrap()
        };
        let tape = parse(text.as_bytes()).unwrap();
        assert_eq!(tape.value(tape.root()), value);
        whole += 1;
        for _ in 0..8 {
            let mut bytes = text.clone().into_bytes();
            mutate(&mut seeded, &mut bytes);
            let Ok(tape) = parse(&bytes) else { continue };
            let oracle: Value = serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                panic!(
                    "accepted what serde_json refuses: {error}: {:?}",
                    String::from_utf8_lossy(&bytes)
                )
            });
            assert_eq!(tape.value(tape.root()), oracle);
            accepted += 1;
        }
    }
    assert!(whole == 4_000 && accepted > 4_000, "{accepted}");
}

fn mutate(seeded: &mut Seeded, bytes: &mut Vec<u8>) {
    const SPECIAL: &[u8] = b"\"\\{}[]:,0-.eE+ \n\t\0u\xff\xc3tfn/1";
    if bytes.is_empty() {
        return;
    }
    let place = seeded.below(bytes.len());
    match seeded.below(4) {
        0 => bytes[place] = SPECIAL[seeded.below(SPECIAL.len())],
        1 => bytes.truncate(place),
        2 => {
            let _ = bytes.splice(place..place, [SPECIAL[seeded.below(SPECIAL.len())]]);
        }
        _ => {
            let _ = bytes.splice(place..=place, []);
        }
    }
}

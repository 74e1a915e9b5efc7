from bartizan.policy.sources.keys import Keys, key_of, key_of_uri, reaching, redirected, refs_of

SPOT = (1, "/components/schemas/a b~1{c}")


def test_a_uri_leads_back_to_its_key() -> None:
    key = key_of(SPOT)
    uri = Keys().uri(key)
    assert uri == "#/$defs/1%23~1components~1schemas~1a%20b~01%7Bc%7D"
    assert key_of_uri(uri) == key


def test_a_schema_is_to_be_lowered_once_however_often_it_is_wanted() -> None:
    keys = Keys()
    assert keys.want(SPOT) == keys.want(SPOT) == keys.waiting.pop()
    assert keys.waiting == []


def test_a_direction_names_only_what_reaches_its_mark() -> None:
    keys = Keys()
    outer, inner, other = (keys.want((1, f"/{word}")) for word in ("outer", "inner", "other"))
    keys.facts[outer].refs.add(inner)
    keys.facts[inner].marks.add("readOnly")
    keys.reach = {mark: keys.reaching(mark) for mark in ("readOnly", "writeOnly")}
    assert [keys.named(key, "request") for key in (outer, other)] == [
        "1#/outer!request",
        "1#/other",
    ]
    assert keys.named(outer, "response") == outer


def test_references_of_a_made_schema_are_found_and_renamed() -> None:
    made = {"properties": {"a": {"$ref": "#/$defs/1%23~1a"}, "b": [{"$ref": "#/$defs/1%23~1b"}]}}
    assert refs_of(made) == {"1#/a", "1#/b"}
    renamed = redirected(made, lambda key: f"{key}!")
    assert renamed == {"properties": {"a": {"$ref": "1#/a!"}, "b": [{"$ref": "1#/b!"}]}}


def test_what_refers_to_a_marked_key_is_reached_in_circles_too() -> None:
    refs = {"a": ["b"], "b": ["c", "a"], "c": [], "d": ["c"], "e": ["a"]}
    assert reaching(refs, {"b"}) == {"a", "b", "e"}
    assert reaching(refs, {"c"}) == {"a", "b", "c", "d", "e"}
    assert reaching(refs, set()) == set()

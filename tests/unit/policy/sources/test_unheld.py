from bartizan.policy.sources.library import Library
from bartizan.policy.sources.unheld import strictest_class

TEXT = b"""
a: { properties: { key: { $ref: '#/b' }, default: { x-bartizan-data-class: internal } } }
b: { allOf: [{ $ref: '#/c' }, { $ref: '#/b' }, { $ref: '#/none' }] }
c: { items: { x-bartizan-data-class: secret }, example: { x-bartizan-data-class: secret } }
d: { properties: { n: {} }, example: { x-bartizan-data-class: secret } }
e: { x-bartizan-data-class: personal }
f: { x-bartizan-data-class: odd }
"""


def found(name: str) -> tuple[str, str] | None:
    library = Library("openapi.yaml", lambda _: TEXT)
    node = library.node((1, f"/{name}"))
    one = strictest_class(library, node, (1, f"/{name}"))
    return None if one is None else (one[0], one[1][1])


def test_the_strictest_class_is_found_through_references_that_go_round() -> None:
    assert found("a") == ("secret", "/c/items")
    assert found("e") == ("personal", "/e")


def test_examples_and_what_is_no_class_say_nothing() -> None:
    assert found("d") is None
    assert found("f") is None

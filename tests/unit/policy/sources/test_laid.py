from bartizan.policy.document import Document, read
from bartizan.policy.sources.laid import Laid, copied

TEXT = b"a: { b: 1 }\nlist:\n  - { n: 1 }\n  - { n: 2 }\nsame: &x { k: 1 }\nother: *x\n"
OTHER = read("other.yaml", b"put:\n  c: 2\n")


def laid() -> Laid:
    return Laid(read("base.yaml", TEXT))


def test_what_nobody_changed_is_placed_in_the_base() -> None:
    one = laid()
    assert one.locate("/list/1/n").line == 4
    assert one.locate("/nothing/there").line == 1


def test_aliases_become_values_of_their_own() -> None:
    one = laid()
    assert one.merge(("same",), {"k": 2}, (OTHER, "/put")) == ""
    assert one.data["other"] == {"k": 1}  # type: ignore[index]


def test_items_keep_their_lines_when_an_earlier_one_goes() -> None:
    one = laid()
    one.remove(("list", 0))
    assert one.data["list"] == [{"n": 2}]  # type: ignore[index]
    assert one.locate("/list/0/n").line == 4


def test_a_value_that_is_put_in_again_belongs_to_the_last_writer() -> None:
    one = laid()
    third = Document("third.yaml", "put: 1\n", {"put": 1})
    one.merge((), {"c": 2}, (OTHER, "/put"))
    assert one.locate("/c").file == "other.yaml"
    one.merge(("c",), 3, (third, "/put"))
    assert (one.locate("/c").file, one.value(("c",))) == ("third.yaml", 3)


def test_what_does_not_fit_is_told_in_words() -> None:
    one = laid()
    assert "mapping" in one.merge(("a",), 1, (OTHER, ""))
    assert "`list` is a list there" in one.merge((), {"list": {}}, (OTHER, ""))
    assert "single value" in one.merge(("a", "b"), {}, (OTHER, ""))


def test_a_copy_shares_nothing() -> None:
    value = {"a": [{"b": 1}]}
    assert copied(value) == value
    assert copied(value)["a"][0] is not value["a"][0]  # type: ignore[index]

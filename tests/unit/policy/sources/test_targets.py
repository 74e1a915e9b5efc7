import pytest

from bartizan.model.errors import Diagnostic, Fault
from bartizan.policy.overlay_entries import Overlay
from bartizan.policy.sources import Description, read

ROOT = """openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /a: { $ref: 'parts/a.yaml' }
  /b: { get: {} }
"""
A = "get:\n  parameters: [{ name: q, in: query, schema: { $ref: common.yaml#/Q } }]\n"
COMMON = "Q: { type: string }\n"


def overlay(extends: str, target: str, update: str) -> str:
    line = f"extends: {extends}\n" if extends else ""
    return f"overlay: 1.1.0\n{line}actions:\n- target: {target}\n  update: {update}\n"


def description(*listed: Overlay, root: str = "api/openapi.yaml", **files: str) -> Description:
    held = {
        "api/openapi.yaml": ROOT,
        "api/parts/a.yaml": A,
        "api/parts/common.yaml": COMMON,
        **{f"over/{name}.yaml": text for name, text in files.items()},
    }
    held |= {f"https://h.example/{name}": text for name, text in held.items()}
    return read(root, lambda name: held[name].encode(), overlays=listed)


def told(*listed: Overlay, **files: str) -> list[Diagnostic]:
    with pytest.raises(Fault) as raised:
        description(*listed, **files)
    return list(raised.value.diagnostics)


@pytest.mark.parametrize(
    ("extends", "at"),
    [
        ("", 0), ("../api/openapi.yaml", 0), ("../api/./parts/a.yaml", 1),
        ("../api/parts/common.yaml", 2), ("'../api/%70arts/common.yaml'", 2),
    ],
)  # fmt: skip
def test_extends_names_the_document_that_is_changed(extends: str, at: int) -> None:
    made = description(Overlay("over/o.yaml"), o=overlay(extends, "$", "{ x-here: 1 }"))
    documents = [one.data for one in made.library.documents]
    assert ["x-here" in one for one in documents if isinstance(one, dict)] == [
        index == at for index in range(3)
    ]
    place = made.library.documents[at].locate("/x-here")
    assert (place.file, place.line) == ("over/o.yaml", 5 if extends else 4)


def test_what_an_overlay_adds_to_another_document_is_in_force() -> None:
    change = overlay("../api/parts/common.yaml", "$.Q", "{ maxLength: 5 }")
    made = description(Overlay("over/o.yaml"), o=change)
    made.schemas.final("3#/Q", "request")
    assert made.schemas.form["3#/Q"] == {"type": "string", "maxLength": 5}


def test_extends_may_be_a_url_or_the_name_that_a_document_gives_itself() -> None:
    change = overlay("../api/parts/a.yaml", "$.get", "{ x-here: 1 }")
    base = "https://h.example"
    made = description(
        Overlay(f"{base}/over/o.yaml"), root=f"{base}/api/openapi.yaml", o=change
    )  # fmt: skip
    assert made.library.documents[1].locate("/get/x-here").file == f"{base}/over/o.yaml"
    named = "openapi: 3.2.0\n$self: https://x.example/api\n" + ROOT.partition("\n")[2]
    change = overlay("https://x.example/api", "$.paths['/b'].get", "{ x-here: 1 }")
    files = {"api/openapi.yaml": named.replace("{ $ref: 'parts/a.yaml' }", "{}"), "o.yaml": change}
    made = read(
        "api/openapi.yaml", lambda name: files[name].encode(), overlays=(Overlay("o.yaml"),)
    )
    assert made.library.documents[0].locate("/paths/~1b/get/x-here").file == "o.yaml"


def test_several_overlays_are_laid_in_their_order_each_over_its_document() -> None:
    made = description(
        Overlay("over/one.yaml"), Overlay("over/two.yaml"), Overlay("over/three.yaml"),
        one=overlay("../api/parts/common.yaml", "$.Q", "{ x-n: 1, x-one: 1 }"),
        two=overlay("", "$.paths['/b'].get", "{ x-n: 1 }"),
        three=overlay("../api/parts/common.yaml", "$.Q['x-n']", "2"),
    )  # fmt: skip
    assert made.library.documents[2].data == {"Q": {"type": "string", "x-n": 2, "x-one": 1}}
    assert made.warnings == ()


def test_the_config_says_it_before_the_overlay() -> None:
    change = overlay("https://published.example/openapi.yaml", "$", "{ x-here: 1 }")
    for document, at in (("auto", 0), ("api/openapi.yaml", 0), ("api/parts/a.yaml", 1)):
        made = description(Overlay("over/o.yaml", document), o=change)
        assert made.library.documents[at].locate("/x-here").file == "over/o.yaml"


def test_an_extends_that_names_no_document_stops_at_its_line_with_a_way_out() -> None:
    change = overlay("../api/parts/b.yaml", "$", "{ x-here: 1 }")
    (one,) = told(Overlay("over/o.yaml"), o=change)
    assert (one.code, one.file, one.line) == ("overlay.no-document", "over/o.yaml", 2)
    assert "(`openapi.yaml`, `a.yaml`, `common.yaml`)" in one.message
    assert "overlays: { auto: o.yaml }" in one.hint


@pytest.mark.parametrize("extends", ["5", "''", "[a]", "../api/parts/a.yaml#/get"])
def test_an_extends_that_is_no_document_stops_too(extends: str) -> None:
    (one,) = told(Overlay("over/o.yaml"), o=overlay(extends, "$", "{}"))
    assert (one.code, one.line) == ("overlay.no-document", 2)


def test_a_document_of_the_config_that_no_ref_opens_stops_too() -> None:
    (one,) = told(Overlay("over/o.yaml", "api/parts/b.yaml"), o=overlay("", "$", "{}"))
    assert (one.code, one.file) == ("overlay.no-document", "api/parts/b.yaml")


def test_a_target_behind_a_ref_is_not_reached_and_it_is_said_why() -> None:
    made = description(Overlay("over/o.yaml"), o=overlay("", "$.paths['/a'].get", "{}"))
    (one,) = made.warnings
    assert (one.code, one.line) == ("overlay.no-match", 3)
    assert "does not follow `$ref`" in one.hint

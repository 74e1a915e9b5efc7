from bartizan.policy.compile import Compiled
from bartizan.policy.labels import by_class
from tests.unit.policy.test_compile import compiled

PATHS = """
paths:
  /a:
    x-bartizan-data-class: internal
    get: { x-bartizan-owner: team-a, x-bartizan-data-class: personal }
    put: { x-bartizan-data-class: secret, x-bartizan-exposure: public }
  /b:
    get: { x-bartizan-limits: { per: address, rate: 5/min } }
"""


def made(paths: str = PATHS, config: str = "") -> Compiled:
    return compiled(config, paths)


def test_the_marks_of_an_operation_are_kept_with_word_value_and_place() -> None:
    one = made()
    marks = [
        (name, mark.word, mark.value, one.locate(*mark.spot).line)
        for name, own in one.labels.items()
        for mark in own.marks
    ]
    assert marks == [
        ("GET /a", "x-bartizan-owner", "team-a", 7),
        ("GET /a", "x-bartizan-data-class", "personal", 7),
        ("PUT /a", "x-bartizan-exposure", "public", 8),
        ("PUT /a", "x-bartizan-data-class", "secret", 8),
        ("GET /b", "x-bartizan-limits", {"per": "address", "rate": "5/min"}, 10),
    ]


def test_operations_are_listed_by_the_classes_they_carry_the_strictest_first() -> None:
    found = by_class(made().labels)
    assert list(found.items()) == [("secret", ["PUT /a"]), ("personal", ["GET /a"])]


ANSWER = """
paths:
  /a:
    get:
      {mark}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {{ properties: {{ email: {{ x-bartizan-data-class: personal }} }} }}
"""


def told(mark: str = "", config: str = "") -> dict[str, int]:
    found = made(ANSWER.format(mark=mark), config).own_warnings
    return {one.code: one.line for one in found if one.code == "policy.personal-open"}


def test_personal_data_for_everybody_is_told_and_behind_a_credential_it_is_not() -> None:
    assert told() == {"policy.personal-open": 13}
    issuer = "auth: { oidc: https://idp.example.com, audience: a }\n"
    assert told("x-bartizan-exposure: partner", issuer) == {}
    assert told("x-bartizan-exposure: internal", "internal: [10.0.0.0/8]\n") == {}
    assert told(config=issuer.replace("a }", "a, require: always }")) == {}


UNCUT = """
paths:
  /a:
    get:
      responses:
        "200":
          description: ok
          content:
            application/json: {{ schema: {schema} }}
            {media}: {{ schema: {schema} }}
  /b: {{ get: {{ responses: {{ "200": {{ description: ok }} }} }} }}
"""
SECRET = "{ properties: { key: { x-bartizan-data-class: secret } } }"


def uncut(media: str, schema: str = SECRET, config: str = "") -> list[int]:
    found = made(UNCUT.format(media=media, schema=schema), config).own_warnings
    return [one.line for one in found if one.code == "policy.secret-uncut"]


def test_a_secret_that_no_field_can_be_taken_out_of_is_told_at_its_type() -> None:
    for media in (
        "text/plain", "application/xml", "multipart/form-data", "application/x-ndjson",
        "application/x-www-form-urlencoded", "text/event-stream", "application/octet-stream",
    ):  # fmt: skip
        assert uncut(media) == [12], media


def test_nothing_is_told_where_it_is_json_no_secret_or_let_out_by_name() -> None:
    assert uncut("application/vnd.a+json") == []
    assert uncut("text/plain", SECRET.replace("secret", "personal")) == []
    assert uncut("text/plain", "{ type: string }") == []
    assert uncut("text/plain", config="shape: { secrets: pass }\n") == []
    assert (
        uncut("text/plain", config="operations: { GET /a: { shape: { secrets: pass } } }\n") == []
    )
    other = "operations: { GET /b: { shape: { secrets: pass } } }\n"
    assert uncut("text/plain", config=other) == [12]


def test_a_class_in_a_schema_that_is_held_against_nothing_has_its_effect() -> None:
    one = made(UNCUT.format(media="application/x-ndjson", schema=SECRET))
    assert one.labels["GET /a"].classes == ("secret",)
    assert not [told for told in one.own_warnings if told.code == "description.idle-mark"]

from bartizan.model.errors import Diagnostic
from bartizan.policy.parts import Names, at_config, bounds_of, cors_of, csrf_of, report, shape_of
from tests.unit.policy.configured import configured

PLACED = [("GET /v1/users", "/users"), ("GET /v2/users", "/users"), ("POST /login", "/login")]


def names(text: str = "") -> tuple[Names, list[Diagnostic]]:
    faults: list[Diagnostic] = []
    return Names(PLACED, configured(text), faults), faults


def test_an_operation_is_named_by_id_by_path_or_with_all() -> None:
    one, faults = names()
    assert one.resolve("get /v1/users", "/a") == ["GET /v1/users"]
    assert one.resolve("GET /users", "/a") == ["GET /v1/users", "GET /v2/users"]
    assert one.resolve("*", "/a") == [name for name, _ in PLACED]
    assert faults == []


def test_a_name_that_is_not_there_is_a_fault_with_the_nearest_one() -> None:
    one, faults = names('operations: { "POST /logn": {} }\n')
    assert one.resolve("POST /logn", "/operations/POST ~1logn") == []
    (fault,) = faults
    assert (fault.code, fault.line) == ("policy.unknown-operation", 2)
    assert fault.hint == "did you mean `POST /login`?"


def test_a_default_has_no_document_and_a_setting_has() -> None:
    config = configured("shape: { fields: pass }\n")
    assert at_config(configured("").shape) == {"document": None, "pointer": ""}
    assert at_config(config.shape) == {"document": 0, "pointer": "/shape"}
    assert at_config(config.shape, key="fields") == {"document": 0, "pointer": "/shape/fields"}


def test_every_bound_is_written_out() -> None:
    bounds = bounds_of(configured("budget: { parts_max: 7 }\n"))
    assert bounds["parts_max"] == 7
    assert bounds["pairs_max"] == 256


def test_the_shape_of_an_operation_overrides_only_what_it_writes() -> None:
    text = (
        "shape: { fields: pass, headers: { X-Frame-Options: '' } }\n"
        'operations: { "POST /login": { shape: { breach: refuse } } }\n'
    )
    config = configured(text)
    own = config.operations["POST /login"].shape
    assert own is not None
    form = shape_of(config.shape, own)
    assert (form["fields"], form["breach"]) == ("pass", "refuse")
    assert isinstance(form["headers"], dict)
    assert "x-frame-options" not in form["headers"]


def test_cross_origin_access_is_ours_only_where_it_is_written() -> None:
    assert cors_of(configured("")) is None
    form = cors_of(configured("cors: { origins: https://a.example, max_age: 5min }\n"))
    assert form is not None
    assert (form["origins"], form["max_age_s"]) == (["https://a.example"], 300)


def test_a_warning_is_reported_as_one() -> None:
    kept: list[Diagnostic] = []
    report(configured("mode: shadow\n"), kept, "/mode", "policy.x", "seen", warning=True)
    assert [(one.severity, one.line) for one in kept] == [("warning", 2)]


def test_cross_site_requests_are_checked_unless_that_is_off() -> None:
    form = csrf_of(configured(""))
    assert form is not None
    assert (form["proof"], form["every_cookie"]) == ("origin", False)
    assert form["source"] == {"document": None, "pointer": ""}
    assert csrf_of(configured("csrf: { proof: 'off' }\n")) is None
    own = csrf_of(configured("csrf: { proof: token, header: X-Own }\n"))
    assert own is not None
    assert (own["header"], own["source"]) == ("x-own", {"document": 0, "pointer": "/csrf"})

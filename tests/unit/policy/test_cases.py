import json
from pathlib import Path

from bartizan.policy.cases import Tried, body_of, tried
from bartizan.policy.compile import compile as compile_policy
from bartizan.policy.config import Overrides, load
from bartizan.policy.replay import Court
from bartizan.policy.sources import fetch_file, read

API = {
    "openapi": "3.1.0",
    "info": {"title": "a", "version": "1"},
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {
        "type": "object", "properties": {"n": {"type": "integer"}}}}}}}}},
}  # fmt: skip
CONFIG = """\
upstream: http://127.0.0.1:8000
openapi: openapi.json
mode: enforce
auth: { oidc: https://idp.example.com, audience: a }
limits: { per: principal, rate: 5/min }
tests:
"""


def outcomes(folder: Path, tests: str) -> list[Tried]:
    (folder / "openapi.json").write_text(json.dumps(API))
    path = folder / "bartizan.yaml"
    path.write_text(CONFIG + tests)
    config = load(path, overrides=Overrides(), environ={})
    compiled = compile_policy(config, read(config.openapi, fetch_file))
    court = Court(form=compiled.form, seed=bytes(16), now_ms=1_764_000_000_000)
    return list(tried(config, court))


def test_what_is_as_expected_passes(tmp_path: Path) -> None:
    found = outcomes(
        tmp_path,
        "  - { request: POST /a, expect: challenge, code: identify.credential-missing, status: 401 }\n"
        "  - { request: POST /a, principal: { subject: ann }, body: { n: 1 }, expect: allow }\n"
        "  - { request: POST /a, principal: { subject: ann }, body: { n: x }, expect: deny, status: 422 }\n",
    )
    assert [one.differs for one in found] == ["", "", ""]


def test_what_differs_is_told_with_the_reasons_and_the_line(tmp_path: Path) -> None:
    (one,) = outcomes(tmp_path, "  - { name: open, request: POST /a, expect: allow }\n")
    assert one.differs == "expected allow, got challenge (identify.credential-missing)"
    assert (one.name, one.place.line) == ("open", 7)


def test_another_code_or_status_than_expected_fails(tmp_path: Path) -> None:
    code, status = outcomes(
        tmp_path,
        "  - { request: POST /a, expect: challenge, code: identify.expired }\n"
        "  - { request: POST /a, expect: challenge, status: 403 }\n",
    )
    assert code.differs.startswith("expected `identify.expired`")
    assert status.differs.startswith("expected status 403, got 401")


def test_limits_count_within_a_case_and_never_across(tmp_path: Path) -> None:
    flood = "  - { request: POST /a, principal: { subject: ann }, times: 6, expect: throttle }\n"
    single = "  - { request: POST /a, principal: { subject: ann }, expect: allow }\n"
    assert all(one.has_passed for one in outcomes(tmp_path, flood + single + flood))


def test_a_text_is_the_body_itself_and_data_is_json() -> None:
    assert body_of("a=1") == b"a=1"
    assert body_of({"a": 1}) == b'{"a": 1}'
    assert body_of(None) == b""

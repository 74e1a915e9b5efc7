from __future__ import annotations

from typing import Any

import pytest

from bartizan.policy.log_ins import log_ins


def document(path: str, operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "paths": {path: operation}, **more}


def sends(*names: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {} for name in names}}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


@pytest.mark.parametrize(
    "path", ["/login", "/api/v1/log-in", "/users/sign_in", "/auth/{realm}/login"]
)
def test_a_name_that_says_so_is_enough(path: str) -> None:
    assert list(log_ins(document(path, {"post": {}}))) == [f"POST {path}"]


def test_the_operation_id_says_it_too() -> None:
    assert list(log_ins(document("/x", {"post": {"operationId": "userLogin"}}))) == ["POST /x"]


@pytest.mark.parametrize("path", ["/token", "/sessions", "/oauth/token", "/authenticate"])
def test_other_names_count_where_a_password_goes_with_them(path: str) -> None:
    assert list(log_ins(document(path, {"post": sends("user", "password")}))) == [f"POST {path}"]
    assert list(log_ins(document(path, {"post": sends("code")}))) == []
    tagged = {"post": {"tags": ["auth"], **sends("email", "passwd")}}
    assert list(log_ins(document("/enter", tagged))) == ["POST /enter"]


@pytest.mark.parametrize(
    "path", ["/auth/register", "/sign-up", "/sessions/refresh", "/auth/password/reset", "/logout"]
)
def test_what_only_lies_beside_a_log_in_is_none(path: str) -> None:
    assert list(log_ins(document(path, {"post": {"tags": ["login"], **sends("password")}}))) == []


def test_reading_a_log_in_page_is_none() -> None:
    assert list(log_ins(document("/login", {"get": {}}))) == []


def test_references_parts_and_forms_of_2_0_are_looked_into() -> None:
    whole = {"allOf": [{"$ref": "#/components/schemas/Name"}, {"properties": {"password": {}}}]}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Who"}}}}
    made = document(
        "/sessions",
        {"post": {"requestBody": {"$ref": "#/components/requestBodies/B"}}},
        components={"requestBodies": {"B": body}, "schemas": {"Who": whole, "Name": {}}},
    )
    assert list(log_ins(made)) == ["POST /sessions"]
    form = [{"in": "formData", "name": "password"}]
    assert list(log_ins(document("/token", {"post": {"parameters": form}}))) == ["POST /token"]
    loop = document("/token", {"post": {"requestBody": {"$ref": "#/a"}}}, a={"$ref": "#/a"})
    assert list(log_ins(loop)) == []
    assert list(log_ins({"paths": [{}]})) == []

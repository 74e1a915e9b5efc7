from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bartizan.gateway.session_user import APP, DJANGO, session_user


def user(pk: object, *, is_authenticated: bool = True) -> Any:
    return SimpleNamespace(pk=pk, is_authenticated=is_authenticated)


def test_nothing_is_asked_unless_it_is_written() -> None:
    assert session_user(None) is None


@pytest.mark.parametrize(
    ("one", "subject"),
    [(user(7), "7"), (user(7, is_authenticated=False), None), (user(None), None)],
)
def test_the_user_of_django_is_told_by_its_key(one: Any, subject: str | None) -> None:
    made = session_user(DJANGO)
    assert made is not None
    assert made.name == "django"
    assert made.ask(SimpleNamespace(user=one)) == subject

    async def auser() -> Any:
        return one

    async def told(request: Any) -> object:
        found: Any = made.ask_async(request)
        return await found

    assert asyncio.run(told(SimpleNamespace(auser=auser))) == subject
    assert asyncio.run(told(SimpleNamespace(user=one))) == subject


def test_without_a_user_django_tells_nobody() -> None:
    made = session_user(DJANGO)
    assert made is not None
    with pytest.raises(AttributeError):
        made.ask(SimpleNamespace())


def test_a_function_of_the_app_is_asked_with_the_request() -> None:
    made = session_user(lambda request: request.who)
    assert made is not None
    assert (made.name, made.ask(SimpleNamespace(who="alice"))) == (APP, "alice")


def test_another_word_or_thing_is_refused() -> None:
    with pytest.raises(ValueError, match="`django` or a function"):
        session_user("flask")
    with pytest.raises(ValueError, match="not 7"):
        session_user(7)

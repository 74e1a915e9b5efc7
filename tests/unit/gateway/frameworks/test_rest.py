from __future__ import annotations

import pytest

from bartizan import users
from tests.unit.gateway.owned_apps import APPS, OBJECTS


@pytest.mark.parametrize("name", ["django-rest", "django-asgi-rest"])
def test_the_permission_answers_in_the_shape_of_the_framework(name: str) -> None:
    make, path = APPS[name]
    as_user = users(make(), OBJECTS)
    told = as_user("alice").cannot.get(path + "/{bob}").json()
    assert (told["detail"], told["code"], told["status"]) == ("Not Found", "not-found", "404")
    assert len(told["reference"]) == 16


def test_a_look_up_that_fails_is_unavailable_there_too() -> None:
    make, path = APPS["django-rest"]
    as_user = users(make(), OBJECTS)
    with pytest.raises(AssertionError, match=r"503 for authorize\.lookup-failed"):
        as_user("alice").can.get(path + "/{broken}")

import copy
import json
import pickle

import pytest

from bartizan.model.secret import MASK, Secret

CANARY = "canary-7f3a"


def test_a_secret_is_masked_in_every_way_of_printing() -> None:
    secret = Secret(CANARY)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret:>20}",
        f"{secret!r}",
        "%s" % secret,  # noqa: UP031 -- the old way of printing is one of the ways
        repr([secret]),
    ]
    assert all(CANARY not in text and MASK in text for text in shown)


def test_a_secret_is_not_serialised() -> None:
    for write in (pickle.dumps, json.dumps, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            write(Secret(CANARY))
        assert CANARY not in str(caught.value)


def test_a_secret_is_revealed_only_by_name() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY
    assert hash(Secret("a")) == hash(Secret("b"))
    assert not Secret("")

from collections.abc import Callable

import pytest

from bartizan.store.credentials import MemoryCredentials
from tests.unit.store import credentials_contract as contract


@pytest.mark.parametrize("check", contract.ALL)
def test_memory_keeps_the_contract(check: Callable[[contract.Make], None]) -> None:
    check(MemoryCredentials)

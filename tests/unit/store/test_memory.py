from collections.abc import Callable

import pytest

from bartizan.store.memory import MemoryNotables
from tests.unit.store import contract


@pytest.mark.parametrize("check", contract.ALL)
def test_memory_keeps_the_contract(check: Callable[[contract.Make], None]) -> None:
    check(MemoryNotables)

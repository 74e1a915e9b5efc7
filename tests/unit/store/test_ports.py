from bartizan.store.ports import who
from tests.unit.store.rows import row


def test_callers_are_told_apart_by_subject_then_by_address() -> None:
    assert who(row("a", principal={"kind": "token", "subject": "alice"})) == "alice"
    assert who(row("a", principal={"kind": "anonymous"})) == "127.0.0.1"

from bartizan.policy.recordings import has_tokens, recording
from tests.unit.policy.test_har import entry


def test_captures_keep_their_line_numbers() -> None:
    one = recording("c.jsonl", b'{"a":1}\n\n{"b":2}\n')
    assert one.lines == (b'{"a":1}', b"", b'{"b":2}')
    assert one.place(3) == "c.jsonl:3"


def test_a_har_is_known_by_its_content_and_counts_entries() -> None:
    import json

    raw = json.dumps({"log": {"entries": [entry()]}}).encode()
    one = recording("c.json", raw)
    assert one.is_har
    assert one.place(1) == "c.json entry 1"
    assert has_tokens(one.lines)


def test_without_a_credential_no_key_is_needed() -> None:
    assert not has_tokens([b'{"request":{"fields":[["host","x"]]}}'])

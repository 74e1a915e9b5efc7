import json
from typing import Any

import pytest

from bartizan.model.errors import Fault
from bartizan.policy.har import captures, is_har

SECRET = "canary-token-4711"


def entry(**members: Any) -> dict[str, Any]:
    request = {
        "method": "GET",
        "url": "http://api.example.com:8080/a/b?x=%20y",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Authorization", "value": f"Bearer {SECRET}"}],
        "cookies": [],
    }
    response = {
        "status": 200,
        "headers": [{"name": "Content-Type", "value": "application/json"},
                    {"name": "Content-Encoding", "value": "gzip"}],
        "content": {"size": 2, "mimeType": "application/json", "text": "{}"},
    }  # fmt: skip
    made = {"startedDateTime": "2026-11-25T08:00:00.250Z", "request": request, "response": response}
    for path, value in members.items():
        holder: Any = made
        *steps, last = path.split("__")
        for step in steps:
            holder = holder[step]
        holder[last] = value
    return made


def read(*entries: object, hosts: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    raw = json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=1).encode()
    assert is_har(raw)
    return [json.loads(one.line()) for one in captures("x.har", raw, hosts)]


def test_request_and_response_are_taken_as_recorded() -> None:
    (one,) = read(entry())
    assert one["time_ms"] == 1_795_593_600_250
    assert one["request"]["target"] == "/a/b?x=%20y"
    assert ["host", "api.example.com:8080"] in one["request"]["fields"]
    assert one["response"]["body"] == {"text": "{}"}
    # The body has been unpacked by the recorder.
    assert one["response"]["fields"] == [["Content-Type", "application/json"]]


def test_bodies_come_as_text_as_base64_and_as_form_parameters() -> None:
    form = {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "a b", "value": "1&2"}],
    }
    text, raw, params = read(
        entry(request__postData={"mimeType": "text/plain", "text": "é"}),
        entry(response__content={"size": 1, "text": "/w==", "encoding": "base64"}),
        entry(request__postData=form),
    )
    assert text["request"]["body"] == {"text": "é"}
    assert raw["response"]["body"] == {"base64": "/w=="}
    assert params["request"]["body"] == {"text": "a+b=1%262"}


def test_cookies_that_stand_beside_the_headers_are_sent() -> None:
    (one,) = read(
        entry(request__cookies=[{"name": "s", "value": "1"}, {"name": "t", "value": "2"}])
    )
    assert ["cookie", "s=1; t=2"] in one["request"]["fields"]


def test_pseudo_headers_and_framing_are_left_out() -> None:
    listed = [{"name": ":path", "value": "/a"}, {"name": "Content-Length", "value": "3"}]
    (one,) = read(entry(request__headers=listed))
    assert [name for name, _value in one["request"]["fields"]] == ["host"]


def test_what_was_blocked_or_kept_without_its_body_has_no_response() -> None:
    blocked, cut = read(
        entry(response__status=0), entry(response__content={"size": 9, "mimeType": "text/plain"})
    )
    assert "response" not in blocked
    assert "response" not in cut


def test_only_entries_of_http_and_of_the_named_hosts_are_taken() -> None:
    entries = (entry(request__url="data:,x"), entry(request__url="https://cdn.example/x"), entry())
    assert len(read(*entries)) == 2
    assert len(read(*entries, hosts=("cdn.example",))) == 1


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (entry(request__method=1), "`method` must be a text"),
        (entry(request__headers={}), "`headers` must be a list"),
        (entry(request__headers=[SECRET]), "must be an object"),
        (entry(startedDateTime=SECRET), "is no ISO 8601 time"),
        (entry(response__status=SECRET), "`status` must be a number"),
        (entry(response__content={"text": SECRET, "encoding": "base64"}), "is not base64"),
        (entry(request__postData={"mimeType": "multipart/form-data", "params": [{}]}), "as a form"),
        ([], "must be an object"),
    ],
)
def test_a_broken_entry_is_told_at_its_place_and_never_by_its_value(
    broken: object, message: str
) -> None:
    with pytest.raises(Fault) as caught:
        read(entry(), broken)
    told = caught.value.diagnostics[0]
    assert told.code == "har.entry"
    assert message in told.message
    assert told.line > 20
    assert SECRET not in str(caught.value)


def test_broken_json_is_told_without_its_line() -> None:
    raw = b'{"log": {"entries": [{"request": "' + SECRET.encode() + b'" "x": 1}]}}'
    with pytest.raises(Fault) as caught:
        list(captures("x.har", raw))
    assert (caught.value.code, caught.value.diagnostics[0].line) == ("har.syntax", 1)
    assert SECRET not in str(caught.value)


def test_lines_of_captures_are_no_har() -> None:
    assert not is_har(b'{"request": {"method": "GET"}}\n')

"""What h11 reads: the second independent reader of the codec's streams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import h11

from tests.oracle.wire_streams import Stream

Lines = list[tuple[str, str]]


@dataclass(slots=True)
class Message:
    """One whole message; bytes as text of code points 0 to 255."""

    start: list[str] = field(default_factory=list)
    fields: Lines = field(default_factory=list)
    body: str = ""
    trailers: Lines = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """Whole messages in order, and why the reading ended, if not well."""

    messages: list[Message] = field(default_factory=list)
    fault: str | None = None


def read(stream: Stream) -> Reading:
    """h11's reading of one stream, fed whole: its events do not depend on splits."""
    return _read_requests(stream) if stream.side == "request" else _read_response(stream)


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> Lines:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _read_requests(stream: Stream) -> Reading:
    connection = h11.Connection(h11.SERVER)
    reading = Reading()
    connection.receive_data(stream.data)
    connection.receive_data(b"")
    try:
        while _take(connection, reading):
            connection.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
            connection.send(h11.EndOfMessage())
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                break
            connection.start_next_cycle()
    except h11.RemoteProtocolError as fault:
        reading.fault = str(fault)
    return reading


def _read_response(stream: Stream) -> Reading:
    connection = h11.Connection(h11.CLIENT)
    reading = Reading()
    connection.send(h11.Request(method=stream.method, target="/", headers=[("host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(stream.data)
    connection.receive_data(b"")
    try:
        _take(connection, reading)
    except h11.RemoteProtocolError as fault:
        reading.fault = str(fault)
    return reading


def _take(connection: h11.Connection, reading: Reading) -> bool:
    """Takes one message; false when none comes any more."""
    message = Message()
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            target = event.target.decode("latin-1")
            message.start = [event.method.decode("latin-1"), target]
            message.fields = _lines(event.headers)
        elif isinstance(event, h11.Response):
            message.start = [str(event.status_code)]
            message.fields = _lines(event.headers)
        elif isinstance(event, h11.Data):
            message.body += bytes(event.data).decode("latin-1")
        elif isinstance(event, h11.EndOfMessage):
            message.trailers = _lines(event.headers)
            reading.messages.append(message)
            return True
        elif not isinstance(event, h11.InformationalResponse):
            return False

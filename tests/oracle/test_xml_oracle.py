"""Our reader of XML beside expat: whatever we accept, expat accepts and reads as the same names,
namespaces, attributes and texts; what it accepts and we refuse is named here with its reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.oracle.readings import answers
from tests.oracle.xml_streams import documents

SEED = 20261130
COUNT = 20_000
Reading = Any
"""`[namespace, name, attributes, text, elements]`, or None: refused."""

# Our code: why we refuse what expat accepts. An entry that nothing needs fails.
REFUSED = {
    "parse.bad-xml": "colons where no name ends, a lone carriage return, names of which half is a "
    "prefix, more than one mark at the start: not well-formed with namespaces, or read in two ways",
    "parse.unsupported-charset": "expat reads other encodings than UTF-8",
    "parse.xml-comment": "texts around a comment are one to expat, and two to others",
    "parse.xml-doctype": "expat reads what a DOCTYPE declares",
    "parse.xml-include": "XInclude is for whoever reads the tree, and expat makes none",
    "parse.xml-instruction": "expat hands instructions on",
}


def theirs(data: bytes) -> Reading:
    try:
        return _said(ET.fromstring(data))  # noqa: S314 -- the oracle reads what is hostile
    except (ET.ParseError, ValueError, LookupError):
        return None


def _said(element: ET.Element) -> Reading:
    attributes = [[*_named(name), value] for name, value in element.items()]
    text = (element.text or "") + "".join(inner.tail or "" for inner in element)
    return [*_named(element.tag), attributes, text, [_said(inner) for inner in element]]


def _named(tag: str) -> tuple[str, str]:
    namespace, _, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    return namespace, name


def _has_new_name(data: bytes) -> bool:
    """Letters that the fifth edition takes into names; expat goes by the fourth."""
    return any(letter in data.decode()[1:] for letter in ("\ufeff", "\U000e0001"))


def _line(data: bytes) -> str:
    return json.dumps({"bytes": data.decode("latin-1")}) + "\n"


@pytest.fixture(scope="module")
def readings(root: Path) -> list[tuple[bytes, Reading, str | None, Reading]]:
    """Each body with our reading, our fault and expat's reading."""
    corpus = list(documents(SEED, COUNT))
    told = answers(root, "xml_readings", map(_line, corpus))
    return [
        (data, _plain(one["root"]), one["fault"], _plain(theirs(data)))
        for data, one in zip(corpus, told, strict=True)
    ]


def _plain(reading: Reading) -> Reading:
    return json.loads(json.dumps(reading))


def test_what_we_accept_expat_accepts_and_reads_the_same_way(
    readings: list[tuple[bytes, Reading, str | None, Reading]],
) -> None:
    accepted = [(data, ours, other) for data, ours, _, other in readings if ours is not None]
    print(f"accepted of {COUNT}: {len(accepted)}")
    assert len(accepted) > COUNT // 4
    unequal = [one for one in accepted if one[1] != one[2]]
    settled = [one for one in unequal if one[2] is None and _has_new_name(one[0])]
    print(f"{len(settled):6} with names of the fifth edition of XML, which expat does not know")
    assert settled
    unsettled = [one for one in unequal if one not in settled]
    assert not unsettled, (len(unsettled), unsettled[:3])


def test_each_refusal_that_expat_accepts_is_on_the_list(
    readings: list[tuple[bytes, Reading, str | None, Reading]],
) -> None:
    refused = Counter(fault for _, ours, fault, other in readings if ours is None and other)
    for code, count in sorted(refused.items(), key=str):
        print(f"{count:6} {code} that expat accepts")
    assert set(refused) == set(REFUSED)

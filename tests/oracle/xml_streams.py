"""Seeded XML: documents as clients write them, and mutations of them."""

# ruff: noqa: E501, tables read best with many in a line

from __future__ import annotations

import random
from collections.abc import Iterator

NAMES = ["a", "b", "pet", "photoUrl", "p:a", "q:b", "x-1", "_y", "gr\u00fcn"]
TEXTS = [
    "", "1", "a b", "\u00e9\u20ac\U0001f600", "&lt;b&gt;", "&amp;amp;", "&#65;&#x42;", "&#13;\n",
    "&quot;&apos;", " \r\n\t", "<![CDATA[<a>&x;]]>", "x<![CDATA[y]]>z", "&#xD;&#9;a", "]]&gt;",
    "a\r\n&lt;\r\n", "true",
]  # fmt: skip
VALUES = ["", "1", "a\tb\r\nc", "&lt;&#10;&quot;", "\u00e9>", "]]>", "a  b", "&#x20;x&#13;"]
NAMESPACES = ['xmlns="u"', 'xmlns:p="v"', 'xmlns:q="v"', "xmlns:q='w'", 'xmlns=""', 'xmlns:p="u"']
HEADS = [
    "", "", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\r\n', "\ufeff",
    "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>", "<!-- head -->\n",
    '<?xml version="1.0" encoding="ISO-8859-1"?>', "<!DOCTYPE a [<!ENTITY x 'y'>]>",
]  # fmt: skip
PIECES = [
    "<", ">", "&", "&x;", "&#0;", "&#xD800;", "&#x110000;", "&#xFFFE;", "]]>", "<!--", "-->",
    "<!-- - -->", "<!-- -- -->", "<![CDATA[", "<?x y?>", "<?xml version='1.0'?>", "<!DOCTYPE a>",
    "<!DOCTYPE a [<!ENTITY x 'y'>]>", "\x00", "\x01", "\x0b", "\x7f", "\x85", "\r", "\r\n",
    "\ufffe", "\ufeff", "</a>", "</b>", "<a>", "<b/>", "<p:a/>", "<:a/>", "<a:/>", "<a:b:c/>",
    " xmlns='u'", " xmlns:p=''", " xmlns:p='v'", " p:xmlns='u'", " xmlns:xml='u'", " xml:lang='de'",
    " a='1'", " p:a='1' q:a='2'", " a='1' a='2'", "'", '"', "=", "/", " ", "\t", "<xi:include/>", "x",
    "<a xmlns='http://www.w3.org/2001/XInclude'/>", "<a xmlns:xmlns='u'/>", "encoding='UTF-16'",
    "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "<xml:a/>", "<xmlns:a/>", "\U000e0001",
    "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", "&lt", "&amp;", "&#;", "&#x;", "%p;",
]  # fmt: skip


def documents(seed: int, count: int) -> Iterator[bytes]:
    """`count` bodies; a third of them as an honest client writes them."""
    chance = random.Random(seed)
    for number in range(count):
        text = chance.choice(HEADS) + _element(chance, 3) + chance.choice(["", "\n", "<!-- t -->"])
        data = text.encode()
        for _ in range(chance.choice([1, 1, 1, 2, 3]) if number % 3 else 0):
            data = _mutated(chance, data)
        yield data


def _element(chance: random.Random, levels: int) -> str:
    name = chance.choice(NAMES)
    named = [' xmlns:p="v"', ' xmlns:q="w"']
    declared = {one.split("=")[0]: f" {one}" for one in chance.sample(NAMESPACES, 1)}
    spaces = "".join(declared.values()) if levels < 3 else "".join(named)
    chosen = chance.sample(["c", "d", "p:c", "xml:lang"], chance.randrange(3))
    attributes = "".join(f' {one}="{chance.choice(VALUES)}"' for one in chosen if one not in spaces)
    head = f"<{name}{spaces if chance.random() < 0.3 or levels == 3 else ''}{attributes}"
    if chance.random() < 0.2:
        return f"{head}/>"
    inner = [chance.choice(TEXTS)]
    for _ in range(chance.randrange(4) if levels else 0):
        inner += [_element(chance, levels - 1), chance.choice(["", "\n  ", "\n<!-- c -->\n"])]
    return f"{head}>{''.join(inner)}</{name}>"


def _mutated(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    match chance.randrange(5):
        case 0 | 1:
            return data[:at] + chance.choice(PIECES).encode("utf-8", "surrogatepass") + data[at:]
        case 2:
            return data[:at] + data[at + chance.randrange(1, 12) :]
        case 3:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case _:
            end = min(len(data), at + chance.randrange(1, 40))
            return data[:end] + data[at:]

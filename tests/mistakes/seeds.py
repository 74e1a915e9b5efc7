"""Seeded mistakes: each changes one place of the sound site, and knows the line that is to blame.

Drawn, not listed: the operators below are tried at every place where they make sense, and a seeded
draw picks which letter is lost, doubled or swapped.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from tests.mistakes.site import CONFIG, DOCUMENT

SEED = 20261125
KEY = re.compile(r"^(?P<before>\s*(?:- )?)(?P<key>[a-z_A-Z]+):(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. lines: any of them is the right one. file: `config`, `yaml` or `json`."""

    name: str
    file: str
    text: str
    lines: frozenset[int]


def mistakes() -> list[Mistake]:
    """All of them, in a fixed order."""
    return [*_config(), *_document(), *_json()]


def misspelt(word: str, chance: random.Random) -> str:
    """One slip of a hand: a letter lost, doubled, or swapped with the next."""
    at = chance.randrange(1, len(word) - 1)
    slips = [word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]]
    if word[at] != word[at + 1]:
        slips.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return chance.choice(slips)


def _keys(file: str, text: str, chance: random.Random, skip: frozenset[str]) -> Iterator[Mistake]:
    """Every key of the text that stands alone on its line, misspelt."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        match = KEY.match(line)
        if match is None or match["key"] in skip or len(match["key"]) < 4:
            continue
        slip = misspelt(match["key"], chance)
        changed = f"{match['before']}{slip}:{line[match.end() :]}"
        whole = "".join([*lines[: number - 1], changed, *lines[number:]])
        yield Mistake(f"key {match['key']} -> {slip}", file, whole, frozenset({number}))


def _swap(
    file: str, text: str, name: str, old: str, new: str, *, also: tuple[int, ...] = ()
) -> Mistake:
    """`old`, which stands once, gives way to `new`; also: distances of other right lines."""
    assert text.count(old) == 1, (name, text.count(old))
    before = text[: text.index(old)]
    # The first line that the change touches.
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(new))
    line = (before + old[:same]).count("\n") + 1
    right = frozenset(line + distance for distance in (0, *also))
    return Mistake(name, file, text.replace(old, new), right)


# ---- the config -----------------------------------------------------------------------------

_CONFIG_SWAPS: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    # a word that is not allowed
    ("mode enforced", "mode: enforce", "mode: enforced", ()),
    ("mode Shadow", "mode: enforce", "mode: Enforce", ()),
    ("control mode", "shape: shadow", "shape: shadw", ()),
    ("require", "require: declared", "require: declare", ()),
    ("audience rule", "audience_rule: contains", "audience_rule: contain", ()),
    ("algorithm", "algorithms: [RS256, ES256]", "algorithms: [RS265, ES256]", ()),
    ("algorithm none", "algorithms: [RS256, ES256]", "algorithms: [none]", ()),
    ("credential", "upstream_credential: pass", "upstream_credential: passs", ()),
    ("per", "per: principal", "per: principle", ()),
    ("per user", "per: principal", "per: user", ()),
    ("per ip", "per: address", "per: adress", ()),
    ("security", "security: required", "security: require", ()),
    ("fields", "fields: remove", "fields: removed", ()),
    ("breach", "breach: pass", "breach: refused", ()),
    ("inner control", "controls: { inspect: shadow }", "controls: { inspect: shadows }", ()),
    ("inner key", "controls: { inspect: shadow }", "controls: { inspct: shadow }", ()),
    ("inner shape", "shape: { fields: pass }", "shape: { feilds: pass }", ()),
    # a value of the wrong form
    ("no scheme", "upstream: http://127.0.0.1:8000", "upstream: 127.0.0.1:8000", ()),
    ("wrong scheme", "upstream: http://127.0.0.1:8000", "upstream: tcp://127.0.0.1:8000", ()),
    (
        "path in upstream",
        "upstream: http://127.0.0.1:8000",
        "upstream: http://127.0.0.1:8000/v1",
        (),
    ),
    ("port", "upstream: http://127.0.0.1:8000", "upstream: http://127.0.0.1:80000", ()),
    ("one slash", "upstream: http://127.0.0.1:8000", "upstream: http:/127.0.0.1:8000", ()),
    ("issuer without scheme", "issuer: https://idp.example.com", "issuer: idp.example.com", ()),
    ("issuer plain", "issuer: https://idp.example.com", "issuer: http://idp.example.com", ()),
    ("no unit", "skew: 10s", "skew: 10", ()),
    ("long unit", "skew: 10s", "skew: 10 seconds", ()),
    ("too long", "skew: 10s", "skew: 10min", ()),
    ("hours", "lifetime_max: 1h", "lifetime_max: 1 hour", ()),
    ("rate in words", "rate: 100/min", "rate: 100 per minute", ()),
    ("rate plural", "rate: 100/min", "rate: 100/minutes", ()),
    ("rate without time", "rate: 100/min", "rate: 100", ()),
    ("rate unit", "rate: 100/min", "rate: 100/mn", ()),
    ("burst text", "burst: 20", "burst: twenty", ()),
    ("burst quoted", "burst: 20", 'burst: "20"', ()),
    ("burst zero", "burst: 20", "burst: 0", ()),
    ("concurrency", "concurrency: 50", "concurrency: -50", ()),
    ("yes", "closed_query: true", "closed_query: yes", ()),
    ("on", "scrub_errors: true", "scrub_errors: on", ()),
    ("quoted flag", "no_store: true", 'no_store: "true"', ()),
    ("one", "credentials: true", "credentials: 1", ()),
    ("body text", "body_max_bytes: 65536", "body_max_bytes: 64k", ()),
    ("body unit", "body_max_bytes: 2097152", "body_max_bytes: 2 MiB", ()),
    ("workers many", "workers: 2", "workers: 1000", ()),
    ("workers auto", "workers: 2", "workers: auto", ()),
    ("workers float", "workers: 2", "workers: 2.5", ()),
    ("port alone", "listen: 127.0.0.1:8080", "listen: 8080", ()),
    ("colon port", "listen: 127.0.0.1:8080", "listen: :8080", ()),
    ("no port", "admin: 127.0.0.1:9090", "admin: 127.0.0.1", ()),
    ("bad address", "admin: 127.0.0.1:9090", "admin: 127.0.0.300:9090", ()),
    ("star address", "listen: 127.0.0.1:8080", 'listen: "*:8080"', ()),
    ("host bits", "trusted_proxies: [10.0.0.0/8]", "trusted_proxies: [10.0.0.1/8]", ()),
    ("prefix", "trusted_proxies: [10.0.0.0/8]", "trusted_proxies: [10.0.0.0/40]", ()),
    ("date", "expires: 2037-01-31", "expires: 31.01.2037", ()),
    ("short date", "expires: 2037-01-31", "expires: 2037-1-31", ()),
    ("no such day", "expires: 2037-01-31", "expires: 2037-02-31", ()),
    (
        "origin with path",
        "origins: [https://app.example.com]",
        "origins: [https://app.example.com/]",
        (),
    ),
    (
        "origin without scheme",
        "origins: [https://app.example.com]",
        "origins: [app.example.com]",
        (),
    ),
    ("star with credentials", "origins: [https://app.example.com]", 'origins: ["*"]', (-1, 1)),
    ("host with scheme", "hosts: [api.example.com]", "hosts: [https://api.example.com]", ()),
    ("id a number", "id: partner", "id: 17", ()),
    ("name a number", "name: callers", "name: 1", ()),
    ("digest short", "digest: 9f86d081", "digest: 9f86", ()),
    (
        "digest upper",
        "digest: 9f86d081884c7d659a2feaa0c55ad015",
        "digest: 9F86D081884C7D659A2FEAA0C55AD015",
        (),
    ),
    ("a list for a map", "cors:\n  origins:", "cors:\n  - origins:", (-1, 0, 1)),
    ("a text for a list", "relax: [parse.underscore-field]", "relax: parse.underscore-field", ()),
    ("a text for a map", "shape: { fields: pass }", "shape: pass", ()),
    ("exchange", "exchange: 30s", "exchange: 30sec", ()),
    ("slots", "slots: 1048576", "slots: 1e6", ()),
    # what names nothing
    ("unknown method", "  POST /orders:\n", "  PUT /orders:\n", ()),
    ("unknown path", "  POST /orders:\n", "  POST /order:\n", ()),
    ("other name", "  GET /orders/{id}:\n", "  GET /orders/{order}:\n", ()),
    ("no method", "  GET /orders/{id}:\n", "  /orders/{id}:\n", ()),
    ("exception elsewhere", "    operation: POST /orders\n", "    operation: POST /ordres\n", ()),
    ("unknown rule", "rule: inspect.body-schema", "rule: inspect.body-shema", ()),
    ("rule without stage", "rule: inspect.body-schema", "rule: body-schema", ()),
    ("rule never excepted", "rule: inspect.body-schema", "rule: wire.bad-length", ()),
    ("unknown relax", "relax: [parse.underscore-field]", "relax: [parse.underscore-feild]", ()),
    ("never relaxed", "relax: [parse.underscore-field]", "relax: [wire.bad-length]", ()),
    ("unknown inner relax", "relax: [parse.encoded-slash]", "relax: [parse.encoded-slahs]", ()),
    ("no such file", "${file:pepper.txt}", "${file:peper.txt}", ()),
    ("no such variable", "${file:pepper.txt}", "${PEPER}", ()),
    ("open expression", "${file:pepper.txt}", "${file:pepper.txt", ()),
    ("no such document", "openapi: openapi.yaml", "openapi: openapi.yml", ()),
    # what is missing, or too much
    ("no issuer", "      issuer: https://idp.example.com\n", "", (-2, -1)),
    ("no audience", "      audiences: [shop]\n", "", (-3, -2, -1)),
    ("no origin", "  origins: [https://app.example.com]\n", "", (-1,)),
    ("no rate", "    rate: 100/min\n", "", (-2, -1)),
    (
        "no digest",
        "        digest: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        "",
        (-1,),
    ),
    ("no pepper", "    pepper: ${file:pepper.txt}\n", "", (-1, 1)),
    (
        "rate and concurrency",
        "    concurrency: 50\n",
        "    concurrency: 50\n    rate: 1/s\n",
        (-3, -2, -1),
    ),
    ("empty key", "mode: enforce", "mode:", ()),
    ("twice", "mode: enforce\n", "mode: enforce\nmode: shadow\n", ()),
    ("twice inside", "    burst: 20\n", "    burst: 20\n    burst: 30\n", ()),
    ("field", "field: body#/note", "field: body.note", ()),
    # YAML itself
    ("tab", "  shape: shadow", "\tshape: shadow", (-1,)),
    ("no space", "mode: enforce", "mode:enforce", (1,)),
    ("no colon", "mode: enforce", "mode enforce", (1,)),
    ("open quote", "reason: old clients send it empty", 'reason: "old clients send it empty', (1,)),
    ("open list", "algorithms: [RS256, ES256]", "algorithms: [RS256, ES256", (1,)),
    ("open map", "controls: { inspect: shadow }", "controls: { inspect: shadow", (1,)),
    ("indent", "    burst: 20\n", "     burst: 20\n", (-1,)),
    ("outdent", "    burst: 20\n", "   burst: 20\n", (-1,)),
    (
        "colon in text",
        "reason: old clients send it empty",
        "reason: old clients: they send it empty",
        (),
    ),
    ("at sign", "reason: old clients send it empty", "reason: @clients send it empty", ()),
    ("star", "hosts: [api.example.com]", "hosts: [*.example.com]", ()),
    ("equals", "workers: 2", "workers = 2", (1,)),
    ("second document", "state: .bartizan\n", "---\nstate: .bartizan\n", ()),
    ("tag", "workers: 2", "workers: !!int 2", ()),
    ("unknown alias", "workers: 2", "workers: *two", ()),
)


def _config() -> Iterator[Mistake]:
    chance = random.Random(SEED)
    yield from _keys("config", CONFIG, chance, frozenset())
    for name, old, new, also in _CONFIG_SWAPS:
        yield _swap("config", CONFIG, name, old, new, also=also)


# ---- the document ---------------------------------------------------------------------------

# Names that the document gives itself are no keywords: no slip in them can be seen.
_OWN = frozenset(("item", "count", "note", "state", "token", "key", "Missing", "NewOrder", "Order"))
_NEW = """\
          {}:
            schema:
              $ref: "#/components/schemas/NewOrder"
"""
_LISTED = """\
    parameters:
      - name: id
        in: path
        required: true
        schema:
          type: string
          format: uuid
"""
_DOCUMENT_SWAPS: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("version 4", "openapi: 3.1.0", "openapi: 4.0.0", ()),
    ("version word", "openapi: 3.1.0", "openapi: latest", ()),
    ("method", "    post:\n", "    pots:\n", ()),
    ("method upper", "    post:\n", "    POST:\n", ()),
    ("place", "          in: query", "          in: querry", (-1,)),
    ("place body", "          in: query", "          in: body", (-1,)),
    ("style", "style: form", "style: forms", ()),
    (
        "type int",
        "schema: { type: integer, minimum: 1, maximum: 100 }",
        "schema: { type: int, minimum: 1, maximum: 100 }",
        (),
    ),
    (
        "type float",
        "        count:\n          type: integer",
        "        count:\n          type: float",
        (),
    ),
    ("type str", "          maxLength: 40", "          maxLength: forty", ()),
    ("quoted number", "          minLength: 1", '          minLength: "1"', ()),
    ("negative length", "          minLength: 1", "          minLength: -1", ()),
    (
        "minimum text",
        "{ type: integer, minimum: 1, maximum: 100 }",
        '{ type: integer, minimum: "1", maximum: 100 }',
        (),
    ),
    ("pattern", 'pattern: "^[a-f0-9]{16}$"', 'pattern: "^[a-f0-9{16}$"', ()),
    ("pattern brace", 'pattern: "^[a-f0-9]{16}$"', 'pattern: "^(a|b$"', ()),
    (
        "ref name",
        '                  $ref: "#/components/schemas/Order"',
        '                  $ref: "#/components/schemas/Ordr"',
        (),
    ),
    (
        "ref folder",
        '              $ref: "#/components/schemas/NewOrder"',
        '              $ref: "#/component/schemas/NewOrder"',
        (),
    ),
    (
        "ref slash",
        '              $ref: "#/components/schemas/NewOrder"',
        '              $ref: "#components/schemas/NewOrder"',
        (),
    ),
    (
        "ref definitions",
        '              $ref: "#/components/schemas/NewOrder"',
        '              $ref: "#/definitions/NewOrder"',
        (),
    ),
    (
        "ref file",
        '              $ref: "#/components/schemas/NewOrder"',
        '              $ref: "schemas.yaml#/NewOrder"',
        (),
    ),
    (
        "ref response",
        '$ref: "#/components/responses/Missing"',
        '$ref: "#/components/responses/Mising"',
        (),
    ),
    ("required flag", "required: [item]", "required: item", ()),
    ("required true", "required: [item]", "required: true", ()),
    ("required twice", "required: [id, item]", "required: [id, id]", ()),
    ("additional", "additionalProperties: false", 'additionalProperties: "false"', ()),
    ("additional no", "additionalProperties: false", "additionalProperties: no", ()),
    ("enum text", "enum: [open, paid]", "enum: open", ()),
    ("enum empty", "enum: [open, paid]", "enum: []", ()),
    ("type list", 'type: [string, "null"]', 'type: [string, "nul"]', ()),
    ("null type", 'type: [string, "null"]', "type: [string, null]", ()),
    ("scheme in operation", "        - key: []", "        - keys: []", ()),
    ("scheme above", "  - token: []", "  - tokn: []", ()),
    ("scopes", "  - token: []", "  - token: read", ()),
    ("scheme type", "      type: apiKey", "      type: apikey", (-1,)),
    ("scheme kind", "      type: http\n", "      type: htp\n", (-1,)),
    (
        "scheme place",
        "      in: header\n      name: x-api-key",
        "      in: heder\n      name: x-api-key",
        (-2, -1),
    ),
    ("template", "  /orders/{id}:\n", "  /orders/{oid}:\n", (1, 2, 8)),
    ("brace", "  /orders/{id}:\n", "  /orders/{id:\n", (1, 2, 8)),
    ("no slash", "  /orders:\n", "  orders:\n", (1,)),
    ("status", '        "201":', '        "2O1":', ()),
    ("status short", '        "201":', '        "20":', ()),
    ("media type", _NEW.format("application/json"), _NEW.format("json"), ()),
    ("parameters a map", _LISTED, "    parameters:\n      name: id\n      in: path\n", (-1, 0)),
    ("no name", "        - name: limit\n          in: query\n", "        - in: query\n", (0, -1)),
    ("no place", "          in: query\n", "", (-1,)),
    (
        "no schema",
        '          in: header\n          schema: { type: string, pattern: "^[a-f0-9]{16}$" }\n',
        "          in: header\n",
        (-2, -1),
    ),
    (
        "nullable",
        "        item:\n          type: string\n        state:",
        "        item:\n          type: string\n          nullable: true\n        state:",
        (),
    ),
    (
        "required in property",
        "        count:\n          type: integer",
        "        count:\n          required: true\n          type: integer",
        (),
    ),
    (
        "twice",
        "      operationId: makeOrder\n",
        "      operationId: makeOrder\n      operationId: makeOrder\n",
        (),
    ),
    ("tab", "      operationId: makeOrder\n", "\toperationId: makeOrder\n", (-1, 1)),
    ("no space", "      operationId: makeOrder\n", "      operationId:makeOrder\n", (1,)),
    ("open quote", '        "201":', '        "201:', (1, 2)),
    ("open list", "enum: [open, paid]", "enum: [open, paid", (1,)),
    ("indent", "          maxLength: 40", "           maxLength: 40", (-1,)),
    ("colon in text", "description: the orders", "description: orders: all of them", ()),
)


def _document() -> Iterator[Mistake]:
    chance = random.Random(SEED + 1)
    yield from _keys("yaml", DOCUMENT, chance, _OWN)
    for name, old, new, also in _DOCUMENT_SWAPS:
        yield _swap("yaml", DOCUMENT, name, old, new, also=also)


# ---- the same document as JSON --------------------------------------------------------------


def _json() -> Iterator[Mistake]:
    text = json.dumps(yaml.safe_load(DOCUMENT), indent=2)
    swaps: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
        ("trailing comma", '"version": "1"\n', '"version": "1",\n', (1,)),
        ("no comma", '"title": "shop",', '"title": "shop"', (1,)),
        ("no colon", '"title": "shop"', '"title" "shop"', ()),
        ("single quotes", '"title": "shop"', "'title': 'shop'", ()),
        ("no quotes", '"title": "shop"', 'title: "shop"', ()),
        ("open text", '"title": "shop",', '"title": "shop,', ()),
        ("comment", '"title": "shop",', '"title": "shop", // the shop', ()),
        ("python", '"required": false', '"required": False', ()),
        ("twice", '"title": "shop",', '"title": "shop",\n    "title": "shop",', (1,)),
        ("extra brace", '    "version": "1"\n  },', '    "version": "1"\n  }},', (1,)),
        ("unknown type", '"type": "array"', '"type": "arry"', ()),
        ("key", '"operationId": "makeOrder"', '"operatonId": "makeOrder"', ()),
    )
    for name, old, new, also in swaps:
        yield _swap("json", text, name, old, new, also=also)

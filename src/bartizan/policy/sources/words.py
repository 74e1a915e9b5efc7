"""The keywords of each schema dialect, and what is done with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto

DATA_CLASS = "x-bartizan-data-class"
"""Our own keyword: how much its value may be shown."""
CLASSES = ("public", "internal", "personal", "secret")
"""Data classes, from the mildest to the strictest."""
TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))


class Act(Enum):
    """What is done with one keyword."""

    DROP = auto()
    """Says nothing about validity."""
    KEEP = auto()
    """Taken as it is, if its value is sound."""
    LIST = auto()
    """A list of schemas."""
    MAP = auto()
    """Schemas by name."""
    OWN = auto()
    """Has its own code."""
    SCHEMA = auto()
    """One schema."""
    SKIP = auto()
    """Holds schemas that only `$ref`s reach."""


def is_count(value: object) -> bool:
    """A whole number from 0."""
    if isinstance(value, float):
        return value.is_integer() and value >= 0
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number(value: object) -> bool:
    """A number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_above_zero(value: object) -> bool:
    """A number above 0."""
    return is_number(value) and isinstance(value, int | float) and value > 0


def is_names(value: object) -> bool:
    """A list of texts, none twice."""
    if not isinstance(value, list):
        return False
    return all(isinstance(one, str) for one in value) and len(set(value)) == len(value)


def is_text(value: object) -> bool:
    """A text."""
    return isinstance(value, str)


def is_flag(value: object) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_list(value: object) -> bool:
    """A list with something in it."""
    return isinstance(value, list) and bool(value)


def is_anything(value: object) -> bool:
    """Any value."""
    del value
    return True


def is_class(value: object) -> bool:
    """A data class; what is none of them is told with all marks."""
    return value in CLASSES


def is_names_by_name(value: object) -> bool:
    """Lists of names by name (`dependentRequired`)."""
    return isinstance(value, dict) and all(is_names(one) for one in value.values())


SOUND: Mapping[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(
        (
            "maxLength",
            "minLength",
            "maxItems",
            "minItems",
            "maxProperties",
            "minProperties",
            "maxContains",
            "minContains",
        ),
        (is_count, "a whole number from 0"),
    ),
    **dict.fromkeys(("maximum", "minimum"), (is_number, "a number")),
    "multipleOf": (is_above_zero, "a number above 0"),
    **dict.fromkeys(("pattern", "format"), (is_text, "a text")),
    "uniqueItems": (is_flag, "`true` or `false`"),
    "enum": (is_list, "a list of values"),
    "const": (is_anything, ""),
    "dependentRequired": (is_names_by_name, "lists of names by name"),
    DATA_CLASS: (is_class, " or ".join(f"`{one}`" for one in CLASSES)),
}
"""Soundness of the keywords that are kept: test and words."""

_KEPT_2 = (
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maxProperties",
    "minProperties",
    "maximum",
    "minimum",
    "multipleOf",
    "pattern",
    "format",
    "uniqueItems",
    "enum",
    DATA_CLASS,
)
_TALK = ("title", "description", "default", "example", "externalDocs")

_OPENAPI_2: dict[str, Act] = {
    **dict.fromkeys(_TALK, Act.DROP),
    **dict.fromkeys(_KEPT_2, Act.KEEP),
    **dict.fromkeys(
        (
            "type",
            "required",
            "properties",
            "exclusiveMaximum",
            "exclusiveMinimum",
            "discriminator",
            "readOnly",
            "xml",
        ),
        Act.OWN,
    ),
    "items": Act.SCHEMA,
    "additionalProperties": Act.SCHEMA,
    "allOf": Act.LIST,
}

_OPENAPI_3_0: dict[str, Act] = {
    **_OPENAPI_2,
    "deprecated": Act.DROP,
    "nullable": Act.OWN,
    "writeOnly": Act.OWN,
    **dict.fromkeys(("anyOf", "oneOf"), Act.LIST),
    "not": Act.SCHEMA,
}

_OPENAPI_3_1: dict[str, Act] = {
    **_OPENAPI_3_0,
    **dict.fromkeys(
        (
            "$comment",
            "$id",
            "$anchor",
            "$vocabulary",
            "examples",
            "contentEncoding",
            "contentMediaType",
            "contentSchema",
            "$dynamicAnchor",
        ),
        Act.DROP,
    ),
    **dict.fromkeys(
        (
            "const",
            "maxContains",
            "minContains",
            "dependentRequired",
        ),
        Act.KEEP,
    ),
    **dict.fromkeys(("$ref", "$dynamicRef", "$schema"), Act.OWN),
    "prefixItems": Act.LIST,
    **dict.fromkeys(
        (
            "if",
            "then",
            "else",
            "contains",
            "propertyNames",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        Act.SCHEMA,
    ),
    **dict.fromkeys(("patternProperties", "dependentSchemas"), Act.MAP),
    **dict.fromkeys(("$defs", "definitions"), Act.SKIP),
}
del _OPENAPI_3_1["nullable"]

DIALECTS: Mapping[str, Mapping[str, Act]] = {
    "2.0": _OPENAPI_2,
    "3.0": _OPENAPI_3_0,
    "3.1": _OPENAPI_3_1,
    "3.2": _OPENAPI_3_1,
}

IN_PLACE = frozenset(("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"))
"""Keywords whose schemas look at the same value again."""

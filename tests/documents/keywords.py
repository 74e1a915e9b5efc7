"""Documents made from the meta-schema of a version: seeded, valid, keywords not yet used first.

What a choice breaks is found by the meta-schema itself, and made anew. A keyword that chance does
not meet is met on purpose: along the shortest way from the root to it.
"""

from __future__ import annotations

import random
from typing import Any

from tests.documents.grammar import Grammar, Keyword, Object, Place
from tests.documents.vocabulary import KEYWORDS, MEDIA, REFERENCES, TEXTS, word_for

DEPTH_MAX = 9
OBJECTS_MAX = 250
"""Objects of one document; below them only what is required."""
TRIES = 12
SEARCHES = 400
"""Tries of an object that must hold one keyword; the first ones hold little else."""
Way = tuple[tuple[Object, str | None], ...]
"""Objects from the root to a keyword, and the word taken at each; None: a member of any name."""


class Maker:
    """Makes documents of one version."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._version = grammar.version
        self._random = random.Random(0)
        self._count = 0
        self._left = 0
        self.met: set[Keyword] = set()

    def document(self, seed: str) -> Any:
        """One document that fits the meta-schema; what it uses is added to `met`."""
        self._random = random.Random(seed)
        while True:
            self._left = OBJECTS_MAX
            document = self._value(self._grammar.meta, (), "", 0, ())
            if self._is_valid(document):
                return document

    def with_keyword(self, keyword: Keyword) -> Any:
        """A small document that holds one keyword, and an operation."""
        self._random = random.Random(".".join(keyword))
        way = self._way(keyword)
        for _ in range(TRIES):
            self._left = OBJECTS_MAX
            document = self._value(self._grammar.meta, (), "", 0, way)
            if not document.get("paths"):
                answers = {"default": {"description": "a"}}
                document["paths"] = {"/a": {"get": {"responses": answers}}}
            if self._is_valid(document) and keyword in self.met:
                return document
        raise AssertionError(f"no document holds {keyword}")

    def _is_valid(self, document: Any) -> bool:
        if not self._grammar.validator.is_valid(document):
            return False
        self.met |= {keyword for keyword, _ in self._grammar.uses(document)}
        return True

    # ---- the way to a keyword -------------------------------------------------------------

    def _way(self, keyword: Keyword) -> Way:
        """The shortest way from the root to the keyword."""
        waiting: list[tuple[Object, Way]] = [(self._grammar.root, ())]
        seen: set[str] = set()
        for one, way in waiting:
            if one.name == keyword[0] and keyword[1] in one.words:
                return (*way, (one, keyword[1]))
            if one.name not in seen:
                seen.add(one.name)
                waiting += [(inner, (*way, (one, word))) for word, inner in self._steps(one)]
        raise AssertionError(f"no way leads to {keyword}")

    def _steps(self, one: Object) -> list[tuple[str | None, Object]]:
        below: list[tuple[str | None, Any]] = [
            (word, node) for word, nodes in one.words.items() for node in nodes
        ]
        below += [(None, node) for _, node in one.members]
        return [
            (word, inner)
            for word, node in below
            for inner in self._grammar.targets(node, f"{one.name}.{word or '*'}")
        ]

    def _leads(self, node: Any, name: str, way: Way) -> bool:
        return bool(way) and any(one is way[0][0] for one in self._grammar.targets(node, name))

    # ---- one value ------------------------------------------------------------------------

    def _value(self, node: Any, place: Place, name: str, depth: int, way: Way) -> Any:
        node, name = self._grammar.follow(node, name)
        if node is True or node == {} or "$dynamicAnchor" in node:
            return "any" if node is True or node == {} else {}
        if "const" in node or "enum" in node:
            return self._random.choice(node.get("enum", [node.get("const")]))
        if name.startswith(("positiveInteger", "nonNegativeInteger")):
            return 1
        if self._grammar.is_object(node):
            return self._object(node, place, name, depth, way)
        choices = self._choices(node, depth)
        if choices:
            leading = [one for one in choices if self._leads(one, name, way)]
            one, inner = self._grammar.follow(self._random.choice(leading or choices), name)
            if "required" in node and isinstance(one, dict):
                one = {**one, "required": [*node["required"], *one.get("required", [])]}
            return self._value(one, place, inner, depth, way)
        kind = _type_of(node)
        if kind == "array":
            return [self._value(node.get("items", {}), (*place, 0), name, depth + 1, way)]
        return {} if kind == "object" else self._scalar(node, kind, place)

    def _choices(self, node: Any, depth: int) -> list[Any]:
        """What the meta-schema lets one choose between."""
        is_deep = depth >= DEPTH_MAX or self._left < 0
        for word in ("oneOf", "anyOf"):
            if word in node:
                return list(node[word][-1:] if is_deep else node[word])
        if "else" in node:
            return [node["then"], node["else"], node["else"], node["else"]]
        return list(node["allOf"][:1]) if "allOf" in node and "type" not in node else []

    def _scalar(self, node: Any, kind: str, place: Place) -> Any:
        if kind in ("integer", "number"):
            return 1
        if kind == "boolean":
            return self._random.random() < 0.7
        if kind == "null":
            return None
        if "pattern" in node:
            return word_for(node["pattern"]) or "a"
        word = str(place[-1]) if place else ""
        if word == "operationId":
            self._count += 1
            return f"operation{self._count}"
        return TEXTS.get(word) or TEXTS.get(node.get("format", ""), "a")

    # ---- objects --------------------------------------------------------------------------

    def _object(self, node: Any, place: Place, name: str, depth: int, way: Way) -> Any:
        one = next(self._grammar.targets(node, name))
        is_on_way = bool(way) and way[0][0] is one
        made: Any = {}
        for number in range(SEARCHES if is_on_way else TRIES):
            self._left -= 1
            is_last = not is_on_way and number + 1 == TRIES
            below = DEPTH_MAX if self._left < 0 or is_last else depth
            if is_on_way:
                words = self._forced(one, way[0][1], number)
                made = self._filled(one, words, place, depth, way)
            else:
                made = self._filled(one, self._chosen(one, below), place, below, ())
            if self._left < 0 or self._grammar.fits(one, made):
                break
        return made

    def _filled(self, one: Object, words: list[str], place: Place, depth: int, way: Way) -> Any:
        """The object with these keywords. way: begins here, or leads elsewhere."""
        forced, rest = (way[0][1], way[1:]) if way else ("", ())
        made: dict[str, Any] = {}
        for word in words:
            onward = rest if way and word == forced else ()
            made[word] = self._of_word(one, word, (*place, word), depth, onward)
        is_through = bool(way) and forced is None
        if is_through or (depth < DEPTH_MAX and not way):
            for word, node in self._members(one):
                name = f"{one.name}.*"
                onward = rest if is_through and self._leads(node, name, rest) else ()
                made[word] = self._value(node, (*place, word), name, depth + 1, onward)
        return made

    def _of_word(self, one: Object, word: str, place: Place, depth: int, way: Way) -> Any:
        name = f"{one.name}.{word}"
        if word == "$ref":
            return self._reference(place)
        if one.name == "schema" and self._version >= "3.1" and not way:
            return KEYWORDS[word]
        nodes = one.words[word]
        leading = [node for node in nodes if self._leads(node, name, way)]
        listed = [node for node in nodes if _lists_values(node)]
        return self._value(
            self._random.choice(leading or listed or nodes), place, name, depth + 1, way
        )

    def _chosen(self, one: Object, depth: int) -> list[str]:
        """What is required, some that no document has used so far, and some more."""
        if depth >= DEPTH_MAX:
            return one.required
        own = list(one.words)
        fresh = [word for word in own if (one.name, word) not in self.met]
        some = self._random.sample(fresh, min(len(fresh), self._random.randint(1, 4)))
        more = self._random.sample(own, min(len(own), self._random.randint(0, 3)))
        always = [word for word in ("paths", "components", "get", "schema") if word in own]
        likely = [word for word in always if self._random.random() < 0.7]
        return list(dict.fromkeys([*one.required, *some, *more, *likely]))

    def _forced(self, one: Object, word: str | None, number: int) -> list[str]:
        """What is required, the word that is wanted, and from the second try on some more."""
        own = list(one.words)
        more = self._random.sample(own, min(len(own), self._random.randint(0, 3) if number else 0))
        wanted = [word] if word is not None else []
        return list(dict.fromkeys([*one.required, *wanted, *more]))

    def _members(self, one: Object) -> list[tuple[str, Any]]:
        """Members by pattern, and those that any name may have."""
        made: list[tuple[str, Any]] = []
        for pattern, node in one.members:
            word = word_for(pattern) if pattern else "x"
            is_content = one.name.endswith("content") and not pattern
            made.append((self._random.choice(MEDIA) if is_content else word, node))
        return [(word, node) for word, node in made if word]

    def _reference(self, place: Place) -> str:
        """A `$ref` to a component that documents often have; it may lead nowhere."""
        kinds = REFERENCES[self._version >= "3.0"]
        words = [str(word) for word in reversed(place)]
        return next((kinds[word] for word in words if word in kinds), kinds["schema"])


def _lists_values(node: Any) -> bool:
    return isinstance(node, dict) and not {"enum", "const", "pattern"}.isdisjoint(node)


def _type_of(node: Any) -> str:
    """The type of what fits."""
    kind = node.get("type")
    if isinstance(kind, list):
        return str(kind[0])
    return str(kind) if kind is not None else "string"

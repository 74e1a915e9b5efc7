"""OpenAPI 3: the parameters of an Operation, those of its path item merged in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from bartizan.policy.sources.contents3 import Contents
from bartizan.policy.sources.description import Draft, Form
from bartizan.policy.sources.fields3 import STYLES, styles_of
from bartizan.policy.sources.library import Spot
from bartizan.policy.sources.media import FORM, is_json
from bartizan.policy.sources.parts import IGNORED_HEADERS, Node, Parts
from bartizan.policy.sources.paths import at, template_names

QUERYSTRING = "querystring"
Key = tuple[str, str]


class Parameters:
    """Lowers parameters."""

    def __init__(self, parts: Parts, contents: Contents) -> None:
        """Keep what is found in `parts`; `contents` lowers their schemas."""
        self._parts = parts
        self._contents = contents

    def of(
        self, path: str, holders: tuple[tuple[Node, Spot], ...], spot: Spot, draft: Draft
    ) -> list[Form]:
        """Every parameter of one Operation. holders: outer first; the inner one overrides."""
        merged: dict[Key, Form] = {}
        before = len(draft.problems)
        for holder, place in holders:
            own: set[Key] = set()
            for name, form, where in self._listed(
                holder.get("parameters"), at(place, "parameters"), draft
            ):
                if name in own:
                    draft.problems.append(
                        (where, f"{name[1]} parameter `{name[0]}` is declared twice")
                    )
                own.add(name)
                merged[name] = form
        self._fit_template(path, merged, spot, is_whole=len(draft.problems) == before)
        self._refuse_two_queries(merged, spot, draft)
        return list(merged.values())

    def _fit_template(
        self, path: str, merged: dict[Key, Form], spot: Spot, *, is_whole: bool
    ) -> None:
        """Path parameters as the template names them. is_whole: every declaration could be read."""
        names = template_names(path)
        extra = [word for word, kind in merged if kind == "path" and word not in names]
        lacking = [word for word in names if (word, "path") not in merged]
        told = [f"path parameter `{word}` is not in the path template" for word in extra]
        if len(extra) == len(lacking) == 1:
            told = [f"{told[0]}, which names `{lacking[0]}`"]
        elif is_whole:
            told += [
                f"path parameter `{word}` is not declared; any text passes for it"
                for word in lacking
            ]
        for message in told:
            self._parts.notes.warn(spot, "description.path-parameter", message)
        for word in extra:
            del merged[word, "path"]
        for word in lacking:
            form = self._parts.parameter_form(word, "path", spot, required=True)
            merged[word, "path"] = form

    def _refuse_two_queries(self, merged: Mapping[Key, Form], spot: Spot, draft: Draft) -> None:
        """The whole query is one parameter, or there are parameters in it; never both."""
        whole = [name for name, place in merged if place == QUERYSTRING]
        if len(whole) > 1:
            draft.problems.append((spot, "two parameters are `in: querystring`"))
        if whole and any(place == "query" for _, place in merged):
            reason = "parameters `in: query` and `in: querystring` exclude each other"
            draft.problems.append((spot, reason))

    def _listed(self, node: object, spot: Spot, draft: Draft) -> Iterator[tuple[Key, Form, Spot]]:
        if node is None:
            return
        if not isinstance(node, list):
            draft.problems.append((spot, "`parameters` must be a list"))
            return
        for index, one in enumerate(node):
            found = self._parts.follow(one, at(spot, str(index)), draft)
            if found is None:
                continue
            parameter, where = found
            name, place = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(place, str) or not self._has(place):
                draft.problems.append((where, _unplaced(name, place)))
                continue
            if place == "header" and name.lower() in IGNORED_HEADERS:
                continue
            folded = name.lower() if place == "header" else name
            form = self._parts.share(
                "parameter",
                where,
                draft,
                partial(self._parameter, parameter, where),
            )
            yield (folded, place), form, where

    def _has(self, place: str) -> bool:
        return place in STYLES or (place == QUERYSTRING and self._parts.version == "3.2")

    def _parameter(self, node: Node, spot: Spot, draft: Draft) -> Form:
        self._contents.known(node, "parameter", spot)
        place = str(node["in"])
        required = place == "path" or node.get("required") is True
        form = self._parts.parameter_form(str(node["name"]), place, spot, required=required)
        form["allow_empty"] = place == "query" and node.get("allowEmptyValue") is True
        if place == QUERYSTRING:
            self._whole_query(form, node, spot, draft)
        else:
            styles = styles_of(place, self._parts.version)
            self._contents.valued(form, node, spot, styles, "request", draft)
        return form

    def _whole_query(self, form: Form, node: Node, spot: Spot, draft: Draft) -> None:
        """`in: querystring` has `content` only (OpenAPI 3.2, Parameter Object)."""
        for word in ("schema", "style", "explode"):
            if word in node:
                reason = f"`{word}` does not go with `in: querystring`; write `content`"
                draft.problems.append((at(spot, word), reason))
        if "content" not in node:
            draft.problems.append((spot, "a parameter `in: querystring` needs `content`"))
        if "schema" in node or "content" not in node:
            return
        self._contents.valued(form, node, spot, ("form",), "request", draft)
        content = form["content"]
        if isinstance(content, str) and not (
            is_json(content) or content == FORM or content.startswith("text/")
        ):
            reason = f"a query that is `{content}` cannot be checked"
            draft.problems.append((at(spot, "content"), reason))


def _unplaced(name: object, place: object) -> str:
    """Why a parameter cannot be checked: it lacks its name or place, or has no known place."""
    for word, value in (("name", name), ("in", place)):
        if not isinstance(value, str):
            return f"a parameter needs `{word}`"
    return f"a parameter `in: {place}` cannot be checked"

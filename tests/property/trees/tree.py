"""Route trees from a seed, free of any framework, and the requests that try them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

LITERALS = ("a", "b", "ab", "v1")
VALUES = {"str": ("a", "b", "zz", "7"), "int": ("7", "12", "x", "-1"), "path": ("a/b", "q", "a")}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DEPTH_MAX, CHILDREN_MAX, PROBES = 3, 4, 40


@dataclass(frozen=True)
class Piece:
    """One segment: literal text, or a parameter of a kind between literal text."""

    before: str
    name: str = ""
    kind: str = ""
    after: str = ""


@dataclass(frozen=True)
class Leaf:
    """One route. style: what a framework may make of it."""

    number: int
    pieces: tuple[Piece, ...]
    slash: bool
    methods: tuple[str, ...]
    style: int


@dataclass(frozen=True)
class Group:
    """Routes below a prefix. style: router, mount, include, blueprint."""

    pieces: tuple[Piece, ...]
    items: tuple[Leaf | Group, ...]
    style: int


@dataclass(frozen=True)
class Tree:
    """What one app is made of."""

    seed: int
    items: tuple[Leaf | Group, ...]

    def leaves(self) -> Iterator[tuple[tuple[Piece, ...], Leaf]]:
        """Every route with its whole path."""
        yield from _leaves(self.items, ())


def _leaves(
    items: tuple[Leaf | Group, ...], above: tuple[Piece, ...]
) -> Iterator[tuple[tuple[Piece, ...], Leaf]]:
    for one in items:
        if isinstance(one, Leaf):
            yield (*above, *one.pieces), one
        else:
            yield from _leaves(one.items, (*above, *one.pieces))


@dataclass(frozen=True)
class Probe:
    """One request. is_clean: what an honest client could send to a route of the tree."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...] = ()
    is_clean: bool = True


class _Grower:
    def __init__(self, random: Random, wide: bool) -> None:
        self._random = random
        self._wide = wide
        self._names = 0
        self._leaves = 0

    def items(self, depth: int) -> tuple[Leaf | Group, ...]:
        count = self._random.randint(1, CHILDREN_MAX)
        return tuple(self._item(depth) for _ in range(count))

    def _item(self, depth: int) -> Leaf | Group:
        random = self._random
        if depth < DEPTH_MAX and random.random() < 0.35:
            pieces = tuple(self._piece(last=False) for _ in range(random.randint(1, 2)))
            return Group(pieces, self.items(depth + 1), random.randrange(3))
        count = random.randint(0 if depth else 1, 3)
        pieces = tuple(self._piece(last=at == count - 1) for at in range(count))
        methods = tuple(sorted(random.sample(METHODS, random.randint(1, 3))))
        self._leaves += 1
        return Leaf(self._leaves, pieces, random.random() < 0.3, methods, random.randrange(4))

    def _piece(self, *, last: bool) -> Piece:
        random = self._random
        if random.random() < 0.5:
            return Piece(random.choice(LITERALS))
        self._names += 1
        name = f"p{self._names}"
        if last and random.random() < 0.2:
            return Piece("", name, "path")
        kind = random.choice(("str", "int"))
        if self._wide and random.random() < 0.2:
            return Piece(random.choice(("", "v")), name, kind, random.choice(("", ".js")))
        return Piece("", name, kind)


def grow(seed: int, *, mixed: bool = True) -> Tree:
    """A tree of at least one route. mixed: segments may hold text beside their parameter."""
    random = Random(seed)
    return Tree(seed, _Grower(random, mixed).items(0))


def probes(tree: Tree) -> list[Probe]:
    """Requests for the routes of `tree` and for what lies beside them."""
    random = Random(tree.seed + 1)
    leaves = list(tree.leaves())
    made: list[Probe] = []
    while len(made) < PROBES:
        pieces, leaf = random.choice(leaves)
        path = "/" + "/".join(_filled(one, random) for one in pieces)
        path += "/" if leaf.slash and path != "/" else ""
        method = random.choice((*leaf.methods, *leaf.methods, "HEAD", "OPTIONS", *METHODS))
        made.append(_bent(Probe(method, path), random))
    return made


def _filled(piece: Piece, random: Random) -> str:
    if not piece.name:
        return piece.before
    return piece.before + random.choice(VALUES[piece.kind]) + piece.after


def _bent(probe: Probe, random: Random) -> Probe:
    path = probe.target
    match random.randrange(12):
        case 0:
            turned = path.rstrip("/") if path.endswith("/") else f"{path}/"
            return Probe(probe.method, turned or "/")
        case 1:
            return Probe(probe.method, path.replace("a", "%61", 1), is_clean=False)
        case 2:
            return Probe(probe.method, path.replace("/", "//", 1), is_clean=False)
        case 3:
            return Probe(probe.method, path.replace("/a", "/./a").replace("/b", "/../b"),
                         is_clean=False)  # fmt: skip
        case 4:
            return Probe(probe.method, path.upper(), is_clean=False)
        case 5:
            override = (("x-http-method-override", random.choice(METHODS)),)
            return Probe(probe.method, path, override, is_clean=False)
        case 6:
            return Probe(probe.method, f"{path}%2Fa", is_clean=False)
        case 7:
            return Probe(probe.method, f"{path};x=1", is_clean=False)
    return probe

"""The locker as a function. Its disk is a dictionary: no attack on it reaches the machine."""

from __future__ import annotations

import io
import posixpath
import re
import secrets
import zipfile
from dataclasses import dataclass, field

from bartizan.console.demo.shop.message import Refused, Request, Response
from labs.lab import Answering, Desk, routed

_HOME = "/srv/locker"
_SIZE_MAX = 100_000
_UNPACKED_MAX = 1_000_000
_SAFE_KINDS = frozenset({"text/plain", "image/png", "application/zip", "application/pdf"})
_NAME = r"(?P<name>[^/]+)"


@dataclass
class Stored:
    """One file."""

    owner: str
    kind: str
    data: bytes


def _disk() -> dict[str, Stored]:
    return {
        f"{_HOME}/fay/plan.txt": Stored("fay", "text/plain", b"the plan of fay"),
        f"{_HOME}/gus/diary.txt": Stored("gus", "text/plain", b"dear diary"),
        "/etc/locker.key": Stored("root", "text/plain", b"key-of-the-house"),
    }


@dataclass
class Locker:
    """All data, and the routes."""

    desk: Desk
    disk: dict[str, Stored] = field(default_factory=_disk)
    links: dict[str, str] = field(default_factory=dict)

    def _path(self, owner: str, name: str) -> str:
        # LOCKER-1: what the name says is followed, upwards too.
        path = posixpath.normpath(f"{_HOME}/{owner}/{name}")
        if self.desk.is_fixed("LOCKER-1") and not path.startswith(f"{_HOME}/{owner}/"):
            raise Refused(404, "no such file")
        return path

    def _found(self, path: str) -> Stored:
        if path not in self.disk:
            raise Refused(404, "no such file")
        return self.disk[path]

    def list_files(self, request: Request) -> Response:
        home = f"{_HOME}/{self.desk.caller(request)}/"
        names = sorted(path.removeprefix(home) for path in self.disk if path.startswith(home))
        return Response(
            200, [{"name": one, "size": len(self.disk[home + one].data)} for one in names]
        )

    def put_file(self, request: Request, name: str) -> Response:
        who = self.desk.caller(request)
        # LOCKER-4: nobody asks how large.
        if self.desk.is_fixed("LOCKER-4") and len(request.body) > _SIZE_MAX:
            raise Refused(413, "too large")
        kind = request.headers.get("content-type", "application/octet-stream")
        self.disk[self._path(who, name)] = Stored(who, kind, request.body)
        return Response(201, {"name": name, "size": len(request.body)})

    def download(self, request: Request) -> Response:
        who = self.desk.caller(request)
        # LOCKER-2: the owner is whoever the query says.
        owner = who if self.desk.is_fixed("LOCKER-2") else request.query.get("owner", who)
        found = self._found(self._path(owner, request.query.get("name", "")))
        return self._sent(request, found)

    def _sent(self, request: Request, found: Stored) -> Response:
        # LOCKER-3: a page that was uploaded is shown as a page of ours.
        kind = found.kind
        headers = {"content-type": kind, "accept-ranges": "bytes"}
        if self.desk.is_fixed("LOCKER-3") and kind.partition(";")[0] not in _SAFE_KINDS:
            headers |= {"content-type": "application/octet-stream"}
            headers |= {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
        size = len(found.data)
        hit = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if hit is None:
            return Response(200, found.data, headers)
        first, last = int(hit[1]), min(int(hit[2] or size - 1), size - 1)
        if first > last:
            return Response(416, b"", headers | {"content-range": f"bytes */{size}"})
        part = found.data[first : last + 1]
        return Response(206, part, headers | {"content-range": f"bytes {first}-{last}/{size}"})

    def delete_file(self, request: Request, name: str) -> Response:
        path = self._path(self.desk.caller(request), name)
        self._found(path)
        del self.disk[path]
        return Response(204)

    def unpack(self, request: Request, name: str) -> Response:
        who = self.desk.caller(request)
        packed = self._found(self._path(who, name))
        try:
            archive = zipfile.ZipFile(io.BytesIO(packed.data))
        except zipfile.BadZipFile:
            raise Refused(422, "not an archive") from None
        if sum(one.file_size for one in archive.infolist()) > _UNPACKED_MAX:
            raise Refused(413, "too large")
        for one in archive.infolist():
            path = posixpath.normpath(f"{_HOME}/{who}/{one.filename}")
            # LOCKER-5: a name in the archive may lead out of the caller's folder.
            if self.desk.is_fixed("LOCKER-5") and not path.startswith(f"{_HOME}/{who}/"):
                raise Refused(422, "a name leads out of the folder")
            self.disk[path] = Stored(who, "text/plain", archive.read(one))
        return Response(200, {"files": len(archive.infolist())})

    def share(self, request: Request, name: str) -> Response:
        path = self._path(self.desk.caller(request), name)
        self._found(path)
        # LOCKER-6: links are counted, so each tells the next.
        is_fixed = self.desk.is_fixed("LOCKER-6")
        link = secrets.token_urlsafe(24) if is_fixed else f"{len(self.links) + 1:06}"
        self.links[link] = path
        return Response(201, {"link": link})

    def open_link(self, request: Request, link: str) -> Response:
        if link not in self.links:
            raise Refused(404, "no such link")
        return self._sent(request, self._found(self.links[link]))


def start(desk: Desk) -> Answering:
    """A fresh locker."""
    own = Locker(desk)
    return routed(
        (
            ("GET", r"/files", own.list_files),
            ("PUT", rf"/files/{_NAME}", own.put_file),
            ("DELETE", rf"/files/{_NAME}", own.delete_file),
            ("POST", rf"/files/{_NAME}/unpack", own.unpack),
            ("POST", rf"/files/{_NAME}/share", own.share),
            ("GET", r"/download", own.download),
            ("GET", r"/shared/(?P<link>[^/]+)", own.open_link),
        )
    )

"""Honest use of the locker, and an attack for each planted hole."""

from __future__ import annotations

import io
import zipfile

from labs.lab import Call, Lab, Weakness
from labs.locker.app import start

_TEXT = {"content-type": "text/plain"}
_ZIP = {"content-type": "application/zip"}


def _archive(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


GOOD = (
    Call("GET", "/files", "fay"),
    Call("PUT", "/files/notes.txt", "fay", body=b"first line\n", headers=_TEXT, status=201),
    Call("GET", "/download?name=notes.txt", "fay"),
    Call("GET", "/download?name=plan.txt", "fay", headers={"range": "bytes=4-7"}, status=206),
    Call("GET", "/download?name=plan.txt", "fay", headers={"range": "bytes=900-"}, status=416),
    Call("GET", "/download?name=missing.txt", "fay", status=404),
    Call(
        "PUT", "/files/all.zip", "fay",
        body=_archive(**{"a.txt": "one", "b.txt": "two"}), headers=_ZIP, status=201,
    ),
    Call("POST", "/files/all.zip/unpack", "fay"),
    Call("GET", "/download?name=b.txt", "fay"),
    Call("POST", "/files/notes.txt/share", "fay", keep={"link": "link"}, status=201),
    Call("GET", "/shared/{link}"),
    Call("GET", "/shared/zzzzzzzz", status=404),
    Call("DELETE", "/files/a.txt", "fay", status=204),
    Call("GET", "/files", "gus"),
)  # fmt: skip

WEAKNESSES = (
    Weakness(
        "LOCKER-1", "API8:2023",
        "a name with `../` in it reads any file of the machine",
        "names stay in the folder of their owner",
        (Call("GET", "/download?name=..%2F..%2F..%2Fetc%2Flocker.key", "gus"),),
        lambda got: got[0].data == b"key-of-the-house",
    ),
    Weakness(
        "LOCKER-2", "API1:2023",
        "`owner=` in the query opens the files of somebody else",
        "files are those of the caller",
        (Call("GET", "/download?owner=fay&name=plan.txt", "gus"),),
        lambda got: got[0].data == b"the plan of fay",
    ),
    Weakness(
        "LOCKER-3", "API8:2023",
        "an uploaded page runs its script where the API lives",
        "only harmless kinds are shown, the rest is a download",
        (
            Call(
                "PUT", "/files/page.html", "gus", body=b"<script>steal()</script>",
                headers={"content-type": "text/html"}, status=201,
            ),
            Call("GET", "/download?name=page.html", "gus"),
        ),
        lambda got: got[1].headers["content-type"] == "text/html",
    ),
    Weakness(
        "LOCKER-4", "API4:2023",
        "a file may be as large as it likes",
        "100,000 bytes for each file",
        (Call("PUT", "/files/big.txt", "gus", body=b"x" * 200_000, headers=_TEXT, status=201),),
        lambda got: got[0].status == 201,
    ),
    Weakness(
        "LOCKER-5", "API8:2023",
        "a name in an archive leads out of the folder and overwrites a file of somebody else",
        "an archive with such a name is refused",
        (
            Call(
                "PUT", "/files/evil.zip", "gus",
                body=_archive(**{"../fay/plan.txt": "the plan of gus"}), headers=_ZIP, status=201,
            ),
            Call("POST", "/files/evil.zip/unpack", "gus"),
            Call("GET", "/download?name=plan.txt", "fay"),
        ),
        lambda got: got[2].data == b"the plan of gus",
    ),
    Weakness(
        "LOCKER-6", "API2:2023",
        "shared links are counted, so the next one is known",
        "links are 24 random bytes",
        (
            Call("POST", "/files/plan.txt/share", "fay", status=201),
            Call("GET", "/shared/000001"),
        ),
        lambda got: got[1].status == 200,
    ),
)  # fmt: skip

LAB = Lab("locker", "A locker for files", start, WEAKNESSES, GOOD)

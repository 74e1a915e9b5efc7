"""Snippets of the docs, read from Markdown and run as one shell script a page.

- ```console: lines with `$ ` are commands (a `\\` at the end goes on), the others are expected
  output, each sought in what the page printed; `...` stands for anything.
- ```yaml file=NAME (or any language with `file=`): written to NAME in the page's folder.
- ```console exit=N: the last command ends with N; without it every command must end with 0.
- A block with `run=no` names what cannot run in a test; its reason stands in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
# Languages that a reader would run or save, so a test must too.
RUNNABLE = {"bash", "console", "json", "py", "python", "sh", "shell", "toml", "yaml", "yml"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """One fenced block."""

    language: str
    options: dict[str, str]
    body: str

    @property
    def needs_a_run(self) -> bool:
        """Whether it claims to work."""
        return self.language in RUNNABLE and self.options.get("run") != "no"

    @property
    def is_known(self) -> bool:
        """Whether the runner knows what to do with it."""
        return self.language == "console" or "file" in self.options

    def script(self) -> str:
        """What the shell does for this block."""
        if "file" in self.options:
            return f"cat >{self.options['file']} <<'SNIPPET-END'\n{self.body}SNIPPET-END\n"
        commands, going_on = [], False
        for line in self.body.splitlines():
            if line.startswith("$ ") or going_on:
                commands.append(line if going_on else line[2:])
                going_on = line.endswith("\\")
        wanted = self.options.get("exit", "0")
        if wanted == "0":
            return "\n".join(commands) + "\n"
        lines = ["set +e", *commands, f"test $? -eq {wanted} || exit 99", "set -e"]
        return "\n".join(lines) + "\n"

    def expected(self) -> list[str]:
        """Pieces of output that the block shows."""
        if self.language != "console":
            return []
        lines, going_on = [], False
        for line in self.body.splitlines():
            if line.startswith("$ ") or going_on:
                going_on = line.endswith("\\")
            else:
                lines += [piece.strip() for piece in line.split("...") if piece.strip()]
        return lines


def snippets(page: Path) -> list[Snippet]:
    """The blocks of a page in their order."""
    found = []
    for match in FENCE.finditer(page.read_text(encoding="utf-8")):
        language, *words = match["info"].split() or [""]
        options = dict(word.split("=", 1) for word in words if "=" in word)
        found.append(Snippet(language, options, match["body"]))
    return found

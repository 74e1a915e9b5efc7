import json
from pathlib import Path

from bartizan.gateway.spawn import command


def test_the_command_line_holds_the_state_directory_and_nothing_secret() -> None:
    *_, options = command(Path("/state"))
    assert json.loads(options) == {"state": "/state", "socket": "/state/gateway.sock"}

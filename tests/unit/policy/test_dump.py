from pathlib import Path

from bartizan.policy.config import Overrides, load
from bartizan.policy.dump import dump

CANARY = "canary-77ab"


def test_every_value_has_the_place_it_came_from(tmp_path: Path) -> None:
    path = tmp_path / "bartizan.yaml"
    path.write_text(
        "upstream: http://127.0.0.1:8000\n"
        "limits:\n  - { per: address, rate: 5/15min }\n"
        'operations:\n  "GET /a":\n    closed_query: true\n'
        "auth: { api_keys: { pepper: '${PEPPER}' } }\n"
    )
    environ = {"BARTIZAN_WORKERS": "2", "PEPPER": CANARY}
    config = load(path, overrides=Overrides(mode="enforce"), environ=environ)
    found = {one.path: (one.value, one.origin) for one in dump(config)}
    assert found["limits[0].rate"] == ("5/15min", f"{path}:3")
    assert found["mode"] == ('"enforce"', "--mode")
    assert found["workers"] == ("2", "environment BARTIZAN_WORKERS")
    assert found["timeouts.head"] == ("5s", "default")
    assert found['operations["GET /a"].closed_query'] == ("true", f"{path}:6")
    assert found["auth.api_keys.pepper"] == ("[secret]", f"{path}:7")
    assert CANARY not in repr(found)

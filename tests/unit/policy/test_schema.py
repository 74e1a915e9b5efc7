import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from bartizan.policy.config import ROOT
from bartizan.policy.records import json_schema
from bartizan.policy.schema import reference, text

FILE = Path(__file__).parents[3] / "schema" / "config.schema.json"


def test_the_file_is_what_the_table_gives() -> None:
    assert FILE.read_text() == text()


def test_it_is_a_sound_schema_and_every_key_is_described_with_an_example() -> None:
    schema: Any = json_schema(ROOT, "bartizan.yaml")
    Draft202012Validator.check_schema(schema)
    for name, record in schema["$defs"].items():
        for key, spec in record["properties"].items():
            assert spec["description"].endswith("."), (name, key)
            assert len(spec["examples"]) == 1, (name, key)
            pointer = f"#/$defs/{name}/properties/{key}"
            one = Draft202012Validator({"$ref": pointer, "$defs": schema["$defs"]})
            assert one.is_valid(spec["examples"][0]), (name, key)


def test_it_knows_good_from_bad() -> None:
    validator = Draft202012Validator(json.loads(text()))
    good = {
        "upstream": "http://a:1",
        "limits": {"per": "principal", "rate": "100/min"},
        "workers": "${W}",
    }
    assert validator.is_valid(good)
    for bad in ({}, {**good, "mdoe": "x"}, {**good, "limits": {"rate": 5}}, {**good, "workers": 0}):
        assert not validator.is_valid(bad)


def test_the_reference_names_every_record() -> None:
    page = reference()
    assert "| `upstream` |" in page
    assert '| `lifetime_max` | Longest life of a token. | `"1d"` | `"1h"` |' in page
    assert "| `json_depth_max` |" in page

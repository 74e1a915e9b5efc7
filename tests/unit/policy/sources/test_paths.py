import pytest

from bartizan.policy.sources.paths import (
    EXPANSIONS_MAX,
    at,
    decoded,
    server_paths,
    template_fault,
    template_names,
)


@pytest.mark.parametrize("path", ["/", "/users/{id}", "/a/{b}.{c}", "/{a}/{b}"])
def test_a_template_that_can_be_matched_has_no_fault(path: str) -> None:
    assert template_fault(path) == ""


@pytest.mark.parametrize(
    "path", ["users", "/{id", "/id}", "/{}", "/{a}/{a}", "/{a/b}", "/{a}{b}", "/a?b=c", "/a#b"]
)
def test_a_template_that_cannot_be_matched_says_why(path: str) -> None:
    assert template_fault(path)


def test_names_come_in_order_and_literals_are_decoded() -> None:
    assert template_names("/a/{y}/{x}") == ["y", "x"]
    assert decoded("/caf%C3%A9/{a%20b}") == "/café/{a%20b}"


@pytest.mark.parametrize(
    ("servers", "paths"),
    [
        (None, ("",)),
        ([], ("",)),
        ([{"url": "https://a.example/v1/"}], ("/v1",)),
        ([{"url": "https://a/v1"}, {"url": "https://b/v1"}, {"url": "/v2"}], ("/v1", "/v2")),
        ([{"url": "https://a"}], ("",)),
        (
            [{"url": "/{v}", "variables": {"v": {"default": "v1", "enum": ["v1", "v2"]}}}],
            ("/v1", "/v2"),
        ),
    ],
)
def test_the_paths_of_servers_are_found(servers: object, paths: tuple[str, ...]) -> None:
    assert server_paths(servers, "openapi.yaml") == (paths, "")


def test_a_relative_server_starts_at_the_documents_own_address() -> None:
    assert server_paths([{"url": "./v1"}], "https://a.example/docs/o.json")[0] == ("/docs/v1",)


@pytest.mark.parametrize(
    "servers",
    [
        {},
        [{}],
        ["/v1"],
        [{"url": "/{v}"}],
        [
            {
                "url": "/{a}{b}",
                "variables": {
                    name: {"default": "0", "enum": [str(i) for i in range(EXPANSIONS_MAX)]}
                    for name in "ab"
                },
            }
        ],
    ],
)
def test_servers_that_cannot_be_expanded_say_why(servers: object) -> None:
    paths, fault = server_paths(servers, "openapi.yaml")
    assert paths == ("",)
    assert fault


def test_a_spot_goes_one_step_down() -> None:
    assert at((2, "/paths"), "~1a") == (2, "/paths/~1a")

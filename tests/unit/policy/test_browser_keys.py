import pytest

from tests.unit.policy.configured import configured, refused


@pytest.mark.parametrize(
    "text",
    ["cors: { origins: ['*', 'https://a'] }", "cors: { origins: '*', credentials: true }"],
)
def test_what_cannot_hold_together_is_a_conflict(text: str) -> None:
    assert refused(text) == [("config.conflict", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "cors: { origins: 'app.example.com' }",
        "csrf: { origins: '*' }",
        "public: docs",
        "public: '/docs/{page}'",
    ],
)
def test_a_wrong_word_is_refused_at_its_line(text: str) -> None:
    assert refused(text) == [("config.wrong-value", 2)]


def test_cross_site_requests_are_told_by_their_origin_unless_written() -> None:
    csrf = configured("").csrf
    assert (csrf.proof, csrf.origins, csrf.every_cookie) == ("origin", (), False)
    assert configured("csrf: { origins: https://app.example.com }").csrf.origins == (
        "https://app.example.com",
    )


def test_public_paths_are_a_list_or_one() -> None:
    assert configured("public: /docs").public == ("/docs",)
    assert configured("public: [/docs, /openapi.json]").public == ("/docs", "/openapi.json")

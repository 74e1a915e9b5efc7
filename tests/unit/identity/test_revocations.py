from bartizan.identity.revocations import LEEWAY_S, Trusted, entry

MAIN = Trusted("main", lifetime_max_s=3600, skew_s=10)


def test_an_entry_lives_until_every_token_it_meets_has_expired() -> None:
    subject = entry("subject", MAIN, "alice", 1000, 5000)
    assert subject.until_s == 1000 + 3600 + 10 + LEEWAY_S
    token = entry("token", MAIN, "t1", 1000, 5000)
    assert token.until_s == 5000 + 3600 + 10 + LEEWAY_S
    assert (token.issuer, token.name, token.made_s) == ("main", "t1", 5000)

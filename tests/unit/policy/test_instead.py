import pytest

from bartizan.policy import instead


@pytest.mark.parametrize(
    ("written", "meant"),
    [("30 seconds", "30s"), (10, "10s"), ("1 hour", "1h"), ("5 min", "5min"), ("soon", "")],
)
def test_a_time_keeps_its_meaning(written: object, meant: str) -> None:
    assert instead.duration(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("100 per minute", "100/min"),
        ("5 in 15 minutes", "5/15min"),
        (100, "100/min"),
        ("10/sec", "10/s"),
        ("fast", ""),
        ("10/ms", ""),
    ],
)
def test_a_rate_keeps_its_meaning(written: object, meant: str) -> None:
    assert instead.rate(written) == meant


@pytest.mark.parametrize(("written", "meant"), [("yes", "true"), (0, "false"), ("maybe", "")])
def test_flags_of_other_formats_are_understood(written: object, meant: str) -> None:
    assert instead.flag(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("20", "20"), ("64k", "65536"), ("1e3", "1000"), ("2.5", ""), (-1, "")]
)
def test_a_whole_number_stays_within_its_bounds(written: object, meant: str) -> None:
    assert instead.whole(written, 0, 1 << 20) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("tcp://api:80/v1", "http://api:80"),
        ("api:99999", ""),
        ("http://name:word@host", ""),
    ],
)
def test_an_address_of_an_api_gets_its_scheme(written: str, meant: str) -> None:
    assert instead.url(written, "http", bare=True) == meant


def test_a_port_alone_is_a_port_on_loopback() -> None:
    assert instead.address(8080) == "127.0.0.1:8080"
    assert instead.address("*:80") == "0.0.0.0:80"
    assert instead.address("nowhere") == ""


def test_host_bits_are_cut_off() -> None:
    assert instead.network("10.0.0.1/8") == "10.0.0.0/8"
    assert instead.network("10.0.0.1/40") == ""


def test_a_date_is_written_year_first() -> None:
    assert instead.moment("31.1.2027") == "2027-01-31"
    assert instead.moment("2027-2-31") == ""


def test_a_number_in_the_place_of_a_text_is_quoted() -> None:
    assert instead.text(17, r"\S+") == '"17"'
    assert instead.text("https://a.example/", r"[a-z.]+") == "a.example"
    assert instead.text(["a"], "") == ""


def test_an_example_stands_on_one_line() -> None:
    assert instead.flow(["a", 1]) == '["a", 1]'
    assert instead.flow("two words") == '"two words"'
    assert instead.flow("plain") == "plain"

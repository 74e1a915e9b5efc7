"""What was probably meant by a config value of the wrong form; empty where nothing can be told.

Only what keeps the meaning: `30 seconds` is `30s`, `yes` is `true`, `8080` is a port on loopback.
"""

from __future__ import annotations

import re

_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "y", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "n", "0"), "false"),
}
_UNITS = {
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "mn", "min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}
_SIZES = {"k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30}
_DURATION = re.compile(r"([0-9]{1,9})\s*([a-zA-Z]*)")
_RATE = re.compile(r"([1-9][0-9]{0,8})\s*(?:(?:/|per|in|a|every)\s*)?([0-9]{0,4})\s*([a-zA-Z]*)")
_SIZE = re.compile(r"([0-9]{1,9})\s*([a-zA-Z]{1,3})")


def flag(value: object) -> str:
    """`true` or `false`."""
    return _FLAGS.get(str(value).lower(), "")


def whole(value: object, least: int, most: int) -> str:
    """A whole number within its bounds."""
    text = str(value).strip().replace("_", "").replace(",", "")
    number: float | None = None
    try:
        number = float(text)
    except ValueError:
        match = _SIZE.fullmatch(text)
        if match and match[2].lower() in _SIZES:
            number = int(match[1]) << _SIZES[match[2].lower()]
    if number is None or number != number // 1 or not least <= number <= most:
        return ""
    return str(int(number))


def duration(value: object) -> str:
    """`30s`; a bare number counts seconds."""
    match = _DURATION.fullmatch(str(value).strip())
    unit = _UNITS.get(match[2].lower() or "s") if match else None
    return f"{match[1]}{unit}" if match and unit else ""


def rate(value: object) -> str:
    """`100/min`; a bare number counts by minute."""
    match = _RATE.fullmatch(str(value).strip())
    unit = _UNITS.get(match[3].lower() or "min") if match else None
    if match is None or unit is None or unit == "ms":
        return ""
    count = "" if match[2] in ("", "1") else match[2]
    return f"{match[1]}/{count}{unit}"


def url(value: object, scheme: str, *, bare: bool) -> str:
    """A URL with its scheme; a bare one without its path."""
    if not isinstance(value, str):
        return ""
    rest = re.sub(r"^[a-z]*:?/{1,2}", "", value)
    host = re.match(r"[A-Za-z0-9._-]+(?::[0-9]{1,5})?", rest)
    if host is None or "@" in value:
        return ""
    port = host[0].partition(":")[2]
    if port and int(port) > 65_535:  # noqa: PLR2004 -- the last port
        return ""
    return f"{scheme}://{host[0] if bare else rest}"


def address(value: object) -> str:
    """`127.0.0.1:8080` for a port alone; every interface for `*`."""
    text = str(value)
    if match := re.fullmatch(r"(?:\*|0)?:?([0-9]{1,5})", text):
        return f"{'0.0.0.0' if text[:1] == '*' else '127.0.0.1'}:{match[1]}"  # noqa: S104 -- asked for by `*`
    return ""


def network(value: object) -> str:
    """The network that an address with host bits lies in."""
    from ipaddress import ip_network

    try:
        return str(ip_network(str(value), strict=False))
    except ValueError:
        return ""


def moment(value: object) -> str:
    """A date as `2027-01-31`."""
    text = str(value)
    if match := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", text):
        year, month, day = match.groups()
    elif match := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text):
        day, month, year = match.groups()
    else:
        return ""
    return f"{year}-{int(month):02}-{int(day):02}" if _is_day(year, month, day) else ""


def _is_day(year: str, month: str, day: str) -> bool:
    from datetime import date

    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def text(value: object, pattern: str) -> str:
    """What fits the pattern: quoted where YAML read a number, without what stands around it."""
    written = ("true" if value else "false") if isinstance(value, bool) else value
    if isinstance(written, dict | list) or written is None:
        return ""
    plain = str(written)
    tries = [plain, plain.lower(), plain.rstrip("/"), re.sub(r"^[a-z]+://", "", plain).rstrip("/")]
    tries += [f"https://{plain}".rstrip("/")]
    for one in tries:
        if re.fullmatch(pattern or r"(?s).+", one):
            # Quoted, it is read as text again.
            return one if one != plain or isinstance(value, str) else f'"{one}"'
    return ""


def flow(example: object) -> str:
    """A value as YAML writes it on one line."""
    import json

    if isinstance(example, str):
        return example if re.fullmatch(r"[A-Za-z0-9$./:_{}#-]+", example) else json.dumps(example)
    return json.dumps(example, ensure_ascii=False)

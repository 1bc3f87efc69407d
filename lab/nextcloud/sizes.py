"""How does the server read and keep a quota? As a human's text, rounded: 10000000000 becomes "9.3 GB".

in_bytes and in_words do what computerFileSize and humanFileSize did in the recordings v2-user-edit-quota-*.
"""

import math
import re

UNITS = {"b": 0, "k": 1, "kb": 1, "m": 2, "mb": 2, "g": 3, "gb": 3, "t": 4, "tb": 4, "p": 5, "pb": 5}
NUMERIC = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*", re.ASCII)
NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII)
UNIT = re.compile(r"([kmgtp]?b?)$")
UNLIMITED = -3


def in_bytes(text: str) -> float | None:
    """Read "5 GB", "5gb" or "1e3"; None where it is no size. "1 GiB" is 1 byte, full-width digits are 0."""
    low = text.lower()
    if NUMERIC.fullmatch(low):
        return float(low)
    number, unit = NUMBER.match(low), UNIT.search(low)
    if unit is None or unit[1] not in UNITS:
        return None
    return rounded((float(number[0]) if number else 0.0) * 1024.0 ** UNITS[unit[1]], 0)


def in_words(size_bytes: float) -> str:
    """Write bytes as the server keeps them: "1.2 MB" for 1234567."""
    if size_bytes < 1024:
        return f"{number(size_bytes)} B"
    size = rounded(size_bytes / 1024, 0)
    for unit in ("KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{number(size)} {unit}"
        size = rounded(size / 1024, 1)
    return f"{number(size)} PB"


def rounded(value: float, digits: int) -> float:
    """Round half away from zero, as PHP does; sizes are not negative."""
    factor = 10.0**digits
    return math.floor(value * factor + 0.5) / factor


def number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def kept_bytes(quota: str) -> int:
    """What a kept quota comes to in bytes: "9.3 GB" is 9985798963; "none" and "default" are -3, unlimited."""
    return UNLIMITED if quota in ("none", "default") else int(in_bytes(quota) or 0)


def details(quota_bytes: int, used_bytes: int) -> dict[str, float]:
    """The field `quota` of an account: {"free": ..., "used": ..., "total": ..., "relative": 64.13, "quota": ...}.

    Quota 0 reads as unlimited in all but the last, though it lets nothing in.
    """
    if quota_bytes <= 0:
        return {"free": UNLIMITED, "used": used_bytes, "total": UNLIMITED, "relative": 0, "quota": quota_bytes}
    relative = rounded(used_bytes / quota_bytes * 100, 2)
    relative = int(relative) if relative == int(relative) else relative
    free = quota_bytes - used_bytes
    return {"free": free, "used": used_bytes, "total": quota_bytes, "relative": relative, "quota": quota_bytes}


def free_bytes(quota_bytes: int, used_bytes: int) -> int | None:
    """What may still be written; None where nothing limits it."""
    return None if quota_bytes < 0 else max(0, quota_bytes - used_bytes)

"""Which sizes does a Nextcloud keep, and how are they written for it?

Sources: Nextcloud's lib/public/Util.php (humanFileSize, computerFileSize) and the recordings quota-*,
v2-user-edit-quota-*, flow-create-bad-size*: a quota is stored as a rounded word of its own ('9.3 GB'), so that
10000000000 is read back as 9985798963; `1 GiB` is taken for one byte. A size rule wants a whole number and a unit, 1024
each: '512 MB', '1500 B'.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
FACTORS = {unit.lower(): 1024**power for power, unit in enumerate(UNITS)}
LARGEST = 1 << 53  # what the server reads as a float, to the byte: 8 PiB
RULE = re.compile(r"(\d{1,16}) ?([kmgt]?b)", re.ASCII | re.IGNORECASE)


def kept_bytes(size: int) -> int:
    """Return what the server makes of a quota of `size` bytes: kept_bytes(10_000_000_000) == 9_985_798_963.

    It rounds to whole KB below a MB, and to a tenth above; sizes of a whole GB stay as they are. ValueError where
    `size` is no quota.
    """
    if type(size) is not int or not 0 <= size <= LARGEST:
        raise ValueError(f"{size!a} is not a quota in bytes")
    kept = size
    for _ in range(2):  # it rounds when it is told, and once more when it stores
        number, unit = _rounded(kept)
        kept = int((number * FACTORS[unit.lower()]).quantize(Decimal(1), ROUND_HALF_UP))
    return kept


def quota_text(size: int) -> str:
    """Write a quota as the server takes it without a doubt: digits, in bytes."""
    kept_bytes(size)
    return str(size)


def rule_text(size: int) -> str:
    """Write the size of a rule in the largest unit that is exact: '512 MB', '1500 B'."""
    if type(size) is not int or not 0 < size <= LARGEST:
        raise ValueError(f"{size!a} is not the size of a file in bytes")
    power = max(power for power in range(5) if size % 1024**power == 0)
    return f"{size // 1024**power} {UNITS[power]}"


def read_rule(text: str) -> int | None:
    """Read the size of a rule, '512 MB' or '512mb'; None for what the server would not take."""
    found = RULE.fullmatch(text)
    return int(found[1]) * FACTORS[found[2].lower()] if found else None


def _rounded(size: int) -> tuple[Decimal, str]:
    """Round as the server does: whole KB first, then a tenth at each step up."""
    if size < 1024:
        return Decimal(size), "B"
    number = (Decimal(size) / 1024).quantize(Decimal(1), ROUND_HALF_UP)
    for unit in UNITS[1:-1]:
        if number < 1024:
            return number, unit
        number = (number / 1024).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return number, UNITS[-1]

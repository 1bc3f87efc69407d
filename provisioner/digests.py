"""How does a value become bytes, the same way everywhere?"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Value = str | int | float | bool | None | list[Any] | dict[str, Any]


def canonical_json(value: Value) -> str:
    """Write `value` with sorted keys and no spaces: {"a":1,"b":["x"]}.

    NaN is refused with ValueError (RFC 8785 in spirit).
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: Value) -> str:
    """Return sha256 over the canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_of_bytes(data: bytes) -> str:
    """Return sha256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def salted_digest(salt: str, value: Value) -> str:
    """Digest a person's field so that the chain can hold it and erasure of the field breaks nothing (law 9)."""
    return digest_of({"salt": salt, "value": value})

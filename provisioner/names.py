"""How do we name what we make, and how do we recognise it as ours?"""

from __future__ import annotations

import re
import secrets

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no l, o, 0, 1: read aloud at a counter
ITEM_ID = re.compile(r"g[a-km-np-z2-9]{9}", re.ASCII)
_MARK = re.compile(r"gerbang item=(g[a-km-np-z2-9]{9})(?: secret=v([0-9]{1,6}))?", re.ASCII)


def draw_item_id() -> str:
    """Draw an item's id, e.g. 'g7kq2mx4pd': also its system user, database, pool, subvolume and file name."""
    return "g" + "".join(secrets.choice(_ALPHABET) for _ in range(9))


def draw_id(prefix: str) -> str:
    """Draw an id that cannot be guessed: draw_id('req') -> 'req_h3k8...' with 80 bits."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def mark(item_id: str, secret_version: int | None = None) -> str:
    """Write our mark: 'gerbang item=g7kq2mx4pd secret=v1'."""
    return f"gerbang item={item_id}" + (f" secret=v{secret_version}" if secret_version is not None else "")


def read_mark(text: str) -> str | None:
    """Return the item id of the mark found in `text`, or None: made by others."""
    found = _MARK.search(text)
    return found.group(1) if found else None

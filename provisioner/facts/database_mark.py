"""What does the comment on a database say? The mark, and the size that is watched."""

from __future__ import annotations

import re

from provisioner.digests import Value

_COMMENT = re.compile(r"(gerbang item=g[a-km-np-z2-9]{9} secret=v[0-9]{1,6}) limit_bytes=([0-9]{1,15})", re.ASCII)


def comment_text(mark: str, limit_bytes: int) -> str:
    """Write 'gerbang item=g7kq2mx4pd secret=v1 limit_bytes=1073741824'; ValueError for another mark."""
    text = f"{mark} limit_bytes={limit_bytes}"
    if not _COMMENT.fullmatch(text):
        raise ValueError(f"{text!a} is not a database's comment")
    return text


def database_value(mark: str, limit_bytes: int | None, charset: str) -> dict[str, Value]:
    """Return {"mark": ..., "limit_bytes": 1073741824, "charset": "utf8mb4"}."""
    return {"mark": mark, "limit_bytes": limit_bytes, "charset": charset}


def read_comment(comment: str, charset: str) -> dict[str, Value]:
    """Read a comment; another's is kept whole as the mark, without a limit."""
    found = _COMMENT.fullmatch(comment)
    if found is None:
        return database_value(comment, None, charset)
    return database_value(found[1], int(found[2]), charset)


def user_value(item_id: str, hosts: tuple[str, ...], connections: int) -> dict[str, Value]:
    """Return a login with all rights on its own database only."""
    return {"hosts": sorted(hosts), "privileges": [item_id], "connections": connections}

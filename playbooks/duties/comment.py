"""What does the comment on a site's database say? As provisioner/facts/database_mark.py reads it."""

from __future__ import annotations

from kept import bare_mark

WORD = " limit_bytes="


def write_comment(after: dict) -> str:
    """'gerbang item=g7kq2mx4pd secret=v1 limit_bytes=1073741824'."""
    return f"{after['mark']}{WORD}{int(after['limit_bytes'])}"


def bare_value(value: dict) -> dict:
    """What `read_comment` says of a database whose mark has lost its secret's version: worn while that is replaced."""
    bare = {**value, "mark": bare_mark(value["mark"])}
    return read_comment(write_comment(bare), value["charset"])


def read_comment(comment: str, charset: str) -> dict:
    """{"mark", "limit_bytes", "charset"}; another's comment is kept whole as the mark, without a limit."""
    mark, _, limit = comment.partition(WORD)
    if mark.startswith("gerbang item=") and " secret=v" in mark and limit.isdecimal():
        return {"mark": mark, "limit_bytes": int(limit), "charset": charset}
    return {"mark": comment, "limit_bytes": None, "charset": charset}

"""What does the table of who may do what say? Reads access.txt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.gate.standing import PERSONS

TABLE = Path(__file__).with_name("access.txt")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One door in one state: what each person is told, and with which body they knock."""

    state: str
    method: str
    path: str
    told: Mapping[str, int]
    body: Mapping[str, Any] | None

    @property
    def door(self) -> str:
        """'POST /masuk'."""
        return f"{self.method} {self.path}"

    def written(self, told: Mapping[str, int]) -> str:
        """Write the row with other answers, to be read and then pasted."""
        body = "" if self.body is None else " " + json.dumps(self.body)
        return f"{self.state:9} {self.method:4} {self.path:58} " + " ".join(f"{told[name]}" for name in PERSONS) + body


def rows() -> tuple[Row, ...]:
    """Read the table; a line that begins with # is for people."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return tuple(_row(line) for line in lines if line.strip() and not line.startswith("#"))


def _row(line: str) -> Row:
    state, method, path, *rest = line.split(maxsplit=3 + len(PERSONS))
    told = dict(zip(PERSONS, map(int, rest[: len(PERSONS)]), strict=True))
    body = json.loads(rest[len(PERSONS)]) if len(rest) > len(PERSONS) else None
    return Row(state=state, method=method, path=path, told=told, body=body)

"""What was done for one line, as a letter tells it?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One limit or property: 'Ruang simpan', asked '10 GB', granted '5 GB', enforced 'kuota btrfs pada host'.

    `enforced` begins with 'tidak ditegakkan: ' where nothing holds the site to it, and is '' where there is no limit.
    """

    label: str
    asked: str
    granted: str
    enforced: str


@dataclass(frozen=True, kw_only=True)
class LineReport:
    """One line of a letter: title, a sentence or two, rows, and what else its owner must know. Never a secret."""

    title: str
    sentences: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()

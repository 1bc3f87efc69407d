"""How is a change said in words, and what exactly does it change?"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value, canonical_json
from provisioner.kinds.port import Kind
from provisioner.plans.change import Change
from provisioner.plans.plan import Part

VERBS = {"make": "dibuat", "change": "diubah", "remove": "dihapus"}
#: what stands before the slash of a target is a host, but for names
PLACES = {"dns": "zona "}
UNDOING = {
    "remove": "dapat dibatalkan: dihapus lagi",
    "restore": "dapat dibatalkan: keadaan semula dipulihkan",
    "none": "tidak dapat dibatalkan",
}


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    """One line of a diff: `sign` '+', '-' or ' '."""

    sign: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ChangeWords:
    """One change for a reader: 'Situs Apache g7kq2mx4pd di web1 dibuat', how it is undone, and line by line."""

    sentence: str
    verb: str
    undo: str
    is_final: bool
    facts: tuple[tuple[str, str, str], ...]
    diff: tuple[DiffLine, ...]


@dataclass(frozen=True, kw_only=True)
class SystemChanges:
    """All changes of one system in one part; `counts` (('dibuat', 3), ('diubah', 1)) for who reads no further."""

    system: str
    changes: tuple[ChangeWords, ...]
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class PartWords:
    """One part: where it runs, and whether it waits for the grace's end."""

    host: str
    waits: bool
    systems: tuple[SystemChanges, ...]


def parts_in_words(parts: Iterable[Part], kind: Kind) -> tuple[PartWords, ...]:
    """Say every part's changes by system, in the order they run."""
    return tuple(
        PartWords(host=part.limit, waits=bool(part.waits_for), systems=_by_system(part, kind)) for part in parts
    )


def in_words(change: Change, kind: Kind) -> ChangeWords:
    """Say one change."""
    row = kind.properties.get(change.system, {}).get(change.property)
    label = row.label if row else change.property
    verb = VERBS["make" if change.before is None else "remove" if change.after is None else "change"]
    return ChangeWords(
        sentence=f"{label} {change.spot.object} di {PLACES.get(change.system, '')}{change.spot.host} {verb}",
        verb=verb,
        undo=UNDOING[change.undo.value],
        is_final=change.undo.value == "none",
        facts=_facts(change.before, change.after),
        diff=_diff(_text(change.before), _text(change.after)),
    )


def _by_system(part: Part, kind: Kind) -> tuple[SystemChanges, ...]:
    found: dict[str, list[ChangeWords]] = {}
    for change in part.changes:
        found.setdefault(change.system, []).append(in_words(change, kind))
    return tuple(
        SystemChanges(
            system=system,
            changes=tuple(changes),
            counts=tuple(Counter(change.verb for change in changes).items()),
        )
        for system, changes in found.items()
    )


def _facts(before: Value, after: Value) -> tuple[tuple[str, str, str], ...]:
    """Return (name, before, after) of everything but a file's text: its owner and mode, a user's number."""
    old, new = _flat(before), _flat(after)
    return tuple((name, old.get(name, "tidak ada"), new.get(name, "tidak ada")) for name in dict.fromkeys([*old, *new]))


def _flat(value: Value) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        return {"nilai": _written(value)}
    return {str(name): _written(inner) for name, inner in value.items() if not _is_text(name, inner)}


def _is_text(name: str, value: Any) -> bool:
    return name == "text" and isinstance(value, str)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value)


def _text(value: Value) -> list[str]:
    found: Mapping[str, Any] = value if isinstance(value, dict) else {}
    text = found.get("text")
    return text.splitlines() if isinstance(text, str) else []


def _diff(before: list[str], after: list[str]) -> tuple[DiffLine, ...]:
    """Compare two files whole: what is approved is the whole text, not its neighbourhood."""
    lines = difflib.ndiff(before, after)
    return tuple(DiffLine(sign=line[0], text=line[2:]) for line in lines if line[0] in "+- ")

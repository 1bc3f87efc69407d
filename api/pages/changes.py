"""How is a change said in words, and what exactly does it change?"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from provisioner.digests import Value, canonical_json
from provisioner.facts.observation import Spot
from provisioner.facts.property import Undo
from provisioner.kinds.port import Kind
from provisioner.plans.change import Change
from provisioner.plans.plan import GRACE, GRACE_ONLY, VERDICT, Part

#: a place as the engine writes it: 'apache web1/g7kq2mx4pd vhost'
_SPOT = re.compile(r"\b([a-z_]+) ([^\s/;,]+/[^\s/;,]+) ([a-z_]+)\b", re.ASCII)
VERBS = {"make": "dibuat", "change": "diubah", "remove": "dihapus", "ensure": "dipastikan ada"}
#: what stands before the slash of a target is a host, but for names
PLACES = {"dns": "zona "}
#: what a value's parts are called, where their names are not words of the systems themselves (uid, mode)
PARTS = {
    "bytes": "bita",
    "disabled": "ditutup",
    "exists": "ada",
    "largest_bytes": "bita terbesar",
    "limit_bytes": "batas bita",
    "mailed": "terkirim",
    "mark": "tanda",
    "types": "jenis",
    "version": "versi",
}
UNDOING = {
    "remove": "dapat dibatalkan: dihapus lagi",
    "restore": "dapat dibatalkan: keadaan semula dipulihkan",
    "keep": "tetap ada bila dibatalkan: dipakai bersama, dan sendirian tidak membatasi siapa pun",
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
class StopWords:
    """One thing that made a run stop, and the exact places that it speaks of: ('apache web1/g7kq2mx4pd vhost',)."""

    sentence: str
    spots: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SystemChanges:
    """All changes of one system in one part; `counts` (('dibuat', 3), ('diubah', 1)) for who reads no further."""

    system: str
    changes: tuple[ChangeWords, ...]
    counts: tuple[tuple[str, int], ...]


WAITS = {
    GRACE: "sesudah masa tenggang",
    GRACE_ONLY: "sesudah masa tenggang",
    VERDICT: "sesudah semua pemeriksaan sesuai",
}


@dataclass(frozen=True, kw_only=True)
class PartWords:
    """One part: where it runs, and what it waits for in words: 'sesudah masa tenggang', '' for nothing."""

    host: str
    waits: str
    systems: tuple[SystemChanges, ...]


def parts_in_words(parts: Iterable[Part], kind: Kind) -> tuple[PartWords, ...]:
    """Say every part's changes by system, in the order they run."""
    return tuple(
        PartWords(host=part.limit, waits=WAITS.get(part.waits_for, ""), systems=_by_system(part, kind))
        for part in parts
    )


def spot_in_words(spot: Spot, kind: Kind, titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """Say a place: 'Situs Apache g7kq2mx4pd di web1'; 'Situs Apache simpeg.kota.lab di web1' by the item's title."""
    row = kind.properties.get(spot.system, {}).get(spot.property)
    label = row.label if row else spot.property
    return f"{label} {titles.get(spot.object, spot.object)} di {PLACES.get(spot.system, '')}{spot.host}"


def stop_in_words(text: str, kind: Kind, titles: Mapping[str, str]) -> StopWords:
    """Say why a run stopped: every place of a system that the kind knows, in words; the rest stays as it was told."""
    spots: list[str] = []

    def said(found: re.Match[str]) -> str:
        system, target, name = found.groups()
        if name not in kind.properties.get(system, {}):
            return found.group()
        spots.append(found.group())
        return spot_in_words(Spot(system=system, target=target, property=name), kind, titles)

    return StopWords(sentence=_SPOT.sub(said, text), spots=tuple(spots))


def in_words(change: Change, kind: Kind) -> ChangeWords:
    """Say one change."""
    made = "ensure" if change.undo is Undo.KEEP else "make"
    verb = VERBS[made if change.before is None else "remove" if change.after is None else "change"]
    return ChangeWords(
        sentence=f"{spot_in_words(change.spot, kind)} {verb}",
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
    return {PARTS.get(name, name): _written(inner) for name, inner in value.items() if not _is_text(name, inner)}


def _is_text(name: str, value: Any) -> bool:
    return name == "text" and isinstance(value, str)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "tidak ada"
    return value if isinstance(value, str) else canonical_json(value)


def _text(value: Value) -> list[str]:
    found: Mapping[str, Any] = value if isinstance(value, dict) else {}
    text = found.get("text")
    return text.splitlines() if isinstance(text, str) else []


def _diff(before: list[str], after: list[str]) -> tuple[DiffLine, ...]:
    """Compare two files whole: what is approved is the whole text, not its neighbourhood."""
    lines = difflib.ndiff(before, after)
    return tuple(DiffLine(sign=line[0], text=line[2:]) for line in lines if line[0] in "+- ")

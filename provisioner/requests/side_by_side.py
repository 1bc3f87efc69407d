"""How are many lines read at once? What differs as columns, what is the same for all of them said once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.requests.availability import Availability
from provisioner.requests.fields import Field
from provisioner.requests.reading import Kinds, is_asked, of_verb, said_in

#: so many columns are read at a glance; what differs beyond them is said in one cell together
MOST_COLUMNS = 5
_ITEM = "Kode layanan"
_PERSON = "Penanggung jawab teknis"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line: its number, and what its columns say; `more` says what differs beyond them."""

    number: int
    cells: tuple[str, ...]
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The lines of one kind and verb: columns ('Sub domain', 'Ruang simpan'), `same` as (label, said) for them all."""

    kind: str
    verb: str
    columns: tuple[str, ...]
    same: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One line as it is laid beside the others: its number (of the line, or of the table's row), item and wish.

    `technical`: the name of who will work with it, where any line of the request names its own; '' where none does.
    """

    number: int
    kind: str
    verb: str
    item: str | None
    wish: Mapping[str, Any]
    technical: str = ""


def side_by_side(lines: Iterable[Asked], kinds: Kinds) -> tuple[Group, ...]:
    """Lay the lines side by side, kind by kind and verb by verb; a line whose verb is not known is left out.

    What names each of them (`sole`), or the item, is a column even where there is one line alone.
    """
    found: dict[tuple[str, str], list[Asked]] = {}
    for line in lines:
        if line.verb in kinds.get(line.kind, {}):
            found.setdefault((line.kind, line.verb), []).append(line)
    return tuple(_group(kind, verb, alike, kinds[kind][verb]) for (kind, verb), alike in found.items())


def _group(kind: str, verb: str, lines: Sequence[Asked], asked: Availability) -> Group:
    fields = of_verb(asked)
    told = {field.name: [_told(field, line, fields) for line in lines] for field in fields}
    differing = [field for field in fields if _names(field, lines) or len(set(told[field.name])) > 1]
    same = [(field.label, told[field.name][0]) for field in fields if field not in differing and told[field.name][0]]
    shown = [field for field in differing if any(told[field.name])]
    columns, others = shown[:MOST_COLUMNS], shown[MOST_COLUMNS:]
    items = [line.item or "" for line in lines] if asked.names_item else None
    persons = [line.technical or "-" for line in lines] if any(line.technical for line in lines) else None
    rows = [
        Row(
            number=line.number,
            cells=_with_person(
                [*([items[at]] if items else []), *(told[field.name][at] or "-" for field in columns)],
                persons[at] if persons else "",
            ),
            more="; ".join(f"{field.label}: {told[field.name][at]}" for field in others if told[field.name][at]),
        )
        for at, line in enumerate(lines)
    ]
    heads = _with_person([*([_ITEM] if items else []), *(field.label for field in columns)], _PERSON if persons else "")
    return Group(kind=kind, verb=verb, columns=heads, same=tuple(same), rows=tuple(rows))


def _with_person(cells: Sequence[str], person: str) -> tuple[str, ...]:
    """Put the person beside what names the line; the last cell is a field's, below which more may be said."""
    return (*cells[:1], person, *cells[1:]) if person else tuple(cells)


def _names(field: Field, lines: Sequence[Asked]) -> bool:
    """Tell whether the field names any of the lines, so that it is a column even where there is one alone."""
    return bool(field.sole) and any(line.wish.get(field.name) not in (None, *field.shared) for line in lines)


def _told(field: Field, line: Asked, fields: Sequence[Field]) -> str:
    """Say one cell: '' where the field is not asked beside the others' values, or says nothing."""
    defaults = {one.name: one.default for one in fields}
    if not is_asked(field, line.wish, defaults):
        return ""
    return said_in(field, line.wish)

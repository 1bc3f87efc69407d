"""May this be asked of the item that a line names? Every fault at once, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.desk.named import known_technical
from provisioner.digests import Value
from provisioner.errors import Fault, NotFound
from provisioner.items.item import Item, Verb
from provisioner.items.verbs import VERBS, refusal
from provisioner.kinds.port import Kind
from provisioner.letters.wording import VERBS as VERB_WORDS
from provisioner.names import ITEM_ID
from provisioner.requests.changed_wish import changed_wish
from provisioner.requests.request import Draft, DraftLine
from provisioner.store import items, requests
from provisioner.unit_of_work import UnitOfWork


def item_faults(
    uow: UnitOfWork, kinds: Mapping[str, Kind], draft: Draft, *, but_request: str | None = None
) -> tuple[Fault, ...]:
    """Return what speaks against the draft's lines: item, its state, what is under way, wish as it would become.

    `but_request`: the request that these lines are a new version of; its own open lines are no hindrance.
    """
    named = ((number, line) for number, line in enumerate(draft.lines) if not VERBS[Verb(line.verb)].makes_item)
    return tuple(
        fault for number, line in named for fault in _faults(uow, kinds, draft, line, f"lines[{number}]", but_request)
    )


def unknown_items(uow: UnitOfWork, opd: str, lines: Sequence[Any]) -> tuple[Fault, ...]:
    """Return the items that lines as sent name and the OPD has not: told with whatever else is wrong with them."""
    faults = []
    for number, line in enumerate(lines):
        item = line.get("item") if isinstance(line, dict) else None
        if isinstance(item, str) and ITEM_ID.fullmatch(item) and not _stands(uow, opd, item):
            faults.append(_unknown(f"lines[{number}].item", item))
    return tuple(faults)


def _stands(uow: UnitOfWork, opd: str, item_id: str) -> bool:
    try:
        return items.item(uow, item_id).opd == opd
    except NotFound:
        return False


def _unknown(where: str, item_id: str) -> Fault:
    return Fault(where=where, seen=item_id, what="layanan tidak ada", mend="Periksa kodenya.")


def _faults(
    uow: UnitOfWork, kinds: Mapping[str, Kind], draft: Draft, line: DraftLine, where: str, but_request: str | None
) -> tuple[Fault, ...]:
    item = _item(uow, draft, line)
    if item is None:
        return (_unknown(f"{where}.item", str(line.item_id)),)
    found = [*_hindrances(uow, line, item, f"{where}.item", but_request)]
    row = VERBS[Verb(line.verb)]
    named = known_technical(uow, line.technical or draft.technical) if row.appoints else None
    if named is not None and named.id == item.technical_person_id:
        what = "sudah penanggung jawab teknis layanan ini"
        place = f"{where}.technical" if line.technical else "technical"
        found.append(Fault(where=place, seen=named.name, what=what, mend="Sebut orang yang baru."))
    if row.changes_wish and not _moved(line, item):
        what, mend = "sama dengan yang sudah ada", "Ubah sedikitnya satu isian."
        found.append(Fault(where=where, seen=item.id, what=what, mend=mend))
    elif row.changes_wish:
        found += changed_wish(kinds[line.kind].fields, item.wish, line.wish, where)[1]
    return tuple(found)


def only_what_moves(uow: UnitOfWork, draft: Draft) -> Draft:
    """Leave out of each change what stands like that already: a form sends all its fields, a letter tells the few."""
    lines = []
    for line in draft.lines:
        row = VERBS[Verb(line.verb)]
        if row.changes_wish and not row.makes_item:
            line = replace(line, wish=_moved(line, items.item(uow, str(line.item_id))))  # noqa: PLW2901
        lines.append(line)
    return replace(draft, lines=tuple(lines))


def _moved(line: DraftLine, item: Item) -> dict[str, Value]:
    return {name: value for name, value in line.wish.items() if value != item.wish.get(name)}


def _item(uow: UnitOfWork, draft: Draft, line: DraftLine) -> Item | None:
    """Another OPD's item, or one of another kind, is not there."""
    try:
        item = items.item(uow, str(line.item_id))
    except NotFound:
        return None
    return item if (item.opd, item.kind) == (draft.opd, line.kind) else None


def _hindrances(uow: UnitOfWork, line: DraftLine, item: Item, where: str, but_request: str | None) -> tuple[Fault, ...]:
    busy = requests.open_line_of_item(uow, item.id)
    if busy is not None and busy.request_id != but_request:
        number = requests.request(uow, busy.request_id).number
        what = f"layanan ini sedang dikerjakan dalam permohonan {number} ({VERB_WORDS[Verb(busy.verb)].lower()})"
        return (Fault(where=where, seen=item.id, what=what, mend="Tunggu sampai selesai, atau tarik permohonan itu."),)
    why = refusal(Verb(line.verb), item.state)
    if why:
        return (Fault(where=where, seen=item.state.value, what=why, mend="Pilih tindakan atau layanan lain."),)
    return ()

"""What does an item's page show beside the item: whose it is, what it was granted and uses, how its life went?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from provisioner.desk.house import House
from provisioner.items.item import Item, ItemState
from provisioner.items.receipt import Receipt
from provisioner.kinds.port import Limit, Standing
from provisioner.people.person import Person, Position
from provisioner.requests.filed import FiledRequest, Line
from provisioner.runs.run import Run
from provisioner.store import last_looks, life, people, plans, receipts, requests, runs
from provisioner.store.last_looks import LastLook
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Use:
    """A limit, and how much of it the last look measured; None where nothing measures it."""

    limit: Limit
    used: int | None


@dataclass(frozen=True, kw_only=True)
class ItemCard:
    """An item for people.

    `administrative` as the last request letter names it ({} once erased); `technical` None where nobody is named, or
    the details were erased; `looked_at` None before the first nightly look.
    """

    item: Item
    standing: Standing
    uses: tuple[Use, ...]
    looked_at: datetime | None
    administrative: Mapping[str, Any]
    technical: Person | None


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One request on an item, with its runs, the oldest first."""

    request: FiledRequest
    line: Line
    runs: tuple[Run, ...]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an item ends: since when, whether the OPD must say that it has its contents, and what it said last.

    `receipt` is of this end: one that was given before an earlier end was cancelled counts for nothing.
    """

    since: datetime
    needs_receipt: bool
    receipt: Receipt | None

    @property
    def awaits_receipt(self) -> bool:
        """Tell whether the OPD has still to say it."""
        return self.needs_receipt and self.receipt is None


def ending_of(uow: UnitOfWork, item: Item) -> Ending | None:
    """Return how the item ends; None where it does not."""
    line = requests.open_line_of_item(uow, item.id) if item.state is ItemState.ENDING else None
    if line is None or line.run_id is None:
        return None
    run = runs.run(uow, line.run_id)
    plan = plans.plan(uow, run.plan_id).plan
    given = [one for one in receipts.of_item(uow, item.id) if one.at >= run.queued_at]
    return Ending(
        since=run.queued_at,
        needs_receipt=plan is None or plan.needs_receipt,
        receipt=given[-1] if given else None,
    )


def awaits_receipt(uow: UnitOfWork, item: Item) -> bool:
    """Tell whether the item's end waits for the OPD to say that it has its contents; where none is kept, for nobody."""
    ending = ending_of(uow, item)
    return ending is not None and ending.awaits_receipt


def signers(uow: UnitOfWork, opd: str, day: date, but: str) -> Mapping[str, Position]:
    """Return who could sign for the OPD on that day, by a position held then and a contract that counted; not `but`."""
    found: dict[str, Position] = {}
    for person in people.persons(uow):
        held = [one for one in person.positions_on(day) if one.opd == opd]
        if held and person.id != but and not person.access_ended_on(day):
            found[person.id] = held[0]
    return found


def cards(uow: UnitOfWork, house: House, found: tuple[Item, ...]) -> tuple[ItemCard, ...]:
    """Put the cards of many items together with the same few questions as for one."""
    looks = last_looks.of(uow, [_subject(house, item) for item in found])
    named = people.by_id(uow, [item.technical_person_id for item in found if item.technical_person_id])
    last = life.last_lines(uow, [item.id for item in found])
    of_line = requests.of_lines(uow, last.values())
    return tuple(
        _card(
            house,
            item,
            looks.get(_subject(house, item)),
            named.get(item.technical_person_id or ""),
            of_line[last[item.id]],
        )
        for item in found
    )


def _card(house: House, item: Item, look: LastLook | None, technical: Person | None, request: FiledRequest) -> ItemCard:
    standing = house.kinds[item.kind].standing(item.wish, item.choices)
    measures = look.measures if look else {}
    return ItemCard(
        item=item,
        standing=standing,
        uses=tuple(Use(limit=limit, used=measures.get(limit.measure)) for limit in standing.limits),
        looked_at=look.at if look else None,
        administrative=request.administrative,
        technical=technical,
    )


def _subject(house: House, item: Item) -> str:
    return house.kinds[item.kind].target(item.choices)

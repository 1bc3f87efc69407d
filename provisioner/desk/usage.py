"""Usage: what did an item, or an OPD's items together, use over time, of how much that was granted?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioner.desk.granted import Steps, added, granted, granted_at
from provisioner.desk.item_life import ItemCard, cards
from provisioner.desk.items import ItemDesk
from provisioner.errors import NotFound
from provisioner.items.item import Item
from provisioner.items.life import Moment
from provisioner.items.usage import Point, Total
from provisioner.kinds.port import Kind, Measure
from provisioner.people.person import Person
from provisioner.store import items, life, people, usage
from provisioner.unit_of_work import UnitOfWork

INSTANT = "unix_seconds"
_A_BATCH = 20  # items whose series are in memory together
_LATELY = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Series:
    """One measure over time: `points` (period, value) the oldest first; `granted` since when how much was granted.

    `kind_label` 'Data cloud'. `last`: what is used now, None where nothing was measured: by an item as it was measured
    last, by an OPD's standing items as the looks of these days found them. `items`: how many that is of.
    """

    kind_label: str
    measure: Measure
    points: Steps
    granted: Steps
    last: int | None
    items: int


@dataclass(frozen=True, kw_only=True)
class ItemUsage:
    """An item's series since `since`, in the order of the kind's measures."""

    item: Item
    series: tuple[Series, ...]
    since: datetime


@dataclass(frozen=True, kw_only=True)
class OpdUsage:
    """What an OPD's items used together since `since`, by kind; `cards` of a page of its items, the newest first."""

    opd: str
    name: str
    series: tuple[Series, ...]
    cards: tuple[ItemCard, ...]
    since: datetime


@dataclass(frozen=True, kw_only=True)
class OpdSum:
    """What an OPD's items of one kind use now by a measure, as the last look of these days found."""

    opd: str
    name: str
    kind_label: str
    measure: Measure
    value: int
    items: int


@dataclass(frozen=True, kw_only=True)
class UsageRow:
    """A point as a list names it: of which item, by which measure, of how much granted then (None: no limit)."""

    item: Item
    measure: Measure
    point: Point
    granted: int | None


class UsageDesk(ItemDesk):
    """Show usage over time, to who sees the item or is of the OPD."""

    def item_usage(self, person: Person, item_id: str, *, days: int) -> ItemUsage:
        """Return the series of an item, of the last `days`."""
        with self.house.database.reading() as uow:
            item = self.visible_item(uow, person, item_id)
            kind, since = self.house.kinds[item.kind], self.now - timedelta(days=days)
            found, lived = usage.series(uow, item_id, since=since), life.of_item(uow, item_id)
        series = tuple(
            Series(
                kind_label=kind.label,
                measure=measure,
                points=tuple((one.period, one.value) for one in found.get(measure.name, ())),
                granted=granted(kind, lived, measure),
                last=found[measure.name][-1].value if measure.name in found else None,
                items=1,
            )
            for measure in kind.measures
        )
        return ItemUsage(item=item, series=tuple(filter(_says_anything, series)), since=since)

    def usage_page(
        self, person: Person, item_id: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[UsageRow, ...]:
        """Return points of an item, the newest first; `before` is (period, measure) of the last one seen."""
        with self.house.database.reading() as uow:
            item = self.visible_item(uow, person, item_id)
            found, lived = usage.page(uow, item_id, before=before, limit=limit), life.of_item(uow, item_id)
        return tuple(_rows(self.house.kinds[item.kind], item, lived, found))

    def opd_usage(
        self, person: Person, opd: str, *, days: int, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> OpdUsage:
        """Return what the OPD's items used together in the last `days`; another OPD's is NotFound."""
        with self.house.database.reading() as uow:
            name, since = self._visible_opd(uow, person, opd), self.now - timedelta(days=days)
            totals = usage.totals(uow, opd, since=since, but=self._instants())
            now = {(one.kind, one.measure): one for _, one in self._now(uow, frozenset({opd}))}
            lives = _by_kind(life.of_opd(uow, opd))
            shown = cards(uow, self.house, items.page(uow, opds=frozenset({opd}), before=before, limit=limit))
        series = []
        for kind in self.house.kinds.values():
            for measure in (one for one in kind.measures if one.unit != INSTANT):
                mine = [one for one in totals if (one.kind, one.measure) == (kind.name, measure.name)]
                used = now.get((kind.name, measure.name))
                series.append(
                    Series(
                        kind_label=kind.label,
                        measure=measure,
                        points=tuple((one.period, one.value) for one in mine),
                        granted=added(granted(kind, lived, measure) for lived in lives.get(kind.name, ())),
                        last=used.value if used else None,
                        items=used.items if used else 0,
                    )
                )
        return OpdUsage(opd=opd, name=name, series=tuple(filter(_says_anything, series)), cards=shown, since=since)

    def opd_sums(self, person: Person) -> tuple[OpdSum, ...]:
        """Return what each OPD that this person sees uses now, by OPD, kind and measure."""
        with self.house.database.reading() as uow:
            found = self._now(uow, self.scope(person))
            names = people.opds(uow)
        kinds = self.house.kinds
        measures = {(kind.name, measure.name): measure for kind in kinds.values() for measure in kind.measures}
        return tuple(
            OpdSum(
                opd=opd,
                name=names[opd],
                kind_label=kinds[total.kind].label,
                measure=measures[total.kind, total.measure],
                value=total.value,
                items=total.items,
            )
            for opd, total in found
            if (total.kind, total.measure) in measures
        )

    def item_usage_rows(
        self, person: Person, item_id: str, *, since: datetime | None, until: datetime | None
    ) -> Iterator[UsageRow]:
        """Return every point of an item between two instants, the oldest first; NotFound before the first."""
        with self.house.database.reading() as uow:
            item = self.visible_item(uow, person, item_id)
        return self._rows_of((item,), since, until)

    def opd_usage_rows(
        self, person: Person, opd: str, *, since: datetime | None, until: datetime | None
    ) -> Iterator[UsageRow]:
        """Return every point of the OPD's items, item by item, those that ended too; NotFound before the first."""
        with self.house.database.reading() as uow:
            self._visible_opd(uow, person, opd)
        return self._rows_of_opd(opd, since, until)

    def _rows_of_opd(self, opd: str, since: datetime | None, until: datetime | None) -> Iterator[UsageRow]:
        before: tuple[datetime, str] | None = None
        while True:
            with self.house.database.reading() as uow:
                found = items.page(uow, opds=frozenset({opd}), before=before, limit=_A_BATCH)
            yield from self._rows_of(found, since, until)
            if len(found) < _A_BATCH:
                return
            before = (found[-1].delivered_at, found[-1].id)

    def _rows_of(self, found: tuple[Item, ...], since: datetime | None, until: datetime | None) -> Iterator[UsageRow]:
        with self.house.database.reading() as uow:
            points = usage.of_items(uow, [item.id for item in found], since=since, until=until)
            lives = life.of_items(uow, [item.id for item in found])
        for item in found:
            yield from _rows(self.house.kinds[item.kind], item, lives.get(item.id, ()), points.get(item.id, ()))

    def _visible_opd(self, uow: UnitOfWork, person: Person, opd: str) -> str:
        """Return the OPD's name; one that this person does not see is NotFound, as if it were not there."""
        names = people.opds(uow)
        if opd not in names or not self.sees(person, opd):
            raise NotFound("OPD tidak ada", opd, "Periksa kodenya.")
        return names[opd]

    def _now(self, uow: UnitOfWork, opds: frozenset[str] | None) -> tuple[tuple[str, Total], ...]:
        """Return what these OPDs use now: a silence of a day or two takes nothing out of it."""
        return usage.newest(uow, opds=opds, since=self.now - _LATELY, but=self._instants())

    def _instants(self) -> frozenset[str]:
        """Return the measures that make no sum."""
        kinds = self.house.kinds.values()
        return frozenset(measure.name for kind in kinds for measure in kind.measures if measure.unit == INSTANT)


def _says_anything(series: Series) -> bool:
    return bool(series.points or series.granted)


def _rows(kind: Kind, item: Item, lived: tuple[Moment, ...], points: Iterable[Point]) -> Iterator[UsageRow]:
    measures = {measure.name: (measure, granted(kind, lived, measure)) for measure in kind.measures}
    for point in points:
        if point.measure in measures:
            measure, steps = measures[point.measure]
            yield UsageRow(item=item, measure=measure, point=point, granted=granted_at(steps, point.at))


def _by_kind(lives: Mapping[tuple[str, str], tuple[Moment, ...]]) -> Mapping[str, list[tuple[Moment, ...]]]:
    """Group lives by the kind of their items."""
    found: dict[str, list[tuple[Moment, ...]]] = {}
    for (kind, _), lived in lives.items():
        found.setdefault(kind, []).append(lived)
    return found

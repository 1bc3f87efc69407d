"""How is usage over time told over HTTP? Points as they were measured, with what was granted then."""

from __future__ import annotations

from datetime import datetime

from api.replies.base import Reply
from provisioner.desk.usage import OpdSum, OpdUsage, Series, UsageRow
from provisioner.kinds.port import Measure


class MeasureReply(Reply):
    """What is measured: `unit` 'bytes' or 'unix_seconds' (0: never); `not_counted` says what the figure leaves out."""

    name: str
    label: str
    unit: str
    not_counted: str

    @classmethod
    def of(cls, measure: Measure) -> MeasureReply:
        """Tell a measure."""
        return cls(name=measure.name, label=measure.label, unit=measure.unit, not_counted=measure.not_counted)


class PointReply(Reply):
    """The last value measured within a period, and how much was granted then (None: there is no limit)."""

    measure: str
    period: datetime
    at: datetime
    value: int
    granted: int | None

    @classmethod
    def of(cls, row: UsageRow) -> PointReply:
        """Tell a point."""
        point = row.point
        return cls(measure=point.measure, period=point.period, at=point.at, value=point.value, granted=row.granted)


class ItemUsagePage(Reply):
    """One page of an item's points, the newest period first."""

    measures: tuple[MeasureReply, ...]
    points: tuple[PointReply, ...]
    next: str | None


class StepReply(Reply):
    """A value, and since when."""

    at: datetime
    value: int


class SeriesReply(Reply):
    """What an OPD's items of one kind used together; `granted`: since when how much all of them were granted."""

    kind: str
    measure: MeasureReply
    points: tuple[StepReply, ...]
    granted: tuple[StepReply, ...]
    items: int

    @classmethod
    def of(cls, series: Series) -> SeriesReply:
        """Tell a series."""
        return cls(
            kind=series.kind_label,
            measure=MeasureReply.of(series.measure),
            points=tuple(StepReply(at=at, value=value) for at, value in series.points),
            granted=tuple(StepReply(at=at, value=value) for at, value in series.granted),
            items=series.items,
        )


class OpdUsageReply(Reply):
    """An OPD's use over time, since `since`."""

    opd: str
    name: str
    since: datetime
    series: tuple[SeriesReply, ...]

    @classmethod
    def of(cls, found: OpdUsage) -> OpdUsageReply:
        """Tell an OPD's use."""
        series = tuple(SeriesReply.of(one) for one in found.series)
        return cls(opd=found.opd, name=found.name, since=found.since, series=series)


class OpdSumReply(Reply):
    """What an OPD's items of one kind use now."""

    opd: str
    name: str
    kind: str
    measure: MeasureReply
    value: int
    items: int

    @classmethod
    def of(cls, found: OpdSum) -> OpdSumReply:
        """Tell a sum."""
        measure = MeasureReply.of(found.measure)
        return cls(
            opd=found.opd, name=found.name, kind=found.kind_label, measure=measure, value=found.value, items=found.items
        )


class OpdSumList(Reply):
    """Every OPD that the caller sees, with what it uses now."""

    sums: tuple[OpdSumReply, ...]

"""The chain, for those with the right `audit`; and whether this process can serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from provisioner.desk.house import Room
from provisioner.errors import GerbangError
from provisioner.evidence.chain import AuditRow, ChainReport, verify
from provisioner.people.person import Person, Right
from provisioner.store import audit, people, traces
from provisioner.unit_of_work import UnitOfWork

_MOST_PERSONS = 10


@dataclass(frozen=True, kw_only=True)
class Search:
    """What of the chain is wanted: of one request ('2026-0007'), by whose name holds `person`, on which days."""

    request: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """A row with the names behind its ids; '' where nobody recorded it, the id itself where the name was erased.

    `names`: id -> name of every person that the row is about or speaks of, 'per_umum' -> 'Umum Rekaan'.
    """

    row: AuditRow
    actor: str
    recorder: str
    names: Mapping[str, str]


class AuditDesk(Room):
    """Read and verify the chain."""

    def audit_rows(self, person: Person, *, after: int = 0, limit: int = 100) -> tuple[AuditRow, ...]:
        """Return rows after `after`, in order."""
        self.need(person, Right.AUDIT)
        with self.house.database.reading() as uow:
            return audit.rows(uow, after, limit)

    def history(
        self, person: Person, search: Search, *, before: int | None = None, limit: int = 50
    ) -> tuple[HistoryRow, ...]:
        """Return what answers the search, the newest first; `before` is the sequence of the last one seen."""
        self.need(person, Right.AUDIT)
        with self.house.database.reading() as uow:
            found = audit.page(
                uow,
                subjects=traces.of_request(uow, search.request) if search.request else None,
                persons=people.named_like(uow, search.person, _MOST_PERSONS) if search.person else None,
                since=self._midnight(search.since),
                until=self._midnight(search.until + timedelta(days=1) if search.until else None),
                before=before,
                limit=limit,
            )
            return _with_names(uow, found)

    def procedure_words(self) -> Mapping[str, str]:
        """Return what steps and documents are called, by id; a step that two procedures call otherwise is left out."""
        called: dict[str, set[str]] = {}
        words: dict[str, str] = {}
        for procedure in self.house.procedures.values():
            words |= procedure.document_labels
            for step in procedure.steps:
                called.setdefault(step.id, set()).add(step.activity.casefold())
                words[step.id] = step.activity
        return {name: word for name, word in words.items() if len(called.get(name, ())) < 2}

    def audit_verify(self, person: Person) -> ChainReport:
        """Walk the whole chain; name the first broken place."""
        self.need(person, Right.AUDIT)
        with self.house.database.reading() as uow:
            return verify(audit.all_rows(uow))

    def ready(self) -> Mapping[str, str]:
        """Say for each part whether it is at hand: {'database': 'ok', 'queue': 'ok'}."""
        return {"database": _said(self.house.database.check), "queue": _said(self.house.queue.check)}

    def _midnight(self, day: date | None) -> datetime | None:
        """Return when that day begins in the office's zone."""
        return None if day is None else datetime.combine(day, time(), ZoneInfo(self.house.timezone))


def _with_names(uow: UnitOfWork, rows: tuple[AuditRow, ...]) -> tuple[HistoryRow, ...]:
    known = people.by_id(uow, {one for row in rows for one in _ids_of(row)})
    names = {one: person.name for one, person in known.items()}
    return tuple(
        HistoryRow(
            row=row,
            actor=names.get(row.actor, row.actor),
            recorder=names.get(row.recorder, row.recorder) if row.recorder else "",
            names={one: names[one] for one in _ids_of(row) if one in names},
        )
        for row in rows
    )


def _ids_of(row: AuditRow) -> set[str]:
    """Return what of a row may be a person's id."""
    return {one for one in (row.actor, row.recorder, row.subject, row.data.get("person")) if isinstance(one, str)}


def _said(check: Callable[[], None]) -> str:
    try:
        check()
    except GerbangError as fault:
        return str(fault)
    return "ok"

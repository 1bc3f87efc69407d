"""What did a run mean to do, what came of each task, what was seen at the end?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.digests import Value, digest_of
from provisioner.errors import Refused
from provisioner.plans.change import Change
from provisioner.runs.run import Event, Intent, Result
from provisioner.store.asking import only
from provisioner.store.refusals import refusing
from provisioner.store.tables.runs import EVENTS, INTENTS, RECORDS, RESULTS, VERDICTS
from provisioner.unit_of_work import UnitOfWork
from provisioner.verification.verdict import Verdict


def write_intent(uow: UnitOfWork, intent: Intent) -> None:
    """Write what a part is about to do; Refused where the run has announced that part and way already."""
    where = f"bagian {intent.part} ({intent.way})"
    with refusing(uow, Refused(f"niat {where} sudah tertulis", f"pelaksanaan {intent.run_id}", "Lanjutkan yang ada.")):
        uow.connection.execute(sa.insert(INTENTS).values({**vars(intent), "changes": _data(intent.changes)}))


def intents(uow: UnitOfWork, run_id: str) -> tuple[Intent, ...]:
    """Return what the run announced, in the order it was written."""
    query = sa.select(INTENTS).where(INTENTS.c.run_id == run_id)
    rows = uow.connection.execute(query.order_by(INTENTS.c.written_at, INTENTS.c.part))
    return tuple(Intent(**{**row._mapping, "changes": _changes(row.changes)}) for row in rows)


def write_result(uow: UnitOfWork, result: Result) -> None:
    """Write how a task ended; Refused where its part was never announced."""
    where = f"bagian {result.part} ({result.way})"
    with refusing(
        uow, Refused(f"{where} tidak mempunyai niat", f"pelaksanaan {result.run_id}", "Tulis niatnya dahulu.")
    ):
        uow.connection.execute(sa.insert(RESULTS).values({**vars(result), "changes": _data(result.changes)}))


def results(uow: UnitOfWork, run_id: str) -> tuple[Result, ...]:
    """Return how the run's tasks ended, in the order they were written."""
    columns = [column for column in RESULTS.c if column.name != "id"]
    rows = uow.connection.execute(sa.select(*columns).where(RESULTS.c.run_id == run_id).order_by(RESULTS.c.id))
    return tuple(Result(**{**row._mapping, "changes": _changes(row.changes)}) for row in rows)


def write_verdicts(uow: UnitOfWork, run_id: str, found: Iterable[Verdict], now: datetime) -> None:
    """Write one verification's verdicts; earlier ones stay beside them."""
    attempt = _last(uow, VERDICTS.c.attempt, VERDICTS.c.run_id == run_id) + 1
    rows = [
        {"run_id": run_id, "attempt": attempt, "place": place, "written_at": now, **vars(verdict)}
        for place, verdict in enumerate(found)
    ]
    if rows:
        uow.connection.execute(sa.insert(VERDICTS), rows)


def verdicts(uow: UnitOfWork, run_id: str) -> tuple[Verdict, ...]:
    """Return the verdicts of the run's last verification, in their order."""
    attempt = _last(uow, VERDICTS.c.attempt, VERDICTS.c.run_id == run_id)
    columns = (VERDICTS.c.name, VERDICTS.c.label, VERDICTS.c.wanted, VERDICTS.c.seen, VERDICTS.c.holds, VERDICTS.c.note)
    query = sa.select(*columns).where(VERDICTS.c.run_id == run_id, VERDICTS.c.attempt == attempt)
    return tuple(Verdict(**row._mapping) for row in uow.connection.execute(query.order_by(VERDICTS.c.place)))


def add_events(uow: UnitOfWork, run_id: str, lines: Iterable[tuple[str, str, str, datetime]]) -> None:
    """Add live lines (kind, task, text, at), already redacted; their sequence goes on from 1."""
    first = _last(uow, EVENTS.c.sequence, EVENTS.c.run_id == run_id) + 1
    rows = [
        {"run_id": run_id, "sequence": sequence, "kind": kind, "task": task, "text": text, "at": at}
        for sequence, (kind, task, text, at) in enumerate(lines, start=first)
    ]
    if rows:
        uow.connection.execute(sa.insert(EVENTS), rows)


def events(uow: UnitOfWork, run_id: str, after: int = 0, limit: int = 500) -> tuple[Event, ...]:
    """Return the run's live lines whose sequence is above `after`."""
    columns = (EVENTS.c.sequence, EVENTS.c.kind, EVENTS.c.task, EVENTS.c.text, EVENTS.c.at)
    query = sa.select(*columns).where(EVENTS.c.run_id == run_id, EVENTS.c.sequence > after)
    return tuple(
        Event(**row._mapping) for row in uow.connection.execute(query.order_by(EVENTS.c.sequence).limit(limit))
    )


def file_record(uow: UnitOfWork, run_id: str, data: Mapping[str, Value]) -> str:
    """File the run's record and return its sha256; the same again changes nothing, another becomes the next version."""
    last = _last(uow, RECORDS.c.version, RECORDS.c.run_id == run_id)
    sha256 = digest_of(dict(data))
    known = sa.select(RECORDS.c.sha256).where(RECORDS.c.run_id == run_id, RECORDS.c.version == last)
    if uow.connection.execute(known).scalar() != sha256:
        row = {"run_id": run_id, "version": last + 1, "sha256": sha256, "data": dict(data)}
        uow.connection.execute(sa.insert(RECORDS).values(row))
    return sha256


def record(uow: UnitOfWork, run_id: str) -> Mapping[str, Any]:
    """Return the run's record as last filed; NotFound where none was."""
    query = sa.select(RECORDS.c.data).where(RECORDS.c.run_id == run_id).order_by(RECORDS.c.version.desc()).limit(1)
    data: Mapping[str, Any] = only(uow, query, f"catatan pelaksanaan {run_id}").data
    return data


def _last(uow: UnitOfWork, column: sa.Column[int], condition: sa.ColumnElement[bool]) -> int:
    return int(uow.connection.execute(sa.select(sa.func.max(column)).where(condition)).scalar() or 0)


def _data(changes: Iterable[Change]) -> list[dict[str, Value]]:
    return [change.as_data() for change in changes]


def _changes(data: Iterable[dict[str, Value]]) -> tuple[Change, ...]:
    return tuple(Change.from_data(change) for change in data)

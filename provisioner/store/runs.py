"""How far did each run get?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.runs.run import ENDED, MOVES, Run, RunState
from provisioner.store.asking import changed_one, older_than, only
from provisioner.store.carrying_out import (
    add_events,
    events,
    file_record,
    intents,
    record,
    results,
    verdicts,
    write_intent,
    write_result,
    write_verdicts,
)
from provisioner.store.refusals import refusing
from provisioner.store.tables.requests import LINES
from provisioner.store.tables.runs import RUNS
from provisioner.unit_of_work import UnitOfWork

# What a run leaves behind is asked for where the run is.
__all__ = [
    "add",
    "add_events",
    "ask_cancel",
    "by_id",
    "events",
    "file_record",
    "intents",
    "look_again",
    "move",
    "of_line",
    "open_on_host",
    "page",
    "record",
    "results",
    "run",
    "take",
    "to_mend",
    "verdicts",
    "waiting_until_before",
    "write_intent",
    "write_result",
    "write_verdicts",
]

_UNSETTLED = ("decided", "running")
_NEED_A_PERSON = ("needs_attention", "unknown", "waiting_for_person", "failed", "cancelled")


def add(uow: UnitOfWork, run: Run) -> None:
    """Write a new run; Refused where the line has one that has not ended."""
    refusal = Refused("baris ini sudah mempunyai pelaksanaan yang berjalan", "pelaksanaan", "Tunggu sampai selesai.")
    with refusing(uow, refusal):
        uow.connection.execute(sa.insert(RUNS).values({**vars(run), "state": run.state.value}))


def run(uow: UnitOfWork, run_id: str) -> Run:
    """Return the run; NotFound where there is none."""
    return _from_row(only(uow, sa.select(RUNS).where(RUNS.c.id == run_id), f"pelaksanaan {run_id}"))


def by_id(uow: UnitOfWork, run_ids: Iterable[str]) -> Mapping[str, Run]:
    """Return many at once: id -> run."""
    rows = uow.connection.execute(sa.select(RUNS).where(RUNS.c.id.in_(sorted(set(run_ids)))))
    return {row.id: _from_row(row) for row in rows}


def move(
    uow: UnitOfWork,
    run_id: str,
    to: RunState,
    *,
    why: str = "",
    waiting_until: datetime | None = None,
    look_again_at: datetime | None = None,
    now: datetime,
) -> Run:
    """Move the run on and return it; Refused where that move does not exist, or another moved it meanwhile."""
    known = run(uow, run_id)
    if to not in MOVES.get(known.state, frozenset()):
        raise Refused(f"dari '{known.state}' tidak dapat menjadi '{to}'", f"pelaksanaan {run_id}", "Muat ulang.")
    values: dict[str, Any] = {
        "state": to.value,
        "why": why,
        "waiting_until": waiting_until,
        "look_again_at": look_again_at,
    }
    if to is RunState.UNDOING:
        values["undo_why"] = why
    if known.started_at is None and to is RunState.LOOKING:
        values["started_at"] = now
    if to in ENDED:
        values["ended_at"] = now
    unmoved = sa.update(RUNS).where(RUNS.c.id == run_id, RUNS.c.state == known.state.value)
    if uow.connection.execute(unmoved.values(values)).rowcount != 1:
        raise Refused("pelaksanaan sudah bergerak", f"pelaksanaan {run_id}", "Muat ulang.")
    return run(uow, run_id)


def take(uow: UnitOfWork, run_id: str) -> int:
    """Take the run up; return the fence, by which whoever took it up before sees that it is theirs no more."""
    changed_one(uow, sa.update(RUNS).where(RUNS.c.id == run_id).values(fence=RUNS.c.fence + 1), run_id)
    return run(uow, run_id).fence


def look_again(uow: UnitOfWork, run_id: str, at: datetime) -> None:
    """Leave the run alone until then."""
    changed_one(uow, sa.update(RUNS).where(RUNS.c.id == run_id).values(look_again_at=at), run_id)


def ask_cancel(uow: UnitOfWork, run_id: str, person_id: str) -> None:
    """Note who asked to cancel; the first one counts. Refused where the run has ended."""
    if run(uow, run_id).has_ended:
        raise Refused("pelaksanaan sudah selesai", f"pelaksanaan {run_id}", "Tidak ada yang perlu dibatalkan.")
    first = sa.func.coalesce(RUNS.c.cancel_asked_by, person_id)
    changed_one(uow, sa.update(RUNS).where(RUNS.c.id == run_id).values(cancel_asked_by=first), run_id)


def of_line(uow: UnitOfWork, line_id: str) -> tuple[Run, ...]:
    """Return the line's runs, the oldest first."""
    query = sa.select(RUNS).where(RUNS.c.line_id == line_id).order_by(RUNS.c.queued_at, RUNS.c.id)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def open_on_host(uow: UnitOfWork, host: str) -> tuple[Run, ...]:
    """Return the host's runs that have not ended, the longest queued first."""
    open_lines = LINES.c.state.in_(_UNSETTLED)
    query = sa.select(*RUNS.c).join(LINES, LINES.c.run_id == RUNS.c.id).where(open_lines, RUNS.c.host == host)
    query = query.where(RUNS.c.state.not_in(sorted(ENDED))).order_by(RUNS.c.queued_at, RUNS.c.id)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def waiting_until_before(uow: UnitOfWork, now: datetime) -> tuple[Run, ...]:
    """Return the runs whose waiting (grace) has ended, the longest due first."""
    due = (RUNS.c.state == RunState.WAITING_UNTIL.value) & (RUNS.c.waiting_until <= now)
    query = sa.select(RUNS).where(due).order_by(RUNS.c.waiting_until, RUNS.c.id)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def to_mend(uow: UnitOfWork) -> Mapping[str, tuple[Run, ...]]:
    """Return by request the last runs of lines that go no further without a person, the longest queued first."""
    of_line = sa.select(LINES.c.request_id, *RUNS.c).join(RUNS, RUNS.c.id == LINES.c.run_id)
    stuck = LINES.c.state.in_(_UNSETTLED) & RUNS.c.state.in_(_NEED_A_PERSON)
    found = defaultdict(list)
    for row in uow.connection.execute(of_line.where(stuck).order_by(RUNS.c.queued_at, RUNS.c.id)):
        values = dict(row._mapping)
        found[values.pop("request_id")].append(Run(**{**values, "state": RunState(row.state)}))
    return {request_id: tuple(runs) for request_id, runs in found.items()}


def page(uow: UnitOfWork, *, before: tuple[datetime, str] | None = None, limit: int = 50) -> tuple[Run, ...]:
    """Return a page of runs, the newest first; `before` is (queued_at, id) of the last one seen."""
    query = sa.select(RUNS).where(older_than(before, RUNS.c.queued_at, RUNS.c.id))
    query = query.order_by(RUNS.c.queued_at.desc(), RUNS.c.id.desc()).limit(limit)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def _from_row(row: Any) -> Run:
    return Run(**{**row._mapping, "state": RunState(row.state)})

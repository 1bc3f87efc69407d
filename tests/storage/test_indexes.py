"""Does every list have its index, so that it stays fast with a hundred thousand requests?"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from provisioner.requests.request import RequestState
from provisioner.store import (
    adjustments,
    alarms,
    audit,
    decisions,
    holds,
    items,
    last_looks,
    letters,
    life,
    logins,
    looking_back,
    notices,
    people,
    plans,
    receipts,
    requests,
    runs,
    secrets,
    traces,
    usage,
)
from provisioner.store.tables.columns import METADATA
from provisioner.unit_of_work import UnitOfWork
from tests.storage.world import ITEM, NOW, TONO, World

MINE = frozenset({"DISDIK"})
BEFORE = (NOW - timedelta(days=9), "req_x")
LISTS: dict[str, Callable[[UnitOfWork], object]] = {
    "requests, all": lambda uow: requests.page(uow, opds=None, before=BEFORE),
    "requests, mine": lambda uow: requests.page(uow, opds=MINE, before=BEFORE),
    "requests, mine or naming me": lambda uow: requests.page(uow, opds=MINE, technical_person_id=TONO.id),
    "requests, open": lambda uow: requests.page(uow, opds=None, states={RequestState.OPEN}, before=BEFORE),
    "requests, by number": lambda uow: requests.page(uow, opds=None, text="2026-00"),
    "requests at a step": lambda uow: requests.standing_at(
        uow, {("tarakan_hosting", "0" * 64, "submit")}, opds=None, technical_person_id=None, limit=9
    ),
    "steps at hand": requests.steps_at_hand,
    "requests that ended": lambda uow: requests.ended_lately(uow, opds=None, technical_person_id=None, limit=6),
    "requests that ended, mine": lambda uow: requests.ended_lately(
        uow, opds=MINE, technical_person_id=TONO.id, limit=6
    ),
    "runs to mend": runs.to_mend,
    "lines of an item": lambda uow: requests.lines_of_item(uow, ITEM),
    "plans of a line": lambda uow: plans.of_line(uow, "line_x"),
    "plans of many lines": lambda uow: plans.briefs(uow, ["plan_x"]),
    "runs of many lines": lambda uow: runs.by_id(uow, ["run_x"]),
    "decisions of many lines": lambda uow: decisions.of_lines(uow, ["line_x"]),
    "proposals of a request": lambda uow: adjustments.of_request(uow, "req_x"),
    "holds of a line": lambda uow: holds.of_line(uow, "line_x"),
    "holds of an item": lambda uow: holds.of_item(uow, ITEM),
    "holds to expire": lambda uow: holds.expire(uow, NOW),
    "runs, all": lambda uow: runs.page(uow, before=BEFORE),
    "runs of a line": lambda uow: runs.of_line(uow, "line_x"),
    "runs whose waiting ended": lambda uow: runs.waiting_until_before(uow, NOW),
    "events of a run": lambda uow: runs.events(uow, "run_1", 5, 100),
    "results of a run": lambda uow: runs.results(uow, "run_1"),
    "what was acted on": lambda uow: looking_back.places_of_others_since(uow, NOW, "run_x"),
    "items, all": lambda uow: items.page(uow, opds=None, before=BEFORE),
    "items, mine": lambda uow: items.page(uow, opds=MINE, before=BEFORE),
    "holds of a host": lambda uow: holds.of_host(uow, "web1"),
    "runs on a host": lambda uow: runs.open_on_host(uow, "web1"),
    "requests of lines": lambda uow: requests.of_lines(uow, ["line_x"]),
    "last looks": lambda uow: last_looks.of(uow, ["web1"]),
    "last lines of items": lambda uow: life.last_lines(uow, [ITEM]),
    "usage of an item": lambda uow: usage.page(uow, ITEM, before=(NOW, "storage_used_bytes")),
    "usage of an item since": lambda uow: usage.series(uow, ITEM, since=NOW),
    "usage of many items": lambda uow: usage.of_items(uow, [ITEM], since=NOW, until=None),
    "usage of each OPD now": lambda uow: usage.newest(uow, opds=None, since=NOW),
    "lives of items": lambda uow: life.of_items(uow, [ITEM]),
    "lives of an OPD's items": lambda uow: life.of_opd(uow, "DISDIK"),
    "usage of an OPD": lambda uow: usage.totals(uow, "DISDIK", since=NOW),
    "usage to forget": lambda uow: usage.forget(uow, NOW),
    "items of a host": lambda uow: items.on_host(uow, "web1"),
    "secrets of an item": lambda uow: secrets.of_item(uow, ITEM),
    "decisions of a line": lambda uow: decisions.of_line(uow, "line_x"),
    "receipts of an item": lambda uow: receipts.of_item(uow, ITEM),
    "alarms of an item": lambda uow: alarms.of_item(uow, ITEM),
    "letters of a request": lambda uow: letters.of_request(uow, "req_x"),
    "letters to try": lambda uow: letters.to_try(uow, NOW),
    "letters not sent": letters.stuck,
    "a session": lambda uow: logins.session(uow, "0" * 64, NOW),
    "a token": lambda uow: logins.person_of_token(uow, "0" * 64, NOW),
    "a person": lambda uow: people.person(uow, TONO.id),
    "audit, newest": audit.page,
    "audit from a row on": lambda uow: audit.rows(uow, 5, 100),
    "audit of a subject": lambda uow: audit.page(uow, subjects={"req_x"}, before=9),
    "audit of a person": lambda uow: audit.page(uow, persons={"person_x"}, before=9),
    "audit of some days": lambda uow: audit.page(uow, since=NOW, until=NOW + timedelta(days=1)),
    "traces of a request": lambda uow: traces.of_request(uow, "2026-0001"),
    "letters that wait": lambda uow: letters.to_try(uow, NOW),
    "letters that are stuck": letters.stuck,
    "notices of a person": lambda uow: notices.untold(uow, TONO.id),
    "notices of a mail": lambda uow: notices.told_in(uow, "not_x"),
    "whether a person may be written to": lambda uow: notices.may_write(uow, TONO.id, NOW),
}


@pytest.mark.parametrize(
    "backend", ["sqlite"], indirect=True
)  # its planner answers without data; the indexes are the same
def test_no_list_reads_a_whole_table(world: World) -> None:
    with_notes = scanned(world, lambda uow: uow.connection.exec_driver_sql("SELECT note FROM steps_done").all())
    assert with_notes == ["SCAN steps_done"]
    whole = {name: scans for name, act in LISTS.items() if (scans := scanned(world, act))}
    assert whole == {}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_every_list_has_an_index_on_postgresql_too(world: World) -> None:
    """An empty table is read whole, whatever indexes there are; told not to, PostgreSQL does so only where it must."""

    def whole_tables(act: Callable[[UnitOfWork], object]) -> list[str]:
        sent = statements(world, act)
        with world.database.transaction() as uow:
            uow.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            steps = [
                row[0].strip()
                for statement, parameters in sent
                for row in uow.connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)
            ]
        return [step for step in steps if "Seq Scan on" in step]

    with_notes = whole_tables(lambda uow: uow.connection.exec_driver_sql("SELECT note FROM steps_done").all())
    assert with_notes == ["Seq Scan on steps_done"]
    assert {name: scans for name, act in LISTS.items() if (scans := whole_tables(act))} == {}


def scanned(world: World, act: Callable[[UnitOfWork], object]) -> list[str]:
    """The steps of SQLite's plans for what `act` sends that walk a table without an index."""
    sent = statements(world, act)
    with world.database.transaction() as uow:
        steps = [
            row.detail
            for statement, parameters in sent
            for row in uow.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    return [step for step in steps if step.startswith("SCAN") and step.split()[1:] == [table_of(step)]]


def statements(world: World, act: Callable[[UnitOfWork], object]) -> list[tuple[str, Any]]:
    """What `act` sends of SELECT, UPDATE and DELETE, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        if arguments[2].lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            sent.append((arguments[2], arguments[3]))

    engine = world.database.engine
    with world.database.transaction() as uow:
        sa.event.listen(engine, "before_cursor_execute", note)
        act(uow)
        sa.event.remove(engine, "before_cursor_execute", note)
    return sent


def table_of(step: str) -> str:
    """The table that a step names: 'SCAN requests' -> 'requests'; '' where it is none of ours."""
    return next((word for word in step.split() if word in METADATA.tables), "")

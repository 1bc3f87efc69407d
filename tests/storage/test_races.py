"""When sixteen want the same at once, is there exactly one winner?"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from provisioner.audit_events import AuditEvent
from provisioner.errors import Refused
from provisioner.evidence.chain import verify
from provisioner.plans.hold import Thing
from provisioner.requests.request import DraftLine, LineState
from provisioner.runs.run import RunState
from provisioner.store import audit, holds, items, plans, requests, runs, secrets
from provisioner.store.database import Database
from provisioner.unit_of_work import UnitOfWork
from tests.storage.test_items import SECRET
from tests.storage.world import FQDN, GIB, ITEM, NOW, SOON, STORAGE, TONO, UID, World, bare, draft, item, plan, run

MANY = 16


def race(database: Database, act: Callable[[UnitOfWork, int], object], many: int = MANY, *, in_line: bool) -> list[int]:
    """Start `many` at once, each in its transaction; return who won. Anything but Refused is an error.

    `in_line`: through Database.transaction(), where PostgreSQL's writers stand in one line as on SQLite; else without.
    """
    start = Barrier(many)

    def one(number: int) -> bool:
        start.wait(timeout=30)
        try:
            with database.transaction() if in_line else bare(database) as uow:
                act(uow, number)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(many) as pool:
        return [number for number, won in enumerate(pool.map(one, range(many))) if won]


@pytest.fixture(params=[True, False], ids=["in line", "bare"])
def in_line(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("thing", [FQDN, UID])
def test_the_last_single_thing_has_one_winner(world: World, thing: Thing, in_line: bool) -> None:
    lines = world.lines(MANY)

    def take(uow: UnitOfWork, number: int) -> None:
        holds.take(uow, line_id=lines[number], item_id=f"item{number}", things=(thing,), expires_at=SOON)

    winners = race(world.database, take, in_line=in_line)
    assert len(winners) == 1
    with world.database.reading() as uow:
        standing = [holds.of_line(uow, line_id) for line_id in lines]
        assert [number for number, rows in enumerate(standing) if rows] == winners
        assert holds.taken(uow, None) == {thing.pool: {thing.key}}


def test_the_last_share_has_one_winner(world: World, in_line: bool) -> None:
    lines = world.lines(MANY)
    with world.database.transaction() as uow:
        holds.set_sum(uow, STORAGE.pool, 8 * GIB)

    def take(uow: UnitOfWork, number: int) -> None:
        holds.take(uow, line_id=lines[number], item_id=f"item{number}", things=(STORAGE,), expires_at=SOON)

    assert len(race(world.database, take, in_line=in_line)) == 1
    with world.database.reading() as uow:
        assert holds.sums(uow, None) == {STORAGE.pool: (8 * GIB, 5 * GIB)}


def test_as_many_shares_are_given_as_there_are(world: World, in_line: bool) -> None:
    lines = world.lines(MANY)
    pools = [f"web{number}:storage_bytes" for number in range(3)]
    with world.database.transaction() as uow:
        for pool in pools:
            holds.set_sum(uow, pool, 5)

    def take(uow: UnitOfWork, number: int) -> None:
        # Each in another order: those who lock as they come would wait for each other.
        turned = pools[number % 3 :] + pools[: number % 3]
        things = tuple(Thing(pool=pool, key="", amount=1, label="ruang") for pool in turned)
        holds.take(uow, line_id=lines[number], item_id=f"item{number}", things=things, expires_at=SOON)
        holds.release(uow, lines[number])
        holds.take(uow, line_id=lines[number], item_id=f"item{number}", things=things, expires_at=SOON)

    assert len(race(world.database, take, in_line=in_line)) == 5
    with world.database.reading() as uow:
        assert holds.sums(uow, None) == dict.fromkeys(pools, (5, 5))


def test_one_run_is_begun_for_a_line(world: World, in_line: bool) -> None:
    line_id = world.line()
    world.decided(line_id)

    def begin(uow: UnitOfWork, number: int) -> None:
        runs.add(uow, run(line_id, id=f"run_{number}"))

    assert len(race(world.database, begin, in_line=in_line)) == 1


def test_one_worker_moves_a_run(world: World, in_line: bool) -> None:
    world.running(world.line())

    def move(uow: UnitOfWork, number: int) -> None:
        runs.move(uow, "run_1", RunState.LOOKING, why=str(number), now=NOW)

    winners = race(world.database, move, in_line=in_line)
    with world.database.reading() as uow:
        assert [runs.run(uow, "run_1").why] == [str(number) for number in winners]


def test_one_claims_a_secret(world: World, in_line: bool) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        secrets.add(uow, SECRET)
        secrets.make_claimable(uow, ITEM, NOW, SOON)
    winners = race(world.database, lambda uow, _: secrets.mark_claimed(uow, "sec_1", TONO.id, NOW), in_line=in_line)
    assert len(winners) == 1


def test_one_item_of_an_id_is_delivered(world: World, in_line: bool) -> None:
    line_id = world.line()
    assert len(race(world.database, lambda uow, _: items.add(uow, item(line_id)), in_line=in_line)) == 1


def test_one_request_at_a_time_does_something_to_an_item(world: World, in_line: bool) -> None:
    """Whatever the verbs: the others are told that it is being worked on, and nothing of theirs is kept."""
    asked = DraftLine(kind="hosting", verb="change", item_id=ITEM, wish={"storage_gb": 8})

    def ask(uow: UnitOfWork, number: int) -> None:
        verb = ("change", "terminate", "suspend")[number % 3]
        world.file(uow, made=replace(draft(), lines=(replace(asked, verb=verb),)))

    assert len(race(world.database, ask, in_line=in_line)) == 1
    with world.database.transaction() as uow:
        busy = requests.open_line_of_item(uow, ITEM)
        assert busy is not None
        assert [line.id for line in requests.lines_of_item(uow, ITEM)] == [busy.id]
        with pytest.raises(Refused, match="sedang dikerjakan"):
            ask(uow, 1)
        requests.change_line(uow, busy.id, state=LineState.DELIVERED)
        assert requests.open_line_of_item(uow, ITEM) is None
        ask(uow, 1)


def test_one_look_becomes_the_lines_current_plan(world: World) -> None:
    line_id = world.line()

    def look(uow: UnitOfWork, number: int) -> None:
        plans.ask(uow, f"plan_{number}", line_id, None, "", {}, NOW)
        plans.finish(uow, f"plan_{number}", "current", plan(), (), NOW)  # type: ignore[arg-type]

    race(world.database, look, in_line=True)
    with world.database.reading() as uow:
        states = Counter(record.state.value for record in plans.of_line(uow, line_id))
    assert states == {"current": 1, "superseded": MANY - 1}


def test_numbers_have_no_gaps_when_eight_file_at_once(world: World, in_line: bool) -> None:
    def file(uow: UnitOfWork, number: int) -> None:
        world.file(uow)
        if number % 4 == 3:
            raise Refused("ditarik kembali")

    for _ in range(3):
        assert len(race(world.database, file, 8, in_line=in_line)) == 6
    with world.database.reading() as uow:
        found = sorted(uow.connection.exec_driver_sql("SELECT number FROM requests").scalars())
    assert found == [f"2026-{number:04d}" for number in range(1, 19)]


def test_the_chain_has_one_order_when_sixteen_write(world: World, in_line: bool) -> None:
    def write(uow: UnitOfWork, number: int) -> None:
        for _ in range(3):
            audit.append(uow, AuditEvent.STEP_DO, actor=f"p{number}", subject="r", data={}, at=NOW)

    assert len(race(world.database, write, in_line=in_line)) == MANY
    with world.database.reading() as uow:
        report = verify(audit.all_rows(uow))
        actors = [row.actor for row in audit.all_rows(uow)]
    assert (report.rows, report.broken) == (3 * MANY, "")
    # Each transaction's rows stand together: nobody writes between them.
    assert all(len(set(actors[first : first + 3])) == 1 for first in range(0, 3 * MANY, 3))

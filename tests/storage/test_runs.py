"""Is a run's walk kept, move by move, with all it meant, did and saw?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from provisioner.errors import NotFound, Refused
from provisioner.runs.run import MOVES, Event, Intent, Result, RunState
from provisioner.store import runs
from provisioner.verification.verdict import Verdict
from tests.storage.world import NOW, RINA, WATI, World, change, run

LATER = NOW + timedelta(minutes=5)
INTENT = Intent(
    run_id="run_1",
    part=0,
    way="make",
    changes=(change(after={"text": "<VirtualHost>\n", "mode": "0644"}), change(before="lama", after=None)),
    neighbours={"web1/gaaaaaaaaa": "ab" * 32},
    reach={"playbooks/hosting.yml": "cd" * 32},
    written_at=NOW,
)
RESULT = Result(
    run_id="run_1",
    part=0,
    way="make",
    task="apache",
    outcome="changed",
    changes=INTENT.changes,
    message="",
    seconds=0.125,
    written_at=LATER,
)


def test_a_run_comes_back_whole_and_walks_to_its_end(world: World) -> None:
    line_id = world.line()
    made = world.running(line_id)
    with world.database.transaction() as uow:
        assert runs.run(uow, "run_1") == made
        looking = runs.move(uow, "run_1", RunState.LOOKING, now=NOW + timedelta(seconds=1))
        assert looking == replace(made, state=RunState.LOOKING, started_at=NOW + timedelta(seconds=1))
        waiting = runs.move(uow, "run_1", RunState.WAITING_UNTIL, why="masa tenggang", waiting_until=LATER, now=NOW)
        assert waiting == replace(looking, state=RunState.WAITING_UNTIL, why="masa tenggang", waiting_until=LATER)
        again = runs.move(uow, "run_1", RunState.LOOKING, now=LATER)
        assert again == replace(looking, why="", waiting_until=None)
        ended = runs.move(uow, "run_1", RunState.STALE, why="vhost berubah", now=LATER)
        assert ended == replace(again, state=RunState.STALE, why="vhost berubah", ended_at=LATER)
        assert runs.of_line(uow, line_id) == (ended,)
        with pytest.raises(NotFound):
            runs.run(uow, "run_x")


def test_only_the_moves_of_the_table_are_made(world: World) -> None:
    first, *_ = lines = world.lines(len(RunState))
    world.decided(first)
    with world.database.transaction() as uow:
        for state, line_id in zip(RunState, lines, strict=True):
            runs.add(uow, run(line_id, id=f"run_{state}", state=state))
            for to in set(RunState) - MOVES.get(state, frozenset()):
                with pytest.raises(Refused, match=f"dari '{state}'"):
                    runs.move(uow, f"run_{state}", to, now=NOW)
            assert runs.run(uow, f"run_{state}").state is state


def test_a_line_has_one_run_that_has_not_ended(world: World) -> None:
    line_id, other = world.lines(2)
    world.running(line_id)
    world.running(other, "run_other")
    second = run(line_id, id="run_2", queued_at=LATER, plan_id="plan_1", decision_id="dec_1")
    with world.database.transaction() as uow:
        with pytest.raises(Refused, match="sudah mempunyai pelaksanaan"):
            runs.add(uow, second)
        runs.move(uow, "run_1", RunState.CANCELLED, now=NOW)
        runs.add(uow, second)
        assert [one.id for one in runs.of_line(uow, line_id)] == ["run_1", "run_2"]


def test_the_first_who_asks_to_cancel_is_noted(world: World) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        runs.ask_cancel(uow, "run_1", WATI.id)
        runs.ask_cancel(uow, "run_1", RINA.id)
        assert runs.run(uow, "run_1").cancel_asked_by == WATI.id
        runs.move(uow, "run_1", RunState.CANCELLED, now=NOW)
        with pytest.raises(Refused, match="sudah selesai"):
            runs.ask_cancel(uow, "run_1", RINA.id)


def test_runs_whose_waiting_ended_are_found(world: World) -> None:
    lines = world.lines(4)
    for number, (line_id, state, hours) in enumerate(
        zip(lines, ["waiting_until"] * 3 + ["looking"], (3, 1, 9, 1), strict=True)
    ):
        world.decided(line_id, f"plan_{number}", f"dec_{number}")
        made = run(
            line_id,
            id=f"run_{number}",
            plan_id=f"plan_{number}",
            decision_id=f"dec_{number}",
            state=RunState(state),
            waiting_until=NOW + timedelta(hours=hours),
        )
        with world.database.transaction() as uow:
            runs.add(uow, made)
    with world.database.reading() as uow:
        found = runs.waiting_until_before(uow, NOW + timedelta(hours=3))
    assert [one.id for one in found] == ["run_1", "run_0"]


def test_pages_of_runs_follow_each_other(world: World) -> None:
    for number, line_id in enumerate(world.lines(5)):
        world.running(line_id, f"run_{number}")
    found: list[str] = []
    before = None
    with world.database.reading() as uow:
        while rows := runs.page(uow, before=before, limit=2):
            found += [one.id for one in rows]
            before = (rows[-1].queued_at, rows[-1].id)
    assert found == ["run_4", "run_3", "run_2", "run_1", "run_0"]


def test_intents_and_results_come_back_whole(world: World) -> None:
    world.running(world.line())
    undo = replace(INTENT, way="undo", written_at=LATER)
    failed = replace(RESULT, way="undo", outcome="failed", message="Galat: é", changes=())
    with world.database.transaction() as uow:
        for intent in (INTENT, undo):
            runs.write_intent(uow, intent)
        for result in (RESULT, failed, RESULT):
            runs.write_result(uow, result)
        assert runs.intents(uow, "run_1") == (INTENT, undo)
        assert runs.results(uow, "run_1") == (RESULT, failed, RESULT)


def test_a_part_is_announced_once_and_before_its_results(world: World) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        with pytest.raises(Refused, match="tidak mempunyai niat"):
            runs.write_result(uow, RESULT)
        runs.write_intent(uow, INTENT)
        with pytest.raises(Refused, match="sudah tertulis"):
            runs.write_intent(uow, replace(INTENT, changes=()))
        runs.write_result(uow, RESULT)
        assert runs.intents(uow, "run_1") == (INTENT,)


def test_the_last_verification_counts_in_its_order(world: World) -> None:
    world.running(world.line())
    page = Verdict(
        name="https_page", label="Halaman", wanted={"status": 200}, seen={"status": 503}, holds=False, note="x"
    )
    sftp = Verdict(name="sftp", label="SFTP", wanted={"inside": True}, seen={"inside": True}, holds=True)
    mended = replace(page, seen={"status": 200}, holds=True, note="")
    with world.database.transaction() as uow:
        assert runs.verdicts(uow, "run_1") == ()
        runs.write_verdicts(uow, "run_1", (sftp, page), NOW)
        assert runs.verdicts(uow, "run_1") == (sftp, page)
        runs.write_verdicts(uow, "run_1", (mended, sftp), LATER)
        runs.write_verdicts(uow, "run_1", (), LATER)
        assert runs.verdicts(uow, "run_1") == (mended, sftp)


def test_events_go_on_from_where_a_listener_stopped(world: World) -> None:
    first, second = world.lines(2)
    world.running(first)
    world.running(second, "run_2")
    with world.database.transaction() as uow:
        runs.add_events(uow, "run_1", (("state", "", "looking", NOW), ("task", "apache", "mulai", NOW)))
        runs.add_events(uow, "run_2", (("log", "", "lain", NOW),))
        runs.add_events(uow, "run_1", ())
        runs.add_events(uow, "run_1", (("task", "apache", "selesai", LATER),))
        expected = (
            Event(sequence=1, kind="state", task="", text="looking", at=NOW),
            Event(sequence=2, kind="task", task="apache", text="mulai", at=NOW),
            Event(sequence=3, kind="task", task="apache", text="selesai", at=LATER),
        )
        assert runs.events(uow, "run_1", 0, 100) == expected
        assert runs.events(uow, "run_1", 1, 1) == expected[1:2]
        assert runs.events(uow, "run_1", 3, 100) == ()


def test_a_record_is_filed_once_and_a_later_one_beside_it(world: World) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        with pytest.raises(NotFound):
            runs.record(uow, "run_1")
        first = runs.file_record(uow, "run_1", {"verdicts": [1]})
        assert runs.file_record(uow, "run_1", {"verdicts": [1]}) == first
        second = runs.file_record(uow, "run_1", {"verdicts": [2]})
        assert first != second
        assert runs.record(uow, "run_1") == {"verdicts": [2]}
        assert uow.connection.exec_driver_sql("SELECT count(*) FROM run_records").scalar() == 2

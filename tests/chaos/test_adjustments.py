"""Is what was granted instead of what was asked proposed by one, decided by another, held once and run exactly?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.errors import BadInput, NotAllowed, Refused
from provisioner.people.person import Person
from provisioner.plans.plan import PlanState
from provisioner.providers.fake_runner import KILLED
from provisioner.requests.request import RequestState
from provisioner.store import adjustments, holds, runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.look import look
from tests.chaos.desk_hands import chain, document, held_of, keep, states_of
from tests.house import PEOPLE, EngineHouse

GIB = 1024**3
WHY = "3 GB cukup menurut pemakaian"


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def proposed(house: EngineHouse, line_id: str, who: Person = PEOPLE["pengkaji"], **fields: Any) -> str:
    """Propose, and look; return the digest of the plan for what would be granted."""
    house.desk.propose(who, line_id, fields or {"storage_gb": 3}, reason=WHY)
    return looked(house, line_id)


def looked(house: EngineHouse, line_id: str) -> str:
    """Do the look that waits, and return the digest of the current plan."""
    look(house.hands, str(house.desk.plan(PEOPLE["kabid"], line_id).line.plan_id))
    plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    return plan.digest


def storage_held(house: EngineHouse) -> int:
    """How many GB of web1 are held by anybody."""
    with house.database.reading() as uow:
        return holds.sums(uow, None)["web1:storage_bytes"][1] // GIB


def test_one_proposes_another_decides_and_what_stands_is_what_was_granted(house: EngineHouse) -> None:
    """Two staff suffice: the sub-coordinator proposes, the head of the division decides."""
    line_id = house.to_decision()
    asked = house.desk.plan(PEOPLE["kabid"], line_id)
    assert asked.record.plan is not None
    digest = proposed(house, line_id)
    view = house.desk.plan(PEOPLE["kabid"], line_id)
    assert view.adjustment is not None
    assert (view.adjustment.differing, view.adjustment.proposer_name) == (("storage_gb",), PEOPLE["pengkaji"].name)
    assert (view.adjustment.asked["storage_gb"], view.adjustment.granted["storage_gb"]) == (5, 3)
    assert (view.adjustment.position, view.adjustment.reason) == (PEOPLE["pengkaji"].positions[0].title, WHY)
    assert (view.may_decide, digest == asked.record.plan.digest) == (True, False)
    row = next(row for row in view.record.plan.page["columns"] if row["label"] == "ruang simpan web1")  # type: ignore[union-attr]
    assert (row["asked"], row["planned"], row["left"]) == ("5 GB", "3 GB", "17 GB dari 20 GB")

    decision = house.desk.decide(PEOPLE["kabid"], line_id, Outcome.ADJUSTED, digest=digest, reason="")
    run_id = str(house.desk.plan(PEOPLE["kabid"], line_id).line.run_id)
    assert house.carry_out(run_id) == "done"
    item = house.desk.items(PEOPLE["opd"])[0]
    assert item.wish == {**view.adjustment.granted}
    with house.database.reading() as uow:
        record = runs.record(uow, run_id)
    assert (record["asked"]["storage_gb"], record["granted"]["storage_gb"]) == (5, 3)
    assert (record["outcome"], record["digest"]) == ("adjusted", decision.digest)
    assert storage_held(house) == 3
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""


def test_who_proposed_never_decides_it_nor_what_was_asked(house: EngineHouse) -> None:
    """By person, also once the proposal is withdrawn; the reviewer who did not propose may."""
    other = keep(house, "wakil", "head_of_applications", "review decide")
    line_id = house.to_decision()
    digest = proposed(house, line_id, other)
    why = "pengusul penyesuaian tidak boleh memutuskannya"
    assert house.desk.plan(other, line_id).why_not == why
    for outcome in (Outcome.ADJUSTED, Outcome.REJECTED, Outcome.RETURNED):
        with pytest.raises(NotAllowed, match=why):
            house.desk.decide(other, line_id, outcome, digest=digest, reason="x")
    house.desk.withdraw_proposal(PEOPLE["pengkaji"], line_id)
    with pytest.raises(NotAllowed, match=why):
        house.desk.decide(other, line_id, Outcome.APPROVED, digest=looked(house, line_id), reason="")
    reviewer = keep(house, "telaah", "head_of_applications", "review decide")
    house.desk.decide(reviewer, line_id, Outcome.APPROVED, digest=looked(house, line_id), reason="")


def test_nobody_proposes_what_nobody_else_could_decide(house: EngineHouse) -> None:
    """The only decider who proposes would leave the request without one."""
    line_id = house.to_decision()
    with pytest.raises(Refused, match="tidak ada pejabat lain"):
        house.desk.propose(PEOPLE["kabid"], line_id, {"storage_gb": 3}, reason=WHY)
    assert house.desk.plan(PEOPLE["kabid"], line_id).may_decide


@pytest.mark.parametrize("who", ["opd", "umum", "kepala", "teknis", "auditor"])
def test_who_neither_reviews_nor_decides_proposes_nothing(house: EngineHouse, who: str) -> None:
    line_id = house.to_decision()
    with pytest.raises(NotAllowed):
        house.desk.propose(PEOPLE[who], line_id, {"storage_gb": 3}, reason=WHY)
    with pytest.raises(NotAllowed):
        house.desk.withdraw_proposal(PEOPLE[who], line_id)


def test_every_fault_of_a_proposal_is_told_at_once_and_nothing_is_kept(house: EngineHouse) -> None:
    line_id = house.to_decision()
    before = states_of(house, line_id)
    fields = {"storage_gb": 5000, "runtime": "perl", "root": True, "cron": "hourly\n"}
    with pytest.raises(BadInput) as refusal:
        house.desk.propose(PEOPLE["pengkaji"], line_id, fields, reason=" ")
    assert sorted(fault.where for fault in refusal.value.faults) == ["cron", "reason", "root", "runtime", "storage_gb"]
    with pytest.raises(BadInput, match="kesalahan") as same:
        house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 5}, reason=WHY)
    assert [fault.what for fault in same.value.faults] == ["sama dengan yang diminta"]
    assert (states_of(house, line_id), chain(house, "person:adjustment:propose")) == (before, [])
    assert house.desk.plan(PEOPLE["kabid"], line_id).adjustment is None


def test_holds_move_with_the_wish_without_a_gap_and_nothing_is_held_twice(house: EngineHouse) -> None:
    """Until the granted wish is held, the asked one is; a neighbour's holds are left alone."""
    neighbour = house.to_decision(sub_domain="tetangga", second_name="none", storage_gb=2)
    line_id = house.to_decision()
    kept = held_of(house, neighbour)
    house.desk.propose(PEOPLE["pengkaji"], line_id, {"sub_domain": "arsip", "storage_gb": 3}, reason=WHY)
    assert storage_held(house) == 7
    with house.database.reading() as uow:
        assert holds.taken(uow)["fqdn"] == {"tetangga.kota.lab", "simpeg.kota.lab", "www.simpeg.kota.lab"}
    looked(house, line_id)
    assert storage_held(house) == 5
    with house.database.reading() as uow:
        assert holds.taken(uow)["fqdn"] == {"tetangga.kota.lab", "arsip.kota.lab", "www.arsip.kota.lab"}
        names = [row.thing for row in holds.of_line(uow, line_id) if row.state == "held"]
    assert len(names) == len(set(names)) == 6
    assert held_of(house, neighbour) == kept


def test_a_withdrawn_proposal_leads_back_to_the_plan_of_what_was_asked(house: EngineHouse) -> None:
    """The same choices, the same digest: nothing else has moved."""
    line_id = house.to_decision()
    first = looked(house, line_id)
    granted = proposed(house, line_id)
    house.desk.withdraw_proposal(PEOPLE["kabid"], line_id)
    assert house.desk.plan(PEOPLE["kabid"], line_id).record.state is PlanState.ASKED
    assert (looked(house, line_id), storage_held(house)) == (first, 5)
    with pytest.raises(Refused, match="tidak ada usulan"):
        house.desk.withdraw_proposal(PEOPLE["kabid"], line_id)
    with pytest.raises(Refused, match="belum ada usulan"):
        house.desk.decide(PEOPLE["kabid"], line_id, Outcome.ADJUSTED, digest=granted, reason="")
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.APPROVED, digest=first, reason="")


def test_a_page_of_what_was_asked_approves_nothing_while_a_proposal_stands(house: EngineHouse) -> None:
    line_id = house.to_decision()
    asked = looked(house, line_id)
    granted = proposed(house, line_id)
    for outcome, digest in (
        (Outcome.APPROVED, asked),
        (Outcome.APPROVED, granted),
        (Outcome.ADJUSTED, asked),
        (Outcome.ADJUSTED, ""),
    ):
        with pytest.raises(Refused):
            house.desk.decide(PEOPLE["kabid"], line_id, outcome, digest=digest, reason="")
    assert house.desk.plan(PEOPLE["kabid"], line_id).decisions == ()


def test_the_same_proposal_again_is_one_and_of_another_person_is_refused(house: EngineHouse) -> None:
    other = keep(house, "wakil", "sub_coordinator", "review")
    line_id = house.to_decision()
    first = house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 3}, reason=WHY)
    assert house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 3}, reason=WHY) == first
    with pytest.raises(Refused, match="sudah ada"):
        house.desk.propose(other, line_id, {"storage_gb": 3}, reason=WHY)
    second = house.desk.propose(other, line_id, {"storage_gb": 4}, reason=WHY)
    assert (first.version, second.version) == (2, 3)
    looked(house, line_id)
    assert storage_held(house) == 4
    assert len(chain(house, "person:adjustment:propose")) == 2


def test_what_was_impossible_as_asked_can_be_granted_smaller(house: EngineHouse) -> None:
    line_id = house.to_decision(storage_gb=30)
    assert house.desk.plan(PEOPLE["kabid"], line_id).record.state is PlanState.IMPOSSIBLE
    digest = proposed(house, line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.ADJUSTED, digest=digest, reason="")


def test_a_proposal_that_cannot_be_keeps_what_was_asked_held(house: EngineHouse) -> None:
    line_id = house.to_decision()
    house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 30}, reason=WHY)
    look(house.hands, str(house.desk.plan(PEOPLE["kabid"], line_id).line.plan_id))
    assert house.desk.plan(PEOPLE["kabid"], line_id).record.state is PlanState.IMPOSSIBLE
    assert storage_held(house) == 5


def test_a_returned_request_comes_again_beyond_the_proposal(house: EngineHouse) -> None:
    """What was proposed stays written, and the OPD's next version is the next number."""
    line_id = house.to_decision()
    proposed(house, line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.RETURNED, digest="", reason="perjelas")
    assert house.desk.plan(PEOPLE["kabid"], line_id).adjustment is None
    assert (held_of(house, line_id), storage_held(house)) == ([], 0)
    request_id = house.request_of(line_id)
    again = house.desk.resubmit(PEOPLE["opd"], request_id, document(storage_gb=4), "application/json")
    assert (again.lines[0].wish_version, again.lines[0].wish["storage_gb"]) == (3, 4)
    assert again.proposers == {PEOPLE["pengkaji"].id}


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_an_end_without_a_grant_leaves_what_was_asked(house: EngineHouse, end: str) -> None:
    line_id = house.to_decision()
    proposed(house, line_id)
    if end == "rejected":
        house.desk.decide(PEOPLE["kabid"], line_id, Outcome.REJECTED, digest="", reason="tidak perlu")
    else:
        house.desk.withdraw(PEOPLE["opd"], house.request_of(line_id), "batal")
    view = house.desk.plan(PEOPLE["kabid"], line_id)
    assert (view.line.state, view.line.wish["storage_gb"], view.adjustment) == (end, 5, None)
    with pytest.raises(Refused):
        house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 2}, reason=WHY)


def test_a_stale_adjusted_plan_is_looked_at_and_decided_again_as_adjusted(house: EngineHouse) -> None:
    line_id = house.to_decision()
    digest = proposed(house, line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.ADJUSTED, digest=digest, reason="")
    run_id = str(house.desk.plan(PEOPLE["kabid"], line_id).line.run_id)
    house.reach_files["playbooks/hosting.yml"] = "2" * 64
    assert house.carry_out(run_id) == "stale"
    view = house.desk.plan(PEOPLE["kabid"], line_id)
    assert (view.record.state, view.adjustment is not None) == (PlanState.STALE, True)
    house.desk.look_again(PEOPLE["kabid"], line_id, wishes={}, reason="")
    digest = looked(house, line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.ADJUSTED, digest=digest, reason="")
    assert house.carry_out(str(house.desk.plan(PEOPLE["kabid"], line_id).line.run_id)) == "done"


# -- Killed between any two commits ------------------------------------------------------------------


def walk(house: EngineHouse, line_id: str) -> None:
    """Propose, look, decide: each step is taken up where it stands."""
    with house.database.reading() as uow:
        standing = adjustments.standing(uow, line_id)
    if standing is None:
        house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 3}, reason=WHY)
    view = house.desk.plan(PEOPLE["kabid"], line_id)
    look(house.hands, view.record.id)
    view = house.desk.plan(PEOPLE["kabid"], line_id)
    assert view.record.plan is not None
    if not view.decisions:
        house.desk.decide(PEOPLE["kabid"], line_id, Outcome.ADJUSTED, digest=view.record.plan.digest, reason="")


def test_killed_around_any_commit_of_propose_look_and_decide_it_ends_as_it_would_have(tmp_path: Path) -> None:
    """One proposal, one decision, one run, and only what is granted is held."""
    folder = tmp_path / "before"
    folder.mkdir()
    house = EngineHouse(folder)
    house.open()
    line_id, now = house.to_decision(), house.clock.now
    house.close()
    commits = _commits_of(_copy(folder, "counted"), line_id)
    assert commits == 4  # propose; look begins, and ends; decide
    for number in range(commits):
        for moment in ("before", "after"):
            house = _copy(folder, f"{moment}-{number}")
            _in_killed_child(house, line_id, number, moment)
            house = EngineHouse(house.folder)
            house.clock.now = now
            walk(house, line_id)
            view = house.desk.plan(PEOPLE["kabid"], line_id)
            what = f"killed {moment} commit {number}"
            assert view.request.state is RequestState.DECIDED, what
            assert [decision.outcome for decision in view.decisions] == [Outcome.ADJUSTED], what
            assert (view.line.wish["storage_gb"], storage_held(house)) == (3, 3), what
            assert len(chain(house, "person:adjustment:propose")) == 1, what
            with house.database.reading() as uow:
                assert [run.id for run in runs.of_line(uow, line_id)] == [view.line.run_id], what
            assert house.desk.audit_verify(PEOPLE["auditor"]).broken == "", what
            house.close()


def _copy(folder: Path, name: str) -> EngineHouse:
    copy = folder.parent / name
    shutil.copytree(folder, copy)
    return EngineHouse(copy)


def _commits_of(house: EngineHouse, line_id: str) -> int:
    counted: list[int] = []
    _at_each_commit(house, lambda number, moment: counted.append(number) if moment == "after" else None)
    walk(house, line_id)
    house.close()
    return len(counted)


def _in_killed_child(house: EngineHouse, line_id: str, number: int, moment: str) -> None:
    house.close()
    pid = os.fork()
    if pid == 0:
        child = EngineHouse(house.folder)
        _at_each_commit(child, lambda n, m: os._exit(KILLED) if (n, m) == (number, moment) else None)
        walk(child, line_id)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == KILLED


def _at_each_commit(house: EngineHouse, act: Callable[[int, str], object]) -> None:
    original, numbers = house.database.transaction, iter(range(99))

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        mine = next(numbers)
        with original() as uow:
            yield uow
            act(mine, "before")
        act(mine, "after")

    house.database.transaction = transaction  # type: ignore[method-assign]

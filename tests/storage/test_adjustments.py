"""Does the database itself keep proposer and decider, asked and granted apart? And who wins when both come at once?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from provisioner.decisions.decision import Outcome
from provisioner.errors import NotAllowed, Refused
from provisioner.requests.request import LineState
from provisioner.store import adjustments, decisions, requests
from provisioner.store.database import Database
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.look import look
from tests.house import PEOPLE, EngineHouse
from tests.storage.world import BUDI, NOW, WATI, WISH, World, bare, decision

GRANTED = {**WISH, "storage_gb": 3}


def propose(uow: UnitOfWork, line_id: str) -> int:
    """Let Wati propose."""
    return adjustments.propose(
        uow,
        line_id,
        GRANTED,
        proposer_id=WATI.id,
        proposer_name=WATI.name,
        position="Sub Koordinator",
        reason="cukup",
        now=NOW,
    )


def refused(database: Database, statement: str) -> str:
    """Run the SQL as any client would; return what the database said no with."""
    with pytest.raises(sa.exc.IntegrityError) as refusal, bare(database) as uow:
        uow.connection.execute(sa.text(statement))
    return str(refusal.value.orig)


def test_a_proposal_stands_beside_the_asked_wish_and_goes_back(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        assert adjustments.standing(uow, line_id) is None
        assert propose(uow, line_id) == 2
        made = adjustments.standing(uow, line_id)
        assert made is not None
        assert (made.asked, made.granted, made.differing) == (WISH, GRANTED, ("storage_gb",))
        assert (made.proposer_id, made.position, made.reason, made.proposed_at) == (
            WATI.id,
            "Sub Koordinator",
            "cukup",
            NOW,
        )
        line = requests.line(uow, line_id)
        assert (line.wish, line.wish_version) == (GRANTED, 2)
        assert adjustments.withdraw(uow, line_id)
        assert not adjustments.withdraw(uow, line_id)
        line = requests.line(uow, line_id)
        assert (line.wish, line.wish_version) == (WISH, 1)
        assert propose(uow, line_id) == 3
        filed = requests.request(uow, line.request_id)
        assert WATI.id not in filed.authors
        assert filed.proposers == {WATI.id}


@pytest.mark.parametrize("withdrawn", [False, True])
def test_the_database_refuses_whoever_proposed_by_person(world: World, withdrawn: bool) -> None:
    """Also an administrator with SQL, and also once the proposal is withdrawn."""
    line_id = world.line()
    outcome = Outcome.APPROVED if withdrawn else Outcome.ADJUSTED
    with world.database.transaction() as uow:
        propose(uow, line_id)
        if withdrawn:
            adjustments.withdraw(uow, line_id)
        for said in Outcome:
            with pytest.raises(NotAllowed, match="pengusul"):
                decisions.add(uow, decision(line_id, decider_id=WATI.id, outcome=said))
        decisions.add(uow, decision(line_id, decider_id=BUDI.id, outcome=outcome))


def test_the_database_refuses_a_yes_to_the_other_wish(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        with pytest.raises(Refused, match="bukan yang diusulkan"):
            decisions.add(uow, decision(line_id, outcome=Outcome.ADJUSTED))
        propose(uow, line_id)
        with pytest.raises(Refused, match="bukan yang diusulkan"):
            decisions.add(uow, decision(line_id, outcome=Outcome.APPROVED))
        decisions.add(uow, decision(line_id, outcome=Outcome.RETURNED, digest=""))


def test_what_was_proposed_is_neither_rewritten_nor_forged(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        propose(uow, line_id)
    for statement in ("UPDATE adjustments SET proposer_name = 'x'", "DELETE FROM adjustments"):
        assert "gerbang law=append_only" in refused(world.database, statement)
    forged = f"INSERT INTO adjustments VALUES ('{line_id}', 1, 'x', 'x', 'x')"  # noqa: S608
    assert "gerbang law=adjusted" in refused(world.database, forged)


def test_the_wish_of_a_decided_line_is_never_exchanged(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        propose(uow, line_id)
        requests.change_line(uow, line_id, state=LineState.DECIDED)
    assert "gerbang law=append_only" in refused(world.database, "UPDATE lines SET wish_version = 1")
    with world.database.reading() as uow:
        assert requests.line(uow, line_id).wish == GRANTED


ROUNDS = 4


def test_a_proposal_and_a_decision_at_once_have_one_winner(empty_url: str, tmp_path: Path) -> None:
    """Either what was asked is decided and no proposal stands, or a proposal stands and nothing is decided."""
    house = EngineHouse(tmp_path, empty_url)
    house.open()
    winners = []
    for number in range(ROUNDS):
        line_id = house.to_decision(sub_domain=f"simpeg{number}", second_name="none", storage_gb=2)
        plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
        assert plan is not None
        start, digest = Barrier(2), plan.digest

        def propose_one(line_id: str = line_id, start: Barrier = start) -> bool:
            start.wait(timeout=30)
            try:
                house.desk.propose(PEOPLE["pengkaji"], line_id, {"storage_gb": 1}, reason="cukup")
            except Refused:
                return False
            return True

        def approve(line_id: str = line_id, start: Barrier = start, digest: str = digest) -> bool:
            start.wait(timeout=30)
            try:
                house.desk.decide(PEOPLE["kabid"], line_id, Outcome.APPROVED, digest=digest, reason="")
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            won = [one.result() for one in (pool.submit(propose_one), pool.submit(approve))]
        view = house.desk.plan(PEOPLE["kabid"], line_id)
        assert sorted(won) == [False, True]
        assert (view.adjustment is not None, bool(view.decisions)) == tuple(won)
        assert (view.line.wish["storage_gb"], view.line.run_id is not None) == ((1, False) if won[0] else (2, True))
        if won[0]:
            look(house.hands, view.record.id)
        winners.append(won[0])
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""
    house.close()

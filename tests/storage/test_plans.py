"""Are plans kept as found, and is at most one of a line current?"""

from datetime import timedelta

import pytest

from provisioner.errors import NotFound, Refused
from provisioner.plans.plan import PlanState, Reason
from provisioner.plans.record import PlanRecord
from provisioner.store import plans
from tests.storage.world import BUDI, FQDN, NOW, STORAGE, World, plan

FULL = Reason(code="host_full", what="web1 penuh", mend="kurangi ruang simpan")


def states(world: World, line_id: str) -> dict[str, str]:
    with world.database.reading() as uow:
        return {record.id: record.state.value for record in plans.of_line(uow, line_id)}


def test_a_plan_comes_back_whole_with_the_same_digest(world: World) -> None:
    line_id, made = world.line(), plan(STORAGE, FQDN)
    with world.database.transaction() as uow:
        plans.ask(uow, "plan_1", line_id, BUDI.id, "web1 sedang sibuk", {"host": "web2"}, NOW)
        plans.start(uow, "plan_1")
        plans.start(uow, "plan_1")
        plans.finish(uow, "plan_1", PlanState.CURRENT, made, (), NOW + timedelta(seconds=2))
        found = plans.plan(uow, "plan_1")
    assert found == PlanRecord(
        id="plan_1",
        line_id=line_id,
        state=PlanState.CURRENT,
        plan=made,
        reasons=(),
        asked_by=BUDI.id,
        asked_reason="web1 sedang sibuk",
        wishes={"host": "web2"},
        asked_at=NOW,
        looked_at=NOW + timedelta(seconds=2),
        moved=(),
    )
    assert found.plan is not None
    assert found.plan.digest == made.digest


def test_a_plan_that_cannot_be_says_why(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        plans.ask(uow, "plan_1", line_id, None, "", {}, NOW)
        plans.finish(uow, "plan_1", PlanState.IMPOSSIBLE, None, (FULL,), NOW)
        found = plans.plan(uow, "plan_1")
    assert (found.state, found.plan, found.reasons, found.asked_by) == (PlanState.IMPOSSIBLE, None, (FULL,), None)


def test_a_newer_question_supersedes_what_came_before(world: World) -> None:
    line_id, other = world.lines(2)
    with world.database.transaction() as uow:
        plans.ask(uow, "plan_other", other, None, "", {}, NOW)
        for number, state in enumerate((PlanState.IMPOSSIBLE, PlanState.CURRENT, None), start=1):
            plans.ask(uow, f"plan_{number}", line_id, None, "", {}, NOW + timedelta(seconds=number))
            if state is not None:
                plans.finish(uow, f"plan_{number}", state, plan(), (), NOW)
        plans.ask(uow, "plan_4", line_id, None, "", {}, NOW + timedelta(seconds=4))
    assert states(world, line_id) == {
        "plan_1": "impossible",
        "plan_2": "superseded",
        "plan_3": "superseded",
        "plan_4": "asked",
    }
    assert states(world, other) == {"plan_other": "asked"}


def test_the_end_of_a_superseded_look_changes_nothing(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        plans.ask(uow, "plan_1", line_id, None, "", {}, NOW)
        plans.ask(uow, "plan_2", line_id, None, "", {}, NOW)
        with pytest.raises(Refused, match="superseded"):
            plans.finish(uow, "plan_1", PlanState.CURRENT, plan(), (), NOW)
        with pytest.raises(Refused, match="superseded"):
            plans.start(uow, "plan_1")
        with pytest.raises(NotFound):
            plans.start(uow, "plan_x")
    assert states(world, line_id) == {"plan_1": "superseded", "plan_2": "asked"}


def test_a_stale_plan_says_what_moved(world: World) -> None:
    line_id = world.line()
    world.planned(line_id)
    with world.database.transaction() as uow:
        plans.set_state(uow, "plan_1", PlanState.STALE, ("web1 apache vhost",))
        found = plans.plan(uow, "plan_1")
        assert (found.state, found.moved) == (PlanState.STALE, ("web1 apache vhost",))
        with pytest.raises(NotFound):
            plans.set_state(uow, "plan_x", PlanState.STALE)

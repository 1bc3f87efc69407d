"""Does each office's own procedure lead a request from its letter to its end, by its data alone?

One walker for all: it reads at which step the request stands and lets somebody do it whom the desk lets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.decisions.decision import Outcome
from provisioner.desk.requests import RequestView
from provisioner.errors import NotAllowed
from provisioner.people.person import Person, Right
from provisioner.workflow.advance import advance
from provisioner.workflow.look import look
from tests.house import PEOPLE, PROCEDURE_TABLE, EngineHouse, new_person

#: an office of two: one types letters and follows up, the other decides and follows up; neither is head of anything
TWO_STAFF = {
    **{name: PEOPLE[name] for name in ("opd", "teknis", "lain")},
    "staf1": new_person("staf1", "sub_coordinator", "register review decide follow_up"),
    "staf2": new_person("staf2", "sub_coordinator", "register review decide follow_up"),
}


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One procedure, the people of its office, and what comes of it: steps of the two ways, documents that tell.

    `breaks`: the task of its kind that is let fail; `size`: a field that can be asked smaller.
    """

    procedure: str
    kind: str
    breaks: str
    size: str
    people: Mapping[str, Person]
    delivered: str
    refused: str
    documents: Mapping[str, str]


WALKS = (
    Walk(
        procedure="tarakan_hosting",
        kind="hosting",
        breaks="certificate",
        size="storage_gb",
        people=PEOPLE,
        delivered="submit register disposition review decide configure notify send report close",
        refused="submit register disposition review decide",
        documents={"delivered": "followup_letter_to_opd", "refused": "reply_letter", "failed": "reply_letter"},
    ),
    Walk(
        procedure="tarakan_data_cloud",
        kind="data_cloud",
        breaks="cloud_account",
        size="quota_gb",
        people=PEOPLE,
        delivered="submit register disposition review decide configure notify send report close",
        refused="submit register disposition review decide",
        documents={"delivered": "notification_letter", "refused": "followup_letter", "failed": "followup_letter"},
    ),
    Walk(
        procedure="purbalingga_data_cloud",
        kind="data_cloud",
        breaks="cloud_account",
        size="quota_gb",
        people=TWO_STAFF,
        delivered="submit decide configure notify",
        refused="submit decide",
        documents={"delivered": "confirmation_letter", "refused": "reply_letter", "failed": "reply_letter"},
    ),
)
WALKED = pytest.mark.parametrize("walk", WALKS, ids=[walk.procedure for walk in WALKS])


def opened(folder: Path, walk: Walk) -> EngineHouse:
    """Return that office, open, its kind's procedure set as its own."""
    house = EngineHouse(folder, kind=walk.kind, people=walk.people, procedure_of_kind={walk.kind: walk.procedure})
    house.open()
    return house


def asked(house: EngineHouse, **letter: Any) -> str:
    """Send the example in as the OPD does; return the request's id."""
    raw = yaml.safe_dump({**house.document, **letter}).encode()
    return house.desk.submit(house.people["opd"], raw, "application/yaml").id


def seen(house: EngineHouse, request_id: str) -> RequestView:
    """The request as the OPD that asked sees it: even that is enough to know where it stands."""
    return house.desk.request(house.people["opd"], request_id)


def go(house: EngineHouse, request_id: str, outcome: Outcome = Outcome.APPROVED) -> None:
    """Walk the request to its end: each step by whoever the desk lets, the automatic ones by the worker."""
    for _ in range(40):
        view = seen(house, request_id)
        if not view.request.step:
            return
        step = view.procedure.step(view.request.step)
        if step.is_automatic:
            worker_turns(house, view)
        elif step.id == view.procedure.runs.authorised_at:
            decide(house, view, outcome)
        else:
            house.desk.do_step(doer(house, view, but=set()), request_id, step.id)
        house.tell()
    pytest.fail(f"the request stands at {seen(house, request_id).request.step}")


def doer(house: EngineHouse, view: RequestView, but: set[str]) -> Person:
    """Return the first person who may do the step at hand."""
    for person in house.people.values():
        if person.id not in but and house.desk.sees(person, view.request.opd):
            step = view.procedure.step(view.request.step)
            try:
                house.desk.acting(person, view.procedure, step, view.request.opd)
            except NotAllowed:
                continue
            return person
    return pytest.fail(f"nobody in this office may do {view.request.step}")


def decide(house: EngineHouse, view: RequestView, outcome: Outcome) -> None:
    """Look, where the look was queued; then decide by somebody the desk does not bar."""
    for line in view.request.lines:
        assert line.plan_id is not None, "no look was asked for before the authorising step"
        look(house.hands, line.plan_id)
        for person in house.people.values():
            if house.desk.sees_all(person) and (plan := house.desk.plan(person, line.id)).may_decide:
                assert plan.record.plan is not None
                digest = plan.record.plan.digest
                house.desk.decide(person, line.id, outcome, digest=digest, reason="sesuai SOP")
                break
        else:
            pytest.fail("nobody in this office may decide")


def worker_turns(house: EngineHouse, view: RequestView) -> None:
    """Do what a worker does for a request that waits for it."""
    for line in view.request.lines:
        if line.run_id is not None and line.state == "decided":
            assert house.carry_out(line.run_id) == "done"
    house.tell()
    advance(house.hands, view.request.id)


@WALKED
def test_a_request_walks_every_step_of_its_procedure_and_is_closed(tmp_path: Path, walk: Walk) -> None:
    house = opened(tmp_path, walk)
    request_id = asked(house)
    go(house, request_id)
    ended = seen(house, request_id)
    assert (ended.request.state, [done.step for done in ended.done]) == ("closed", walk.delivered.split())
    assert [step.id for step in PROCEDURE_TABLE[walk.procedure].steps] == walk.delivered.split()
    assert told(house, request_id) == [(walk.documents["delivered"], "sent")]
    staff = next(person for person in house.people.values() if house.desk.sees_all(person))
    morning = {name: house.desk.morning(person) for name, person in house.people.items()}
    assert {name: one.waiting for name, one in morning.items() if one.waiting and name != "teknis"} == {}
    assert house.desk.request(staff, request_id).waits_for == ""


@WALKED
def test_a_refusal_ends_the_request_with_its_letter(tmp_path: Path, walk: Walk) -> None:
    house = opened(tmp_path, walk)
    request_id = asked(house)
    go(house, request_id, Outcome.REJECTED)
    ended = seen(house, request_id)
    assert (ended.request.state, [done.step for done in ended.done]) == ("rejected", walk.refused.split())
    assert told(house, request_id) == [(walk.documents["refused"], "sent")]


@WALKED
def test_what_failed_for_good_ends_with_its_letter(tmp_path: Path, walk: Walk) -> None:
    house = opened(tmp_path, walk)
    request_id = asked(house)
    run_id = to_run(house, request_id)
    house.world.plant({"kind": "fail_after", "task": walk.breaks})
    assert house.carry_out(run_id) == "failed"
    staff = next(one for one in house.people.values() if house.desk.sees_all(one) and one.may(Right.FOLLOW_UP))
    house.desk.give_up(staff, run_id, "sertifikat tidak terbit")
    advance(house.hands, request_id)
    house.tell()
    assert seen(house, request_id).request.state == "failed"
    assert told(house, request_id) == [(walk.documents["failed"], "sent")]


@WALKED
def test_what_was_returned_goes_on_at_its_plan_once_it_is_sent_in_again(tmp_path: Path, walk: Walk) -> None:
    house = opened(tmp_path, walk)
    request_id = asked(house)
    to_decision(house, request_id)
    decide(house, seen(house, request_id), Outcome.RETURNED)
    back = seen(house, request_id)
    assert (back.request.state, back.request.step) == ("waiting_for_opd", back.procedure.runs.returned_to)
    again = {**house.document, "lines": [{**house.document["lines"][0], walk.size: 2}]}
    house.desk.resubmit(house.people["opd"], request_id, yaml.safe_dump(again).encode(), "application/yaml")
    assert seen(house, request_id).request.step == back.procedure.runs.plan_at
    go(house, request_id)
    assert seen(house, request_id).request.state == "closed"


@WALKED
def test_each_step_waits_for_somebody_who_can_do_it_and_for_nobody_who_cannot(tmp_path: Path, walk: Walk) -> None:
    """Before each step of a person: it stands on the list of all who may do it, and of nobody else."""
    house = opened(tmp_path, walk)
    request_id = asked(house)
    for _ in range(20):
        view = seen(house, request_id)
        if not view.request.step:
            break
        step = view.procedure.step(view.request.step)
        if not step.is_automatic:
            may = {name for name, one in house.people.items() if house.desk.sees(one, view.request.opd)} & {
                name for name, one in house.people.items() if can(house, one, view)
            }
            assert waits_on(house, request_id) == may
            assert may
        one_step(house, view)
    assert seen(house, request_id).request.state == "closed"


def test_two_staff_suffice_where_one_types_the_letter_and_the_other_decides(tmp_path: Path) -> None:
    """Four eyes in Purbalingga: who recorded the paper letter never decides it; who decided may give out the letter."""
    house = opened(tmp_path, WALKS[2])
    raw = yaml.safe_dump(house.document).encode()
    request_id = house.desk.submit(TWO_STAFF["staf1"], raw, "application/yaml").id
    line = seen(house, request_id).request.lines[0]
    look(house.hands, str(line.plan_id))
    told_apart = {name: house.desk.plan(TWO_STAFF[name], line.id).may_decide for name in ("staf1", "staf2")}
    assert told_apart == {"staf1": False, "staf2": True}
    plan = house.desk.plan(TWO_STAFF["staf1"], line.id).record.plan
    assert plan is not None
    with pytest.raises(NotAllowed):
        house.desk.decide(TWO_STAFF["staf1"], line.id, Outcome.APPROVED, digest=plan.digest, reason="")
    go(house, request_id)
    ended = seen(house, request_id)
    assert ended.request.state == "closed"
    assert [done.actor_id for done in ended.done if done.step == "decide"] == ["per_staf2"]


def told(house: EngineHouse, request_id: str) -> list[tuple[str, str]]:
    """Return each letter of the request: its document, its state."""
    return [
        (one.letter.document, one.letter.state.value) for one in house.desk.letters(house.people["opd"], request_id)
    ]


def can(house: EngineHouse, person: Person, view: RequestView) -> bool:
    """Tell whether position and right let the person do the step at hand; who asked never decides."""
    try:
        house.desk.acting(person, view.procedure, view.procedure.step(view.request.step), view.request.opd)
    except NotAllowed:
        return False
    return True


def waits_on(house: EngineHouse, request_id: str) -> set[str]:
    """Return on whose list the request stands."""
    return {
        name
        for name, person in house.people.items()
        if any(one.request_id == request_id and one.act != "claim" for one in house.desk.waiting(person))
    }


def one_step(house: EngineHouse, view: RequestView) -> None:
    """Do the step at hand."""
    step = view.procedure.step(view.request.step)
    if step.is_automatic:
        worker_turns(house, view)
    elif step.id == view.procedure.runs.authorised_at:
        decide(house, view, Outcome.APPROVED)
    else:
        house.desk.do_step(doer(house, view, but=set()), view.request.id, step.id)


def to_decision(house: EngineHouse, request_id: str) -> None:
    """Walk to the authorising step."""
    while (view := seen(house, request_id)).request.step != view.procedure.runs.authorised_at:
        one_step(house, view)


def to_run(house: EngineHouse, request_id: str) -> str:
    """Walk to the approved and queued run; return its id."""
    to_decision(house, request_id)
    decide(house, seen(house, request_id), Outcome.APPROVED)
    return str(seen(house, request_id).request.lines[0].run_id)

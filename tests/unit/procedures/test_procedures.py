"""Do the office's procedures hold together, and are working days counted as the calendar says?"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.errors import NotFound, Unavailable
from provisioner.people.authority import satisfies
from provisioner.people.person import Right
from provisioner.procedures.procedure import END, Procedure, read_procedures
from provisioner.procedures.working_days import Calendar, read_calendar

TEXT = (Path(__file__).resolve().parents[3] / "provisioner" / "procedures" / "data" / "procedures.yaml").read_text()
DATA: Mapping[str, Any] = yaml.safe_load(TEXT)
IDS = [entry["id"] for entry in DATA["procedures"]]
VECTORS = DATA["calendar"]["test_vectors"]
STEPS = ["submit", "register", "disposition", "review", "decide", "configure", "notify", "send", "report", "close"]


@cache
def procedures() -> Mapping[str, Procedure]:
    return read_procedures(TEXT)


@cache
def calendar() -> Calendar:
    return read_calendar(TEXT)


# -- Working days ----------------------------------------------------------------------------------------------------


def test_the_calendar_has_eleven_vectors() -> None:
    assert len(VECTORS) == 11


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{v['start']}+{v['working_days']}" for v in VECTORS])
def test_due_days_are_those_of_the_calendar(vector: Mapping[str, Any]) -> None:
    due = calendar().add(date.fromisoformat(vector["start"]), vector["working_days"])
    assert due == date.fromisoformat(vector["due"])


def test_2026_has_as_many_working_days_as_the_decree_says() -> None:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(calendar().is_working_day(day) for day in days) == DATA["calendar"]["working_days_2026"]


def test_a_year_whose_holidays_are_not_loaded_is_not_guessed() -> None:
    with pytest.raises(Unavailable, match="2027"):
        calendar().add(date(2026, 12, 31), 1)


def test_no_working_day_is_the_day_itself() -> None:
    assert calendar().add(date(2026, 11, 21), 0) == date(2026, 11, 21)


# -- Procedures ------------------------------------------------------------------------------------------------------


def test_every_procedure_of_the_file_is_read() -> None:
    assert list(procedures()) == IDS
    assert len(IDS) == 5


def test_hosting_has_its_ten_steps_and_two_ways_at_the_decision() -> None:
    hosting = procedures()["tarakan_hosting"]
    assert [step.id for step in hosting.steps] == STEPS
    assert [step.number for step in hosting.steps] == list(range(1, 11))
    assert [step.id for step in hosting.steps if step.is_decision] == ["decide"]
    assert [step.id for step in hosting.steps if step.is_automatic] == ["configure", "send", "report"]
    walked, step = [], hosting.first.id
    while step != END:
        walked.append(step)
        step = hosting.after(step, "approved")
    assert walked == STEPS
    assert hosting.after("decide", "rejected") == END
    assert hosting.step("review").actors == ("head_of_applications", "sub_coordinator")


@pytest.mark.parametrize("procedure_id", IDS)
def test_every_way_leads_to_a_step_or_the_end(procedure_id: str) -> None:
    procedure = procedures()[procedure_id]
    known = {step.id for step in procedure.steps}
    assert len(known) == len(procedure.steps)
    ways = {way for step in procedure.steps for way in (step.next, *step.outcomes.values())}
    assert ways - known == {END}


@pytest.mark.parametrize("procedure_id", IDS)
def test_every_step_is_reached_and_leads_to_the_end(procedure_id: str) -> None:
    procedure = procedures()[procedure_id]
    ways = {step.id: {*(step.outcomes.values() or [step.next])} for step in procedure.steps}
    assert reached(ways, procedure.first.id) == {*ways, END}
    assert [step for step in ways if END not in reached(ways, step)] == []


def reached(ways: Mapping[str, set[str]], start: str) -> set[str]:
    """All steps that can follow `start`, itself included."""
    found, at_hand = {start}, [start]
    while at_hand:
        new = ways.get(at_hand.pop(), set()) - found
        found |= new
        at_hand += new
    return found


@pytest.mark.parametrize("procedure_id", IDS)
def test_the_run_keys_name_steps_in_their_order(procedure_id: str) -> None:
    procedure = procedures()[procedure_id]
    number = {step.id: step.number for step in procedure.steps}
    keys = procedure.runs
    assert number[keys.returned_to] <= number[keys.plan_at] <= number[keys.authorised_at] <= number[keys.run_after]
    assert number[keys.run_after] < number[keys.done_at]
    assert procedure.step(keys.authorised_at).right is Right.DECIDE
    assert procedure.step(keys.done_at).right is Right.FOLLOW_UP
    assert keys.quorum == 1


@pytest.mark.parametrize("procedure_id", IDS)
def test_every_actor_and_document_is_known_and_named(procedure_id: str) -> None:
    procedure = procedures()[procedure_id]
    assert {actor for step in procedure.steps for actor in step.actors} <= procedure.actor_labels.keys()
    assert {
        word for step in procedure.steps for word in (*step.outputs, *step.requires)
    } <= procedure.document_labels.keys()
    assert {part for part in procedure.part_of.values() if part} <= procedure.part_of.keys()
    assert all(satisfies(actor, actor, procedure.part_of) for actor in procedure.part_of)


def test_a_step_nobody_knows_is_not_found_and_an_outcome_is_a_key_error() -> None:
    hosting = procedures()["tarakan_hosting"]
    with pytest.raises(NotFound, match="'dance'"):
        hosting.step("dance")
    with pytest.raises(KeyError):
        hosting.after("decide", "maybe")


def test_a_version_is_named_by_what_its_entry_says() -> None:
    shas = {procedure.sha256 for procedure in procedures().values()}
    assert len(shas) == len(IDS)
    assert {p.sha256 for p in read_procedures("# a comment\n" + TEXT).values()} == shas
    changed = TEXT.replace("Pekerjaan Selesai", "Pekerjaan selesai")
    again = read_procedures(changed)
    moved = {id_ for id_ in IDS if again[id_].sha256 != procedures()[id_].sha256}
    assert "tarakan_hosting" in moved
    assert "purbalingga_data_cloud" not in moved

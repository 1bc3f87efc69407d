"""What waits for the verdict is done after all trials held, at most once tried, and never before. The engine on fakes.

The kind is the data cloud's with the address and a mail to it moved into a part that waits for the verdict.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.digests import Value
from provisioner.facts.nextcloud import MARK
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property, Undo
from provisioner.kinds.port import Kind, Question
from provisioner.plans.compare import Stage, Wanted
from provisioner.plans.plan import Part
from provisioner.providers.fake_runner import KILLED
from provisioner.store import runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.look import look
from tests.house import PEOPLE, EngineHouse

MOST_COMMITS = 150
NEIGHBOUR = Spot(system="nextcloud", target="cloud1/lama", property="quota")
OF_NEIGHBOUR: Value = {"bytes": 1}
ADDRESS, MAIL = "email", "mail"


def handing_over(kind: Kind) -> Kind:
    """The kind, its address and a mail that nobody can take back in a part that waits for the verdict."""

    def stages(question: Question, choices: Mapping[str, Value]) -> tuple[Stage, ...]:
        *before, last = kind.stages(question, choices)
        account = next(wanted for wanted in last.wanted if wanted.spot.property == ADDRESS)
        made = replace(last, wanted=tuple(wanted for wanted in last.wanted if wanted is not account))
        mail = Wanted(task="handover", spot=replace(account.spot, property=MAIL), value={"version": 1})
        wanted = (replace(account, task="handover"), mail)
        return (*before, made, replace(last, name="handover", wanted=wanted, waits_for="verdict"))

    def page(question: Question, choices: Mapping[str, Value], parts: tuple[Part, ...]) -> Mapping[str, Any]:
        return kind.page(question, choices, tuple(part for part in parts if part.stage != "handover"))

    rows = kind.properties["nextcloud"]
    mail = Property(name=MAIL, label="Surat", creation=Undo.NONE)
    return replace(
        kind,
        stages=stages,
        page=page,
        properties={**kind.properties, "nextcloud": {**rows, MAIL: mail}},
        task_labels={**kind.task_labels, "handover": "Penyerahan"},
    )


class Office(EngineHouse):
    """An office whose accounts are handed over after the verdict; it counts how often anything was tried."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, kind="data_cloud")
        own = self.hands.try_all
        self.tried = 0

        def counted(*asked: Any) -> Mapping[str, Mapping[str, Value]]:
            self.tried += 1
            return own(*asked)

        kinds = {**self.hands.kinds, "data_cloud": handing_over(self.hands.kinds["data_cloud"])}
        self.hands = replace(self.hands, kinds=kinds, try_all=counted)

    def standing(self, *properties: str) -> list[str]:
        """Which of these properties any account of ours has."""
        values = self.world.read().values
        return sorted(
            f"{spot.object} {spot.property}"
            for spot in values
            if spot.target != NEIGHBOUR.target and spot.property in properties
        )

    def acts(self) -> list[str]:
        """What was done after the accounts were made, in order."""
        return [act["property"] for act in self.world.read().journal if act["task"] == "handover"]


def put_neighbour(office: Office) -> None:
    """Another account of ours on the same server."""
    office.world.put(replace(NEIGHBOUR, property="account"), dict(MARK))
    office.world.put(NEIGHBOUR, OF_NEIGHBOUR)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An open office; somebody else's account stands on its server."""
    office = Office(tmp_path)
    office.open()
    put_neighbour(office)
    return office


def account_of(office: Office, run_id: str) -> str:
    """The name of the run's account."""
    with office.database.reading() as uow:
        intent = runs.intents(uow, run_id)[0]
    return next(change.target.partition("/")[2] for change in intent.changes if change.property == "account")


def why(office: Office, run_id: str) -> str:
    return office.desk.run(PEOPLE["kabid"], run_id).run.why


# -- In which order ----------------------------------------------------------------------------------------------------


def test_it_is_done_when_all_trials_have_held_and_then_the_run_is_done(office: Office) -> None:
    run_id = office.to_run()
    seen_at_the_trial: list[str] = []
    own = office.hands.try_all

    def looked(*asked: Any) -> Mapping[str, Mapping[str, Value]]:
        seen_at_the_trial.extend(office.standing("account", ADDRESS, MAIL))
        return own(*asked)

    office.hands = replace(office.hands, try_all=looked)
    assert office.carry_out(run_id) == "done"
    account = account_of(office, run_id)
    assert seen_at_the_trial == [f"{account} account"]
    assert office.standing("account", ADDRESS, MAIL) == [
        f"{account} account",
        f"{account} {ADDRESS}",
        f"{account} {MAIL}",
    ]
    assert (office.acts(), office.tried) == ([ADDRESS, MAIL], 1)
    with office.database.reading() as uow:
        assert [(intent.part, intent.way) for intent in runs.intents(uow, run_id)] == [(0, "make"), (1, "make")]
        assert all(verdict.holds for verdict in runs.verdicts(uow, run_id))
        first, second = runs.intents(uow, run_id)
    states = [event.text for event in office.desk.events(PEOPLE["kabid"], run_id, 0) if event.kind == "state"]
    assert states == ["looking", "applying", "verifying", "applying", "done"]
    assert first.written_at < second.written_at


def test_the_plan_says_what_nobody_can_take_back(office: Office) -> None:
    """A mail has no undo, whatever stood there; an address that was not there is taken away again."""
    line_id = office.to_plan()
    plan = office.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    assert [(part.stage, part.waits_for) for part in plan.parts] == [("make", ""), ("handover", "verdict")]
    undo = {change.property: change.undo for change in plan.parts[1].changes}
    assert undo == {ADDRESS: Undo.REMOVE, MAIL: Undo.NONE}


def test_where_a_trial_does_not_hold_it_is_never_begun(office: Office) -> None:
    run_id = office.to_run()
    office.world.show_instead("cloud_login", {"login": False, "folder": "refused"})
    assert office.carry_out(run_id) == "failed"
    assert (office.acts(), office.standing("account", ADDRESS, MAIL)) == ([], [])


@pytest.mark.parametrize("fault", ["fail", "fail_halfway"])
def test_where_it_fails_all_before_it_is_taken_back(office: Office, fault: str) -> None:
    run_id = office.to_run()
    office.world.plant({"kind": fault, "task": "handover"})
    assert office.carry_out(run_id) == "failed"
    assert "handover: planted fault" in why(office, run_id)
    assert office.standing("account", ADDRESS, MAIL) == []
    assert office.world.read().values[NEIGHBOUR] == OF_NEIGHBOUR


def test_what_cannot_be_taken_back_waits_for_a_person_whose_look_delivers_it(office: Office) -> None:
    """The mail is out, and then the task says that it failed: nobody may remove an account that is in use by now."""
    run_id = office.to_run()
    office.world.plant({"kind": "fail_after", "task": "handover"})
    assert office.carry_out(run_id) == "needs_attention"
    assert f"{MAIL} tidak dapat dikembalikan" in why(office, run_id)
    account = account_of(office, run_id)
    assert office.standing("account", MAIL) == [f"{account} account", f"{account} {MAIL}"]
    office.world.show_instead("cloud_login", {"login": False, "folder": "refused"})  # its owner has set a password
    office.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert office.carry_out(run_id) == "done"
    assert office.tried == 1


def test_a_person_who_cancels_before_the_mail_goes_out_gets_all_of_it_taken_back(office: Office) -> None:
    run_id = office.to_run()
    own = office.hands.do

    def cancelled_before(part: Any, **more: Any) -> Any:
        if part.stage == "handover":
            office.desk.cancel(PEOPLE["kabid"], run_id, reason="salah orang")
        return own(part, **more)

    office.hands = replace(office.hands, do=cancelled_before)
    assert office.carry_out(run_id) == "cancelled"
    assert (office.acts(), office.standing("account", ADDRESS, MAIL)) == ([], [])


def test_who_cancels_when_the_mail_is_out_gets_what_was_approved(office: Office) -> None:
    run_id = office.to_run()
    own = office.hands.do

    def cancelled_in(part: Any, **more: Any) -> Any:
        result = own(part, **more)
        if part.stage == "handover":
            office.desk.cancel(PEOPLE["kabid"], run_id, reason="salah orang")
        return result

    office.hands = replace(office.hands, do=cancelled_in)
    assert office.carry_out(run_id) == "done"
    assert office.acts() == [ADDRESS, MAIL]


def test_an_address_that_somebody_wrote_meanwhile_stops_it_for_a_person(office: Office) -> None:
    run_id = office.to_run()
    own = office.hands.try_all

    def moved(*asked: Any) -> Mapping[str, Mapping[str, Value]]:
        found = own(*asked)
        spot = Spot(system="nextcloud", target=f"cloud1/{account_of(office, run_id)}", property=ADDRESS)
        office.world.put(spot, "lain@contoh.example")
        return found

    office.hands = replace(office.hands, try_all=moved)
    assert office.carry_out(run_id) == "needs_attention"
    assert office.acts() == []


def test_a_neighbour_that_moved_while_it_was_done_is_a_persons_matter(office: Office) -> None:
    run_id = office.to_run()
    own = office.hands.do

    def moved(part: Any, **more: Any) -> Any:
        if part.stage == "handover":
            office.world.put(NEIGHBOUR, {"bytes": 2})
        return own(part, **more)

    office.hands = replace(office.hands, do=moved)
    assert office.carry_out(run_id) == "needs_attention"
    assert "tetangga berubah" in why(office, run_id)
    office.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert office.carry_out(run_id) == "done"
    assert (office.acts(), office.tried) == ([ADDRESS, MAIL], 1)


def test_a_server_that_falls_silent_after_the_trials_is_asked_again(office: Office) -> None:
    run_id = office.to_run()
    own = office.hands.try_all

    def silent(*asked: Any) -> Mapping[str, Mapping[str, Value]]:
        found = own(*asked)
        office.world.silence("cloud1")
        return found

    office.hands = replace(office.hands, try_all=silent)
    assert office.carry_out(run_id) == "unknown"
    office.hands = replace(office.hands, try_all=own)
    office.world.silence()
    office.clock.move(seconds=31)
    assert office.carry_out(run_id) == "done"
    assert office.acts() == [ADDRESS, MAIL]


# -- Killed ------------------------------------------------------------------------------------------------------------


def counting(office: Office, killed_at: int = -1, moment: str = "after") -> list[int]:
    """Count the office's transactions from now on, and die around the one of that number."""
    original, counted = office.database.transaction, list[int]()

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        mine = len(counted)
        counted.append(mine)
        with original() as uow:
            yield uow
            if mine == killed_at and moment == "before":
                os._exit(KILLED)
        if mine == killed_at:
            os._exit(KILLED)

    office.database.transaction = transaction  # type: ignore[method-assign]
    return counted


def ready(folder: Path) -> tuple[Office, str]:
    folder.mkdir(exist_ok=True)
    office = Office(folder)
    office.open()
    put_neighbour(office)
    return office, office.to_run()


def killed_child(folder: Path, office: Office, run_id: str, number: int, moment: str) -> int:
    """Carry out in a forked child that dies there; return its exit code."""
    now = office.clock.now
    office.close()
    pid = os.fork()
    if pid == 0:
        child = Office(folder)
        child.clock.now = now
        counting(child, number, moment)
        child.carry_out(run_id)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_any_commit_it_ends_as_it_would_have(tmp_path: Path, moment: str) -> None:
    office, run_id = ready(tmp_path / "undisturbed")
    counted = counting(office)
    assert office.carry_out(run_id) == "done"
    office.close()
    for number in range(len(counted)):
        folder = tmp_path / f"{moment}-{number}"
        killed, run_id = ready(folder)
        assert killed_child(folder, killed, run_id, number, moment) == KILLED
        again = Office(folder)
        again.clock.now = killed.clock.now
        if again.acts():  # its owner may be at it by now: nothing is tried on it again
            again.world.show_instead("cloud_login", {"login": False, "folder": "refused"})
        assert again.carry_out(run_id) == "done", f"{moment} {number}: {why(again, run_id)}"
        assert again.acts() == [ADDRESS, MAIL], f"{moment} {number}"
        assert again.world.read().values[NEIGHBOUR] == OF_NEIGHBOUR
        again.close()


@pytest.mark.parametrize("moment", ["kill_before", "kill_halfway", "kill_after"])
def test_killed_around_the_handing_over_it_ends_as_it_would_have(tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "it"
    office, run_id = ready(folder)
    office.world.plant({"kind": moment, "task": "handover"})
    assert killed_child(folder, office, run_id, -1, "") == KILLED
    again = Office(folder)
    again.clock.now = office.clock.now
    assert again.carry_out(run_id) == "done"
    assert again.acts() == [ADDRESS, MAIL]
    assert again.tried == 0


# -- Many lines --------------------------------------------------------------------------------------------------------


def test_lines_of_one_letter_are_handed_over_in_one_call_all_but_the_one_that_does_not_hold(office: Office) -> None:
    lines = [{**office.document["lines"][0], "account_id": f"{name}.dincontoh"} for name in ("satu", "dua", "tiga")]
    document = json.dumps({**office.document, "lines": lines}, default=str).encode()
    request = office.desk.submit(PEOPLE["opd"], document, "application/json")
    office.desk.do_step(PEOPLE["umum"], request.id, "register")
    office.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in office.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(office.hands, str(line.plan_id))
    office.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    ids = [office.approve(line.id) for line in request.lines]
    calls: list[tuple[str, ...]] = []
    together, each = office.hands.do_together, office.hands.try_each

    def counted(orders: Any) -> Any:
        calls.append(tuple(f"{order.run_id} {order.part.stage}" for order in orders))
        return together(orders)

    def one_does_not_hold(runs_to_try: Any) -> Any:
        first, *others = each(runs_to_try)
        return ({**first, "cloud_login": {"login": False, "folder": "refused"}}, *others)

    office.hands = replace(office.hands, do_together=counted, try_each=one_does_not_hold)
    office.carry_out(ids[0])
    states = [office.desk.run(PEOPLE["kabid"], run_id).run.state.value for run_id in ids]
    assert states == ["failed", "done", "done"]
    assert calls == [tuple(f"{one} make" for one in ids), tuple(f"{one} handover" for one in ids[1:])]
    assert office.standing(MAIL) == [f"dua.dincontoh {MAIL}", f"tiga.dincontoh {MAIL}"]

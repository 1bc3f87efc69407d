"""Does a run that hands over by a mailed link end as approved, whatever happens around the mail? The engine on fakes.

The address is written twice, the office's own first: what takes a run back, or goes on with it, must not mistake the
one for the other. What the server does of it: test_cloud_killed.py, test_cloud_faults.py.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.digests import Value
from provisioner.providers.fake_runner import KILLED
from provisioner.store import secrets as stored_secrets
from tests.chaos.test_after_verdict import counting
from tests.house import PEOPLE, EngineHouse
from tests.links import WAITING, by_link

ACCOUNT, EMAIL = "arsip.dincontoh", "arsip@dincontoh.example"
MAILED: Value = {"mailed": True}


class LinkOffice(EngineHouse):
    """An office that has links mailed; it counts how often an account was tried."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, kind="data_cloud")
        self.estate, self.tried = by_link(self.estate), 0
        own = self.hands.try_all

        def counted(*asked: Any) -> Mapping[str, Mapping[str, Value]]:
            self.tried += 1
            return own(*asked)

        self.hands = replace(self.hands, try_all=counted)

    def values(self) -> dict[str, Value]:
        """What stands of the account."""
        return {spot.property: value for spot, value in self.world.read().values.items() if spot.object == ACCOUNT}

    def mails(self) -> int:
        """How often a link was mailed."""
        return sum(act["property"] == "link" and act["after"] == MAILED for act in self.world.read().journal)

    def plant_in_handover(self, fault: str) -> None:
        """Let the part that hands over go wrong so."""
        own = self.hands.do

        def planted(part: Any, **more: Any) -> Any:
            if part.stage == "handover":
                self.world.plant({"kind": fault, "task": "cloud_account"})
            return own(part, **more)

        self.hands = replace(self.hands, do=planted)

    def secret_states(self, run_id: str) -> list[str]:
        with self.database.reading() as uow:
            return [secret.state.value for secret in stored_secrets.of_run(uow, run_id)]


def opened(folder: Path) -> tuple[LinkOffice, str]:
    folder.mkdir(exist_ok=True)
    office = LinkOffice(folder)
    office.open()
    return office, office.to_run()


def is_delivered(office: LinkOffice, run_id: str) -> None:
    """As if nothing had happened: the person's address, the link mailed, and nothing of a password left."""
    assert (office.values()["email"], office.values()["link"], office.mails()) == (EMAIL, MAILED, 1)
    assert office.secret_states(run_id) == ["destroyed"]


def killed(folder: Path, office: LinkOffice, run_id: str, number: int, moment: str, fault: str = "") -> LinkOffice:
    """Carry out in a forked child that dies there; return the office as it is opened again."""
    now = office.clock.now
    office.close()
    if (pid := os.fork()) == 0:
        child = LinkOffice(folder)
        child.clock.now = now
        counting(child, number, moment)  # type: ignore[arg-type]  # it asks for an office's database alone
        if fault:
            child.plant_in_handover(fault)
        child.carry_out(run_id)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == KILLED
    again = LinkOffice(folder)
    again.clock.now = now
    return again


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_any_commit_the_link_is_mailed_once_and_the_account_delivered(
    tmp_path: Path, moment: str
) -> None:
    office, run_id = opened(tmp_path / "undisturbed")
    counted = counting(office)  # type: ignore[arg-type]
    assert office.carry_out(run_id) == "done"
    is_delivered(office, run_id)
    assert office.tried == 1
    office.close()
    for number in range(len(counted)):
        folder = tmp_path / f"{moment}-{number}"
        again = killed(folder, *opened(folder), number, moment)
        if again.mails():  # its owner may have set a password: nothing is tried on it again
            again.world.show_instead("cloud_login", {"login": False, "folder": "refused"})
        assert again.carry_out(run_id_of(again)) == "done", f"{moment} {number}"
        is_delivered(again, run_id_of(again))
        again.close()


def run_id_of(office: LinkOffice) -> str:
    """The only run."""
    with office.database.reading() as uow:
        return str(uow.connection.exec_driver_sql("select id from runs").scalar_one())


@pytest.mark.parametrize("fault", ["kill_before", "kill_halfway", "kill_after"])
def test_killed_in_the_hand_over_it_is_ended_and_nothing_is_tried_again(tmp_path: Path, fault: str) -> None:
    office, run_id = opened(tmp_path / "it")
    again = killed(tmp_path / "it", office, run_id, -1, "", fault)
    assert again.carry_out(run_id) == "done"
    is_delivered(again, run_id)
    assert again.tried == 0
    again.close()


@pytest.mark.parametrize("fault", ["fail", "fail_halfway"])
def test_a_hand_over_that_fails_before_the_mail_leaves_no_account(tmp_path: Path, fault: str) -> None:
    office, run_id = opened(tmp_path / "it")
    office.plant_in_handover(fault)
    assert office.carry_out(run_id) == "failed"
    assert (office.values(), office.mails()) == ({}, 0)
    assert office.secret_states(run_id) == ["destroyed"]


def test_a_mail_that_is_out_is_delivered_by_a_persons_look_and_no_account_is_taken_away(tmp_path: Path) -> None:
    office, run_id = opened(tmp_path / "it")
    office.plant_in_handover("fail_after")
    assert office.carry_out(run_id) == "needs_attention"
    assert (office.values()["email"], office.mails()) == (EMAIL, 1)
    office.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert office.carry_out(run_id) == "done"
    is_delivered(office, run_id)
    assert office.tried == 1


def test_until_all_trials_have_held_the_office_waits_in_the_persons_place(tmp_path: Path) -> None:
    office, run_id = opened(tmp_path / "it")
    office.world.show_instead("cloud_login", {"login": False, "folder": "refused"})
    own, seen = office.hands.try_all, []

    def looked(*asked: Any) -> Mapping[str, Mapping[str, Value]]:
        seen.append((office.values()["email"], office.values()["link"]))
        return own(*asked)

    office.hands = replace(office.hands, try_all=looked)
    assert office.carry_out(run_id) == "failed"
    assert seen == [(WAITING, {"mailed": False})]
    assert (office.values(), office.mails()) == ({}, 0)

"""Does a run that fails, or is cancelled, leave nothing behind? And how does each fault of the lab end?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from testinfra.host import Host

from lab import faults
from lab.instance import Instance
from provisioner.runs.part_result import TaskResult
from provisioner.workflow.hands import Hands
from tests.house import PEOPLE
from tests.lab.host_objects import moved, named, quiet
from tests.lab.logins import databases, sftp_lists
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.planted import failing, planted
from tests.lab.standing_site import StandingSite, stand, take_away

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
TASKS = ("challenge", "account", "database", "certificate", "php_fpm", "apache", "dns")


@pytest.fixture(scope="module")
def neighbour(instance: Instance) -> Iterator[StandingSite]:
    """Another tenant on web1 whose things must not move."""
    standing = stand(instance, "mariadb")
    yield standing
    take_away(instance, standing)


@pytest.fixture(scope="module")
def house(neighbour: StandingSite, on: On) -> Iterator[OfficeHouse]:  # noqa: ARG001  it must stand
    """One office for all; after all of it, web1 is as it was, to the contents of files."""
    with office_house() as house:
        before, quiet_before = house.others(), quiet(on("web1"))
        yield house
        assert house.others() == before
        assert moved(quiet_before, quiet(on("web1"))) == []


@contextmanager
def armed(house: OfficeHouse, arm: Callable[[Hands], Hands]) -> Iterator[None]:
    """Let the house work with other hands for the block."""
    own = house.hands
    house.hands = arm(own)
    try:
        yield
    finally:
        house.hands = own


def states(house: OfficeHouse, run_id: str) -> list[str]:
    """How each of the seven tasks stands."""
    return [task.state for task in house.desk.run(PEOPLE["kabid"], run_id).tasks]


def nothing_is_left(house: OfficeHouse, run_id: str, before: dict[str, str], web1: Host) -> None:
    """Proof of absence: on the host, in the zone, among the secrets; everything else as it was."""
    assert named(web1, house.item_of(run_id)) == set()
    assert house.others() == before
    assert set(house.secret_states(run_id)) <= {"destroyed"}


def given_up(house: OfficeHouse, run_id: str) -> None:
    """End the failed line for good, which frees what it held."""
    house.desk.give_up(PEOPLE["pengkaji"], run_id, "selesai dicoba")


def mended(house: OfficeHouse, run_id: str, web1: Host) -> None:
    """A person removes what the list names and asks for a look: nothing is there, so the run ends undone."""
    house.unmake(run_id)
    house.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert house.carry_out(run_id) == "failed"
    assert named(web1, house.item_of(run_id)) == set()
    assert set(house.secret_states(run_id)) == {"destroyed"}
    given_up(house, run_id)


# -- A failure at each task --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_a_task_that_acts_and_fails_is_undone_with_all_before_it(house: OfficeHouse, on: On, task: str) -> None:
    """The failing task has done its work when it fails; what follows it never began."""
    before, run_id = house.others(), house.to_run(database="mariadb")
    with armed(house, failing(on("web1"), f"after:{task}")):
        assert house.carry_out(run_id) == "failed"
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why == f"{task}: planted fault after:{task}"
    begun = TASKS.index(task) + 1
    assert states(house, run_id) == ["undone"] * begun + ["waiting"] * (len(TASKS) - begun)
    nothing_is_left(house, run_id, before, on("web1"))
    given_up(house, run_id)


def test_a_task_that_fails_midway_is_undone_too(house: OfficeHouse, on: On) -> None:
    before, run_id = house.others(), house.to_run(database="mariadb")
    with armed(house, failing(on("web1"), "midway:account")):
        assert house.carry_out(run_id) == "failed"
    assert states(house, run_id) == ["undone", "undone", *["waiting"] * 5]
    nothing_is_left(house, run_id, before, on("web1"))
    given_up(house, run_id)


def test_a_retry_under_the_same_decision_delivers_with_new_secrets(
    house: OfficeHouse, on: On, lab: dict[str, Any]
) -> None:
    failed = house.to_run(database="mariadb")
    with armed(house, failing(on("web1"), "after:apache")):
        assert house.carry_out(failed) == "failed"
    first = house.secrets_of(failed)
    run_id = house.desk.retry(PEOPLE["pengkaji"], failed).id
    assert house.carry_out(run_id) == "done"
    item, address = house.item_of(run_id), lab["hosts"]["web1"]["address"]
    assert (item, house.approved(run_id).digest) == (house.item_of(failed), house.approved(failed).digest)
    assert house.secrets_of(run_id).isdisjoint(first)
    claimed = house.claimed(item)
    assert sftp_lists(lab, address, item, claimed["sftp_password"]) == {"private", "public", "tmp"}
    assert databases("mariadb", address, item, claimed["database_password"]) == {item}
    house.unmake(run_id)


def test_an_undo_that_fails_too_names_what_still_stands(house: OfficeHouse, on: On) -> None:
    """Never silent: the run waits for a person with the exact list, and takes nothing more upon itself."""
    run_id = house.to_run(database="mariadb")
    item = house.item_of(run_id)
    with planted(on("web1"), "after:apache"):
        assert house.carry_out(run_id) == "needs_attention"
    view = house.desk.run(PEOPLE["kabid"], run_id)
    (name,) = house.names_of(run_id)
    assert set(view.attention) == {
        *(f"account web1/{item} {thing} masih ada" for thing in ("directories", "logs", "storage", "user")),
        *(f"dns kota.lab/{name} {thing} masih ada" for thing in ("challenge", "mark")),
        *(f"mariadb web1/{item} {thing} masih ada" for thing in ("database", "user")),
        f"certificate web1/{item} certificate masih ada",
        f"php_fpm web1/{item} pool masih ada",
    }
    mended(house, run_id, on("web1"))


# -- A person's cancel -------------------------------------------------------------------------------------------------


def test_a_cancel_stops_between_two_tasks_and_undoes(house: OfficeHouse, on: On) -> None:
    before, run_id = house.others(), house.to_run(database="mariadb")

    def cancelling(hands: Hands) -> Hands:
        def do(part: Any, *, finished: Callable[[TaskResult], None], **more: Any) -> Any:
            def finished_then_cancelled(result: TaskResult) -> None:
                finished(result)
                if (part.play, result.task) == ("make", "database"):
                    house.desk.cancel(PEOPLE["pengkaji"], run_id, "salah host")

            return hands.do(part, finished=finished_then_cancelled, **more)

        return replace(hands, do=do)

    with armed(house, cancelling):
        assert house.carry_out(run_id) == "cancelled"
    done = states(house, run_id)
    # The certificate's task may have begun before the stop file was there: it is let end, and is undone as well.
    assert done[:3] == ["undone"] * 3
    assert done[3] in {"undone", "cancelled"}
    assert set(done[4:]) <= {"waiting", "cancelled"}
    nothing_is_left(house, run_id, before, on("web1"))
    again = house.desk.retry(PEOPLE["pengkaji"], run_id).id
    assert house.carry_out(again) == "done"
    house.unmake(again)


# -- The lab's faults, by name -----------------------------------------------------------------------------------------


@contextmanager
def fault(instance: Instance, name: str, host: str, **more: str) -> Iterator[None]:
    """The fault is on for the block."""
    faults.switch(instance, name, host, on=True, **more)
    try:
        yield
    finally:
        faults.switch(instance, name, host, on=False, **more)


def breaking_after(task: str, instance: Instance, name: str, host: str, **more: str) -> Callable[[Hands], Hands]:
    """Hands that switch the fault on when that task of the making has ended."""

    def arm(hands: Hands) -> Hands:
        def do(part: Any, *, finished: Callable[[TaskResult], None], **words: Any) -> Any:
            def finished_then_broken(result: TaskResult) -> None:
                finished(result)
                if (part.play, result.task) == ("make", task):
                    faults.switch(instance, name, host, on=True, **more)

            return hands.do(part, finished=finished_then_broken, **words)

        return replace(hands, do=do)

    return arm


def carried_out_when_it_answers(house: OfficeHouse, run_id: str) -> str:
    """Carry out again, as housekeeping does every half a minute, until it is no longer unknown."""
    until = time.monotonic() + 20
    while (state := house.carry_out(run_id)) == "unknown" and time.monotonic() < until:
        time.sleep(1)
    return state


def test_a_wrong_tsig_key_stops_the_run_before_its_first_act_and_the_right_one_lets_it_go_on(
    house: OfficeHouse, on: On, instance: Instance
) -> None:
    """The zone cannot be looked at, so nothing is begun: no plan to compare, no guess."""
    before, run_id = house.others(), house.to_run(database="mariadb")
    with fault(instance, "wrong_tsig_key", "ns1"):
        assert house.carry_out(run_id) == "unknown"
    zone = "kota.lab tidak menjawab, atau jawabannya tidak terbaca"
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why == zone
    assert [one.text for one in house.desk.events(PEOPLE["kabid"], run_id, 0) if "PeerBadSignature" in one.text] != []
    assert [one.text for one in house.desk.events(PEOPLE["opd"], run_id, 0) if "PeerBadSignature" in one.text] == []
    assert states(house, run_id) == ["waiting"] * 7
    nothing_is_left(house, run_id, before, on("web1"))
    assert house.carry_out(run_id) == "done"
    house.unmake(run_id)


def test_a_service_that_stopped_fails_its_task_and_all_is_undone_without_it(
    house: OfficeHouse, on: On, instance: Instance
) -> None:
    before, run_id = house.others(), house.to_run(database="mariadb")
    try:
        with armed(house, breaking_after("database", instance, "stopped_service", "web1", service="apache2")):
            assert house.carry_out(run_id) == "failed"
    finally:
        faults.switch(instance, "stopped_service", "web1", on=False, service="apache2")
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why.startswith("apache: apache2 does not run here")
    assert states(house, run_id) == ["undone"] * 5 + ["failed", "waiting"]
    nothing_is_left(house, run_id, before, on("web1"))
    given_up(house, run_id)


def test_a_disk_that_filled_lets_nothing_be_removed_and_the_list_of_what_stands_is_shown(
    house: OfficeHouse, on: On, instance: Instance
) -> None:
    """No room for the database, nor for the files that a removal writes anew; a person has to make room first."""
    before, run_id = house.others(), house.to_run(database="postgresql", extensions=["mbstring", "pgsql"])
    item, (name,) = house.item_of(run_id), house.names_of(run_id)
    try:
        with armed(house, breaking_after("account", instance, "full_disk", "web1")):
            assert house.carry_out(run_id) == "needs_attention"
    finally:
        faults.switch(instance, "full_disk", "web1", on=False)
    assert set(house.desk.run(PEOPLE["kabid"], run_id).attention) == {
        *(f"account web1/{item} {thing} masih ada" for thing in ("directories", "storage", "user")),
        *(f"dns kota.lab/{name} {thing} masih ada" for thing in ("challenge", "mark")),
    }
    assert states(house, run_id)[:3] == ["changed", "changed", "failed"]
    mended(house, run_id, on("web1"))
    assert house.others() == before


def test_a_slow_link_only_takes_longer(house: OfficeHouse, instance: Instance) -> None:
    run_id = house.to_run(database="mariadb")

    def slow(hands: Hands) -> Hands:
        def do(part: Any, **more: Any) -> Any:
            with fault(instance, "slow_link", "web1"):
                return hands.do(part, **more)

        return replace(hands, do=do)

    with armed(house, slow):
        assert house.carry_out(run_id) == "done"
    house.unmake(run_id)


def test_a_network_cut_in_mid_run_is_unknown_until_the_host_answers_and_then_done(
    house: OfficeHouse, instance: Instance
) -> None:
    """Whether the task after the cut acted, nobody knows: the host is looked at again, and what is left is done."""
    run_id = house.to_run(database="mariadb")
    try:
        with armed(house, breaking_after("account", instance, "cut_network", "web1")):
            assert house.carry_out(run_id) == "unknown"
    finally:
        faults.switch(instance, "cut_network", "web1", on=False)
    assert states(house, run_id) == ["changed", "changed", *["waiting"] * 5]
    assert carried_out_when_it_answers(house, run_id) == "done"
    house.unmake(run_id)


def test_a_host_that_lost_its_power_in_mid_run_is_unknown_until_it_is_back_and_then_done(
    house: OfficeHouse, instance: Instance, on: On
) -> None:
    """What the host had done is on its disks, what it had not is done: one of each, and its services are up again."""
    run_id = house.to_run(database="mariadb")
    try:
        with armed(house, breaking_after("database", instance, "lost_power", "web1")):
            assert house.carry_out(run_id) == "unknown"
    finally:
        faults.switch(instance, "lost_power", "web1", on=False)
    assert carried_out_when_it_answers(house, run_id) == "done"
    stands = {name for name in named(on("web1"), house.item_of(run_id)) if name.startswith(("passwd", "subvolume"))}
    assert stands == {"passwd ITEM", "subvolume ITEM"}
    house.unmake(run_id)

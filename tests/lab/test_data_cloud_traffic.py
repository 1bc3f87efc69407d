"""Is an account held to its traffic from before it stands until it is gone, on the whole walk with a real proxy?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest
import yaml

from lab import cloud, verbs
from lab.instance import Instance, this_instance
from lab.machine import ssh_argv
from provisioner.facts.traffic import SYSTEM, read_rate
from provisioner.items.item import ItemState
from provisioner.workflow.look import look
from tests.house import PEOPLE
from tests.lab.office_house import OfficeHouse, drawn_name, office_house

MBIT = 125_000


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    """The lab's cloud with the proxy in front of it."""
    lab = this_instance()
    verbs.up(lab, [cloud.NAME, "proxy1"])
    yield lab
    verbs.take_away(lab, "proxy1")


@pytest.fixture(scope="module")
def house(instance: Instance) -> Iterator[OfficeHouse]:  # noqa: ARG001  the lab must be up
    """An office that tries what needs time, too."""
    with office_house(kind="data_cloud", hosts=("cloud1", "proxy1")) as house:
        house.is_patient = True
        yield house


def done(house: OfficeHouse, run_id: str) -> dict[str, bool]:
    """Carry it out to its end; return its verdicts."""
    state = house.carry_out(run_id)
    view = house.desk.run(PEOPLE["kabid"], run_id)
    assert (state, view.run.why) == ("done", "")
    return {verdict.name: verdict.holds for verdict in view.verdicts}


def limits(house: OfficeHouse) -> dict[str, int]:
    """Every limit that stands at the proxy: 'proxy1/ujibxkdrt' -> bytes a second."""
    values = house.look().values
    return {
        spot.target: read_rate(value["text"]).bytes_per_second  # type: ignore[index,call-overload]
        for spot, value in values.items()
        if spot.system == SYSTEM
    }


def test_an_account_is_held_to_its_traffic_from_its_first_download_until_it_is_gone(house: OfficeHouse) -> None:
    run_id = house.to_run(traffic_mbit=8)
    item = house.item_of(run_id)
    target = f"proxy1/{house.approved(run_id).choices['account']}"
    assert [part.limit for part in house.approved(run_id).parts] == ["proxy1", "cloud1"]
    assert done(house, run_id)["traffic_limit_bites"]
    assert limits(house) == {target: 8 * MBIT}
    done(house, house.verb("change", item, traffic_mbit=20))
    assert limits(house) == {target: 20 * MBIT}
    done(house, house.verb("suspend", item))
    done(house, house.verb("resume", item))
    assert limits(house) == {target: 20 * MBIT}
    run_id = house.terminate(item)
    assert house.carry_out(run_id) == "waiting_until"
    assert limits(house) == {target: 20 * MBIT}
    house.desk.record_receipt(PEOPLE["teknis"], item, "a" * 64)
    house.clock.move(days=31)
    assert done(house, run_id) == {"plan_empty": True, "cloud_absent": True}
    assert (limits(house), house.item(item).state) == ({}, ItemState.TERMINATED)


def test_lines_of_one_letter_share_the_calls_to_proxy_and_server_and_each_gets_its_own_limit(
    house: OfficeHouse,
) -> None:
    document, names = yaml.safe_load(house.example(traffic_mbit=100)), [drawn_name() for _ in range(4)]
    asked = {**document, "lines": [{**document["lines"][0], "account_id": name} for name in names]}
    request = house.desk.submit(PEOPLE["opd"], json.dumps(asked).encode(), "application/json")
    house.desk.do_step(PEOPLE["umum"], request.id, "register", number="1/2026")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    lines = house.desk.request(PEOPLE["umum"], request.id).request.lines
    for one in lines:
        look(house.hands, str(one.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    runs = [house.approve(one.id) for one in lines]
    assert house.carry_out(runs[0]) == "done"
    views = [house.desk.run(PEOPLE["kabid"], run_id) for run_id in runs]
    assert [view.run.state.value for view in views] == ["done"] * 4
    assert all(verdict.holds for view in views for verdict in view.verdicts)
    assert limits(house) == {f"proxy1/{name}": 100 * MBIT for name in names}


def test_a_limit_that_fails_to_be_put_there_leaves_nothing_behind_and_no_account(
    house: OfficeHouse, instance: Instance
) -> None:
    run_id = house.to_run()
    account = house.approved(run_id).choices["account"]
    on_proxy(instance, "echo after:traffic > /etc/gerbang/fail_task")
    try:
        assert house.carry_out(run_id) == "failed"
    finally:
        on_proxy(instance, "rm /etc/gerbang/fail_task")
    assert f"proxy1/{account}" not in limits(house)
    assert account not in cloud.ask(instance, do="dump")["accounts"]


def on_proxy(instance: Instance, command: str) -> None:
    """Do something there as root."""
    subprocess.run([*ssh_argv(instance, "proxy1"), command], check=True, stdin=subprocess.DEVNULL)

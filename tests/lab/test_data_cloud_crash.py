"""Does a whole run on a cloud server end as it would have, whichever of its calls is the last thing its worker does?

The engine with the worker's own hands (look, the real runner, trials) against the lab's Nextcloud in the test's own
process; the worker is a child that is killed with SIGKILL when a call comes in. Every call of the plugins, three ways,
is enumerated in tests/chaos/test_cloud_killed.py.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.nextcloud.faults import CutError
from lab.nextcloud.state import opens
from provisioner.runner.workspace import sweep
from tests.cloud import Served, serving
from tests.cloud_errands import HOST, CloudWorker
from tests.house import PEOPLE
from tests.lab.killed import processes_left
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.site_part import ROOT

USERS, RULES, GROUPS, LOOK = "/cloud/users", "/workflows/global", "/cloud/groups", "/cloud/users/details"
#: the last call of the worker: method, end of its path, which of those calls it is, before or after the server does it
LAST_CALLS = {
    "the look before": ("GET", LOOK, 1, "after"),
    "the first group": ("POST", GROUPS, 1, "after"),
    "the first rule": ("POST", RULES, 1, "after"),
    "the second rule, not done": ("POST", RULES, 2, "before"),
    "the account, not done": ("POST", USERS, 1, "before"),
    "the account, done and not answered": ("POST", USERS, 1, "after"),
    "the look after": ("GET", LOOK, 2, "before"),
    "the folder of a trial": ("MKCOL", "", 1, "after"),
    "a file of a trial": ("PUT", "", 1, "after"),
    "the clearing away after a trial, not done": ("DELETE", "", 1, "before"),
}


class Killer:
    """Kills the worker when the named call comes in."""

    def __init__(self) -> None:
        self.worker, self.method, self.path, self.left, self.moment = 0, "", "", 0, ""

    def aim(self, method: str, path: str, number: int, moment: str) -> None:
        self.method, self.path, self.left, self.moment = method, path, number, moment

    def __call__(self, moment: str, request: Any) -> None:
        """Stand in the server's way."""
        path = request.target.partition("?")[0]
        if not self.left or moment != self.moment or request.method != self.method or not path.endswith(self.path):
            return
        self.left -= 1
        if not self.left:
            os.kill(self.worker, signal.SIGKILL)
            if moment == "before":
                raise CutError


def carry_out_until_killed(house: OfficeHouse, run_id: str, killer: Killer) -> None:
    """Carry the run out in a child, which the killer must meet."""
    now = house.clock.now
    house.close()
    begun, begin = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.read(begun, 1)
        child = OfficeHouse(
            house.folder,
            house.settings.runtime_directory,
            url=house.url,
            kind=house.kind,
            hosts=house.hosts,
            inventory=house.settings.inventory,
        )
        child.clock.now = now
        child.carry_out(run_id)
        os._exit(0)
    killer.worker = pid
    os.write(begin, b"!")
    _, status = os.waitpid(pid, 0)
    for end in (begun, begin):
        os.close(end)
    assert os.WIFSIGNALED(status), f"no such call came: the child ended with {os.waitstatus_to_exitcode(status)}"


@pytest.fixture
def killer() -> Killer:
    return Killer()


@pytest.fixture
def cloud(tmp_path: Path, killer: Killer) -> Iterator[Served]:
    with serving(tmp_path / "cloud", hook=killer) as cloud:
        yield cloud


@pytest.fixture
def house(cloud: Served, tmp_path: Path) -> Iterator[OfficeHouse]:
    """An office that has that server and nothing else."""
    of_cloud = CloudWorker(cloud=cloud, folder=tmp_path).task_vars()
    host = {name: value for name, value in of_cloud.items() if name not in ("inventory_hostname", "lab")}
    host |= {"ansible_connection": "local", "traffic_driver": "none"}
    groups = {"nextcloud": {"hosts": {HOST: host}}}
    inventory = {"all": {"vars": {"lab": True, "zone": "kota.lab"}, "children": groups}}
    (tmp_path / "hosts.json").write_text(json.dumps(inventory))
    shutil.copytree(ROOT / "inventories" / "lab" / "group_vars", tmp_path / "group_vars")
    with office_house(kind="data_cloud", hosts=(HOST,), inventory=tmp_path / "hosts.json") as house:
        yield house


def account_of(house: OfficeHouse, run_id: str) -> str:
    return str(house.approved(run_id).choices["account"])


def ends_whole(house: OfficeHouse, run_id: str, cloud: Served) -> None:
    """One account, one of each rule, the claimed password opens it; no mail, probe or wrong password, nobody else."""
    (password,) = house.claimed(house.item_of(run_id)).values()
    dump, account = cloud.ask(do="dump"), account_of(house, run_id)
    assert sorted(dump["accounts"]) == sorted(["admin", "gerbang", account])
    assert opens(password, dump["accounts"][account]["password"])
    assert [name for name in dump["accounts"][account]["files"] if "gerbang" in name] == []
    assert (len(dump["rules"]), dump["accounts"][account]["trash"]) == (2, {})
    assert (dump["mails"], dump["wrong_passwords"]) == ([], {})
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""


@pytest.mark.parametrize("last", LAST_CALLS)
def test_killed_at_a_call_the_run_ends_with_one_whole_account(
    house: OfficeHouse, cloud: Served, killer: Killer, last: str
) -> None:
    run_id = house.to_run()
    killer.aim(*LAST_CALLS[last])
    carry_out_until_killed(house, run_id, killer)
    assert processes_left(house.settings.runtime_directory) == []
    sweep(house.settings.runtime_directory / "runs")  # as a worker does that starts
    assert house.carry_out(run_id) == "done"
    ends_whole(house, run_id, cloud)


@pytest.mark.parametrize(
    "fault",
    [
        "too_many_requests",
        "maintenance",
        "cut",
        "html_error",
        "redirect_elsewhere",
        "error_after_work",
        "cut_after_work",
        "wrong_json_type",
        "half_made_account",
    ],
)
def test_a_fault_of_the_creating_call_only_delays_the_run(house: OfficeHouse, cloud: Served, fault: str) -> None:
    run_id = house.to_run()
    cloud.ask(do="fault", name=fault, calls=1, method="POST", path=r"/cloud/users\?")
    assert house.carry_out(run_id) == "done"
    assert cloud.cloud.faults.on == {}
    ends_whole(house, run_id, cloud)


def test_a_server_that_breaks_at_each_creation_lets_the_run_fail_with_nothing_left(
    house: OfficeHouse, cloud: Served
) -> None:
    run_id = house.to_run()
    cloud.ask(do="fault", name="html_error", method="POST", path=r"/cloud/users\?")
    assert house.carry_out(run_id) == "failed"
    assert house.secret_states(run_id) == ["destroyed"]
    dump = cloud.ask(do="dump")
    assert (sorted(dump["accounts"]), dump["wrong_passwords"]) == (["admin", "gerbang"], {})
    assert len(dump["rules"]) == 2, "what many share stays"


def test_a_server_with_another_certificate_is_told_nothing_and_the_run_goes_on_with_the_right_one(
    house: OfficeHouse, cloud: Served
) -> None:
    run_id = house.to_run()
    since = len(cloud.ask(do="journal"))
    cloud.ask(do="fault", name="wrong_certificate")
    assert house.carry_out(run_id) == "unknown"
    assert cloud.ask(do="journal", since=since) == []
    cloud.cloud.faults.switch_off()
    assert house.carry_out(run_id) == "done"
    ends_whole(house, run_id, cloud)


def test_an_account_that_somebody_made_in_between_is_his_and_the_run_is_stale(
    house: OfficeHouse, cloud: Served
) -> None:
    run_id = house.to_run()
    account = account_of(house, run_id)
    cloud.ask(do="account", id=account, password="Sandi-orang-lain-1")
    before = cloud.ask(do="dump")["accounts"][account]
    assert house.carry_out(run_id) == "stale"
    assert cloud.ask(do="dump")["accounts"][account] == before

"""Is a part on a cloud server carried out by the real runner: Ansible, its keeper, the playbook, the plugins?

The server is the lab's Nextcloud in the test's own process; tests/contract/test_cloud_plugins.py has the cases.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from provisioner.items.order import Order
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.plans.plan import Part
from provisioner.runner.part import run_part, run_parts
from provisioner.runs.part_result import PartOutcome, TaskResult
from provisioner.sealing import ensure_key_file, read_keys
from tests.cloud import Served, serving
from tests.cloud_errands import (
    HOST,
    LOOK_AT_RULES,
    MAKE_A_RULE,
    PLAYBOOKS,
    SECRET,
    WELCOME,
    CloudWorker,
    creation,
    limit_class,
    part,
    removal,
)
from tests.lab.killed import processes_left


@dataclass(frozen=True, kw_only=True)
class Places:
    """The settings of a run."""

    runtime_directory: Path
    key_file: Path
    inventory: Path
    playbooks: Path = PLAYBOOKS


@dataclass(kw_only=True)
class Heard:
    """What a run said while it went."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[TaskResult] = field(default_factory=list)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as cloud:
        yield cloud


@pytest.fixture
def places(cloud: Served, tmp_path: Path) -> Iterator[Places]:
    memory = Path(mkdtemp(prefix="gerbang-test-", dir="/dev/shm"))
    variables = CloudWorker(cloud=cloud, folder=tmp_path).task_vars()
    hosts = {HOST: {name: value for name, value in variables.items() if name not in ("inventory_hostname", "lab")}}
    hosts[HOST]["ansible_connection"] = "local"
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": {"lab": True}}}))
    ensure_key_file(memory / "sealing.json")
    try:
        yield Places(runtime_directory=memory, key_file=memory / "sealing.json", inventory=tmp_path / "hosts.json")
    finally:
        shutil.rmtree(memory)


def sealed(places: Places) -> tuple[SealedSecret, ...]:
    """The run's password, as the worker has it."""
    key_id, text = read_keys(places.key_file).seal(SECRET, "sec_x")
    secret = SealedSecret(
        id="sec_x",
        item_id="g7kq2mx4pd",
        run_id="run_x",
        name="account_password",
        label="Kata sandi akun cloud",
        user="sari",
        use={},
        version=1,
        key_id=key_id,
        sealed=text,
        state=SecretState.MADE,
        claimable_at=None,
        claimed_at=None,
        claimed_by=None,
        expires_at=None,
    )
    return (secret,)


def order(places: Places, of: Part, heard: Heard, run_id: str = "run_x") -> Order:
    return Order(
        part=of,
        run_id=run_id,
        item_id="g7kq2mx4pd",
        sealed=sealed(places),
        told=lambda task, text: heard.lines.append((task, text)),
        finished=heard.tasks.append,
        cancelled=lambda: False,
    )


def making(name: str = "sari") -> Part:
    return part("make", limit_class=limit_class(), cloud_account=creation(name))


def test_an_account_is_made_found_as_it_is_and_taken_away(cloud: Served, places: Places, tmp_path: Path) -> None:
    worker = CloudWorker(cloud=cloud, folder=tmp_path)
    heard = Heard()
    first = run_parts(places, [order(places, making(), heard)])[0]
    assert (first.outcome, first.leaks) == (PartOutcome.DONE, ()), first
    assert {task.task: task.outcome for task in heard.tasks} == {"limit_class": "changed", "cloud_account": "changed"}
    assert {change.spot for task in heard.tasks for change in task.changes} == {one.spot for one in making().changes}
    assert worker.account("sari")["quota"] == {"bytes": 5 * 2**30}
    again, unmade = Heard(), Heard()
    assert run_parts(places, [order(places, making(), again)])[0].outcome is PartOutcome.DONE
    assert {task.outcome for task in again.tasks} == {"same"}
    gone = run_parts(places, [order(places, part("unmake", cloud_account=removal()), unmade)])[0]
    assert (gone.outcome, worker.account("sari")) == (PartOutcome.DONE, {})
    assert SECRET not in repr((heard, again, unmade))
    assert list(places.runtime_directory.glob("runs/*")) == []


def test_runs_that_share_a_call_end_each_in_its_own_way(cloud: Served, places: Places, tmp_path: Path) -> None:
    cloud.ask(do="account", id="tono", password="Sandi-orang-lain-1")
    names, heard = ("sari", "tono", "wati"), [Heard() for _ in range(3)]
    orders = [order(places, making(name), heard[at], f"run_{name}") for at, name in enumerate(names)]
    results = run_parts(places, orders)
    assert [result.outcome for result in results] == [PartOutcome.DONE, PartOutcome.FAILED, PartOutcome.DONE]
    assert [heard[at].tasks[-1].outcome for at in range(3)] == ["changed", "foreign", "changed"]
    accounts = CloudWorker(cloud=cloud, folder=tmp_path).stands()
    assert [accounts.get((name, "account")) for name in names] == [
        {"mark": "gerbang"},
        {"mark": None},
        {"mark": "gerbang"},
    ]


def test_a_hundred_lines_of_a_request_are_a_hundred_calls_and_none_is_one_too_many(
    cloud: Served, places: Places, tmp_path: Path
) -> None:
    names = [f"kelurahan{number}" for number in range(100)]
    orders = [order(places, making(name), Heard(), f"run_{name}") for name in names]
    assert {result.outcome for result in run_parts(places, orders)} == {PartOutcome.DONE}
    calls = Counter(CloudWorker(cloud=cloud, folder=tmp_path).calls())
    assert calls.pop("POST /cloud/users") == 100
    assert calls == {
        "GET /cloud/groups": 1,
        LOOK_AT_RULES: 1,
        "POST /cloud/groups": 3,
        MAKE_A_RULE: 2,
        WELCOME: 1,
    }
    assert {row["status"] for row in cloud.ask(do="journal")} == {200}
    assert cloud.ask(do="dump")["edits"] == {}


def test_what_a_task_waits_for_is_a_live_line_before_the_task_has_ended(cloud: Served, places: Places) -> None:
    heard = Heard()
    cloud.ask(do="maintain", on=True)

    def open_again() -> None:
        until = time.monotonic() + 20
        while not any("pemeliharaan" in text for _, text in heard.lines) and time.monotonic() < until:
            time.sleep(0.05)
        cloud.ask(do="maintain", on=False)

    watcher = threading.Thread(target=open_again)
    watcher.start()
    result = run_parts(places, [order(places, part("make", limit_class=limit_class()), heard)])[0]
    watcher.join()
    assert result.outcome is PartOutcome.DONE
    assert ("limit_class", "menunggu server cloud cloud1: pemeliharaan") in heard.lines[1:-2]


def test_a_server_that_is_not_there_leaves_the_part_unknown(cloud: Served, places: Places) -> None:
    cloud.ask(do="fault", name="wrong_certificate")
    result = run_part(
        places,
        making(),
        run_id="run_x",
        item_id="g7kq2mx4pd",
        sealed=sealed(places),
        told=lambda _task, _text: None,
        finished=lambda _result: None,
        cancelled=lambda: False,
    )
    assert (result.outcome, result.tasks) == (PartOutcome.UNKNOWN, ())
    assert cloud.ask(do="journal") == []


def test_a_worker_killed_in_mid_call_leaves_no_process_and_the_next_run_ends_what_it_began(
    cloud: Served, places: Places, tmp_path: Path
) -> None:
    worker = CloudWorker(cloud=cloud, folder=tmp_path)
    killed: list[int] = []

    def kill(moment: str, request: Any) -> None:
        if (moment, request.method, request.path) == ("after", "POST", "/ocs/v2.php/cloud/users") and not killed:
            os.kill(child, signal.SIGKILL)
            killed.append(child)
            assert processes_left(places.runtime_directory) == []

    cloud.cloud.state.config["core"] = {"newUser.sendEmail": "yes"}
    cloud.cloud.hook = kill
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(ready, 1)
        run_parts(places, [order(places, making(), Heard())])
        os._exit(0)
    os.write(go, b"!")
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert worker.account("sari")["account"] == {"mark": "gerbang"}
    heard = Heard()
    assert run_parts(places, [order(places, making(), heard)])[0].outcome is PartOutcome.DONE
    assert [(task.task, task.outcome) for task in heard.tasks] == [
        ("limit_class", "same"),
        ("cloud_account", "changed"),
    ]
    assert [change.property for change in heard.tasks[1].changes] == ["email"]
    assert worker.account("sari")["email"] == "sari@kota.lab"
    for end in (ready, go):
        os.close(end)

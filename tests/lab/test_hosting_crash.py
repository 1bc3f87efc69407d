"""Does a run end as it would have when its worker is killed for real: Ansible, SSH and duties of the host included?

Every commit and every task is enumerated on fakes (tests/chaos); here are the places where the real parts matter.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from provisioner.audit_events import AuditEvent
from tests.house import PEOPLE
from tests.lab.host_objects import named
from tests.lab.killed import Arm, after_task, before_verdicts, carry_out_killed, during_task, processes_left
from tests.lab.logins import databases, sftp_lists
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.planted import failing, planted
from tests.lab.site_part import ROOT
from tests.postgres import Cluster

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
LOCK_IS_HELD = "flock --nonblock /run/lock/gerbang.lock true"
WORKER_SECONDS = 90
STOPPING_SECONDS = 35
WAKING_SECONDS = 4
WHOLE = {
    "file /etc/apache2/gerbang/ITEM.conf",
    "file /etc/letsencrypt/archive/ITEM",
    "file /etc/letsencrypt/live/ITEM",
    "file /etc/letsencrypt/renewal/ITEM.conf",
    "file /etc/php/8.2/fpm/pool.d/ITEM.conf",
    "file /run/php/ITEM.sock",
    "file /srv/www/ITEM",
    "file /var/lib/mysql/ITEM",
    "file /var/log/gerbang/ITEM",
    "group ITEM",
    "mariadb database ITEM",
    "member ITEM",
    "member gerbang-sftp",
    "passwd ITEM",
    "subvolume ITEM",
}


@pytest.fixture
def house() -> Iterator[OfficeHouse]:
    """An office whose sites are all gone at the end, and everybody else's as before."""
    with office_house() as house:
        before = house.others()
        yield house
        assert house.others() == before


def ends_whole(house: OfficeHouse, run_id: str, lab: dict[str, Any], web1: Host) -> None:
    """One of each object, the claimed passwords work, nothing of ours runs, the chain is whole; then take it away."""
    item, address = house.item_of(run_id), lab["hosts"]["web1"]["address"]
    stands = {name for name in named(web1, item) if not name.startswith(("named in", "mariadb user"))}
    assert stands == WHOLE
    assert processes_left(house.settings.runtime_directory) == []
    claimed = house.claimed(item)
    assert sftp_lists(lab, address, item, claimed["sftp_password"]) == {"private", "public", "tmp"}
    assert databases("mariadb", address, item, claimed["database_password"]) == {item}
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""
    assert len(house.desk.item(PEOPLE["kabid"], item).runs) == 1
    house.unmake(run_id)
    assert named(web1, item) == set()


@pytest.mark.parametrize(
    ("arm", "state"),
    [
        pytest.param(after_task("account"), "applying", id="after-the-account"),
        pytest.param(after_task("dns"), "applying", id="after-the-last-task"),
        pytest.param(before_verdicts, "verifying", id="before-the-verdicts"),
    ],
)
def test_killed_between_two_acts_the_run_ends_done_with_one_of_each(
    house: OfficeHouse, on: On, lab: dict[str, Any], arm: Arm, state: str
) -> None:
    run_id = house.to_run(database="mariadb")
    carry_out_killed(house, run_id, arm)
    assert processes_left(house.settings.runtime_directory) == []
    assert house.desk.run(PEOPLE["kabid"], run_id).run.state.value == state
    assert house.carry_out(run_id) == "done"
    ends_whole(house, run_id, lab, on("web1"))


def test_killed_in_mid_playbook_the_duty_left_on_the_host_is_waited_for(
    house: OfficeHouse, on: On, lab: dict[str, Any]
) -> None:
    """The duty has made the user and sleeps; Ansible dies with its worker, the duty ends its work alone."""
    web1, run_id = on("web1"), house.to_run(database="mariadb")
    with planted(web1, "midway:account slowly"):
        carry_out_killed(house, run_id, during_task("account"))
        assert web1.run(LOCK_IS_HELD).rc == 1
        assert processes_left(house.settings.runtime_directory) == []
        results = {task.name: task.state for task in house.desk.run(PEOPLE["kabid"], run_id).tasks}
        assert (results["challenge"], results["account"]) == ("changed", "waiting")
        assert house.carry_out(run_id) == "done"
    ends_whole(house, run_id, lab, web1)


def test_killed_during_the_undo_the_run_still_ends_undone(house: OfficeHouse, on: On) -> None:
    web1, run_id = on("web1"), house.to_run(database="mariadb")
    fail, kill = failing(web1, "after:apache"), after_task("php_fpm", "unmake")
    carry_out_killed(house, run_id, lambda hands: kill(fail(hands)))
    assert house.desk.run(PEOPLE["kabid"], run_id).run.state.value == "undoing"
    assert processes_left(house.settings.runtime_directory) == []
    assert house.carry_out(run_id) == "failed"
    assert named(web1, house.item_of(run_id)) == set()
    assert set(house.secret_states(run_id)) == {"destroyed"}


# -- The worker's own process ------------------------------------------------------------------------------------------


def environment(house: OfficeHouse) -> dict[str, str]:
    """The settings of this house as a worker process reads them."""
    places = {
        "DATABASE_URL": house.url,
        "STATE_DIRECTORY": house.folder,
        "RUNTIME_DIRECTORY": house.settings.runtime_directory,
        "KEY_FILE": house.settings.key_file,
        "HEARTBEAT_SECONDS": 0.4,
    }
    return {**os.environ, **{f"GERBANG_{name}": str(value) for name, value in places.items()}}


@contextmanager
def processes(house: OfficeHouse, *commands: list[str]) -> Iterator[list[int]]:
    """Start them; at the end each is told to stop, and must."""
    begun = [subprocess.Popen(command, cwd=ROOT, env=environment(house)) for command in commands]
    try:
        yield [process.pid for process in begun]
    finally:
        for process in begun:
            process.terminate()
        for process in begun:
            process.wait(timeout=WORKER_SECONDS)


def wait_for(what: Callable[[], Any]) -> Any:
    """Ask until the answer is true."""
    until = time.monotonic() + WORKER_SECONDS
    while not (answer := what()):
        assert time.monotonic() < until, "not within the time a worker has"
        time.sleep(0.05)
    return answer


def task_state(house: OfficeHouse, run_id: str, name: str) -> str:
    """How a task of the run stands: 'waiting', 'changed', ..."""
    return next(task.state for task in house.desk.run(PEOPLE["kabid"], run_id).tasks if task.name == name)


def worker_below(watching: int) -> int:
    """The worker that a watcher keeps."""
    children = Path(f"/proc/{watching}/task/{watching}/children").read_text().split()
    (worker,) = [child for child in children if b"provisioner.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return int(worker)


def ended(house: OfficeHouse, run_id: str) -> bool:
    """Whether the run came to its end."""
    return house.desk.run(PEOPLE["kabid"], run_id).run.has_ended


def test_a_killed_worker_on_sqlite_is_started_again_and_takes_its_run_up(
    house: OfficeHouse, on: On, lab: dict[str, Any]
) -> None:
    run_id = house.to_run(database="mariadb")
    worker = [sys.executable, "-m", "provisioner.worker"]
    watcher = ["/usr/bin/python3", "-m", "lab.watch", str(house.folder / "worker.log"), *worker]
    with processes(house, watcher) as (watching,):
        wait_for(lambda: task_state(house, run_id, "account") == "changed")
        os.kill(worker_below(watching), signal.SIGKILL)
        wait_for(lambda: ended(house, run_id))
        assert house.desk.run(PEOPLE["kabid"], run_id).run.state.value == "done"
        log = (house.folder / "worker.log").read_text()
        assert log.count("worker started") == 2
        assert "taking over" in log
    ends_whole(house, run_id, lab, on("web1"))


def test_a_worker_told_to_stop_in_mid_run_ends_its_run_first_and_no_later_than_half_a_minute(
    house: OfficeHouse, on: On, lab: dict[str, Any]
) -> None:
    run_id = house.to_run(database="mariadb")
    with processes(house, [sys.executable, "-m", "provisioner.worker"]) as (worker,):
        wait_for(lambda: task_state(house, run_id, "account") == "changed")
        begun = time.monotonic()
        os.kill(worker, signal.SIGTERM)
        wait_for(lambda: Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
        assert time.monotonic() - begun < STOPPING_SECONDS
    if not ended(house, run_id):  # a slow machine: what was left is taken up by the next
        house.carry_out(run_id)
    assert house.desk.run(PEOPLE["kabid"], run_id).run.state.value == "done"
    ends_whole(house, run_id, lab, on("web1"))


def test_on_postgresql_another_worker_takes_over_when_the_heartbeat_stops(
    on: On, lab: dict[str, Any], postgres_cluster: Cluster
) -> None:
    with office_house(url=postgres_cluster.create_database()) as house:
        before, run_id = house.others(), house.to_run(database="mariadb")
        worker = [sys.executable, "-m", "provisioner.worker"]
        with processes(house, worker, worker) as both:
            wait_for(lambda: task_state(house, run_id, "account") == "changed")
            (at_work,) = wait_for(lambda: [pid for pid in both if launches_ansible(pid)])
            os.kill(at_work, signal.SIGKILL)
            wait_for(lambda: ended(house, run_id))
            assert house.desk.run(PEOPLE["kabid"], run_id).run.state.value == "done"
        lost = [
            row for row in house.desk.audit_rows(PEOPLE["auditor"], limit=1000) if row.event == AuditEvent.EXECUTOR_LOST
        ]
        assert len(lost) == 1
        ends_whole(house, run_id, lab, on("web1"))
        assert house.others() == before


def test_a_worker_that_slept_while_another_took_its_run_over_only_stops_when_it_wakes(
    on: On, lab: dict[str, Any], postgres_cluster: Cluster
) -> None:
    """Its Ansible goes on meanwhile beside the other's: each duty finds its work done, or does it, never both."""
    with office_house(url=postgres_cluster.create_database()) as house:
        before, run_id = house.others(), house.to_run(database="mariadb")
        worker = [sys.executable, "-m", "provisioner.worker"]
        with processes(house, worker, worker) as both:
            wait_for(lambda: task_state(house, run_id, "account") == "changed")
            (asleep,) = wait_for(lambda: [pid for pid in both if launches_ansible(pid)])
            os.kill(asleep, signal.SIGSTOP)
            try:
                wait_for(lambda: ended(house, run_id))
            finally:
                os.kill(asleep, signal.SIGCONT)
            rows = house.desk.audit_verify(PEOPLE["auditor"]).rows
            time.sleep(WAKING_SECONDS)
            assert house.desk.run(PEOPLE["kabid"], run_id).run.state.value == "done"
            written = house.desk.audit_rows(PEOPLE["auditor"], after=rows, limit=1000)
            assert [row.event for row in written if row.subject == run_id] == []
        ends_whole(house, run_id, lab, on("web1"))
        assert house.others() == before


def launches_ansible(pid: int) -> bool:
    """Whether the keeper of an Ansible run is a child of this process, started by any of its threads."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = {child for thread in threads for child in thread.read_text().split()}
    return any(b"launcher.py" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)

"""Does a run that is cancelled, fails or is killed end right, and does no secret of it lie anywhere?"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Process
from pathlib import Path

import pytest
from testinfra.host import Host

from lab import faults
from lab.instance import Instance
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.runner.orphan import host_is_free
from provisioner.runs.part_result import PartOutcome
from tests.lab.part_runner import PartRunner, Told, look, of_site, outcomes
from tests.lab.site_part import new_site


def test_a_cancelled_run_stops_at_the_border_of_a_task(runner: PartRunner, web1: Host, estate: Estate) -> None:
    site, told = new_site(), Told()
    with held_lock(web1, seconds=3):  # so that the account waits on the host while the person cancels
        result = runner.run(site.making("account", "dns"), told, lambda: ("account", "dimulai") in told.lines)
    try:
        assert (result.outcome, outcomes(result)) == (PartOutcome.CANCELLED, {"account": "changed", "dns": "cancelled"})
        assert set(of_site(look(estate), site)) == {spot for spot in site.values() if spot[0] == "account"}
    finally:
        assert runner.run(site.unmaking("account")).outcome is PartOutcome.DONE


@contextmanager
def held_lock(web1: Host, seconds: int) -> Iterator[None]:
    """The host's lock held by somebody else for a while, as by a duty that outlived its run."""
    web1.check_output(f"flock /run/lock/gerbang.lock sleep {seconds} >/dev/null 2>&1 & sleep 0.2")
    yield


@pytest.mark.parametrize("task", ["challenge", "account", "database", "dns"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_planted_fault_fails_its_task_before_or_after_it_acted(
    runner: PartRunner, web1: Host, task: str, moment: str
) -> None:
    site = new_site()
    web1.check_output(f"echo {moment}:{task} > /etc/gerbang/fail_task")
    try:
        result = runner.run(site.making(task))
        assert outcomes(result) == {task: "failed"}
        assert result.tasks[0].changes == (() if moment == "before" else site.making(task).changes)
    finally:
        web1.check_output("rm /etc/gerbang/fail_task")
        assert runner.run(site.unmaking(task)).outcome is PartOutcome.DONE


def test_a_worker_killed_in_mid_duty_leaves_the_host_to_its_duty_and_the_next_run_finds_it_done(
    runner: PartRunner, web1: Host, estate: Estate
) -> None:
    site = new_site()
    assert runner.run(site.making("challenge", "account")).outcome is PartOutcome.DONE
    worker = Process(target=runner.run, args=(site.making("certificate", "apache"),))
    worker.start()
    assert worker.pid is not None
    wait_until(lambda: web1.run(f"pgrep -f 'certbot.*{site.item}'").rc == 0)
    below = processes_below(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    wait_until(lambda: not [pid for pid in below if is_alive(pid)])
    assert web1.run(f"pgrep -f 'certbot.*{site.item}'").rc == 0, "the duty goes on by itself"
    assert host_is_free("web1", estate)
    assert web1.run(f"pgrep -f 'certbot.*{site.item}'").rc == 1
    result = runner.run(site.making("certificate", "apache"))
    assert outcomes(result) == {"certificate": "same", "apache": "changed"}
    assert web1.check_output(f"ls -d /etc/letsencrypt/live/{site.item}* | wc -l") == "1"
    assert sorted(runner.places.runtime_directory.glob("runs/*")) == []
    assert runner.run(site.unmaking("challenge", "account", "certificate", "apache")).outcome is PartOutcome.DONE


def test_a_host_that_is_cut_off_in_mid_duty_leaves_it_unknown_and_is_resumed_when_it_is_back(
    runner: PartRunner, instance: Instance, on: Callable[[str], Host], web2: str, estate: Estate
) -> None:
    site = new_site(host=web2)
    assert host_is_free(web2, estate)
    with held_lock(on(web2), seconds=4):
        cut = threading.Timer(2, lambda: faults.switch(instance, "cut_network", web2, on=True))
        cut.start()
        try:
            result = runner.run(site.making("account", "database"))
            assert (result.outcome, result.tasks) == (PartOutcome.UNKNOWN, ())
            with pytest.raises(Unreachable):
                host_is_free(web2, estate)
        finally:
            cut.join()
            faults.switch(instance, "cut_network", web2, on=False)
    wait_until(lambda: answers(web2, estate))
    assert runner.run(site.making("account", "database")).outcome is PartOutcome.DONE
    assert of_site(look(estate, web2), site) == {
        spot: value for spot, value in site.values().items() if spot[0] in ("account", "mariadb")
    }
    assert runner.run(site.unmaking("account", "database")).outcome is PartOutcome.DONE


def answers(host: str, estate: Estate) -> bool:
    """Whether it can be reached and nothing runs there."""
    try:
        return host_is_free(host, estate)
    except Unreachable:
        return False


def wait_until(holds: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Not ended, and no warm connection, which is meant to stay."""
    try:
        if b"[mux]" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return False
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def processes_below(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [found for child in children for found in (child, *processes_below(child))]


def test_no_secret_is_found_anywhere_while_and_after_a_site_is_made(runner: PartRunner, web1: Host) -> None:
    site, told = new_site(), Told()
    web1.check_output(f"touch /root/begun; {WATCH_PROCESSES} >/root/seen 2>/dev/null & echo $! > /root/watcher")
    with watched_processes() as seen:
        result = runner.run(site.making("account", "database"), told)
    try:
        assert (result.outcome, result.leaks) == (PartOutcome.DONE, ())
        web1.check_output("kill $(cat /root/watcher)")
        words = list(runner.secrets.values())
        assert [word for word in words if word in web1.file("/root/seen").content_string] == []
        assert [word for word in words if any(word.encode() in text for text in seen)] == []
        assert [word for word in words if word in repr((told.lines, told.tasks, result))] == []
        for word in words:
            places = "/tmp /var/tmp /var/log /run /root /home /etc /dev/shm /var/lib/mysql /var/spool"
            assert web1.run(f"grep -rIl --exclude=seen {word} {places} 2>/dev/null").stdout == ""
            assert web1.run(f"journalctl --no-pager --since=-5min | grep -c {word}").stdout.strip() == "0"
    finally:
        assert runner.run(site.unmaking("account", "database")).outcome is PartOutcome.DONE
        web1.check_output("rm -f /root/seen /root/begun /root/watcher")


#: what every process of the host has in its arguments and environment, again and again
WATCH_PROCESSES = "while :; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\\\0' ' ' | sort -u; done"


@contextmanager
def watched_processes() -> Iterator[set[bytes]]:
    """The arguments and environments of every process of this machine but the tests' own, gathered while it lasts."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
                with contextlib.suppress(OSError):
                    seen.add(path.read_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()

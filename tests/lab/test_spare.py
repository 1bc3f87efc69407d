"""Does a spare serve one run as a fresh Ansible would, and leave nothing when it, its run or its worker ends?"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from multiprocessing import Process
from pathlib import Path

import pytest
from testinfra.host import Host

from provisioner.facts.estate import Estate
from provisioner.runner.orphan import host_is_free
from provisioner.runner.spare import BENCH, SWITCH
from provisioner.runs.part_result import PartOutcome
from tests.lab.part_runner import PartRunner, outcomes
from tests.lab.site_part import ROOT, Site, new_site
from tests.lab.test_duty_killed import held_lock, is_alive, processes_below, wait_until


@pytest.fixture
def with_spare(runner: PartRunner, monkeypatch: pytest.MonkeyPatch) -> Iterator[PartRunner]:
    """A runner whose next run is served by a spare; none waits afterwards."""
    monkeypatch.setenv(SWITCH, "1")
    BENCH.provide(runner.places.runtime_directory / "runs", runner.places.playbooks)
    wait_until(lambda: BENCH._waiting is not None and BENCH._waiting.serves(runner.places.playbooks))
    yield runner
    BENCH.clear()
    assert list((runner.places.runtime_directory / "runs").iterdir()) == []


def test_a_run_served_by_a_spare_ends_as_any_other_and_the_next_one_waits(with_spare: PartRunner) -> None:
    site, first = new_site(), BENCH._waiting
    result = with_spare.run(site.making("challenge", "account"))
    assert (result.outcome, outcomes(result)) == (PartOutcome.DONE, {"challenge": "changed", "account": "changed"})
    assert (BENCH._waiting is first, BENCH._waiting is None) == (False, False)
    assert with_spare.run(site.unmaking("challenge", "account")).outcome is PartOutcome.DONE


@pytest.mark.usefixtures("with_spare")
def test_a_spare_that_read_other_files_serves_nobody(tmp_path: Path) -> None:
    spare = BENCH._waiting
    assert spare is not None
    for name in ("launcher.py", "ansible.cfg"):
        (tmp_path / name).write_bytes((ROOT / "playbooks" / name).read_bytes())
    assert spare.serves(tmp_path)
    (tmp_path / "ansible.cfg").write_text("# changed\n")
    assert not spare.serves(tmp_path)
    assert BENCH.take(tmp_path) is None
    assert BENCH._waiting is None


def test_without_a_worker_a_waiting_spare_ends(runner: PartRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")
    runtime = runner.places.runtime_directory / "runs"

    def start_and_die() -> None:
        BENCH.provide(runtime, runner.places.playbooks)
        assert BENCH._waiting is not None
        wait_until(BENCH._waiting.socket.exists)
        os.kill(os.getpid(), signal.SIGKILL)

    worker = Process(target=start_and_die)
    worker.start()
    worker.join()
    wait_until(lambda: launchers(runtime) == [])


def test_a_killed_worker_takes_the_run_of_its_spare_with_it(with_spare: PartRunner, web1: Host, estate: Estate) -> None:
    site: Site = new_site()
    BENCH.clear()
    runtime = with_spare.places.runtime_directory / "runs"

    def work() -> None:
        BENCH.provide(runtime, with_spare.places.playbooks)
        assert BENCH._waiting is not None
        wait_until(lambda: BENCH._waiting is not None and BENCH._waiting.serves(with_spare.places.playbooks))
        with_spare.run(site.making("account"))

    with held_lock(web1, seconds=6):
        worker = Process(target=work)
        worker.start()
        assert worker.pid is not None
        wait_until(lambda: web1.run("pgrep -f 'python3 -I -S -'").rc == 0)
        below = processes_below(worker.pid)
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        wait_until(lambda: not [pid for pid in below if is_alive(pid)])
    assert launchers(runtime) == []
    assert host_is_free("web1", estate)
    assert set(outcomes(with_spare.run(site.making("account"))).values()) <= {"same", "changed"}
    assert with_spare.run(site.unmaking("account")).outcome is PartOutcome.DONE
    for folder in runtime.iterdir():
        subprocess.run(["rm", "-rf", folder], check=True)


def launchers(runtime: Path) -> list[int]:
    """Launchers and what they became that name this folder in their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(runtime).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except FileNotFoundError:
            continue
    return found

"""Does a run stop at the border of a task when asked, and at once when a task hangs?"""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.runner import stopper as room
from provisioner.runner.listener import Listener
from provisioner.runner.redaction import Redactor
from provisioner.runner.stopper import Stopper
from provisioner.runner.workspace import Workspace


def part(prop: str) -> Part:
    change = Change(system="account", target="web1/g7kq2mx4pd", property=prop, before=None, after="v", undo=Undo.REMOVE)
    task = Task(name="account", changes=(change,))
    return Part(playbook="hosting", play="make", limit="web1", stage="make", waits_for="", tasks=(task,))


class Stage:
    """A stopper, and the two that it speaks with."""

    def __init__(self, folder: Path, prop: str = "user") -> None:
        self.space = Workspace(folder)
        self.asked = False
        self.listener = Listener(
            part=part(prop),
            space=self.space,
            redactor=Redactor({}),
            told=lambda _task, _text: None,
            finished=lambda _result: None,
        )
        self.stopper = Stopper(part=part(prop), space=self.space, listener=self.listener, cancelled=self.cancelled)

    def cancelled(self) -> bool:
        return self.asked


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_nobody_asked_so_nothing_stops(stage: Stage) -> None:
    assert (stage.stopper.tick(), stage.space.stop.exists(), stage.stopper.was_asked) == (False, False, False)


def test_a_cancelled_run_gets_its_stop_file_once_and_ansible_runner_is_never_told(stage: Stage) -> None:
    stage.asked = True
    assert (stage.stopper.tick(), stage.space.stop.exists(), stage.stopper.was_asked) == (False, True, True)
    stage.space.stop.unlink()
    assert (stage.stopper.tick(), stage.space.stop.exists()) == (False, False)


def test_a_fault_of_our_own_side_stops_it_too(stage: Stage) -> None:
    stage.listener.fault = RuntimeError("the database is gone")
    assert (stage.stopper.tick(), stage.space.stop.exists()) == (False, True)


def test_asking_whether_it_is_cancelled_may_fail_and_that_is_kept(stage: Stage) -> None:
    def raises() -> bool:
        raise RuntimeError("the run was taken over")

    stage.stopper._cancelled = raises
    assert (stage.stopper.tick(), stage.space.stop.exists()) == (False, True)
    assert str(stage.stopper.fault) == "the run was taken over"


def test_a_task_that_hangs_is_ended_through_its_keeper(stage: Stage) -> None:
    keeper = subprocess.Popen(["sleep", "60"])
    stage.space.keeper.write_text(str(keeper.pid))
    assert stage.stopper.tick() is False
    assert keeper.poll() is None
    stage.listener.alive = time.monotonic() - room.LONGEST_TASK_SECONDS - 1
    stage.stopper.tick()
    assert keeper.wait(5) == -signal.SIGTERM


def test_a_task_that_packs_an_archive_may_take_longer(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "archive")
    stage.space.keeper.write_text(str(os.getpid()))
    stage.listener.alive = time.monotonic() - room.LONGEST_TASK_SECONDS - 1
    assert stage.stopper.tick() is False


def test_a_keeper_that_is_gone_already_is_no_fault(stage: Stage) -> None:
    stage.stopper.end()
    stage.space.keeper.write_text("not a number")
    stage.stopper.end()

"""How does a lab test kill the process that carries a run out? With SIGKILL, in a forked child, at a named moment."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from provisioner.digests import Value
from provisioner.runs.part_result import TaskResult
from provisioner.workflow.hands import Hands
from tests.lab.office_house import OfficeHouse

Arm = Callable[[Hands], Hands]
IN_A_TASK_SECONDS = 1.0
ENDING_SECONDS = 8.0


def kill_me() -> None:
    """End this process as `kill -9` does: no handler, no finally, no commit."""
    os.kill(os.getpid(), signal.SIGKILL)


def after_task(name: str, play: str = "make") -> Arm:
    """Die when the result of that task has just been committed."""

    def arm(hands: Hands) -> Hands:
        def do(part: Any, *, finished: Callable[[TaskResult], None], **more: Any) -> Any:
            def finished_and_dead(result: TaskResult) -> None:
                finished(result)
                if (part.play, result.task) == (play, name):
                    kill_me()

            return hands.do(part, finished=finished_and_dead, **more)

        return replace(hands, do=do)

    return arm


def during_task(name: str) -> Arm:
    """Die a second after that task began: its duty is at work on the host and stays there."""

    def arm(hands: Hands) -> Hands:
        def do(part: Any, *, told: Callable[[str, str], None], **more: Any) -> Any:
            def told_and_dying(task: str, text: str) -> None:
                told(task, text)
                if (task, text) == (name, "dimulai"):
                    threading.Timer(IN_A_TASK_SECONDS, kill_me).start()

            return hands.do(part, told=told_and_dying, **more)

        return replace(hands, do=do)

    return arm


def before_verdicts(hands: Hands) -> Hands:
    """Die when all was tried and no verdict is committed."""

    def try_all(*words: Any) -> Mapping[str, Mapping[str, Value]]:
        hands.try_all(*words)
        kill_me()
        raise AssertionError

    return replace(hands, try_all=try_all)


def carry_out_killed(house: OfficeHouse, run_id: str, arm: Arm) -> None:
    """Carry the run out in a child with connections of its own, which must die where `arm` says."""
    now = house.clock.now
    house.close()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        child = OfficeHouse(
            house.folder,
            house.settings.runtime_directory,
            url=house.url,
            kind=house.kind,
            hosts=house.hosts,
            inventory=house.settings.inventory,
        )
        child.clock.now = now
        child.hands = arm(child.hands)
        child.carry_out(run_id)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"the child ended by itself with {os.waitstatus_to_exitcode(status)}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def processes_of(runtime: Path) -> list[str]:
    """What still runs for a run below `runtime`: everything that Ansible starts has its HOME there.

    The warm SSH connection is spared on purpose (ControlPersist): it does nothing by itself.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if str(runtime / "runs").encode() in told and words and not words.endswith("[mux]"):
            found.append(f"{process.name} {words[:200]}")
    return found


def processes_left(runtime: Path) -> list[str]:
    """The same, once the keeper has had the time it takes to end all below it."""
    until = time.monotonic() + ENDING_SECONDS
    while (left := processes_of(runtime)) and time.monotonic() < until:
        time.sleep(0.1)
    return left

"""Is an account whole, once and ours alone, wherever between two calls whoever makes it is killed?

Every run is killed at every call that it makes: before the server has done it, after, and while it does it later. Then
it goes on as the workflow does (wait, look, what is left), or is taken back. The plugins run in a child of the test and
the lab's Nextcloud in the test itself, so that a kill costs no Ansible; tests/lab has the real runner's.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.nextcloud.faults import CutError
from tests.chaos.cloud_runs import CANNOT_BE_UNDONE, RUNS, Disturbed
from tests.cloud import Served, serving
from tests.cloud_errands import CloudWorker, module_of

BEFORE, AFTER, LATE = "before the call is done", "after it was done", "while it is done later"
LATE_SECONDS = 0.1
LONGEST_CALL_SECONDS = {BEFORE: 0.01, AFTER: 0.01, LATE: 3 * LATE_SECONDS}


class Killer:
    """Kills a child when its call with that number comes in."""

    def __init__(self) -> None:
        self.child, self.call, self.moment, self.calls, self.is_dead = 0, 0, "", 0, False

    def aim(self, call: int, moment: str) -> None:
        self.call, self.moment, self.calls, self.is_dead = call, moment, 0, False

    def __call__(self, moment: str, _request: Any) -> None:
        """Stand in the server's way, at both moments of each call."""
        if not self.call or self.is_dead:
            return
        self.calls += moment == "before"
        if self.calls == self.call and moment == ("after" if self.moment == AFTER else "before"):
            self.is_dead = True
            os.kill(self.child, signal.SIGKILL)
            if self.moment == BEFORE:
                raise CutError
            if self.moment == LATE:
                time.sleep(LATE_SECONDS)


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, killer: Killer) -> Iterator[Served]:
    module_of("cloud_account")
    with serving(tmp_path_factory.mktemp("cloud"), hook=killer) as cloud:
        yield cloud


def killed(run: Disturbed, killer: Killer, call: int, moment: str) -> bool:
    """Do the run in a child that is killed at that call; False where it ended before it came so far."""
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(ready, 1)
        run.act(run.run.part)
        os._exit(0)
    killer.child = pid
    killer.aim(call, moment)
    os.write(go, b"!")
    _, status = os.waitpid(pid, 0)
    os.close(ready)
    os.close(go)
    killer.aim(0, "")
    return os.WIFSIGNALED(status)


def disturbed(served: Served, tmp_path: Path, name: str) -> Disturbed:
    return Disturbed(CloudWorker(cloud=served, folder=tmp_path), RUNS[name])


def every_kill(
    run: Disturbed, killer: Killer, moments: tuple[str, ...] = (BEFORE, AFTER, LATE)
) -> Iterator[tuple[int, str]]:
    """Kill the run at each of its calls and moments, the server fresh each time; yield when it is dead."""
    for moment in moments:
        run.worker.variables = {"service_longest_call_seconds": LONGEST_CALL_SECONDS[moment]}
        call = 1
        while True:
            run.begin()
            if not killed(run, killer, call, moment):
                break
            yield call, moment
            call += 1
        assert call > 2, "it made no call"


@pytest.mark.parametrize("name", RUNS)
def test_killed_at_any_call_the_run_ends_as_it_would_have(
    served: Served, killer: Killer, tmp_path: Path, name: str
) -> None:
    run = disturbed(served, tmp_path, name)
    run.go_on()
    undisturbed = run.picture()
    for call, moment in every_kill(run, killer):
        run.go_on()
        assert run.picture() == undisturbed, f"killed at call {call}, {moment}"
    assert served.ask(do="dump")["wrong_passwords"] == {}


@pytest.mark.parametrize("name", [name for name in RUNS if name not in CANNOT_BE_UNDONE])
def test_killed_at_any_call_and_taken_back_nothing_of_it_is_left(
    served: Served, killer: Killer, tmp_path: Path, name: str
) -> None:
    run = disturbed(served, tmp_path, name)
    before = run.picture(shared=False)
    for call, moment in every_kill(run, killer):
        run.take_back()
        assert run.picture(shared=False) == before, f"killed at call {call}, {moment}"
    assert served.ask(do="dump")["wrong_passwords"] == {}


def test_the_killer_kills_and_what_was_half_done_would_be_seen(served: Served, killer: Killer, tmp_path: Path) -> None:
    run = disturbed(served, tmp_path, "change of class, quota, name and address")
    before = run.picture()
    run.go_on()
    after = run.picture()
    run.begin()
    seen = [run.picture() for _kill in every_kill(run, killer, (AFTER,))]
    assert before in seen
    assert [one for one in seen if one not in (before, after)], "no kill left anything half done"

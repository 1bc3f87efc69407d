"""Is a limit of traffic whole, taken up and ours alone, wherever between two steps its duty is killed on the proxy?

The duty's own program runs in a child that is killed before each call by which it touches the machine. Then it goes on
as the workflow does (look, ask again for what nobody heard the end of), or is taken back. What serves is a stand-in
that reads the folder when it is told to, as a proxy does; tests/lab has the real Apache and nginx.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner.facts.file_value import file_value
from provisioner.facts.traffic import APACHE, NGINX, Rate, rate_value
from provisioner.names import mark
from tests.cloud_errands import PLAYBOOKS

if str(PLAYBOOKS) not in sys.path:
    sys.path.insert(0, str(PLAYBOOKS))
from errand.duty_text import text_of

#: calls of the standard library by which a duty touches the machine, or tells how it ended
STEPS = frozenset(
    {"flock", "mkdir", "rmdir", "open", "unlink", "rename", "fsync", "fchown", "fchmod", "fork", "kill", "print"}
)
PROGRAMS = {APACHE: "apache2", NGINX: "nginx"}
SIGNALS = {APACHE: "SIGUSR1", NGINX: "SIGHUP"}
NEIGHBOUR = "bina.disdik"
TAKEN_UP_SECONDS = 3.0
#: takes up every limit of its folder when it begins and at its signal; a configuration that is broken ends it
SERVER = """
import json, os, pathlib, signal, sys
folder, place, program, number = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
pathlib.Path("/proc/self/comm").write_text(program)
def take_up():
    if (place / "broken").exists():
        os._exit(1)
    held = {path.name: path.read_text() for path in folder.glob("*.conf")}
    (place / "held.new").write_text(json.dumps(held))
    (place / "held.new").rename(place / "held")
told = {getattr(signal, number)}
signal.pthread_sigmask(signal.SIG_BLOCK, told)
take_up()
(place / "pid.new").write_text(str(os.getpid()))
(place / "pid.new").rename(place / "pid")
while signal.sigwait(told):
    take_up()
"""
Data = dict[str, Any]


def rate(account: str, bytes_per_second: int, driver: str) -> Data:
    """The value of an account's limit."""
    item = "g7kq2mx4pd"
    words = Rate(item_id=item, mark=mark(item), account=account, bytes_per_second=bytes_per_second, driver=driver)
    return dict(rate_value(words))


def change(account: str, before: int | None, after: int | None, driver: str) -> Data:
    """A change as the part's variables hold it."""
    values = [None if one is None else rate(account, one, driver) for one in (before, after)]
    undo = "remove" if before is None else "restore"
    target = {"system": "traffic", "target": f"proxy1/{account}", "property": "rate"}
    return {**target, "before": values[0], "after": values[1], "undo": undo}


#: run -> what each of the runs that share the call does: account, bytes a second before and after
RUNS: dict[str, tuple[tuple[str, int | None, int | None], ...]] = {
    "create": (("arsip.disdik", None, 1_000_000),),
    "change": (("arsip.disdik", 1_000_000, 2_500_000),),
    "terminate": (("arsip.disdik", 2_500_000, None),),
    "two of one letter": (("arsip.disdik", None, 1_000_000), ("peta.disdik", None, 2_500_000)),
}


#: the steps are the same for both, but for the signal at the end
EACH = pytest.mark.parametrize(
    ("machine", "name"), [*((APACHE, name) for name in RUNS), (NGINX, "change")], indirect=["machine"]
)


@dataclass(kw_only=True)
class Machine:
    """A proxy's folders, and what serves there."""

    place: Path
    driver: str

    @property
    def folder(self) -> Path:
        """Where the limits lie."""
        return self.place / "limits"

    @property
    def run(self) -> Path:
        """What stands for /run."""
        return self.place / "run"

    def begin(self, changes: list[Data]) -> None:
        """Let the neighbour's limit and what stood before the run be there, taken up; nothing else."""
        for path in (*self.folder.iterdir(), *self.run.glob("gerbang-try-*/*")):
            path.unlink()
        for path in self.run.glob("gerbang-try-*"):
            path.rmdir()
        self.put(NEIGHBOUR, rate(NEIGHBOUR, 4_000_000, self.driver))
        for one in changes:
            self.put(one["target"].partition("/")[2], one["before"])
        os.kill(int((self.place / "pid").read_text()), getattr(signal, SIGNALS[self.driver]))
        assert self.picture()["held"] == self.files()

    def put(self, account: str, value: Data | None) -> None:
        """Lay a limit there."""
        if value is not None:
            (self.folder / f"{account}.conf").write_text(value["text"])

    def files(self) -> dict[str, str]:
        """Every limit that lies there."""
        return {path.name: path.read_text() for path in sorted(self.folder.glob("*.conf"))}

    def picture(self) -> Data:
        """What lies there, what is in force, and what was left half done; waits for what serves to take it up."""
        until = time.monotonic() + TAKEN_UP_SECONDS
        while (held := json.loads((self.place / "held").read_text())) != self.files() and time.monotonic() < until:
            time.sleep(0.002)
        return {"files": self.files(), "held": held, "left": self.left()}

    def left(self) -> list[str]:
        """What lies there that no duty may leave."""
        return [path.name for path in (*self.folder.glob(".*"), *self.run.iterdir()) if path.name != "lock"]

    def do(self, changes: list[Data], kill_at: int = 0) -> list[Data] | None:
        """Let the duty do them, each for a run of its own; None where it was killed before its step of that number."""
        said = self.place / "said"
        pid = os.fork()
        if pid == 0:
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            sys.stdout = os.fdopen(1, "w")
            self._be_the_duty(changes, kill_at)
            os._exit(0)
        if os.WIFSIGNALED(os.waitpid(pid, 0)[1]):
            return None
        answers: list[Data] = ast.literal_eval(said.read_text())["answers"]
        return answers

    def _be_the_duty(self, changes: list[Data], kill_at: int) -> None:
        exec(compile(text_of("traffic"), "traffic", "exec"), {})  # noqa: S102 - as the proxy's Python does with it
        loaded: dict[str, Any] = dict(sys.modules)
        duty, traffic, daemon = (loaded[name] for name in ("duty", "traffic", "daemon"))
        duty.LOCK = str(self.run / "lock")
        daemon.RUN = str(self.run)
        traffic.FOLDERS = {self.driver: str(self.folder)}
        traffic.PID_FILES = {self.driver: (str(self.place / "pid"), PROGRAMS[self.driver])}
        traffic.TESTS = {self.driver: ["test", "!", "-e", str(self.place / "broken")]}
        own, left = os.getpid(), [kill_at]

        def step(_frame: object, event: str, called: Any) -> None:
            if event == "c_call" and called.__name__ in STEPS and os.getpid() == own:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(own, signal.SIGKILL)

        if kill_at:
            sys.setprofile(step)
        shares = [[one] for one in changes]
        duty.carry_out_all(traffic, shares, {"secrets": {}, "php": False}, check=False, in_lab=False)

    def at(self, one: Data) -> str:
        """Whether a change is seen 'before' or 'after'; a third value is neither and fails."""
        path = self.folder / f"{one['target'].partition('/')[2]}.conf"
        seen = file_value(path.read_text()) if path.exists() else None
        assert seen in (one["before"], one["after"]), f"a third value: {seen}"
        return "after" if seen == one["after"] else "before"


@pytest.fixture
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(place=tmp_path, driver=getattr(request, "param", APACHE))
    machine.folder.mkdir()
    machine.run.mkdir()
    words = [str(machine.folder), str(tmp_path), PROGRAMS[machine.driver], SIGNALS[machine.driver]]
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", SERVER, *words]) as server:
        while not (tmp_path / "pid").exists():
            assert server.poll() is None
            time.sleep(0.01)
        yield machine
        server.kill()


def changes_of(name: str, driver: str) -> list[Data]:
    return [change(*words, driver) for words in RUNS[name]]


def every_kill(machine: Machine, changes: list[Data]) -> Iterator[int]:
    """Kill the duty before each of its steps, the machine fresh each time; yield when it is dead."""
    number = 1
    while True:
        machine.begin(changes)
        if machine.do(changes, number) is not None:
            break
        yield number
        number += 1
    assert number > 12, "it took no steps"


@EACH
def test_killed_at_any_step_the_run_ends_with_its_limit_in_force_and_nothing_beside_it(
    machine: Machine, name: str
) -> None:
    changes = changes_of(name, machine.driver)
    machine.begin(changes)
    answers = machine.do(changes)
    undisturbed = machine.picture()
    assert answers is not None
    assert [answer["changes"] for answer in answers] == [[one] for one in changes]
    assert (undisturbed["held"], undisturbed["left"]) == (undisturbed["files"], [])
    for number in every_kill(machine, changes):
        assert {machine.at(one) for one in changes} <= {"before", "after"}
        answers = machine.do(changes)
        assert answers is not None
        assert [answer["msg"] for answer in answers] == ["" for _ in changes]
        assert machine.picture() == undisturbed, f"killed before step {number}"


@EACH
def test_killed_at_any_step_and_taken_back_what_stood_before_is_in_force(machine: Machine, name: str) -> None:
    changes = changes_of(name, machine.driver)
    machine.begin(changes)
    before = machine.picture()
    for number in every_kill(machine, changes):
        begun = [one for one in changes if machine.at(one) == "after"]
        back = [{**one, "before": one["after"], "after": one["before"]} for one in begun]
        assert not back or [answer["msg"] for answer in machine.do(back) or ()] == ["" for _ in back]
        now = machine.picture()
        assert (now["files"], now["held"]) == (before["files"], before["held"]), f"killed before step {number}"


def test_what_a_killed_duty_left_half_written_goes_with_the_next_duty_whoever_asks(machine: Machine) -> None:
    first, other = changes_of("two of one letter", machine.driver)
    left = set()
    for number in every_kill(machine, [first]):
        left |= {name.partition("-try-")[0] for name in machine.left()}
        machine.do([other])
        assert machine.left() == [], f"killed before step {number}"
    assert left == {".arsip.disdik.conf.gerbang", "gerbang"}


def test_a_configuration_that_broke_after_the_file_was_put_is_not_reloaded(machine: Machine) -> None:
    """Killed before the reload; what serves would end at it, and with it everybody's downloads."""
    changes = changes_of("create", machine.driver)
    for number in every_kill(machine, changes):
        (machine.place / "broken").touch()
        is_there = machine.at(changes[0]) == "after"
        answers = machine.do(changes)
        assert answers is not None
        assert answers[0]["failed"], f"killed before step {number}"
        assert answers[0]["msg"].startswith("test ! ended with 1")
        assert (machine.at(changes[0]) == "after") is is_there
        (machine.place / "broken").unlink()
        assert machine.do(changes) is not None
        assert machine.picture()["held"] == machine.files()


def test_a_proxy_that_is_stopped_gets_no_limit_and_loses_one_without_a_reload(machine: Machine) -> None:
    gone, wanted = changes_of("terminate", machine.driver), changes_of("create", machine.driver)
    machine.begin(gone)
    (machine.place / "pid").write_text("0")
    answers = machine.do(gone)
    assert answers is not None
    assert answers[0]["msg"] == ""
    assert list(machine.files()) == [f"{NEIGHBOUR}.conf"]
    answers = machine.do(wanted)
    assert answers is not None
    assert "does not run here" in answers[0]["msg"]
    assert list(machine.files()) == [f"{NEIGHBOUR}.conf"]

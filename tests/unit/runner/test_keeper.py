"""Is nothing left below a run that ended, was cancelled, or lost its caller? The keeper around a stand-in."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ENDING_SECONDS = 8
#: forks as Ansible does: a worker deaf to SIGTERM in its own session, below it a child that left its parent
STAND_IN = """
import os, signal, sys, time

class PlaybookCLI:
    @staticmethod
    def cli_executor(argv):
        folder, how = argv[1], argv[2]
        def note(name):
            with open(f"{folder}/{name}.new", "w") as file:
                file.write(str(os.getpid()))
            os.rename(f"{folder}/{name}.new", f"{folder}/{name}")
        note("ansible")
        if os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                note("orphan")
                time.sleep(60)
            note("worker")
            time.sleep(60) if how != "orphaning" else os._exit(0)
        if how == "warm" and os.fork() == 0:
            note("connection")
            read, write = os.pipe()
            os.set_inheritable(write, True)
            os.dup2(read, 0)
            os.execv("/bin/cat", ["ssh: /run/x/ssh/abc [mux]"])
        while not all(os.path.exists(f"{folder}/{name}") for name in ("orphan", "worker")):
            time.sleep(0.01)
        if how in ("ends", "orphaning", "warm"):
            time.sleep(0.1)
            sys.exit(3)
        time.sleep(60)
"""


class Kept:
    """A running keeper and what is below it."""

    def __init__(self, folder: Path, how: str) -> None:
        self.folder = folder
        package = folder / "stand_in" / "ansible" / "cli"
        package.mkdir(parents=True)
        for initial in (package, package.parent):
            (initial / "__init__.py").touch()
        (package / "playbook.py").write_text(STAND_IN)
        argv = [sys.executable, str(ROOT / "playbooks" / "launcher.py"), str(folder / "keeper.pid"), str(folder), how]
        self.process = subprocess.Popen(
            argv,
            env={"PYTHONPATH": str(folder / "stand_in"), "PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

    def has_all(self) -> bool:
        return (self.folder / "worker").exists() and (self.folder / "orphan").exists()

    def until(self, holds: object) -> None:
        limit = time.monotonic() + ENDING_SECONDS
        while callable(holds) and not holds():
            assert time.monotonic() < limit, "it took too long"
            time.sleep(0.01)

    def pid(self, name: str) -> int:
        return int((self.folder / name).read_text() or 0)

    def alive(self) -> set[str]:
        names = {"ansible", "worker", "orphan"} & {path.name for path in self.folder.iterdir()}
        return {name for name in names if is_alive(self.pid(name))}


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def kept(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    kept = Kept(tmp_path, request.param)
    try:
        kept.until(kept.has_all)
        yield kept
    finally:
        end(kept)


def end(kept: Kept) -> None:
    """Whatever the test found, nothing of it stays."""
    for name in ("ansible", "worker", "orphan", "connection"):
        if (kept.folder / name).exists() and is_alive(kept.pid(name)):
            os.kill(kept.pid(name), signal.SIGKILL)
    kept.process.kill()
    kept.process.communicate()


@pytest.mark.parametrize("kept", ["stays"], indirect=True)
def test_when_the_caller_is_gone_everything_below_ends(kept: Kept) -> None:
    assert kept.alive() == {"ansible", "worker", "orphan"}
    assert kept.process.stdin is not None
    kept.process.stdin.close()
    assert kept.process.wait(ENDING_SECONDS) == 254
    assert kept.alive() == set()


@pytest.mark.parametrize("kept", ["stays"], indirect=True)
def test_when_the_run_is_ended_everything_below_ends(kept: Kept) -> None:
    os.kill(kept.pid("keeper.pid"), signal.SIGTERM)
    assert kept.process.wait(ENDING_SECONDS) == 254
    assert kept.alive() == set()


@pytest.mark.parametrize("kept", ["ends", "orphaning"], indirect=True)
def test_when_ansible_ends_its_code_is_passed_on_and_its_orphans_end(kept: Kept) -> None:
    assert kept.process.wait(ENDING_SECONDS) == 3
    assert kept.alive() == set()


@pytest.mark.parametrize("kept", ["warm"], indirect=True)
def test_a_warm_connection_is_spared(kept: Kept) -> None:
    assert kept.process.wait(ENDING_SECONDS) == 3
    assert kept.alive() == set()
    assert is_alive(kept.pid("connection"))

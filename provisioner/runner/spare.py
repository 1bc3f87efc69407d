"""Does an Ansible wait that has imported itself beforehand? One process, one run; it saves a third of a second each.

Off unless GERBANG_SPARE=1: it costs 57 MB while it waits and 0.35 CPU-seconds a run. A spare serves one run, so that
nothing passes from one run to the next; it is thrown away when the files it has read have changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from ansible_runner.utils import get_callback_dir

from provisioner.digests import digest_of_bytes
from provisioner.runner.environment import environment
from provisioner.runner.workspace import lock_folder, refuse_disk

SWITCH = "GERBANG_SPARE"
READ_BEFOREHAND = ("launcher.py", "ansible.cfg")


class Spare:
    """A waiting launcher, the folder of its socket, and the digest of what it has read."""

    def __init__(self, runtime: Path, playbooks: Path) -> None:
        refuse_disk(runtime)
        self.folder = runtime / f"spare-{os.urandom(4).hex()}"
        self.folder.mkdir(mode=0o700)
        self._alive = lock_folder(self.folder)
        self.socket = self.folder / "socket"
        self.digest = digest_of_read(playbooks)
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(playbooks / "launcher.py"), "--spare", str(self.socket)],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        """What Ansible reads while it is imported; the run brings the rest."""
        return {
            **environment(),
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_CACHE_PLUGIN": "memory",
            "ANSIBLE_CALLBACK_PLUGINS": get_callback_dir(),
            "ANSIBLE_STDOUT_CALLBACK": "awx_display",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
        }

    def serves(self, playbooks: Path) -> bool:
        """Tell whether it waits, and has read what stands there now."""
        return self._process.poll() is None and self.socket.exists() and self.digest == digest_of_read(playbooks)

    def end(self) -> None:
        """Let it end, if it has not, and remove its folder. Its own keeper ends whatever it left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._alive)


class Bench:
    """Where at most one spare waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: Spare | None = None

    def take(self, playbooks: Path) -> Spare | None:
        """Take the spare that waits, for one run; the taker ends it. None where none does."""
        with self._lock:
            spare, self._waiting = self._waiting, None
        if spare is not None and not spare.serves(playbooks):
            spare.end()
            return None
        return spare

    def provide(self, runtime: Path, playbooks: Path) -> None:
        """Start one for the next run where none waits and the switch is on."""
        with self._lock:
            if self._waiting is None and is_on():
                self._waiting = Spare(runtime, playbooks)

    def clear(self) -> None:
        """End the one that waits."""
        with self._lock:
            spare, self._waiting = self._waiting, None
        if spare is not None:
            spare.end()


BENCH = Bench()


def is_on() -> bool:
    """Tell whether spares are wanted."""
    return os.environ.get(SWITCH) == "1"


def digest_of_read(playbooks: Path) -> str:
    """The digest of the files that a spare has read before its run."""
    return digest_of_bytes(b"\0".join((playbooks / name).read_bytes() for name in READ_BEFOREHAND))

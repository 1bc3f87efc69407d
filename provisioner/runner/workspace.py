"""Where does a run keep what it must not keep? A fresh 0700 folder in memory, gone when the run is, or swept later."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from provisioner.digests import Value
from provisioner.errors import Unavailable
from provisioner.plans.plan import Part

ALIVE = "alive"
UNLOCKED_SECONDS = 120
MEMORY_FILESYSTEMS = ("tmpfs", "ramfs")


class Workspace:
    """One call's folder: the variables, the secrets, the stop file, the duties' answers, Ansible's own leavings.

    Runs that share a call have a folder each below it, with all but the variables and the keeper.
    """

    def __init__(self, folder: Path, keeper: Path | None = None) -> None:
        self.folder = folder
        self.variables = folder / "variables.json"
        self.secrets = folder / "secrets.json"
        self.stop = folder / "stop"
        self.answers = folder / "answers"
        self.keeper = keeper or folder / "keeper.pid"

    def share(self, run_id: str) -> Workspace:
        """Make the folder of one of the runs that share this call."""
        folder = self.folder / run_id
        folder.mkdir(mode=0o700)
        return Workspace(folder, self.keeper)

    def furnish(self, errands: Sequence[Value]) -> None:
        """Write what the playbook is called with, 0600: the errand of each run that shares the call."""
        write_private(self.variables, json.dumps({"gerbang": [unsafe(told) for told in errands]}))

    def errand(self, part: Part, run_id: str, item_id: str, secrets: Mapping[str, str]) -> Value:
        """Lay the run's secrets down, 0600, and return what its duties are told."""
        self.answers.mkdir(mode=0o700)
        write_private(self.secrets, json.dumps(dict(secrets)))
        return {
            "run_id": run_id,
            "item_id": item_id,
            "changes": {task.name: [change.as_data() for change in task.changes] for task in part.tasks},
            "secrets_file": str(self.secrets),
            "stop_file": str(self.stop),
            "answers": str(self.answers),
        }


def unsafe(value: Value) -> Value:
    """Wrap every string so that Ansible keeps it as text: plain extra variables are executed as Jinja (lab-proved).

    Keys are our own words; a key from outside is refused with ValueError, for a key cannot be wrapped. So is half a
    character (a lone surrogate, from a file that is not UTF-8): Ansible would not read the whole file of variables.
    """
    if isinstance(value, str):
        value.encode()
        return {"__ansible_unsafe": value}
    if isinstance(value, list):
        return [unsafe(inner) for inner in value]
    if isinstance(value, dict):
        strange = [key for key in value if "{" in key or "__ansible" in key]
        if strange:
            raise ValueError(f"{strange!r} cannot be a variable's key")
        return {key: unsafe(inner) for key, inner in value.items()}
    return value


@contextmanager
def workspace(runtime: Path, run_id: str) -> Iterator[Workspace]:
    """Open a fresh folder in memory, locked as long as this process lives, removed at the end whatever happens."""
    refuse_disk(runtime)
    folder = runtime / f"{run_id}-{os.urandom(4).hex()}"
    folder.mkdir(mode=0o700)
    alive = lock_folder(folder)
    try:
        yield Workspace(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(alive)


def lock_folder(folder: Path) -> int:
    """Mark a folder as used by this process, for as long as the descriptor is open; return the descriptor."""
    alive = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(alive, fcntl.LOCK_EX)
    return alive


def sweep(runtime: Path) -> tuple[str, ...]:
    """Remove folders whose process is gone (its lock is free), old ones without a lock too; return their names."""
    if not runtime.is_dir():
        return ()
    dead = [folder for folder in sorted(runtime.iterdir()) if folder.is_dir() and _is_dead(folder)]
    for folder in dead:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(folder.name for folder in dead)


def _is_dead(folder: Path) -> bool:
    try:
        alive = os.open(folder / ALIVE, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > UNLOCKED_SECONDS
    try:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(alive)
    return True


def refuse_disk(runtime: Path) -> None:
    """Unavailable unless the folder lies in memory: secrets pass through it."""
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    kind = filesystem_of(runtime.resolve(), Path("/proc/self/mounts").read_text(encoding="utf-8"))
    if kind not in MEMORY_FILESYSTEMS:
        mend = "Set GERBANG_RUNTIME_DIRECTORY to a folder on a tmpfs, such as /dev/shm/gerbang."
        raise Unavailable(f"the folder of runs lies on {kind}, not in memory.", str(runtime), mend)


def filesystem_of(path: Path, mounts: str) -> str:
    """Return the filesystem of `path`, from /proc/self/mounts; the longest mount point wins, of equals the last."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, point, filesystem = line.split(" ")[:3]
        if (path == Path(point) or Path(point) in path.parents) and len(point) >= len(best):
            best, kind = point, filesystem
    return kind


def write_private(path: Path, text: str) -> None:
    """Write a new file that its owner alone may read."""
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)

"""Has the inventory changed since it was read? Reading it takes Ansible half a second, so it is read once."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

from provisioner.digests import digest_of_bytes
from provisioner.errors import Unavailable
from provisioner.facts.estate import Estate
from provisioner.runner.environment import environment
from provisioner.runner.inventory import read_estate

_SECONDS = 30


class EstateReader:
    """Reads the inventory, and again whenever a file beside it or its script's answer has changed."""

    def __init__(self, inventory: Path) -> None:
        self._inventory = inventory
        self._known: tuple[object, Estate] | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Estate:
        """Return the inventory as it stands now. Unavailable where it cannot be read."""
        with self._lock:
            state = self._state()
            if self._known is None or self._known[0] != state:
                self._known = (state, read_estate(self._inventory))
            return self._known[1]

    def _state(self) -> tuple[object, ...]:
        """What the estate follows from: the files of the inventory's folder, and what its script prints."""
        folder = self._inventory if self._inventory.is_dir() else self._inventory.parent
        files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        stats = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        is_script = self._inventory.is_file() and os.access(self._inventory, os.X_OK)
        return (stats, self._printed() if is_script else "")

    def _printed(self) -> str:
        argv = [str(self._inventory), "--list"]
        try:
            done = subprocess.run(argv, env=environment(), capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(
                f"the inventory script did not run ({type(error).__name__}).", argv[0], "Mend it."
            ) from error
        return digest_of_bytes(done.stdout + done.stderr)

"""Does a duty of an earlier worker still act on a server that is called from here? Its lock lies on this machine.

The lock is taken by playbooks/errand/service_lock.py, which notes each call in it until it is answered: a process that
was killed in between leaves the note, and the call may be carried out until the moment that it names.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.errors import Unreachable

WAITING_SECONDS = 60
LOCK_FOLDER = "/run/lock"
LONGEST_CALL_SECONDS = 45
_POLL_SECONDS = 0.05


def service_is_free(host: str, variables: Mapping[str, Any]) -> bool:
    """Wait at most 60 s for the server's lock, then until a call left unanswered is over; False where it is held still.

    The lock's file is made by whoever takes it first: where there is none, nobody acted since this machine's start.
    Unreachable where it is not ours to open.
    """
    path = Path(str(variables.get("service_lock_folder", LOCK_FOLDER))) / f"gerbang-service-{host}.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError as error:
        mend = f"Remove {path}: the worker makes its own."
        raise Unreachable(f"its lock cannot be opened ({error.strerror}).", host, mend) from None
    try:
        if not _taken(handle):
            return False
        time.sleep(min(max(_unanswered_until(handle) - time.monotonic(), 0), LONGEST_CALL_SECONDS))
        return True
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    until = time.monotonic() + WAITING_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True


def _unanswered_until(handle: int) -> float:
    noted = os.pread(handle, 64, 0).decode(errors="replace").strip()
    return float(noted) if noted.replace(".", "", 1).isdecimal() else 0.0

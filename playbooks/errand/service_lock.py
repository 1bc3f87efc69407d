"""Who acts on a server that is called from here? One process at a time, and nobody while a call is still unanswered.

The lock's file also notes a call that was sent and not answered yet: whoever is killed in between leaves the note, and
the next one waits until such a call cannot be carried out any more before it looks (runner/orphan.py reads it too).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOCK_FOLDER = "/run/lock"
LOCK_SECONDS = 60
LONGEST_CALL_SECONDS = 45  # an answer later than that is never waited for, and no server was seen to act later


class ServiceLock:
    """The lock as it is held: notes each call that changes something before it is sent, strikes it out after."""

    def __init__(self, handle: int, longest_call_seconds: float) -> None:
        self._handle, self._longest_call_seconds = handle, longest_call_seconds

    def note(self) -> None:
        """A call is about to be sent; it may be carried out until this moment (seconds since this machine's start)."""
        text = f"{time.monotonic() + self._longest_call_seconds:.3f}\n".encode()
        os.pwrite(self._handle, text, 0)
        os.ftruncate(self._handle, len(text))

    def strike_out(self) -> None:
        """It was answered."""
        os.ftruncate(self._handle, 0)

    def wait_for_unanswered(self) -> None:
        """Wait out what a process before us sent and did not live to hear of."""
        noted = os.pread(self._handle, 64, 0).decode(errors="replace").strip()
        until = float(noted) if noted.replace(".", "", 1).isdecimal() else 0.0
        time.sleep(min(max(until - time.monotonic(), 0), LONGEST_CALL_SECONDS))
        self.strike_out()


@contextmanager
def locked(host: str, folder: str, longest_call_seconds: float) -> Iterator[ServiceLock]:
    """Hold the server's lock on this controller; TimeoutError (an OSError) after a minute."""
    path = f"{folder}/gerbang-service-{host}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        wait_for_lock(handle, host)
        lock = ServiceLock(handle, longest_call_seconds)
        lock.wait_for_unanswered()
        yield lock
    finally:
        os.close(handle)


def wait_for_lock(handle: int, host: str) -> None:
    """Take it, trying for a minute."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(f"the lock of {host} was held for {LOCK_SECONDS} s") from None
            time.sleep(0.02)
        else:
            return

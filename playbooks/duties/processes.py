"""What does a site's user run, and how is it ended?"""

from __future__ import annotations

import os
import signal
import time

from program import Failure

END_SECONDS = 10


def end_processes(uid: int, named: str = "") -> None:
    """Kill all processes of the user, or those whose program's name begins with `named`, until none is left."""
    until = time.monotonic() + END_SECONDS
    while left := processes(uid, named):
        if time.monotonic() > until:
            raise Failure(f"processes {left} of uid {uid} do not end. Look: ps -o pid,stat,wchan,cmd -u {uid}")
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)


def processes(uid: int, named: str = "") -> list[int]:
    """Process ids whose effective user it is."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == uid and program_of(name).startswith(named):
                found.append(int(name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def program_of(pid: str) -> str:
    """The name of its program, 'sshd'."""
    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
        return file.read().rstrip("\n")

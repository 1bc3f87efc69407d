"""Who ends what a killed worker left, and starts the next? What systemd does in production (KillMode=control-group).

python3 -m lab.watch LOG COMMAND...     stdlib only; SIGTERM ends the command and all below it, and then this
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

PR_SET_CHILD_SUBREAPER = 36
PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 10.0


class Watch:
    """Keeps one command running until told to stop."""

    def __init__(self, log: Path, command: list[str]) -> None:
        self.log, self.command, self.stopping = log, command, False
        self.child: subprocess.Popen[bytes] | None = None

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Remember to stop; the command is told at once."""
        self.stopping = True
        if self.child is not None:
            self.child.terminate()

    def keep(self) -> None:
        """Start the command again whenever it ends, after ending what it left."""
        while not self.stopping:
            with open(self.log, "ab", opener=private) as log:
                self.child = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            self._wait()
            end_all_below()
            if not self.stopping:
                time.sleep(PAUSE_SECONDS)

    def _wait(self) -> None:
        patience = PATIENCE_SECONDS
        while self.child is not None and self.child.poll() is None:
            time.sleep(0.05)
            reap_orphans(self.child.pid)
            if self.stopping:
                patience -= 0.05
                if patience < 0:
                    self.child.kill()


def private(path: str, flags: int) -> int:
    """Open for its owner alone: a log may name persons."""
    return os.open(path, flags, 0o600)


def children() -> list[int]:
    """Return the process ids directly below this one; orphans come here, since we are the subreaper."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def reap_orphans(kept: int) -> None:
    """Collect orphans that have ended; the command itself is left to its own wait."""
    for pid in children():
        if pid != kept:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def end_all_below() -> None:
    """Kill until nothing is left: a killed worker's ansible and ssh must not go on."""
    for _ in range(100):
        left = children()
        if not left:
            return
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main(words: list[str]) -> int:
    """Watch until told to stop."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    watch = Watch(Path(words[0]), words[1:])
    signal.signal(signal.SIGTERM, watch.stop)
    signal.signal(signal.SIGINT, watch.stop)
    watch.keep()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

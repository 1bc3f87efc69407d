"""Where do the threads of this process spend their time? Every one's innermost frame, a thousand times a second."""

from __future__ import annotations

import collections
import sys
import threading
import time
from pathlib import Path
from types import FrameType

INTERVAL_SECONDS = 0.001
#: by default a thread keeps the interpreter 5 ms: we would look only when it lets go, which is at the database
SWITCH_SECONDS = 0.0002
#: what waits costs nothing; by the end of the file's path and the function
IDLE = {
    ("threading.py", "wait"),
    ("threading.py", "_wait_for_tstate_lock"),
    ("selectors.py", "select"),
    ("queue.py", "get"),
    ("socket.py", "readinto"),
    ("sampling.py", "run"),
}
LIBRARIES = "site-packages"


class Sampler(threading.Thread):
    """Counts, until told to stop, in whose code each busy thread is."""

    def __init__(self, but: int) -> None:
        """`but`: the thread that only asks."""
        super().__init__(daemon=True)
        self._but, self._over = but, threading.Event()
        self.seen: collections.Counter[str] = collections.Counter()

    def run(self) -> None:
        """Look and sleep."""
        sys.setswitchinterval(SWITCH_SECONDS)
        while not self._over.is_set():
            for thread, frame in sys._current_frames().items():  # noqa: SLF001 - documented for exactly this
                if thread not in (self._but, self.ident):
                    self._note(frame)
            time.sleep(INTERVAL_SECONDS)

    def shares(self) -> list[tuple[str, float]]:
        """End; whose code it was, as shares of all busy moments, the largest first."""
        self._over.set()
        self.join()
        sys.setswitchinterval(0.005)
        whole = self.seen.total() or 1
        return [(owner, count / whole) for owner, count in self.seen.most_common(8)]

    def _note(self, frame: FrameType) -> None:
        code = frame.f_code
        if (Path(code.co_filename).name, code.co_name) not in IDLE:
            self.seen[owner_of(code.co_filename, code.co_name)] += 1


def owner_of(file: str, function: str) -> str:
    """'sqlalchemy', 'the database itself', 'provisioner/store', 'fastapi', 'json', ..."""
    if function in ("do_execute", "do_commit", "do_begin"):
        return "the database itself"
    before, _, inside = file.partition(f"{LIBRARIES}/")
    if inside:
        return inside.split("/")[0]
    ours = [room for room in ("provisioner/store", "provisioner", "api", "bench") if f"/{room}/" in before]
    return ours[0] if ours else f"python {Path(before).parent.name}/{Path(before).stem}"

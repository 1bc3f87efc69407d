"""How does a run stop? At the border of a task when somebody cancels; at once when a task takes too long."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from provisioner.plans.plan import Part
from provisioner.runner.listener import Listener
from provisioner.runner.workspace import Workspace

LONGEST_TASK_SECONDS = 300
LONGEST_PACKING_SECONDS = 7200  # a task that packs a site's archive


class Stopper:
    """Asked every half second by ansible-runner."""

    def __init__(self, *, part: Part, space: Workspace, listener: Listener, cancelled: Callable[[], bool]) -> None:
        self._space, self._listener, self._cancelled = space, listener, cancelled
        packs = any(change.property == "archive" for change in part.changes)
        self._longest_seconds = LONGEST_PACKING_SECONDS if packs else LONGEST_TASK_SECONDS
        self.was_asked = False
        self.fault: BaseException | None = None

    def tick(self) -> bool:
        """Write the stop file when somebody cancelled or our own side failed; end a task that hangs.

        Always False: ansible-runner's own way of cancelling is SIGKILL to the keeper, which would orphan the rest.
        """
        if not self.was_asked and (self._listener.fault is not None or self._is_cancelled()):
            self.was_asked = True
            self._space.stop.touch(mode=0o600)
        if time.monotonic() - self._listener.alive > self._longest_seconds:
            self.end()
        return False

    def _is_cancelled(self) -> bool:
        try:
            return self._cancelled()
        except Exception as fault:  # noqa: BLE001 - kept, and raised when the run has stopped
            self.fault = fault
            return True

    def end(self) -> None:
        """Ask the keeper to end everything below it; the outcome is unknown then."""
        self._listener.alive = time.monotonic()
        try:
            os.kill(int(self._space.keeper.read_text(encoding="ascii")), signal.SIGTERM)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return

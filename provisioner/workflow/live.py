"""How do people see a run while it goes? Redacted lines, committed in batches."""

from __future__ import annotations

from datetime import datetime

from provisioner.store import runs
from provisioner.workflow.hands import Hands

_SECONDS_BETWEEN_COMMITS = 0.2  # at most 5 commits a second


class LiveLines:
    """Collects live lines and commits them at most five times a second; `flush` before anything is said to be done."""

    def __init__(self, hands: Hands, run_id: str) -> None:
        self._hands, self._run_id = hands, run_id
        self._waiting: list[tuple[str, str, str, datetime]] = []
        self._last = hands.clock()

    def tell(self, kind: str, task: str, text: str) -> None:
        """Add one line: kind 'task' | 'log' | 'verdict'."""
        now = self._hands.clock()
        self._waiting.append((kind, task, text, now))
        if (now - self._last).total_seconds() >= _SECONDS_BETWEEN_COMMITS:
            self.flush()

    def flush(self) -> None:
        """Commit what waits."""
        waiting, self._waiting = tuple(self._waiting), []
        self._last = self._hands.clock()
        if waiting:
            with self._hands.database.transaction() as uow:
                runs.add_events(uow, self._run_id, waiting)

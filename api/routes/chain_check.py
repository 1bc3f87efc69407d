"""Is the chain whole? Walked beside the pages, since a million rows take longer than anybody waits for one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

import structlog

from provisioner.clock import Clock
from provisioner.desk import Desk
from provisioner.evidence.chain import ChainReport
from provisioner.people.person import Person

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the last walk found, and when it ended."""

    report: ChainReport
    at: datetime


class ChainCheck:
    """The last walk along the chain in this process, and the one that goes on now, if any."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk, self._clock = desk, clock
        self._one_at_a_time = threading.Lock()
        self._walk: threading.Thread | None = None
        self.last: Checked | None = None
        self.walking_since: datetime | None = None

    def begin(self, person: Person) -> None:
        """Begin a walk unless one goes on; `person` must have the right, which the desk asks for again."""
        with self._one_at_a_time:
            if self.walking_since is not None:
                return
            self.walking_since = self._clock()
            self._walk = threading.Thread(target=self._go, args=(person,), name="chain-check", daemon=True)
            self._walk.start()

    def wait(self, seconds: float) -> None:
        """Wait for the walk that goes on, at most so long."""
        if self._walk is not None:
            self._walk.join(seconds)

    def _go(self, person: Person) -> None:
        try:
            self.last = Checked(report=self._desk.audit_verify(person), at=self._clock())
        except Exception:
            log.exception("chain_check_failed")
        finally:
            self.walking_since = None

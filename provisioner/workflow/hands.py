"""Through which hands does the workflow work? `worker.py` hands in real ones, tests the shipped fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.items.order import Order
from provisioner.items.sealed_secret import SealedSecret
from provisioner.items.usage import DAILY, Keeping
from provisioner.jobs.queue import Queue
from provisioner.kinds.port import Kind, Secret
from provisioner.letters.mail import Mail
from provisioner.plans.plan import Part, Reach
from provisioner.procedures.working_days import Calendar
from provisioner.runs.part_result import PartResult, TaskResult
from provisioner.store.database import Database
from provisioner.verification.verdict import Trial


class Doer(Protocol):
    """Runs one part. `told` gets redacted lines (task, text), `finished` each task's result as it ends."""

    def __call__(
        self,
        part: Part,
        *,
        run_id: str,
        item_id: str,
        sealed: tuple[SealedSecret, ...],
        told: Callable[[str, str], None],
        finished: Callable[[TaskResult], None],
        cancelled: Callable[[], bool],
    ) -> PartResult:
        """Return how it ended; never raises for what happened on the host."""


@dataclass(frozen=True, kw_only=True)
class ToTry:
    """One run's trials, with its secrets as they are kept."""

    trials: tuple[Trial, ...]
    run_id: str
    sealed: tuple[SealedSecret, ...]


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Everything that touches the outside, and the few settings the walk needs.

    `look(systems, hosts)` raises Unreachable; `try_all` performs trials side by side
    (trial name -> values seen), `try_each` those of several runs at once; `make_secrets` makes and seals;
    `do` carries one run's part out, `do_together` those of several runs that share a call;
    `is_free(host)` waits at most 60 s for a duty that an earlier worker left running there; `press` sets a sheet's data
    as PDF/A; `post` hands a mail over and returns its Message-ID; `public_url` is where people find the gate;
    `usage` says how dense series of usage are and how long they are kept.
    """

    database: Database
    queue: Queue
    clock: Clock
    calendar: Calendar
    zone: ZoneInfo
    kinds: Mapping[str, Kind]
    estate: Callable[[], Estate]
    look: Callable[[tuple[str, ...], tuple[str, ...]], Observation]
    try_all: Callable[[tuple[Trial, ...], str, tuple[SealedSecret, ...]], Mapping[str, Mapping[str, Value]]]
    try_each: Callable[[tuple[ToTry, ...]], tuple[Mapping[str, Mapping[str, Value]], ...]]
    reach: Callable[[str], Reach]
    make_secrets: Callable[[tuple[Secret, ...], str, str], tuple[SealedSecret, ...]]
    do: Doer
    do_together: Callable[[tuple[Order, ...]], tuple[PartResult, ...]]
    is_free: Callable[[str], bool]
    press: Callable[[Mapping[str, Any]], bytes]
    post: Callable[[Mail], str]
    public_url: str
    usage: Keeping = DAILY

"""Who carries on after a crash? One process that takes jobs, and takes over those of a process that died."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dbos import DBOS, DBOSConfig

from provisioner.jobs.settings import (
    APPLICATION,
    APPLICATION_VERSION,
    CARRY_OUT,
    LOOK,
    LOOKS_AT_ONCE,
    SERIALIZER,
    TELL,
    TOLD_AT_ONCE,
)

Handler = Callable[[str], None]


class Executor:
    """Takes jobs off the queues and hands each one's id to its handler.

    A handler must be re-entrant as a whole: after a crash it is called again with the same id. DBOS's own
    checkpoints are
    never evidence. `executor_id` is new at each process start: two live processes with one id would run a step twice.
    """

    def __init__(self, url: str, engine: Any, executor_id: str, handlers: Mapping[str, Handler]) -> None:
        self.executor_id = executor_id
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": url,
            "system_database_engine": engine,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            "serializer": SERIALIZER,
            "enable_otlp": False,
            "log_level": "WARNING",
            "run_migrations": False,
        }
        DBOS(config=config)
        for name, handler in handlers.items():
            _register(name, handler)

    def launch(self, poll_seconds: float) -> None:
        """Start taking jobs; queue limits are set here and nowhere else (a later registration would overwrite them)."""
        DBOS.listen_queues([LOOK, CARRY_OUT, TELL])
        DBOS.launch()
        DBOS.register_queue(LOOK, worker_concurrency=LOOKS_AT_ONCE, polling_interval_sec=poll_seconds)
        DBOS.register_queue(CARRY_OUT, partition_concurrency=1, polling_interval_sec=poll_seconds)
        # One job at a time a letter: two would mail it twice. A mail server that does not answer holds up no other.
        DBOS.register_queue(
            TELL, partition_concurrency=1, worker_concurrency=TOLD_AT_ONCE, polling_interval_sec=poll_seconds
        )

    def pending_of_others(self) -> frozenset[str]:
        """Return the executor ids that hold unfinished jobs and are not this process."""
        holders = {status.executor_id for status in DBOS.list_workflows(status="PENDING", load_input=False)}
        return frozenset(holder for holder in holders if holder and holder != self.executor_id)

    def take_over(self, executor_ids: frozenset[str]) -> int:
        """Put the unfinished jobs of dead processes back on their queues; return how many."""
        if not executor_ids:
            return 0
        # `resume_workflow` would double a live step and resets its attempts; this keeps them and admits one runner.
        return len(DBOS._recover_pending_workflows(sorted(executor_ids)))  # noqa: SLF001  no public way; contract-tested

    def has_job_for(self, subject_id: str) -> bool:
        """Tell whether a job of that id is queued or running, so that housekeeping need not queue another."""
        waiting = DBOS.list_workflows(status=["PENDING", "ENQUEUED", "DELAYED"], load_input=False)
        return any(f":{subject_id}:" in status.workflow_id for status in waiting)

    def stop(self, wait_seconds: int) -> None:
        """Stop taking jobs and wait for those in hand."""
        DBOS.destroy(workflow_completion_timeout_sec=wait_seconds)


def _register(name: str, handler: Handler) -> None:
    @DBOS.step(name=f"{name}.all")
    def step(subject_id: str) -> None:
        handler(subject_id)

    @DBOS.workflow(name=name)
    def workflow(subject_id: str) -> None:
        step(subject_id)

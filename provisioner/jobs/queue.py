"""How is work queued, in the very transaction that makes it necessary?"""

from __future__ import annotations

from typing import Any

from dbos import DBOS, DBOSClient, EnqueueOptions

from provisioner.errors import Unavailable
from provisioner.jobs.settings import (
    APPLICATION,
    APPLICATION_VERSION,
    CARRY_OUT,
    LETTER,
    LOOK,
    NOTICE,
    SERIALIZER,
    TELL,
    WATCH,
)
from provisioner.names import draw_id
from provisioner.unit_of_work import UnitOfWork


def migrate(url: str) -> None:
    """Make DBOS's own tables; must have run before the first enqueue (otherwise: no such table workflow_status)."""
    DBOS.migrate(url)


class Queue:
    """Enqueues by id. Nothing here runs a job; a rolled-back transaction leaves no job behind.

    `engine` is the store's own database engine, handed in by whoever composes (this room does not open a database).
    """

    def __init__(self, url: str, engine: Any) -> None:
        self._client = DBOSClient(
            system_database_url=url,
            system_database_engine=engine,
            serializer=SERIALIZER,
            application_name=APPLICATION,
            lazy=True,
        )

    def look(self, uow: UnitOfWork, plan_id: str) -> None:
        """Queue the look that fills the asked plan."""
        self._enqueue(uow, LOOK, plan_id)

    def carry_out(self, uow: UnitOfWork, run_id: str, host: str) -> None:
        """Queue a run (again); one at a time per target host."""
        self._enqueue(uow, CARRY_OUT, run_id, partition=host)

    def advance(self, uow: UnitOfWork, request_id: str) -> None:
        """Queue the automatic steps that a request may now be ready for, and the word to who is awaited."""
        self._enqueue(uow, TELL, request_id, partition=request_id)

    def letter(self, uow: UnitOfWork, letter_id: str) -> None:
        """Queue the setting, filing and mailing of a letter; never two at once of one letter."""
        self._enqueue(uow, LETTER, letter_id, partition=letter_id, queue=TELL)

    def notice(self, uow: UnitOfWork, person_id: str) -> None:
        """Queue the mailing of what a person has not been told yet; never two at once to one person."""
        self._enqueue(uow, NOTICE, person_id, partition=person_id, queue=TELL)

    def watch(self, uow: UnitOfWork, kind_name: str) -> None:
        """Queue the measuring of everything of a kind that stands."""
        self._enqueue(uow, WATCH, kind_name, queue=LOOK)

    def check(self) -> None:
        """Raise Unavailable unless the queue's own tables answer."""
        try:
            self._client.list_workflows(status="ENQUEUED", limit=1, load_input=False, load_output=False)
        except Exception as fault:  # whatever the library raises: the queue is not at hand
            raise Unavailable(
                f"antrean tidak menjawab ({type(fault).__name__})", "antrean", "Jalankan migrasi."
            ) from fault

    def close(self) -> None:
        """Let go of the client's threads; the engine stays the store's."""
        self._client.destroy()

    def _enqueue(
        self, uow: UnitOfWork, name: str, subject_id: str, partition: str | None = None, queue: str = ""
    ) -> None:
        options: EnqueueOptions = {
            "workflow_name": name,
            "queue_name": queue or name,
            "workflow_id": f"{name}:{subject_id}:{draw_id('j')}",
            "app_version": APPLICATION_VERSION,
        }
        if partition is not None:
            options["queue_partition_key"] = partition
        self._client.enqueue_in_transaction(uow.connection, options, subject_id)

"""What may the gate ask? One call, one transaction; nothing here holds a key to any target system."""

from __future__ import annotations

from provisioner.clock import utc_now
from provisioner.desk.audit import AuditDesk
from provisioner.desk.counter import CounterDesk
from provisioner.desk.failed_lines import FailedLineDesk
from provisioner.desk.hosts import HostDesk
from provisioner.desk.house import House
from provisioner.desk.lines import LineDesk
from provisioner.desk.logins import LoginDesk
from provisioner.desk.names import NameDesk
from provisioner.desk.passwords import PasswordDesk
from provisioner.desk.receipts import ReceiptDesk
from provisioner.desk.sendings import SendingDesk
from provisioner.desk.stories import StoryDesk
from provisioner.desk.usage import UsageDesk
from provisioner.desk.waiting import WaitingDesk
from provisioner.errors import NotFound
from provisioner.jobs.queue import Queue
from provisioner.kinds.catalogue import KINDS
from provisioner.procedures.procedure import read_procedures
from provisioner.settings import Settings
from provisioner.store.database import Database

__all__ = ["Desk", "open_desk"]


class Desk(
    LoginDesk,
    PasswordDesk,
    CounterDesk,
    WaitingDesk,
    ReceiptDesk,
    HostDesk,
    AuditDesk,
    StoryDesk,
    LineDesk,
    FailedLineDesk,
    NameDesk,
    SendingDesk,
    UsageDesk,
):
    """Everything the gate may ask; each part builds on the one before it in the walk.

    Raises the errors of `errors.py`; knows no HTTP.
    """


def open_desk(settings: Settings) -> Desk:
    """Open the store and the queue, read the procedures, and put a desk together."""
    url = settings.database_url.get_secret_value()
    database = Database(url)
    text = settings.procedures_file.read_text(encoding="utf-8")
    procedures = read_procedures(text)
    for kind, named in settings.procedure_of_kind.items():
        if named not in procedures:
            mend = f"GERBANG_PROCEDURE_OF_KIND: one of {', '.join(procedures)}."
            raise NotFound(f"procedure '{named}' of kind {kind} is not there", str(settings.procedures_file), mend)
    house = House(
        database=database,
        queue=Queue(url, database.engine),
        kinds=KINDS,
        procedures=procedures,
        procedures_text=text,
        procedure_of_kind=settings.procedure_of_kind,
        timezone=settings.timezone,
        clock=utc_now,
    )
    return Desk(house)

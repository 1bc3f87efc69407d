"""The chain, for those with the right `audit`; and whether this process can serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provisioner.desk.house import Room
from provisioner.errors import GerbangError
from provisioner.evidence.chain import AuditRow, ChainReport, verify
from provisioner.people.person import Person, Right
from provisioner.store import audit


class AuditDesk(Room):
    """Read and verify the chain."""

    def audit_rows(self, person: Person, *, after: int = 0, limit: int = 100) -> tuple[AuditRow, ...]:
        """Return rows after `after`, in order."""
        self.need(person, Right.AUDIT)
        with self.house.database.reading() as uow:
            return audit.rows(uow, after, limit)

    def audit_verify(self, person: Person) -> ChainReport:
        """Walk the whole chain; name the first broken place."""
        self.need(person, Right.AUDIT)
        with self.house.database.reading() as uow:
            return verify(audit.all_rows(uow))

    def ready(self) -> Mapping[str, str]:
        """Say for each part whether it is at hand: {'database': 'ok', 'queue': 'ok'}."""
        return {"database": _said(self.house.database.check), "queue": _said(self.house.queue.check)}


def _said(check: Callable[[], None]) -> str:
    try:
        check()
    except GerbangError as fault:
        return str(fault)
    return "ok"

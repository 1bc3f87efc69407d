"""Sent twice, done once: the act's own transaction keeps the key it was sent under."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from provisioner.desk.house import Room
from provisioner.sending import Answer, Sending
from provisioner.store import sendings


class SendingDesk(Room):
    """Bind a desk to one sending, and keep what it was answered."""

    def for_sending(self, sending: Sending) -> Self:
        """Return this desk for one sending: its first change is written under the sending's key, once.

        A copy of it is Repeated before anything is asked or changed.
        """
        return type(self)(replace(self.house, database=self.house.database.for_sending(sending)))

    def keep_answer(self, sending: Sending, answer: Answer) -> None:
        """Keep what was answered, for the copies that come."""
        with self.house.database.transaction() as uow:
            sendings.keep(uow, sending, answer)

    def answer(self, sending: Sending) -> Answer | None:
        """Return what the first was answered; None while its answer is under way, or was not for keeping."""
        with self.house.database.reading() as uow:
            return sendings.answer(uow, sending)

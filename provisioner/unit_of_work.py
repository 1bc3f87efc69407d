"""What is one transaction, to those who pass it on without opening it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class UnitOfWork:
    """An open transaction: store reads and writes through it, jobs enqueues in it; both or neither become true.

    `connection` is the database's own; nobody but store and jobs looks inside.
    """

    connection: Any

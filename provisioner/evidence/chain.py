"""Is the audit chain whole, and if not, where is it broken?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.digests import Value, digest_of

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One row of the chain.

    `event` 'person:decision:make'; `actor` and `recorder` are person ids or 'worker'; `subject` the id of what it
    is about;
    `data` holds no personal data in clear, only salted digests; `at` ISO 8601 UTC. `previous` is the digest of row n-1.
    """

    sequence: int
    event: str
    actor: str
    recorder: str | None
    subject: str
    data: Mapping[str, Value]
    at: str
    previous: str
    digest: str


def row_digest(row: AuditRow) -> str:
    """Compute the digest a row must bear: sha256 over everything but the digest itself."""
    return digest_of(
        {
            "sequence": row.sequence,
            "event": row.event,
            "actor": row.actor,
            "recorder": row.recorder,
            "subject": row.subject,
            "data": dict(row.data),
            "at": row.at,
            "previous": row.previous,
        }
    )


@dataclass(frozen=True, kw_only=True)
class ChainReport:
    """What verifying found: how many rows stand whole, the head's digest, and the first broken place ('' if none)."""

    rows: int
    head: str
    broken: str


def verify(rows: Iterable[AuditRow]) -> ChainReport:
    """Walk the rows in order; name the first that was changed, is missing or stands in the wrong place."""
    count, head = 0, GENESIS
    for row in rows:
        if row.sequence != count + 1:
            return ChainReport(rows=count, head=head, broken=f"baris {count + 1} hilang: yang ada baris {row.sequence}")
        if row.previous != head:
            return ChainReport(rows=count, head=head, broken=f"baris {row.sequence} tidak menyambung baris {count}")
        if row_digest(row) != row.digest:
            return ChainReport(
                rows=count, head=head, broken=f"baris {row.sequence} diubah: isinya tidak cocok sidiknya"
            )
        count, head = row.sequence, row.digest
    return ChainReport(rows=count, head=head, broken="")

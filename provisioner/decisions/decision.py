"""Who said what, about exactly which plan?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from provisioner.errors import NotAllowed, Refused

LIFETIME = timedelta(days=30)


class Outcome(StrEnum):
    """What a decider can say (design.md section 6)."""

    APPROVED = "approved"
    ADJUSTED = "adjusted"
    REJECTED = "rejected"
    RETURNED = "returned"

    @property
    def binds_a_plan(self) -> bool:
        """Approve and adjust name a digest; reject and return need none (law 1)."""
        return self in {Outcome.APPROVED, Outcome.ADJUSTED}


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a person says of one line: outcome, the digest of the plan that was seen, the reason for the OPD."""

    line_id: str
    outcome: Outcome
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One person's word on one line. `voided_at`: the plan went stale or the run was refused, so it counts no more."""

    id: str
    line_id: str
    decider_id: str
    decider_name: str
    position: str
    outcome: Outcome
    digest: str
    reason: str
    decided_at: datetime
    expires_at: datetime
    voided_at: datetime | None

    def counts_at(self, now: datetime) -> bool:
        """Tell whether a run's first act may still cite it."""
        return self.voided_at is None and now < self.expires_at


def check_four_eyes(
    decider_id: str, requester_id: str, authors: frozenset[str], proposers: frozenset[str] = frozenset()
) -> None:
    """Raise NotAllowed where the decider asked, wrote a version of the wish or proposed an adjustment (law 3)."""
    if decider_id == requester_id:
        raise NotAllowed("pemohon tidak boleh memutuskan permohonannya sendiri", "keputusan", "Mintalah pejabat lain.")
    if decider_id in proposers:
        raise NotAllowed("pengusul penyesuaian tidak boleh memutuskannya", "keputusan", "Mintalah pejabat lain.")
    if decider_id in authors:
        raise NotAllowed("penyusun isian tidak boleh memutuskannya", "keputusan", "Mintalah pejabat lain.")


def check_granted(outcome: Outcome, is_adjusted: bool) -> None:  # noqa: FBT001
    """Raise Refused where `approved` would grant a proposal, or `adjusted` what was asked (law 1)."""
    if outcome is Outcome.APPROVED and is_adjusted:
        raise Refused(
            "rencana ini memuat usulan penyesuaian, bukan yang diminta",
            "keputusan",
            "Setujui dengan penyesuaian, atau tarik usulannya lebih dahulu.",
        )
    if outcome is Outcome.ADJUSTED and not is_adjusted:
        raise Refused("belum ada usulan penyesuaian", "keputusan", "Usulkan isi lain; orang lain yang memutuskannya.")


def check_digest(outcome: Outcome, named: str, current: str | None, moved: tuple[str, ...] = ()) -> None:
    """Raise Refused unless the decision names exactly the current plan's digest (law 1); say what `moved` since."""
    if not outcome.binds_a_plan:
        return
    if current is None:
        raise Refused("belum ada rencana yang dapat disetujui", "rencana", "Lihat ulang lebih dahulu.")
    if not named:
        raise Refused(
            "keputusan tidak menyebut sidik rencana", "rencana", "Buka halaman rencana dan setujui dari sana."
        )
    if named != current:
        what = "rencana sudah berubah sejak dilihat" + (f": {'; '.join(moved)}" if moved else "")
        raise Refused(what, "rencana", f"Buka lagi; sidiknya kini {current[:12]}.")

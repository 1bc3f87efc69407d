"""Who may decide, on exactly what, and for how long does it count?"""

from datetime import UTC, datetime, timedelta

import pytest

from provisioner.decisions.decision import (
    LIFETIME,
    Decision,
    Outcome,
    check_digest,
    check_four_eyes,
    check_granted,
)
from provisioner.errors import NotAllowed, Refused

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SEEN, OTHER = "ab" * 32, "cd" * 32


@pytest.mark.parametrize(
    ("decider", "requester", "authors", "proposer", "said"),
    [
        ("budi", "rina", {"rina"}, None, ""),
        ("budi", "rina", set(), None, ""),
        ("rina", "rina", {"rina"}, None, "pemohon"),
        ("rina", "rina", set(), None, "pemohon"),
        ("budi", "rina", {"rina", "budi"}, None, "penyusun"),
        ("budi", "rina", {"rina"}, "budi", "pengusul"),
        ("budi", "rina", {"rina"}, "wati", ""),
        # who recorded the letter is neither requester nor author: two staff suffice
        ("sari", "rina", {"rina"}, None, ""),
    ],
)
def test_four_eyes(decider: str, requester: str, authors: set[str], proposer: str | None, said: str) -> None:
    if not said:
        check_four_eyes(decider, requester, frozenset(authors), frozenset([proposer] if proposer else []))
        return
    with pytest.raises(NotAllowed, match=said):
        check_four_eyes(decider, requester, frozenset(authors), frozenset([proposer] if proposer else []))


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.ADJUSTED])
@pytest.mark.parametrize(
    ("named", "current", "said"),
    [
        (SEEN, SEEN, ""),
        (SEEN, OTHER, OTHER[:12]),
        (SEEN, None, "belum ada rencana"),
        ("", None, "belum ada rencana"),
        ("", SEEN, "tidak menyebut sidik"),
        (SEEN[:12], SEEN, "sudah berubah"),
        (SEEN.upper(), SEEN, "sudah berubah"),
    ],
)
def test_a_yes_names_exactly_the_plan_that_stands(outcome: Outcome, named: str, current: str | None, said: str) -> None:
    if not said:
        check_digest(outcome, named, current)
        return
    with pytest.raises(Refused) as refusal:
        check_digest(outcome, named, current)
    assert said in str(refusal.value)


@pytest.mark.parametrize("is_adjusted", [False, True])
@pytest.mark.parametrize("outcome", Outcome)
def test_approved_grants_what_was_asked_and_adjusted_what_was_proposed(outcome: Outcome, is_adjusted: bool) -> None:
    allowed = {Outcome.APPROVED: not is_adjusted, Outcome.ADJUSTED: is_adjusted}.get(outcome, True)
    if allowed:
        check_granted(outcome, is_adjusted)
        return
    with pytest.raises(Refused):
        check_granted(outcome, is_adjusted)


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.RETURNED])
@pytest.mark.parametrize(("named", "current"), [("", None), ("", SEEN), (SEEN, OTHER)])
def test_a_no_needs_no_plan(outcome: Outcome, named: str, current: str | None) -> None:
    check_digest(outcome, named, current)


@pytest.mark.parametrize(
    ("age", "voided", "counts"),
    [
        (timedelta(0), False, True),
        (LIFETIME - timedelta(microseconds=1), False, True),
        (LIFETIME, False, False),
        (timedelta(0), True, False),
    ],
)
def test_a_decision_counts_for_thirty_days_unless_voided(age: timedelta, voided: bool, counts: bool) -> None:
    made = Decision(
        id="dec_1",
        line_id="line_1",
        decider_id="budi",
        decider_name="Contoh Budi",
        position="Kabid",
        outcome=Outcome.APPROVED,
        digest=SEEN,
        reason="",
        decided_at=NOW,
        expires_at=NOW + LIFETIME,
        voided_at=NOW if voided else None,
    )
    assert timedelta(days=30) == LIFETIME
    assert made.counts_at(NOW + age) is counts

"""Does what was seen become the right verdict?"""

import pytest

from provisioner.digests import Value
from provisioner.verification import Summary, summary, verify
from provisioner.verification.verdict import Trial


def trial(name: str, wanted: dict[str, Value]) -> Trial:
    return Trial(name=name, system="apache", label=f"Uji {name}", wanted=wanted, arguments={})


PAGE = trial("https_page", {"simpeg.kota.lab": {"status": 200}})
GONE = trial("site_gone", {"simpeg.kota.lab": "gone"})


def test_a_trial_holds_when_every_wanted_value_is_seen_exactly() -> None:
    verdicts = verify((PAGE,), {"https_page": {"simpeg.kota.lab": {"status": 200}, "seconds": 0.1}})
    assert [(v.name, v.holds, v.note) for v in verdicts] == [("https_page", True, "")]
    assert verdicts[0].seen == {"simpeg.kota.lab": {"status": 200}, "seconds": 0.1}


@pytest.mark.parametrize(
    ("seen", "note"),
    [
        ({"simpeg.kota.lab": {"status": 500}}, "berbeda: simpeg.kota.lab"),
        ({}, "berbeda: simpeg.kota.lab"),
        ({"unreachable": "10.0.0.5:443: no answer."}, "tidak terjawab: 10.0.0.5:443: no answer."),
        # An answer that also fits what is wanted does not hold when we lost sight halfway.
        ({"simpeg.kota.lab": {"status": 200}, "unreachable": "web1: gone."}, "tidak terjawab: web1: gone."),
    ],
)
def test_a_trial_does_not_hold_and_the_note_says_why(seen: dict[str, Value], note: str) -> None:
    (verdict,) = verify((PAGE,), {"https_page": seen})
    assert (verdict.holds, verdict.note) == (False, note)


def test_a_trial_that_nobody_tried_does_not_hold() -> None:
    verdicts = verify((PAGE, GONE), {"site_gone": {"simpeg.kota.lab": "gone"}})
    assert [(v.name, v.holds, v.note) for v in verdicts] == [
        ("https_page", False, "tidak diuji"),
        ("site_gone", True, ""),
    ]


def test_two_trials_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="trials of the same name: https_page"):
        verify((PAGE, PAGE), {})


def test_the_summary_names_what_does_not_hold() -> None:
    verdicts = verify((PAGE, GONE), {"site_gone": {"simpeg.kota.lab": "gone"}})
    said = "1 dari 2 uji tidak sesuai: Uji https_page (tidak diuji)."
    assert summary(verdicts) == Summary(holds=False, failed=("https_page",), sentence=said)


def test_the_summary_of_good_verdicts_holds_and_of_none_does_not() -> None:
    good = verify((GONE,), {"site_gone": {"simpeg.kota.lab": "gone"}})
    assert summary(good) == Summary(holds=True, failed=(), sentence="Semua 1 uji sesuai.")
    assert summary(()) == Summary(holds=False, failed=(), sentence="Tidak ada yang diuji.")

"""Does the demo say every duty in words, one that had nothing to do too?"""

import pytest

from lab.demo import in_words


@pytest.mark.parametrize(
    ("state", "seconds", "said"),
    [
        ("changed", 0.017, "Kelompok batas: dikerjakan (0.02 detik)"),
        ("same", None, "Kelompok batas: sudah demikian"),
        ("failed", 1.5, "Kelompok batas: gagal (1.50 detik)"),
    ],
)
def test_a_duty_is_told_with_its_time_where_it_took_any(state: str, seconds: float | None, said: str) -> None:
    assert in_words({"label": "Kelompok batas", "state": state, "seconds": seconds}) == said

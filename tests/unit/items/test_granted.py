"""Do many items' grants add up over time, those that were never granted anything included?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from provisioner.desk.granted import added, granted_at

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def test_grants_add_up_from_the_day_each_was_made() -> None:
    total = added([((NOW, 5), (LATER, 8)), ((LATER, 2),)])
    assert total == ((NOW, 5), (LATER, 10))
    assert granted_at(total, NOW) == 5


def test_an_item_that_was_never_granted_any_adds_nothing() -> None:
    assert added([(), ((NOW, 5),), ()]) == ((NOW, 5),)
    assert added([(), ()]) == ()

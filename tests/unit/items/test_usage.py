"""Where does a period begin on the office's clock?"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from provisioner.items.usage import Period, period_of

MAKASSAR = ZoneInfo("Asia/Makassar")  # eight hours ahead of UTC
AT = datetime(2026, 11, 23, 17, 45, 12, 345, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "begun"),
    [
        (Period.DAY, datetime(2026, 11, 23, 16, tzinfo=UTC)),  # the 24th there: its midnight
        (Period.HOUR, datetime(2026, 11, 23, 17, tzinfo=UTC)),
        (Period.MINUTE, datetime(2026, 11, 23, 17, 45, tzinfo=UTC)),
    ],
)
def test_a_period_begins_on_the_offices_clock(period: Period, begun: datetime) -> None:
    assert period_of(AT, period, MAKASSAR) == begun
    assert period_of(begun, period, MAKASSAR) == begun

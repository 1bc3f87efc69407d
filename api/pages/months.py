"""Which instants does a month of the office's calendar begin and end at?"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from provisioner.errors import BadInput, Fault

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


def month_of(text: str, zone: str) -> tuple[datetime | None, datetime | None]:
    """Read '2026-11' as (its beginning, its end); '' as (None, None), BadInput for what is no month."""
    if not text:
        return None, None
    found = _MONTH.fullmatch(text)
    if found is None:
        mend = "Tulis tahun dan bulan, misalnya 2026-11."
        raise BadInput((Fault(where="bulan", seen=text[:80], what="bukan bulan", mend=mend),))
    year, month = int(found[1]), int(found[2])
    begins = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
    return begins, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZoneInfo(zone))

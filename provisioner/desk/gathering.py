"""Do many acts that wait stand in one row? What waits for the lines of one request does, so that a hundred stay one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One act that waits.

    `act` 'step' | 'decide' | 'claim' | 'receipt' | 'mend', or for several of one request 'claims' | 'lines'; `subject`
    the request, line, item or run it is about; `about` in words: '2026-0007 Simpeg', 'simpeg.kota.lab'.
    """

    act: str
    what: str
    opd: str
    about: str
    request_id: str | None
    subject: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One thing that went wrong and stands so: `about` a 'run' or an 'item', `subject` its id, `mend` what helps.

    About a 'letter' that is not sent, or 'lines' of which several stopped, `subject` is their request. Of a run, `mend`
    is why it stopped, `kind` its item's and `titles` what people call it: {'g7kq2mx4pd': 'simpeg.kota.lab'}.
    """

    about: str
    subject: str
    label: str
    opd: str
    what: str
    mend: str
    since: datetime
    kind: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    request_id: str | None = None


#: what several acts of one request are called together; the others stand each for itself
_TOGETHER = {
    "decide": "{what}: {count} baris",
    "claim": "{count} layanan: kata sandi untuk diambil",
    "receipt": "{count} layanan: ambil isinya, lalu catat tanda terimanya",
    "mend": "Ulangi atau akhiri {count} pelaksanaan",
}


def gathered(found: Iterable[Waiting]) -> list[Waiting]:
    """Put what waits for several lines of one request into one row; two acts about one thing stay two."""
    groups: dict[tuple[str, str | None], list[Waiting]] = defaultdict(list)
    rows: list[Waiting] = []
    for one in found:
        if one.act in _TOGETHER and one.request_id is not None:
            groups[one.act, one.request_id].append(one)
        else:
            rows.append(one)
    for (act, request_id), alike in groups.items():
        count = len({one.subject for one in alike})
        if count == 1:
            rows += alike
            continue
        what = _TOGETHER[act].format(what=alike[0].what, count=count)
        since = min(one.since for one in alike)
        together = "claims" if act == "claim" else "lines"
        rows.append(replace(alike[0], act=together, what=what, subject=str(request_id), since=since))
    return rows


def troubles_gathered(found: Iterable[Trouble]) -> list[Trouble]:
    """Put the stopped runs of one request into one row."""
    groups: dict[str, list[Trouble]] = defaultdict(list)
    rows: list[Trouble] = []
    for one in found:
        if one.about == "run" and one.request_id is not None:
            groups[one.request_id].append(one)
        else:
            rows.append(one)
    for request_id, alike in groups.items():
        if len(alike) == 1:
            rows += alike
            continue
        what, since = f"{len(alike)} pelaksanaan berhenti dan menunggu orang", min(one.since for one in alike)
        mend = "tiap baris mengatakan sebabnya"
        rows.append(
            replace(alike[0], about="lines", subject=request_id, what=what, mend=mend, since=since, kind="", titles={})
        )
    return rows

"""What did a season leave? A site and a cloud account that stood for three months, given more room in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from provisioner.items.usage import Point, period_of
from provisioner.store import usage
from provisioner.workflow.watch import watch
from tests.house import EXAMPLES, PEOPLE, EngineHouse

GIB = 1024**3
DAYS = 88
#: nobody answered on these days
SILENT = {30, 31, 32}
SITE = {"sub_domain": "pantau", "second_name": "none", "storage_gb": 1, "database_gb": 1}
ACCOUNT = {"account_id": "arsip.dincontoh", "quota_gb": 5}


@contextmanager
def of_kind(house: EngineHouse, kind: str) -> Iterator[EngineHouse]:
    """Let the house ask for things of that kind meanwhile."""
    before = house.kind, house.document
    house.kind, house.document = kind, EXAMPLES[kind]
    try:
        yield house
    finally:
        house.kind, house.document = before


def stand(house: EngineHouse) -> dict[str, str]:
    """Deliver both a season ago, and give them more in the middle of it; return their ids, 'grown' and 'account'."""
    house.clock.move(days=-DAYS)
    made = {"grown": _made(house, "hosting", SITE), "account": _made(house, "data_cloud", ACCOUNT)}
    house.clock.move(days=DAYS // 2)
    for name, kind, more in (("grown", "hosting", {"storage_gb": 2}), ("account", "data_cloud", {"quota_gb": 8})):
        with of_kind(house, kind):
            assert house.carry_out(house.verb("change", made[name], letter=_letter(house), **more)) == "done"
    house.clock.move(days=DAYS - DAYS // 2)
    return made


def measure(house: EngineHouse, ids: dict[str, str]) -> None:
    """Let today's look find what both use: they grew, somebody cleared up, and for three days nobody answered."""
    used = {
        f"web1/{ids['grown']}": {"storage_used_bytes": int(1.5 * GIB), "database_used_bytes": int(0.4 * GIB)},
        f"cloud1/{ACCOUNT['account_id']}": {
            "storage_used_bytes": int(6.4 * GIB),
            "last_login_unix_seconds": int(datetime(2026, 11, 20, 1, 30, tzinfo=UTC).timestamp()),
        },
        "cloud1": {"storage_used_bytes": 61 * GIB, "storage_free_bytes": 39 * GIB, "accounts": 37},
    }
    for subject, found in {**used, "cloud1": {**used["cloud1"], "quotas_bytes": 118 * GIB}}.items():
        for name, amount in found.items():
            house.world.measure(f"{subject}:{name}", amount)
    for kind in house.hands.kinds:
        watch(house.hands, kind)
    with house.database.transaction() as uow:
        usage.keep(uow, [point for days in range(1, DAYS) if days not in SILENT for point in _points(house, ids, days)])


def _points(house: EngineHouse, ids: dict[str, str], days: int) -> list[Point]:
    grown, at = DAYS - days, house.clock() - timedelta(days=days)
    storage = 0.2 + 0.018 * grown + 0.03 * (grown % 7) - (0.35 if grown > 58 else 0)
    login = int((at - timedelta(days=grown % 5)).timestamp()) if grown > 3 else 0
    measured = (
        ("grown", "storage_used_bytes", int(storage * GIB)),
        ("grown", "database_used_bytes", (40 + 4 * grown) * 1024**2),
        ("account", "storage_used_bytes", int(4.2 * storage * GIB)),
        ("account", "last_login_unix_seconds", login),
    )
    period = period_of(at, house.hands.usage.period, house.hands.zone)
    return [Point(item_id=ids[name], measure=word, period=period, at=at, value=value) for name, word, value in measured]


def _made(house: EngineHouse, kind: str, wish: dict[str, Any]) -> str:
    with of_kind(house, kind):
        run_id = house.to_run(letter=_letter(house), **wish)
        assert house.carry_out(run_id) == "done"
    return house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def _letter(house: EngineHouse) -> dict[str, Any]:
    """The example's letter, dated the day it comes."""
    return {"letter": {**house.document["letter"], "date": f"{house.clock().date()}"}}

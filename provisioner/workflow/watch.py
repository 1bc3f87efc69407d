"""watch: what is used, and is anything that stands over its limits? Looked at daily; read-only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value
from provisioner.facts.alarm import Alarm
from provisioner.facts.alarm import alarms as alarms_of
from provisioner.facts.observation import Observation
from provisioner.items.item import Item
from provisioner.items.usage import Point, period_of
from provisioner.kinds.port import Kind
from provisioner.plans.plan import Reason
from provisioner.store import alarms, audit, items, last_looks, usage
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands
from provisioner.workflow.observe import observe_all

_POLL = timedelta(minutes=1)
_AGAIN = timedelta(hours=1)


class Watches:
    """Asks for the scheduled look at each kind's items, `every` so often; where it failed, again after an hour."""

    def __init__(self, hands: Hands, every: timedelta) -> None:
        self._hands, self._every = hands, every
        self._asked: dict[str, datetime] = {}
        self._looked_at: datetime | None = None

    def ask(self) -> None:
        """Queue what is due; whether anything is, is found out once a minute: reading the inventory takes a while."""
        now = self._hands.clock()
        if self._looked_at is not None and now - self._looked_at < min(_POLL, self._every):
            return
        self._looked_at = now
        again = now - min(_AGAIN, self._every)
        names = [name for name in due(self._hands, self._every) if self._asked.get(name, again) <= again]
        if names:
            with self._hands.database.transaction() as uow:
                for name in names:
                    self._hands.queue.watch(uow, name)
            self._asked |= dict.fromkeys(names, now)


def due(hands: Hands, every: timedelta) -> tuple[str, ...]:
    """Return the kinds of which a host was not looked at within `every`: at all, or because it gave no answer."""
    estate, since = hands.estate(), hands.clock() - every
    hosts = {name: kind.hosts(estate) for name, kind in hands.kinds.items()}
    with hands.database.reading() as uow:
        looks = last_looks.of(uow, [host for names in hosts.values() for host in names])
    late = {host for names in hosts.values() for host in names if host not in looks or looks[host].at <= since}
    return tuple(name for name, names in hosts.items() if late & set(names))


def watch(hands: Hands, kind_name: str) -> None:
    """Measure hosts and standing items of the kind and keep it; what is newly over a limit gets a row in the chain.

    Each item's measures become a point of its series, one a period however often it is looked at. Of a host that gives
    no answer nothing is said: a gap for its own items, and as it stays due the next watch tries again. Unreachable
    where nobody answers.
    """
    kind = hands.kinds[kind_name]
    sight, now = observe_all(hands, kind), hands.clock()
    seen = sight.seen
    with hands.database.transaction() as uow:
        for host in (name for name in kind.hosts(hands.estate()) if name not in sight.silent):
            last_looks.keep(uow, host, _measures(seen, host), now)
            for item in items.on_host(uow, host):
                if item.kind == kind_name:
                    _keep(hands, uow, kind, item, seen, now)
        usage.forget(uow, now - timedelta(days=hands.usage.days))


def _keep(hands: Hands, uow: UnitOfWork, kind: Kind, item: Item, seen: Observation, now: datetime) -> None:
    """Keep what was measured of one item, and what of it is over a limit."""
    subject = kind.target(item.choices)
    measures, period = _measures(seen, subject), period_of(now, hands.usage.period, hands.zone)
    last_looks.keep(uow, subject, measures, now)
    names = [measure.name for measure in kind.measures if measure.name in measures]
    usage.keep(
        uow, [Point(item_id=item.id, measure=name, period=period, at=now, value=measures[name]) for name in names]
    )
    found = tuple(_reason(alarm) for alarm in alarms_of(seen) if alarm.target == subject)
    new: list[Value] = list(alarms.keep(uow, item.id, found, now))
    if new:
        data: dict[str, Value] = {"alarms": new}
        audit.append(uow, AuditEvent.ITEM_ALARM, actor="worker", subject=item.id, data=data, at=now)


def _measures(seen: Observation, subject: str) -> Mapping[str, int]:
    """Return what was measured of a host or an item: {'storage_used_bytes': 73400320}."""
    start = f"{subject}:"
    return {name.removeprefix(start): amount for name, amount in seen.measurements.items() if name.startswith(start)}


def _reason(alarm: Alarm) -> Reason:
    code = f"{alarm.thing}_{'over' if alarm.is_over else 'near'}"
    return Reason(
        code=code, what=str(alarm), mend="Hubungi penanggung jawab teknis, atau ajukan batas yang lebih besar."
    )

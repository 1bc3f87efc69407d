"""What stands on web hosts and proxies? One call of the probe a host serves all its systems."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts import account, apache, certificate, mariadb, php_fpm, postgresql, traffic
from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Observation, Spot
from provisioner.providers.gathering import gather
from provisioner.providers.web_host.answer import MEND, read_answer, shown
from provisioner.providers.web_host.connection import ask_probe

Raw = Mapping[str, Any]
READERS: Mapping[str, Callable[[Raw, str], Mapping[Spot, Value]]] = {
    "account": account.read,
    "apache": apache.read,
    "php_fpm": php_fpm.read,
    "mariadb": mariadb.read,
    "postgresql": postgresql.read,
    "certificate": certificate.read,
    "traffic": traffic.read,
}
MEASURES: Mapping[str, Callable[[Raw, str], Mapping[str, int]]] = {
    "account": account.measure,
    "mariadb": mariadb.measure,
    "postgresql": postgresql.measure,
    "certificate": certificate.measure,
}
OFF = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)


def observe_hosts(systems: frozenset[str], hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
    """Ask the probe of every host at once and read what `systems` need; Unreachable names all hosts that failed."""
    chosen = tuple(_host(name, estate) for name in hosts)
    answers = gather([functools.partial(_ask, host, estate) for host in chosen])
    values: dict[Spot, Value] = {}
    measurements: dict[str, int] = {}
    for host, answer in zip(hosts, answers, strict=True):
        for system in sorted(systems):
            _refuse_silent(system, answer, host)
            values |= read_system(system, answer, host)
            measurements |= measure_system(system, answer, host)
    looked = frozenset((system, host) for system in systems for host in hosts)
    return Observation(values=values, measurements=measurements, looked=looked, seen_at=clock())


def _host(name: str, estate: Estate) -> Host:
    if name not in estate.hosts:
        raise GerbangError("this host stands in no inventory.", name, "Known are: " + ", ".join(sorted(estate.hosts)))
    return estate.hosts[name]


def _ask(host: Host, estate: Estate) -> dict[str, Any]:
    return read_answer(ask_probe(host, estate), host.name)


def _refuse_silent(system: str, answer: Raw, host: str) -> None:
    section = answer.get(system)
    if isinstance(section, dict) and "unreachable" in section:
        why = shown(section["unreachable"])
        raise Unreachable(f"{system} gave the probe no answer: {why}.", host, f"Start {system} there and look again.")


def read_system(system: str, answer: Raw, host: str) -> Mapping[Spot, Value]:
    """Return the system's values; Unreachable where they cannot be read, or speak for another host or system."""
    try:
        values = READERS[system](answer, host)
    except OFF as off:
        raise Unreachable(f"what the probe says of {system} cannot be read: {shown(str(off))}.", host, MEND) from None
    strangers = [spot for spot in values if (spot.system, spot.host) != (system, host)]
    if strangers:
        raise Unreachable(f"speaks for {shown(strangers[0].target)} of {strangers[0].system}.", host, MEND)
    return values


def measure_system(system: str, answer: Raw, host: str) -> Mapping[str, int]:
    """Return 'web1:storage_free_bytes' and 'web1/g7kq2mx4pd:storage_used_bytes' -> whole numbers."""
    if system not in MEASURES:
        return {}
    try:
        found = MEASURES[system](answer, host)
    except OFF as off:
        raise Unreachable(f"its measures of {system} cannot be read: {shown(str(off))}.", host, MEND) from None
    strangers = [name for name in found if name.partition(":")[0].partition("/")[0] != host]
    if strangers:
        raise Unreachable(f"measures {shown(strangers[0])}.", host, MEND)
    return found

"""Providers look, and try as a user would; they change nothing but their own probes. The port is in base.py."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.errors import GerbangError
from provisioner.facts import traffic
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot
from provisioner.providers.base import Attempt, Provider
from provisioner.providers.dns.provider import DnsZone
from provisioner.providers.gathering import gather
from provisioner.providers.nextcloud.provider import CloudServer
from provisioner.providers.nextcloud.service import servers
from provisioner.providers.trials import perform
from provisioner.providers.web_host.connection import close_connections
from provisioner.providers.web_host.provider import WebHost
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

__all__ = ["close_connections", "look", "provider", "try_all"]

DNS = DnsZone()
CLOUD = CloudServer()
WEB_SYSTEMS = frozenset({"account", "apache", "php_fpm", "mariadb", "postgresql", "certificate"})
PROXY_SYSTEMS = frozenset({traffic.SYSTEM})


def provider(system: str) -> Provider:
    """Return who looks at `system` and tries it: provider('apache'); GerbangError for a system nobody knows."""
    if system in DNS.systems:
        return DNS
    if system in CLOUD.systems:
        return CLOUD
    if system in WEB_SYSTEMS | PROXY_SYSTEMS:
        return WebHost(frozenset({system}))
    known = ", ".join(sorted(DNS.systems | CLOUD.systems | WEB_SYSTEMS | PROXY_SYSTEMS))
    raise GerbangError(f"nobody looks at the system {system}.", "providers", f"Known are: {known}.")


def look(systems: tuple[str, ...], hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
    """Look at all `systems` on all `hosts` at once: one probe a host, one connection a cloud, one transfer of the zone.

    Each provider is asked about the hosts that it can see: no web host has accounts of a Nextcloud, no proxy has sites.
    Unreachable names every target that gave no answer: an observation is whole or there is none.
    """
    clouds = servers(hosts, estate)
    others = tuple(host for host in hosts if host not in clouds)
    proxies = tuple(host for host in others if host in estate.hosts and traffic.GROUP in estate.hosts[host].groups)
    webs = tuple(host for host in others if host not in proxies)
    probed = frozenset(system for system in systems if isinstance(provider(system), WebHost))
    chosen: list[tuple[Provider, tuple[str, ...]]] = [
        (WebHost(found), at)
        for found, at in ((probed & WEB_SYSTEMS, webs), (probed & PROXY_SYSTEMS, proxies))
        if found and at
    ]
    chosen += [(CLOUD, clouds)] if CLOUD.systems & set(systems) and clouds else []
    chosen += [(DNS, others)] if DNS.systems & set(systems) else []
    seen = gather([functools.partial(one.observe, seen_by, estate, clock) for one, seen_by in chosen])
    return _merged(seen, clock)


def try_all(trials: tuple[Trial, ...], context: Attempt) -> Mapping[str, Mapping[str, Value]]:
    """Perform all trials side by side; trial name -> values seen, {"unreachable": why} where nobody answered.

    One SFTP login and one PHP probe a site serve them all. When this returns, no probe of ours is left.
    """
    with Visits(context) as visits:
        seen = gather([functools.partial(_seen, trial, visits) for trial in trials])
    return {trial.name: values for trial, values in zip(trials, seen, strict=True)}


def _seen(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    try:
        return perform(trial, visits)
    except GerbangError as off:
        return {"unreachable": str(off)}


def _merged(seen: list[Observation], clock: Clock) -> Observation:
    values: dict[Spot, Value] = {}
    measurements: dict[str, int] = {}
    looked: frozenset[tuple[str, str]] = frozenset()
    for one in seen:
        values |= one.values
        measurements |= one.measurements
        looked |= one.looked
    return Observation(values=values, measurements=measurements, looked=looked, seen_at=clock())

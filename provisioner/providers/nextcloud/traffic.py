"""Does the proxy in front of the cloud hold an account to its traffic? Two downloads at once, as its owner's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Host
from provisioner.providers.nextcloud.owner import Owner
from provisioner.providers.nextcloud.service import as_user
from provisioner.providers.nextcloud.trial import owner_of
from provisioner.providers.web_host.connection import address_of
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

AT_ONCE = 2
LARGEST_BYTES = 12 << 20  # an answer of more than 16 MB is refused by the line
MOST_ROUNDS = 20
SLACK = 1.1


def traffic_limit_bites(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"within": true, "bytes_per_second": 1031000, "limit": 1048576}: what two downloads at once got together.

    They last about two seconds at the limit (nginx, which gives each its part, takes longer). Through the proxy that
    `proxy` names, whatever the cloud's own address is.
    """
    limit = int(trial.arguments["limit_bytes_per_second"])
    proxy = _proxy(trial, visits)
    with owner_of(trial, visits).in_turn() as owner:
        owner.make_folder()
        name = f"laju.{trial.arguments['ending']}"
        size = _laid(owner, name, min(limit, LARGEST_BYTES, int(trial.arguments["largest_bytes"])))
        rounds = min(MOST_ROUNDS, -(-limit // size))
        through = replace(owner.host, variables={**owner.host.variables, "nextcloud_address": address_of(proxy)})
        password = visits.secret(str(trial.arguments["secret"]))
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as both:
            came = sum(both.map(lambda _: _downloaded(owner, through, password, name, rounds), range(AT_ONCE)))
        rate = round(came / (time.monotonic() - started))
        owner.files.remove(name)
    return {"within": rate <= limit * SLACK, "bytes_per_second": rate, "limit": limit}


def _proxy(trial: Trial, visits: Visits) -> Host:
    name = str(trial.arguments["proxy"])
    if name not in visits.context.estate.hosts:
        raise GerbangError("this proxy stands in no inventory.", name, "Add it, or set traffic_proxy of the cloud.")
    return visits.context.estate.hosts[name]


def _laid(owner: Owner, name: str, size: int) -> int:
    """Lay a file of that size, smaller where less fits, and return its size."""
    fits = owner.files.available()
    size = size if fits is None else min(size, fits)
    became, is_whole = owner.files.upload(name, size) if size else ("full", False)
    if became != "accepted" or not is_whole:
        raise Unreachable(f"takes no file to download again ({became}).", owner.host.name, "Make room, then try again.")
    return size


def _downloaded(owner: Owner, through: Host, password: str, name: str, rounds: int) -> int:
    """Fetch it as often as told by one connection of its own, and return how many bytes came."""
    with as_user(through, owner.account, password) as cloud:
        return sum(owner.files.download(name, cloud) for _ in range(rounds))

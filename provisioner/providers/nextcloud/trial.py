"""Does an account do what was granted, and no more? Tried as its owner, or with a probe of ours."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Host
from provisioner.items.sealed_secret import earlier
from provisioner.ocs import segment
from provisioner.providers.nextcloud import files
from provisioner.providers.nextcloud.doors import DOORS, open_doors
from provisioner.providers.nextcloud.owner import Owner
from provisioner.providers.nextcloud.probe import GONE, Probe, probe_account
from provisioner.providers.nextcloud.service import admin, as_user, required
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

ROOM_BYTES = 64 << 20
MOST_DELAY_MS = 1600  # four wrong passwords of our address; more than ten lock out everybody who comes from it
NOT_FULL = "not full"
SENT, DECLARED = "bytes sent", "declared length"
RULE_ALONE = f"{DECLARED}, the size rule alone refused what fits"


def login(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"login": True, "folder": "made"}: the password opens OCS and WebDAV, and a folder can be made."""
    with owner_of(trial, visits).in_turn() as owner:
        return {"login": True, "folder": owner.make_folder()} if owner.may_enter() else {"login": False}


def quota_bites(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"under": "not full", "over": "full", "by": ...}: what fits the granted quota has room, to the byte.

    Beside it, in bytes: used_bytes, free_bytes (as the server says it), under_bytes, over_bytes.
    """
    given = trial.arguments
    with owner_of(trial, visits).in_turn() as owner:
        owner.make_folder()
        return _quota(owner, int(given["limit_bytes"]), int(given["largest_bytes"]), str(given["ending"]))


def size_bites(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"under": "accepted", "over": "forbidden", "by": ...}: the largest file is taken, one byte more is not.

    Where so much does not fit the quota any more, the quota would answer first: a probe in the same groups is asked.
    """
    limit, ending = int(trial.arguments["limit_bytes"]), str(trial.arguments["ending"])
    with owner_of(trial, visits).in_turn() as owner:
        owner.make_folder()
        fits = owner.files.available()
        if fits is None or fits > limit:
            return _size(owner, limit, ending)
        values = {"groups": _groups(owner), "quota": {"bytes": limit + ROOM_BYTES}}
    with _probe(visits, owner.host, values) as probe:
        probe.make_folder()
        return {**_size(probe, limit, ending), "as": "probe in the same groups"}


def types_bite(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"allowed": ["pdf"], "refused": ["exe"]}: endings of files that were taken, and that a rule refused."""
    with owner_of(trial, visits).in_turn() as owner:
        owner.make_folder()
        return _types(owner, [*trial.arguments["allowed"]], [*trial.arguments["refused"]])


def neighbour_unreachable(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"readable": [], "tried": 3}: accounts of which this one sees any file. Ours of the platform is one."""
    with owner_of(trial, visits).in_turn() as owner:
        names = sorted({*map(str, trial.arguments["neighbours"]), required(owner.host, "nextcloud_user")})
        return {"readable": [name for name in names if owner.files.can_read(name)], "tried": len(names)}


def limits_bite_probe(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return what an account of the same groups and quota may: under and over quota and size, other_type, folder."""
    given = trial.arguments
    limit, ending = int(given["largest_bytes"]), str(given["ending"])
    values = {"groups": given["groups"], "quota": {"bytes": int(given["quota_bytes"])}}
    with _probe(visits, visits.host(trial), values) as probe:
        seen: dict[str, Value] = {"folder": probe.make_folder()}
        if given["refused"]:
            seen["other_type"] = probe.files.upload(f"jenis.{given['refused'][0]}", 1)[0]
        quota = _quota(probe, int(given["quota_bytes"]), limit, ending)
        seen |= {"under_quota": quota.pop("under"), "over_quota": quota.pop("over"), **quota}
        is_roomy = int(given["quota_bytes"]) - int(str(quota.get("used_bytes", 0))) > limit
        seen |= _size_of_probe(probe, limit, ending) if is_roomy else {}
    if is_roomy:
        return seen
    roomy = {**values, "quota": {"bytes": limit + ROOM_BYTES}}
    with _probe(visits, visits.host(trial), roomy) as probe:
        probe.make_folder()
        return seen | _size_of_probe(probe, limit, ending)


def refused(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return login, webdav, app_password, session -> "refused": each was open to a probe, until it was disabled.

    Where the account itself is not disabled, a probe proves nothing: its doors are "open".
    """
    with _probe(visits, visits.host(trial), {}) as probe:
        if not probe.is_disabled(str(trial.arguments["account"])):
            return dict.fromkeys(DOORS, files.OPEN)
        doors = open_doors(probe)
        probe.disable()
        return {name: door() for name, door in doors.items()}


def old_refused(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"login": False}: the replaced password opens nothing. Sent once, and not where many were wrong."""
    host, account = visits.host(trial), str(trial.arguments["account"])
    with admin(host) as cloud:
        said = cloud.fetched("/cloud/capabilities")
    delay = _delay_ms(said)
    if delay > MOST_DELAY_MS:
        mend = "Try again in half an hour: more wrong passwords would lock us out."
        raise Unreachable(f"slows our address by {delay} ms.", host.name, mend)
    name = str(trial.arguments["secret"])
    old = visits.context.secrets.get(name) or secrets.token_urlsafe(18)  # one that was claimed is gone from here
    with as_user(host, account, old) as cloud:
        is_open = cloud.get("/cloud/user").status != 401
    for new in [new for new in visits.context.secrets if earlier(new) == name]:
        with as_user(host, account, visits.secret(new)) as cloud:
            cloud.get("/cloud/user")  # the right one makes the server forget the wrong one
    return {"login": is_open}


def absent(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"found": False}: the server knows no such account any more."""
    account = str(trial.arguments["account"])
    host = visits.host(trial)
    with admin(host) as cloud:
        answer = cloud.get(f"/cloud/users/{segment(account)}")
    if not answer.ok and answer.ocs_code not in GONE:
        raise Unreachable(f"does not say whether {account} is there ({answer.ocs_code}).", host.name, "Try again.")
    return {"found": answer.ok}


def owner_of(trial: Trial, visits: Visits) -> Owner:
    """Return the trial's account, one for all trials of a round that try it with the same secret."""
    host, account, name = visits.host(trial), str(trial.arguments["account"]), str(trial.arguments["secret"])
    return visits.shared(
        ("cloud", host.name, account, name),
        lambda: Owner(host, account, visits.secret(name), visits.context.probe_name),
    )


def _probe(visits: Visits, host: Host, values: Mapping[str, Any]) -> AbstractContextManager[Probe]:
    """Return the run's probe account there; no verb has two trials that want one."""
    return probe_account(host, visits.context.probe_name, values)


def _groups(owner: Owner) -> list[str]:
    """Return the account's own groups, which the server tells it."""
    data = owner.cloud.fetched("/cloud/user")
    groups = data.get("groups") if isinstance(data, dict) else None
    return [str(group) for group in groups] if isinstance(groups, list) else []


def _quota(owner: Owner, limit: int, largest: int, ending: str) -> dict[str, Value]:
    """Say on both sides of the granted quota whether there is room.

    What just fits is mostly more than the rule for the largest file lets through. The server asks its quota first, as
    the answer to one byte more shows: where the first is refused by that rule and the second for want of room, the
    quota ends between the two.
    """
    space = owner.files.space()
    if space.free is None:
        return {"under": "no quota", "over": "no quota", "by": DECLARED}
    fits = max(limit - space.used, 0)
    over, _ = owner.files.upload(f"over.{ending}", fits + 1)
    under, is_whole = owner.files.upload(f"under.{ending}", fits)
    if under == files.ACCEPTED and is_whole:
        owner.files.remove(f"under.{ending}")
    is_left_to_rule = under == files.FORBIDDEN and fits > largest
    by = SENT if is_whole and fits < files.REAL_BYTES else DECLARED
    return {
        "under": NOT_FULL if under == files.ACCEPTED or is_left_to_rule else under,
        "over": over,
        "by": RULE_ALONE if is_left_to_rule else by,
        "used_bytes": space.used,
        "free_bytes": space.free,
        "under_bytes": fits,
        "over_bytes": fits + 1,
    }


def _size_of_probe(probe: Probe, limit: int, ending: str) -> dict[str, Value]:
    seen = _size(probe, limit, ending)
    return {"under_size": seen["under"], "over_size": seen["over"]}


def _size(owner: Owner, limit: int, ending: str) -> dict[str, Value]:
    over, is_whole = owner.files.upload(f"over.{ending}", limit + 1)
    under, _ = owner.files.upload(f"under.{ending}", limit)
    if under == files.ACCEPTED and is_whole:
        owner.files.remove(f"under.{ending}")
    by = SENT if is_whole else DECLARED
    return {"under": under, "over": over, "by": by, "under_bytes": limit, "over_bytes": limit + 1}


def _types(owner: Owner, allowed: list[Any], refused_ones: list[Any]) -> dict[str, Value]:
    seen = {str(ending): owner.files.upload(f"jenis.{ending}", 1)[0] for ending in (*allowed, *refused_ones)}
    return {
        "allowed": [ending for ending, what in seen.items() if what == files.ACCEPTED],
        "refused": [ending for ending, what in seen.items() if what == files.FORBIDDEN],
    }


def _delay_ms(capabilities: Any) -> int:
    """Return how long the server makes our address wait; 0 where it does not say."""
    for name in ("capabilities", "bruteforce", "delay"):
        capabilities = capabilities.get(name) if isinstance(capabilities, dict) else None
    return capabilities if type(capabilities) is int else 0

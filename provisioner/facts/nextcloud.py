"""Which accounts, groups and limits does a Nextcloud have?

Sources: docs.nextcloud.com, "User provisioning API"; the recordings v2-*, quota-*, users-details-*. Our mark is
membership of the group `gerbang`, given in the creating call, because groups survive a creation that fails half-way
(recording v2-half-created-3-state). An account whose person is mailed a link (ADR 0034) bears one group more: it is
joined once the run has set its own password, and another once the link was mailed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.nextcloud_rule import read_rules, rule_body, rules_for_everybody
from provisioner.facts.nextcloud_size import kept_bytes, quota_text
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property, Undo

__all__ = [
    "LINK_GROUPS",
    "LINK_MAILED",
    "LINK_WAITS",
    "LOCKED",
    "MARK",
    "MARK_GROUP",
    "PROBE_PREFIX",
    "PROPERTIES",
    "SYSTEM",
    "create_form",
    "edit_form",
    "is_neighbour",
    "kept_bytes",
    "kept_email",
    "link_group",
    "mark_group",
    "measure",
    "quota_text",
    "read",
    "read_account",
    "read_accounts",
    "read_groups",
    "read_rules",
    "rule_body",
    "rules_for_everybody",
]

SYSTEM = "nextcloud"
MARK_GROUP = "gerbang"
GROUP_PROPERTIES = frozenset({"group", "size_rule", "type_rule"})
OUR_GROUPS = ("gerbang", "opd-")
OWNERS_AFFAIR = frozenset({"display_name", "email"})
PROBE_PREFIX = "gerbang-probe-"  # accounts that a trial makes and removes: nobody's, and never looked at
MARK: dict[str, Value] = {"mark": MARK_GROUP}
LOCKED: dict[str, Value] = {"disabled": True}
LINK_WAITS: dict[str, Value] = {"mailed": False}
LINK_MAILED: dict[str, Value] = {"mailed": True}
LINK_GROUPS = ("gerbang-link-waits", "gerbang-link")
UNREADABLE: dict[str, Value] = {"mark": None, "unreadable": True}
UNLIMITED = -3
LARGEST = 1 << 63
_VERSION = re.compile(r"gerbang(?:-([2-9]|[1-9][0-9]{1,3}))?", re.ASCII)

PROPERTIES: Mapping[str, Property] = {
    row.name: row
    for row in (
        Property(name="account", label="Akun cloud", removal=Undo.NONE),
        Property(name="display_name", label="Nama tampilan"),
        Property(name="email", label="Surel akun"),
        Property(name="groups", label="Kelompok akun"),
        Property(name="quota", label="Kuota ruang simpan"),
        Property(name="password", label="Kata sandi akun", removal=Undo.NONE, replacement=Undo.NONE),
        Property(name="link", label="Tautan kata sandi", removal=Undo.NONE, replacement=Undo.NONE),
        Property(name="lock", label="Kunci akun"),
        Property(name="group", label="Kelompok", is_ensured=True),
        Property(name="size_rule", label="Aturan berkas terbesar", is_ensured=True),
        Property(name="type_rule", label="Aturan jenis berkas", is_ensured=True),
    )
}


def mark_group(version: int) -> str:
    """Return the group that says which version of its password an account has: 'gerbang', 'gerbang-2', 'gerbang-3'."""
    if version < 1:
        raise ValueError(f"{version} is not a version")
    return MARK_GROUP if version == 1 else f"{MARK_GROUP}-{version}"


def link_group(value: Mapping[str, Any]) -> str:
    """Return the group that says how far the link of an account is: link_group(LINK_MAILED) == 'gerbang-link'."""
    return LINK_GROUPS[bool(value["mailed"])]


def kept_email(text: str) -> str:
    """Return an address as the server keeps it: in small letters (recording v2-user-create-full)."""
    return text.lower()


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read a whole look: `users` id -> its details, `groups` ids, `rules` as GET .../workflows/global gave them."""
    values: dict[Spot, Value] = {}
    for name, of_account in read_accounts(raw["users"]).items():
        values |= {_spot(host, name, prop): value for prop, value in of_account.items()}
    values |= {_spot(host, group, "group"): {"exists": True} for group in read_groups(raw["groups"])}
    for group, of_group in read_rules(raw["rules"]).items():
        values |= {_spot(host, group, prop): value for prop, value in of_group.items()}
    return values


def measure(raw: Mapping[str, Any], host: str) -> dict[str, int]:
    """Return what is used and promised there: of each account and of the server, foreign ones counted in.

    `freespace` of the app serverinfo where the server has it. `used` counts neither trash nor old versions. What the
    server does not tell is left out, as is a sum in which it would be missing: a zero says that nothing is used.
    """
    measured: dict[str, int] = {}
    used: list[int | None] = []
    promised = 0
    for name, record in raw["users"].items():
        if name.lower().startswith(PROBE_PREFIX):
            continue
        quota = record.get("quota")
        quota = quota if isinstance(quota, dict) else {}
        of_account, last_login = _count(quota.get("used")), _count(record.get("lastLogin"))
        used.append(of_account)
        promised += _count(quota.get("quota")) or 0
        if of_account is not None:
            measured[f"{host}/{name.lower()}:storage_used_bytes"] = of_account
        if last_login is not None:
            measured[f"{host}/{name.lower()}:last_login_unix_seconds"] = last_login // 1000
    told = [one for one in used if one is not None]
    measured |= {f"{host}:storage_used_bytes": sum(told)} if len(told) == len(used) else {}
    measured |= {f"{host}:quotas_bytes": promised, f"{host}:accounts": len(used)}
    measured[f"{host}:rules_for_everybody"] = rules_for_everybody(raw["rules"])
    free = _count(raw.get("freespace"))
    return measured if free is None else {**measured, f"{host}:storage_free_bytes": free}


def read_accounts(users: Mapping[str, Any]) -> dict[str, dict[str, Value]]:
    """Read id -> details; an id in small letters, as the server compares them. Unreachable where two are one.

    Probe accounts of trials that run just now are left out.
    """
    accounts: dict[str, dict[str, Value]] = {}
    for name, record in users.items():
        if name.lower().startswith(PROBE_PREFIX):
            continue
        if name.lower() in accounts:
            raise _wrong(name, "it is there twice")
        accounts[name.lower()] = read_account(record, name)
    return accounts


def read_account(record: Any, name: str = "") -> dict[str, Value]:
    """Read one account's details (GET /cloud/users/NAME, or of users/details): property -> value; absent ones left out.

    Unreachable where it is of another type, or speaks for another account than `name`. One that the server itself could
    not read (only its id, no quota) is never taken for ours: {"account": {"mark": None, "unreadable": True}}.
    """
    found = record.get("id") if isinstance(record, dict) else None
    if not isinstance(found, str) or not found or (name and found.lower() != name.lower()):
        raise _wrong(name, "the answer is not about it")
    if record.keys() == {"id"} or record.get("quota") == []:
        return {"account": dict(UNREADABLE)}
    groups = _texts(record.get("groups"), found)
    if MARK_GROUP not in groups or found != found.lower():
        return _without_none({"account": {"mark": None}, **_limits(record, groups, found)})
    shown = _text(record.get("displayname", record.get("display-name")), found)
    return _without_none(
        {
            "account": dict(MARK),
            "password": {"version": max(_versions(groups))},
            "display_name": None if shown in {"", found} else shown,
            "email": _text(record.get("email"), found) or None,
            "link": next((dict(one) for one in (LINK_MAILED, LINK_WAITS) if link_group(one) in groups), None),
            **_limits(record, groups, found),
        }
    )


def read_groups(groups: Any) -> list[str]:
    """Read the ids of all groups."""
    return _texts(groups, "groups")


def is_neighbour(spot: Spot, values: Mapping[Spot, Value]) -> bool:
    """Say whether a value is one that a run of another account must leave alone, and nobody else moves by right.

    Of a marked account what its owner cannot change, of a group of ours its rules. On a server that others use too,
    accounts and groups come and go meanwhile; a name or an address is its owner's affair, and a person's.
    """
    if spot.property in GROUP_PROPERTIES:
        return spot.object.startswith(OUR_GROUPS)
    account = Spot(system=spot.system, target=spot.target, property="account")
    return values.get(account) == MARK and spot.property not in OWNERS_AFFAIR


def create_form(name: str, values: Mapping[str, Any], password: str) -> dict[str, Any]:
    """Write the call that creates an account with all that stands in `values` (property -> value).

    The mark's groups are in it: whatever of the call fails after the account is stored, it bears our mark. Without a
    password the server draws one that nobody knows, and mails a link to the e-mail address.
    """
    version = int(dict(values.get("password") or {"version": 1})["version"])
    marks = {MARK_GROUP, mark_group(version)}
    form: dict[str, Any] = {"userid": name, **({"password": password} if password else {})}
    form["groups"] = sorted(marks) + sorted(set(values.get("groups") or ()) - marks)
    if values.get("display_name") is not None:
        form["displayName"] = str(values["display_name"])
    if values.get("email") is not None:
        form["email"] = str(values["email"])
    if values.get("quota") is not None:
        form["quota"] = quota_text(values["quota"]["bytes"])
    return form


def edit_form(prop: str, value: Any, name: str = "") -> dict[str, Any]:
    """Write the edit of one property of the account `name`; None takes the value away. It counts to 50 in 600 s."""
    if prop == "quota":
        return {"key": "quota", "value": "default" if value is None else quota_text(value["bytes"])}
    if prop == "display_name":
        return {"key": "displayname", "value": str(value or name)}
    if prop == "email":
        return {"key": "email", "value": str(value or "")}
    raise ValueError(f"{prop!a} is not edited by one call")


def _limits(record: Mapping[str, Any], groups: list[str], name: str) -> dict[str, Value]:
    enabled = record.get("enabled")
    if type(enabled) is not bool:
        raise _wrong(name, "enabled is neither true nor false")
    return {
        "groups": sorted(one for one in groups if one not in LINK_GROUPS and not _VERSION.fullmatch(one)) or None,
        "quota": _quota(record.get("quota"), name),
        "lock": None if enabled else dict(LOCKED),
    }


def _quota(said: Any, name: str) -> Value:
    value = said.get("quota") if isinstance(said, dict) else None
    size = UNLIMITED if value == "none" else _whole(value)
    if size is None or (size < 0 and size != UNLIMITED):
        raise _wrong(name, "its quota is no number of bytes")
    return None if size == UNLIMITED else {"bytes": size}


def _versions(groups: list[str]) -> Iterator[int]:
    for group in groups:
        if found := _VERSION.fullmatch(group):
            yield int(found[1] or 1)


def _whole(value: Any) -> int | None:
    """Return a number as PHP writes it: large ones may come as 5368709120.0."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) < LARGEST else None


def _count(value: Any) -> int | None:
    """Return a number of bytes or of milliseconds; None where it is none, or below zero."""
    found = _whole(value)
    return found if found is not None and found >= 0 else None


def _text(value: Any, name: str) -> str:
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "a text of it is none")
    return value or ""


def _texts(value: Any, name: str) -> list[str]:
    """PHP writes a list with gaps as an object."""
    listed = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise _wrong(name, "a list of names is none")
    return listed


def _without_none(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def _spot(host: str, name: str, prop: str) -> Spot:
    return Spot(system=SYSTEM, target=f"{host}/{name}", property=prop)


def _wrong(name: str, what: str) -> Unreachable:
    return Unreachable(f"{name!a:.80} cannot be read: {what}.", "nextcloud", "Check that it is a Nextcloud 30+.")

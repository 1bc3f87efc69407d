"""What does a whole account consist of, by its wish and choices?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.facts import nextcloud
from provisioner.kinds.data_cloud.place import Place
from provisioner.kinds.data_cloud.wish import LIMIT_GROUPS
from provisioner.plans.compare import Wanted

Wish = Mapping[str, Any]
THERE: Mapping[str, Any] = {"exists": True}
#: where nothing may be added any more: a server takes 0 for "no limit at all"
READING_ONLY_BYTES = 1


def limit_class(at: Place) -> tuple[Wanted, ...]:
    """Groups first, then the two rules of the class: an account is in it before it can be used."""
    return (
        at.of_group(nextcloud.MARK_GROUP, "group", dict(THERE)),
        at.of_group(at.opd_group, "group", dict(THERE)),
        *rules(at),
    )


def rules(at: Place) -> tuple[Wanted, ...]:
    """The class's own group, and what holds its members."""
    types = [*at.choices["types"]]
    return (
        at.of_group(at.limit_group, "group", dict(THERE)),
        at.of_group(at.limit_group, "size_rule", {"largest_bytes": int(at.choices["largest_bytes"])}),
        at.of_group(at.limit_group, "type_rule", {"types": types} if types else None),
    )


def account(wish: Wish, at: Place, email: str | None) -> tuple[Wanted, ...]:
    """Its mark, its groups and its password come with the create call; what the server may refuse comes after them.

    `email`: the address it has at that stage, as the server keeps it.
    """
    return (
        at.of_account("account", dict(nextcloud.MARK)),
        at.of_account("groups", sorted({at.opd_group, at.limit_group})),
        at.of_account("password", {"version": at.version}),
        display_name(wish, at),
        at.of_account("email", email),
        quota(at, int(at.choices["quota_bytes"])),
    )


def own_email(wish: Wish) -> str | None:
    """The wished address, as the server keeps it."""
    return nextcloud.kept_email(wish["email"]) if wish.get("email") else None


def display_name(wish: Wish, at: Place) -> Wanted:
    """What people read; an account without one is called by its id."""
    return at.of_account("display_name", wish["display_name"] if wish["display_name"] != at.account else None)


def moved_groups(at: Place, now: Iterable[str]) -> Wanted:
    """The class's group in place of every other limit class of ours; a group that somebody else gave stays."""
    kept = {group for group in now if not group.startswith(LIMIT_GROUPS)}
    return at.of_account("groups", sorted({*kept, at.limit_group}))


def quota(at: Place, size: int) -> Wanted:
    """How much it may keep, as the server writes it down."""
    return at.of_account("quota", {"bytes": size})


def lock(at: Place, *, is_locked: bool) -> Wanted:
    """Whether nobody can use it: no login, no WebDAV, no app password, no open session."""
    return at.of_account("lock", dict(nextcloud.LOCKED) if is_locked else None)


def nothing(at: Place) -> tuple[Wanted, ...]:
    """No trace of the account: one call takes all of it away, and its files, its trash and their versions with it.

    Named is what nobody but us sets; name, address and groups, which its owner or an administrator may change at any
    time, go with it whatever they are.
    """
    return tuple(at.of_account(prop, None) for prop in ("lock", "quota", "account"))

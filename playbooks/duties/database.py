"""How does a site get a database and a login of its own, in MariaDB or PostgreSQL, and lose them?"""

from __future__ import annotations

import mariadb
import postgresql
from comment import bare_value
from duty import item_of
from kept import FROZEN, REPLACED, bare_mark, forget, keep, kept, refuse_going_back, version_of
from program import Failure

ENGINES = {"mariadb": mariadb, "postgresql": postgresql}
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz0123456789 =_")
HOST_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.:/%-")


def look(change: dict) -> object:
    """The database's mark, limit and charset, its login's hosts, privileges and connections, or the login's lock."""
    engine, item = ENGINES[change["system"]], item_of(change)
    looks = {"database": engine.look_database, "user": engine.look_user, "lock": engine.look_lock}
    return looks[change["property"]](item)


def half_made(change: dict, seen: object) -> bool:
    """Tell whether `seen` is our own act cut short.

    A login for some of its hosts, or without its privileges yet; a lock for some of them; a mark whose secret is being
    replaced.
    """
    after, before = change["after"], change["before"]
    if not isinstance(seen, dict):
        return False
    if change["property"] == "lock":
        return "places" in seen
    whole = after or before
    if change["property"] == "database":
        return seen == bare_value(whole)
    return seen["connections"] == whole["connections"] and all(
        set(seen[key]) <= set(whole[key]) for key in ("hosts", "privileges")
    )


def apply(change: dict, given: dict) -> None:
    """Take one property from before to after; the login's password is set where it is made or its version is new."""
    engine, item, after = ENGINES[change["system"]], item_of(change), change["after"]
    password = given["secrets"].get("database_password", "")
    refuse_other_words(change)
    if change["property"] == "lock":
        turn_lock(engine, item, after, given["secrets"].get("database_probe", ""))
    elif change["property"] == "database":
        if after is None:
            engine.drop_database(item)
        elif replaces_password(change):
            change_secret(engine, item, change, password)
        else:
            engine.put_database(item, change["before"], after)
    elif after is None:
        engine.drop_user(item)
        forget(item, change["system"])
    else:
        engine.put_user(item, after, demanded(password, item))


def turn_lock(engine: object, item: str, after: dict | None, probe: str) -> None:
    """Close the login with a probe's password in the place of its own, or put its own back; `settle` ends sessions."""
    login = engine.__name__
    if after is None:
        engine.unlock(item, kept(FROZEN, item, login))
        return
    if probe:
        keep(FROZEN, item, login, bare_mark(engine.look_database(item)["mark"]), engine.hash_of(item))
    engine.lock(item, probe)


def settle(changes: list) -> None:
    """End the sessions of closed logins and replaced passwords; done when resumed where a duty was killed before it.

    What does not stand (the call has failed) is left alone.
    """
    for change in changes:
        is_lock = change["property"] == "lock"
        if (is_lock or replaces_password(change)) and look(change) == change["after"]:
            item, login = item_of(change), change["system"]
            if is_lock and change["after"] is None:
                forget(item, login, folders=(FROZEN,))
            else:
                ENGINES[login].end_sessions(item)


def replaces_password(change: dict) -> bool:
    """Tell whether the mark of a database that stood names another version of the password."""
    before, after = change["before"], change["after"]
    return change["property"] == "database" and bool(before and after) and before["mark"] != after["mark"]


def change_secret(engine: object, item: str, change: dict, password: str) -> None:
    """Bring the password to the version that the new mark names, then the mark; `settle` ends old sessions."""
    login, after, now = engine.__name__, change["after"], engine.look_database(item)
    its_hash = kept(REPLACED, item, login, after["mark"])
    if its_hash:
        engine.set_hash(item, its_hash)
        engine.put_database(item, now, after)
        forget(item, login, folders=(REPLACED,))
    else:
        refuse_going_back(now["mark"], after["mark"], item)
        demanded(password, item)
        if version_of(now["mark"]):
            keep(REPLACED, item, login, now["mark"], engine.hash_of(item))
            engine.put_database(item, now, {**now, "mark": bare_mark(now["mark"])})
        engine.set_hash(item, engine.hashed(password))
        engine.put_database(item, now, after)


def demanded(password: str, item: str) -> str:
    """The password, or Failure: a login without one must not be."""
    if not password:
        raise Failure(f"no password came for the database of {item}; its mark would promise one.")
    return password


def refuse_other_words(change: dict) -> None:
    """Failure where a value that goes into SQL has a letter that our words never have; names were tested already."""
    after = change["after"]
    if after is None or change["property"] == "lock":
        return
    if change["property"] == "database":
        words, allowed = [after["mark"], after["charset"].lower()], ALPHABET
    else:
        words, allowed = list(after["hosts"]), HOST_ALPHABET
        if after["privileges"] != [item_of(change)]:
            raise Failure(f"a login may own its own database only, not {after['privileges']!r}.")
    off = [word for word in words if not word or not set(word) <= allowed]
    if off:
        raise Failure(f"{off!r} does not belong into a database's statement.")

"""How does a site get a database and a login of its own, in MariaDB or PostgreSQL, and lose them?"""

from __future__ import annotations

import mariadb
import postgresql
from duty import item_of
from program import Failure

ENGINES = {"mariadb": mariadb, "postgresql": postgresql}
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz0123456789 =_")
HOST_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.:/%-")


def look(change: dict) -> object:
    """The database's mark, limit and charset, or its login's hosts, privileges and connections."""
    engine, item = ENGINES[change["system"]], item_of(change)
    return engine.look_database(item) if change["property"] == "database" else engine.look_user(item)


def half_made(change: dict, seen: object) -> bool:
    """Tell whether a login is there for some of its hosts, or without its privileges yet: our own act, cut short."""
    after, before = change["after"], change["before"]
    if change["property"] != "user" or not isinstance(seen, dict):
        return False
    whole = after or before
    return seen["connections"] == whole["connections"] and all(
        set(seen[key]) <= set(whole[key]) for key in ("hosts", "privileges")
    )


def apply(change: dict, given: dict) -> None:
    """Take one property from before to after; the login's password is set where it is made or its version is new."""
    engine, item, after = ENGINES[change["system"]], item_of(change), change["after"]
    password = given["secrets"].get("database_password", "")
    refuse_other_words(change)
    if change["property"] == "database":
        if after is None:
            engine.drop_database(item)
            return
        engine.put_database(item, change["before"], after)
        if change["before"] and change["before"]["mark"] != after["mark"]:
            engine.set_password(item, demanded(password, item))
    elif after is None:
        engine.drop_user(item)
    else:
        engine.put_user(item, after, demanded(password, item))


def demanded(password: str, item: str) -> str:
    """The password, or Failure: a login without one must not be."""
    if not password:
        raise Failure(f"no password came for the database of {item}; its mark would promise one.")
    return password


def refuse_other_words(change: dict) -> None:
    """Failure where a value that goes into SQL has a letter that our words never have; names were tested already."""
    after = change["after"]
    if after is None:
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

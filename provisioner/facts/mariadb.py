"""Which databases and logins does MariaDB have?

Sources: mariadb.com/kb: information_schema.SCHEMATA (SCHEMA_COMMENT since 10.5), mysql.global_priv, mysql.db.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.database_mark import database_value, read_comment, user_value
from provisioner.facts.login_lock import LOCKED, lock_property, partly_locked
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property, Undo

SYSTEM = "mariadb"
CHARSET = "utf8mb4"

PROPERTIES: Mapping[str, Property] = {
    "database": Property(name="database", label="Basis data MariaDB", removal=Undo.NONE),
    "user": Property(name="user", label="Pengguna MariaDB", removal=Undo.NONE),
    "lock": lock_property("Kunci masuk MariaDB"),
}

wanted_database = database_value
wanted_user = user_value


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's rows.

    `databases`: [["g7kq2mx4pd", "utf8mb4", "gerbang item=..."]]; `users`: [["g7kq2mx4pd", "localhost", 20, 0]] (name,
    host, most connections, global rights as a bit field); `grants`: [["g7kq2mx4pd", "localhost", "g7kq2mx4pd", ""]]
    (name, host, database, what is not as ALL PRIVILEGES would be); `locked`: [["g7kq2mx4pd", "localhost"]].
    """
    rows = raw["mariadb"]
    values: dict[Spot, Value] = {}
    for name, charset, comment in rows["databases"]:
        values[_spot(host, name, "database")] = read_comment(comment, charset)
    for name in {user[0] for user in rows["users"]}:
        values[_spot(host, name, "user")] = _user(name, rows)
    for name in {row[0] for row in rows["locked"]}:
        values[_spot(host, name, "lock")] = _lock(name, rows)
    return values


def measure(raw: Mapping[str, Any], host: str) -> dict[str, int]:
    """Return what each database uses."""
    return {f"{host}/{name}:database_used_bytes": int(used) for name, used in raw["mariadb"].get("sizes", [])}


def _user(name: str, rows: Mapping[str, Any]) -> dict[str, Value]:
    """Put global rights and rights that are not the whole into words, so that they are seen as a difference."""
    own = [row for row in rows["users"] if row[0] == name]
    privileges = {f"*.* ({row[3]})" for row in own if int(row[3])}
    for user, _, database, odd in rows["grants"]:
        if user == name:
            privileges.add(f"{database} ({odd})" if odd else str(database))
    return {
        "hosts": sorted(str(row[1]) for row in own),
        "privileges": sorted(privileges),
        "connections": max(int(row[2]) for row in own),
    }


def _lock(name: str, rows: Mapping[str, Any]) -> dict[str, Value]:
    locked = [str(row[1]) for row in rows["locked"] if row[0] == name]
    whole = len(locked) == sum(1 for row in rows["users"] if row[0] == name)
    return dict(LOCKED) if whole else partly_locked(locked)


def _spot(host: str, name: str, prop: str) -> Spot:
    return Spot(system=SYSTEM, target=f"{host}/{name}", property=prop)

"""Which databases and roles does PostgreSQL have?

Sources: postgresql.org/docs/15: pg_database, pg_roles, aclitem's text form (section 5.7), pg_hba.conf.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.database_mark import database_value, read_comment
from provisioner.facts.login_lock import LOCKED, lock_property
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property, Undo

SYSTEM = "postgresql"
CHARSET = "UTF8"
NO_LOGIN = "NOLOGIN"

PROPERTIES: Mapping[str, Property] = {
    "database": Property(name="database", label="Basis data PostgreSQL", removal=Undo.NONE),
    "user": Property(name="user", label="Pengguna PostgreSQL", removal=Undo.NONE),
    "lock": lock_property("Kunci masuk PostgreSQL"),
}

wanted_database = database_value


def wanted_user(item_id: str, hosts: tuple[str, ...], connections: int) -> dict[str, Value]:
    """Return a role that owns its database. From where it may log in is the host's pg_hba.conf, so `hosts` is empty."""
    del hosts
    return {"hosts": [], "privileges": [item_id], "connections": connections}


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's rows.

    `databases`: [["g7kq2mx4pd", "UTF8", "g7kq2mx4pd", "{g7kq2mx4pd=CTc/g7kq2mx4pd}", "gerbang item=..."]] (name,
    encoding, owner, ACL or "", comment); `roles`: [["g7kq2mx4pd", 20, ""]] (name, connection limit, powers such as
    "SUPERUSER CREATEDB"; the word "NOLOGIN" is the lock's).
    """
    rows = raw["postgresql"]
    values: dict[Spot, Value] = {}
    for name, encoding, _, acl, comment in rows["databases"]:
        value = read_comment(comment, encoding)
        if _anyone_connects(acl):
            value["open_to_all"] = True
        values[_spot(host, name, "database")] = value
    for name, connections, powers in rows["roles"]:
        values[_spot(host, name, "user")] = {
            "hosts": [],
            "privileges": sorted({*_reached(name, rows["databases"]), *powers.split()} - {NO_LOGIN}),
            "connections": int(connections),
        }
        if NO_LOGIN in powers.split():
            values[_spot(host, name, "lock")] = dict(LOCKED)
    return values


def measure(raw: Mapping[str, Any], host: str) -> dict[str, int]:
    """Return what each database uses."""
    return {f"{host}/{name}:database_used_bytes": int(used) for name, used in raw["postgresql"].get("sizes", [])}


def _anyone_connects(acl: str) -> bool:
    """An empty ACL is the default, which lets PUBLIC connect; in a written one PUBLIC is the entry without a name."""
    entries = acl.strip("{}").split(",")
    return not acl or any(entry.startswith("=") and "c" in entry.partition("/")[0] for entry in entries)


def _reached(role: str, databases: list[list[str]]) -> set[str]:
    reached = set()
    for name, _, owner, acl, _ in databases:
        entries = {entry.partition("=")[0] for entry in acl.strip("{}").split(",")}
        if owner == role:
            reached.add(name)
        elif role in entries:
            reached.add(f"{name} (bukan pemilik)")
    return reached


def _spot(host: str, name: str, prop: str) -> Spot:
    return Spot(system=SYSTEM, target=f"{host}/{name}", property=prop)

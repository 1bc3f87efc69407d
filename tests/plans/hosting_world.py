"""What is a hosting's world in the tables? Shared web hosts of an invented office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts.estate import Estate, Host
from provisioner.kinds.catalogue import KINDS
from tests.plans.world import GIB, ITEM, World

__all__ = ["GIB", "HOSTS", "ITEM", "KIND", "WORLD", "parts_for", "plan_for", "question_of"]

KIND = KINDS["hosting"]
ZONE = {
    "zone": "kota.lab",
    "acme_zone": "acme.kota.lab",
    "acme_directory_url": "https://acme.kota.lab/dir",
}
SUMS = {"storage_bytes": 20 * GIB, "database_bytes": 10 * GIB, "bandwidth_bytes_per_second": 125_000_000}
HOSTS: Mapping[str, Mapping[str, Any]] = {
    "web1": {
        "php_version": "8.2",
        "php_extensions": ["gd", "mbstring", "mysql", "pgsql"],
        "bandwidth_driver": "mod_bw",
        "address_public": "203.0.113.11",
        "address_internal": "10.0.0.11",
    },
    "web2": {
        "php_version": "8.4",
        "php_extensions": ["intl", "mbstring", "mysql", "pgsql"],
        "bandwidth_driver": "mod_ratelimit",
        "address_public": "203.0.113.12",
        "address_internal": "10.0.0.12",
    },
}
EVERY_HOST = {
    "uid_pool": {"first": 20000, "last": 20009},
    "sums": SUMS,
    "path": "nat",
    "database_client_networks": ["10.9.0.0/16"],
    "storage_driver": "btrfs_squota",
}


def estate_of(table: Mapping[str, Any]) -> Estate:
    """web1 unless the table names `hosts`: a mapping of name to what differs there."""
    named: Mapping[str, Any] = table.get("hosts", {"web1": {}})
    hosts = {
        name: Host(
            name=name,
            groups=frozenset({"shared_web"}),
            variables={**EVERY_HOST, **HOSTS[name], **(more or {}), "sums": {**SUMS, **(more or {}).get("sums", {})}},
        )
        for name, more in named.items()
    }
    return Estate(hosts=hosts, variables=ZONE)


WORLD = World(
    kind=KIND,
    least={"sub_domain": "simpeg", "runtime": "static", "electronic_system_category": "rendah"},
    estate_of=estate_of,
    zones=(("dns", "kota.lab"),),
)
question_of, parts_for, plan_for = WORLD.question_of, WORLD.parts_for, WORLD.plan_for

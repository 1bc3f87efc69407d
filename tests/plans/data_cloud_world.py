"""What is a data cloud's world in the tables? Nextcloud servers of an invented office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts.estate import Estate, Host
from provisioner.kinds.catalogue import KINDS
from tests.plans.world import GIB, ITEM, World

__all__ = ["GIB", "ITEM", "KIND", "WORLD", "parts_for", "plan_for", "question_of"]

KIND = KINDS["data_cloud"]
HOSTS: Mapping[str, Mapping[str, Any]] = {
    "cloud1": {"nextcloud_url": "https://cloud.kota.lab:8443"},
    "cloud2": {"nextcloud_url": "https://berkas.kota.lab"},
    "proxy1": {},
    "proxy2": {},
}
SUMS = {"quota_bytes": 100 * GIB}


def estate_of(table: Mapping[str, Any]) -> Estate:
    """cloud1 unless the table names `hosts`: a mapping of name to what differs there."""
    named: Mapping[str, Any] = table.get("hosts", {"cloud1": {}})
    hosts = {
        name: Host(
            name=name,
            groups=frozenset({"cloud_proxy" if name.startswith("proxy") else "nextcloud"}),
            variables={"traffic_driver": "none", **HOSTS[name], "sums": SUMS, **(more or {})},
        )
        for name, more in named.items()
    }
    return Estate(hosts=hosts, variables={"zone": "kota.lab"})


WORLD = World(
    kind=KIND,
    least={
        "account_id": "arsip",
        "display_name": "Arsip Dinas Contoh",
        "purpose": "Arsip surat dan foto kegiatan",
    },
    estate_of=estate_of,
)
question_of, parts_for, plan_for = WORLD.question_of, WORLD.parts_for, WORLD.plan_for

"""What stands there once a hosting is delivered: in one sentence, with its address, its limits and its ends?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.port import Limit, Measure, Standing

MEASURES = (
    Measure(
        name="storage_used_bytes",
        label="Ruang simpan",
        unit="bytes",
        not_counted="catatan (log) server web dan isi basis data; basis data diukur sendiri",
    ),
    Measure(
        name="database_used_bytes",
        label="Basis data",
        unit="bytes",
        not_counted="salinan yang diunduh sendiri dan catatan (log) server basis data",
    ),
)
_ENGINES = {"mariadb": "MariaDB", "postgresql": "PostgreSQL"}


def standing(wish: Mapping[str, Any], choices: Mapping[str, Value]) -> Standing:
    """Tell it from what was granted and chosen; nothing is looked at."""
    made: Mapping[str, Any] = choices
    page = f"PHP {made['php_version']}" if made.get("php_version") else "halaman statis"
    engine = _ENGINES.get(str(wish["database"]))
    database = f", dengan basis data {engine}" if engine else ", tanpa basis data"
    names = ", ".join(made["names"])
    return Standing(
        sentence=f"Situs web {names} ({page}{database}) di host bersama {made['host']}.",
        address=f"https://{made['names'][0]}/",
        limits=_limits(wish),
        archive="Arsip situs dapat diambil lewat SFTP.",
        ends={"Uji keamanan": str(wish["security_test_until"])} if wish.get("security_test_until") else {},
    )


def _limits(wish: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Return what was granted; what is not measured has no `measure`."""
    storage = Limit(label="Ruang simpan", granted=asked.storage_bytes(wish), unit="bytes", measure="storage_used_bytes")
    bandwidth = Limit(
        label="Bandwidth", granted=asked.bandwidth_bytes_per_second(wish), unit="bytes_per_second", measure=""
    )
    if not asked.database_bytes(wish):
        return (storage, bandwidth)
    database = Limit(
        label="Basis data", granted=asked.database_bytes(wish), unit="bytes", measure="database_used_bytes"
    )
    return (storage, database, bandwidth)

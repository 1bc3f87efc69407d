"""How much may a site store, and what holds it to that?

Sources: btrfs-qgroup(8) (simple quotas, level-1 group), lsattr(1), repquota(8).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.file_value import files_in

BTRFS, PROJECT, MEASURED = "btrfs_squota", "project_quota", "measured"
MEASURED_FOLDER = "/etc/gerbang/storage"


def read_limits(raw: Mapping[str, Any]) -> dict[str, Value]:
    """Every directory below the root has a storage; one whose limit is missing shows None, which is a difference."""
    driver = raw["storage"]["driver"]
    return {name: {"driver": driver, "limit_bytes": usage(raw, name)[1]} for name in raw["directories"]}


def usage(raw: Mapping[str, Any], name: str) -> tuple[int | None, int | None]:
    """Return (used, limit) in bytes, each None where nothing says it."""
    storage = raw["storage"]
    if storage["driver"] == BTRFS:
        return _qgroups(storage).get(name, (None, None))
    if storage["driver"] == PROJECT:
        return _projects(storage).get(name, (None, None))
    limits = {item: int(str(value["text"])) for item, value in files_in(raw, MEASURED_FOLDER)}
    return _measured(storage).get(name), limits.get(name)


def _qgroups(storage: Mapping[str, Any]) -> dict[str, tuple[int | None, int | None]]:
    """Read (used, limit) of each subvolume's level-1 group, for it is the one a subvolume inside cannot leave.

    `btrfs subvolume list`: 'ID 256 gen 9 top level 5 path g7kq2mx4pd'; `btrfs qgroup show -re --raw`: '1/256 16384
    16384 5368709120 none'.
    """
    groups = {}
    for line in storage["qgroups"].splitlines():
        words = line.split()
        if words[:1] and words[0].startswith("1/"):
            groups[words[0][2:]] = (int(words[1]), int(words[3]) if words[3].isdigit() else None)
    found: dict[str, tuple[int | None, int | None]] = {}
    for line in storage["subvolumes"].splitlines():
        words = line.split()
        if words[:1] == ["ID"] and words[1] in groups:
            found[words[-1]] = groups[words[1]]
    return found


def _projects(storage: Mapping[str, Any]) -> dict[str, tuple[int | None, int | None]]:
    """Read `lsattr -pd` ('20001 ---P--- /srv/www/g7kq2mx4pd') and `repquota -P -n -O csv` (KiB)."""
    numbers = {
        words[0]: words[-1].rpartition("/")[2] for line in storage["projects"].splitlines() if (words := line.split())
    }
    found: dict[str, tuple[int | None, int | None]] = {}
    for line in storage["quotas"].splitlines():
        words = line.split(",")
        name = numbers.get(words[0].removeprefix("#"))
        if name is not None and words[0] != "#0":
            found[name] = (int(words[3]) * 1024, int(words[5]) * 1024 or None)
    return found


def _measured(storage: Mapping[str, Any]) -> dict[str, int]:
    """Read `du -s -B1 -x`: bytes, a tab, '/srv/www/g7kq2mx4pd'."""
    rows = [line.split("\t") for line in storage.get("used", "").splitlines()]
    return {path.rpartition("/")[2]: int(used) for used, path in rows}

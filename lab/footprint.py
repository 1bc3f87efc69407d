"""What of a lab is on this machine? Everything that `up` makes outside of var/, asked of the kernel."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from lab.commands import run
from lab.instance import Instance
from lab.machine import CGROUPS, alive

Footprint = dict[str, set[str]]


def on_machine() -> Footprint:
    """All that the machine has of each kind: {"namespace": {...}, "mount": {...}, "loop device": {...}, ...}."""
    return {
        "namespace": {row["name"] for row in json.loads(run(["ip", "-json", "netns", "list"]) or "[]")},
        "link": {row["ifname"] for row in json.loads(run(["ip", "-json", "link", "show"]))},
        "route": {row["dst"] for row in json.loads(run(["ip", "-json", "route", "show"]))},
        "mount": {line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()},
        "loop device": set(run(["losetup", "--noheadings", "--output", "NAME,BACK-FILE"]).splitlines()),
        "nft table": nft_tables(),
        "cgroup": {str(path) for path in CGROUPS.glob("*/gb*")} | {str(path) for path in CGROUPS.glob("gb*")},
        "folder": {str(path) for path in Path("/run").glob("gerbang-*")},
        "ip_forward": {Path("/proc/sys/net/ipv4/ip_forward").read_text().strip()},
    }


def nft_tables() -> set[str]:
    if shutil.which("nft") is None:
        return set()
    listed = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=False)
    return set(listed.stdout.splitlines())


def processes(instance: Instance) -> Iterator[str]:
    """Processes that belong to the lab: "812 systemd-nspawn"; by cgroup, command line or working folder."""
    marks = (instance.label, str(instance.state))
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = (process / "cgroup").read_text() + (process / "cmdline").read_text().replace("\0", " ")
            name = (process / "comm").read_text().strip()
        except OSError:
            continue
        if any(mark in known for mark in marks) and alive(int(process.name)):
            yield f"{process.name} {name}"


def of_lab(instance: Instance) -> list[str]:
    """What is there of this lab, one line each: "namespace gba1b2c3-web1"; empty after `down`."""
    lines = [f"{kind} {name}" for kind, names in on_machine().items() for name in names if _is_of(instance, name)]
    return sorted([*lines, *(f"process {line}" for line in processes(instance))])


def besides(instance: Instance) -> Footprint:
    """All that the machine has and that is not of this lab: its own hosts may come and go meanwhile."""
    return {kind: {name for name in names if not _is_of(instance, name)} for kind, names in on_machine().items()}


def _is_of(instance: Instance, name: str) -> bool:
    return any(mark in name for mark in (instance.label, str(instance.state), instance.subnet))

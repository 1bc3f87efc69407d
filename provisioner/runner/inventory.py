"""Which hosts, zones and sums does the inventory name? Read by Ansible's own reader, secrets in clear refused."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from provisioner.errors import Refused, Unavailable
from provisioner.facts.estate import Estate, Host
from provisioner.runner.environment import BIN, PROJECT, environment

READING_SECONDS = 60
_SECRET_NAME = re.compile(r"(password|passwd|passphrase|secret|token|private_key|api_key)$", re.ASCII | re.IGNORECASE)
MEND = "Name the file that holds it instead: <name>_file: /path."


def read_estate(inventory: Path) -> Estate:
    """Read it anew. Unavailable where Ansible cannot; Refused where a secret stands in it in clear."""
    argv = [str(BIN / "ansible-inventory"), "-i", str(inventory), "--list", "--export"]
    try:
        done = subprocess.run(
            argv, env=environment(), cwd=PROJECT, capture_output=True, text=True, timeout=READING_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(
            f"ansible-inventory did not run ({type(error).__name__}).", str(inventory), "make setup"
        ) from error
    if done.returncode != 0:
        raise Unavailable(f"the inventory cannot be read: {done.stderr.strip()[-500:]}", str(inventory), "Mend it.")
    return estate_of(json.loads(done.stdout), str(inventory))


def estate_of(listed: Mapping[str, Any], where: str) -> Estate:
    """Turn the JSON of `ansible-inventory --list --export` into an Estate."""
    own: Mapping[str, Mapping[str, Any]] = listed["_meta"]["hostvars"]
    general = dict(listed.get("all", {}).get("vars", {}))
    hosts = {}
    for name in sorted({*own, *_members(listed)}):
        groups = [group for group in listed if group not in ("_meta", "all") and name in hosts_in(listed, group)]
        merged = dict(general)
        for group in groups:
            merged |= listed[group].get("vars", {})
        merged |= own.get(name, {})
        hosts[name] = Host(name=name, groups=frozenset(groups), variables=resolved(merged))
    faults = sorted(
        {place for host in hosts.values() for place in clear_secrets(host.variables)} | {*clear_secrets(general)}
    )
    if faults:
        raise Refused(f"secrets stand in clear in the inventory: {', '.join(faults)}.", where, MEND)
    return Estate(hosts=hosts, variables=resolved(general))


def _members(listed: Mapping[str, Any]) -> Iterator[str]:
    for group, content in listed.items():
        if group != "_meta":
            yield from content.get("hosts", [])


def hosts_in(listed: Mapping[str, Any], group: str) -> frozenset[str]:
    """Return the hosts of a group and of the groups below it."""
    content = listed.get(group, {})
    inner = (hosts_in(listed, child) for child in content.get("children", []))
    return frozenset(content.get("hosts", [])).union(*inner)


def resolved(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what is nothing but another variable, '{{ ansible_host }}'; other templates stay as they are written."""
    return {name: _follow(value, variables, 5) for name, value in variables.items()}


def _follow(value: Any, variables: Mapping[str, Any], depth: int) -> Any:
    found = re.fullmatch(r"\{\{ *([a-zA-Z_][a-zA-Z0-9_]*) *\}\}", value, re.ASCII) if isinstance(value, str) else None
    if found and depth and found[1] in variables:
        return _follow(variables[found[1]], variables, depth - 1)
    if isinstance(value, list):
        return [_follow(inner, variables, depth) for inner in value]
    return value


def clear_secrets(variables: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the names of variables that hold a secret, at any depth; a template that looks it up elsewhere is none."""
    for name, value in variables.items():
        place = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from clear_secrets(value, f"{place}.")
        elif isinstance(value, str) and value and _SECRET_NAME.search(str(name)) and not value.startswith("{{"):
            yield place

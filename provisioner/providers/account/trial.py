"""Can the technical person bring files, go nowhere else, and fill no more than was asked for? Would cron run a job?"""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Host
from provisioner.providers.web_host.answer import MEND, shown
from provisioner.providers.web_host.connection import address_of, ask_probe
from provisioner.providers.web_host.sftp import Sftp
from provisioner.providers.web_host.sftp_wire import Login, LoginLocked, LoginRefused, SftpRefused
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

OUTSIDE = ("/etc/passwd", "../../../etc/passwd", "/../etc/passwd", "/proc/self/environ")
SLACK_BYTES = 8 * 1024 * 1024


def sftp_inside(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"login": true, "round_trip": true, "escapes": [], "listing": ["private", "public", "tmp"]}.

    Round trip: a file is laid in public, read back the same, removed, and gone. Escapes: what was reached outside.
    """
    try:
        sftp = visits.site_user(trial).sftp()
    except LoginRefused:
        return {"login": False, "round_trip": False, "escapes": []}
    name = f"/public/{visits.context.probe_name}"
    return {
        "login": True,
        "round_trip": _round_trip(sftp, f"{name}.txt"),
        "escapes": _escapes(sftp, name),
        "listing": _listing(sftp),
    }


def _round_trip(sftp: Sftp, path: str) -> bool:
    data = secrets.token_bytes(64)
    try:
        sftp.write(path, data)
        same = sftp.read(path) == data
        sftp.remove(path)
    except SftpRefused:
        return False
    return same and not _succeeds(lambda: sftp.read(path))


def _escapes(sftp: Sftp, name: str) -> list[str]:
    found = [path for path in OUTSIDE if _succeeds(functools.partial(sftp.read, path))]
    if sftp.real_path("/public/../..") != "/":
        found.append("..")
    if _reads_through_link(sftp, f"{name}.link"):
        found.append("symlink /etc/passwd")
    root = f"/{name.rpartition('/')[2]}"
    if _succeeds(lambda: sftp.make_folder(root)):
        sftp.remove_folder(root)
        found.append("mkdir /")
    return found


def _reads_through_link(sftp: Sftp, link: str) -> bool:
    if not _succeeds(functools.partial(sftp.link, link, "/etc/passwd")):
        return False
    try:
        return _succeeds(lambda: sftp.read(link))
    finally:
        sftp.remove(link)


def _listing(sftp: Sftp) -> list[str]:
    try:
        return sftp.names("/")
    except SftpRefused:
        return []


def _succeeds(act: Callable[[], object]) -> bool:
    try:
        act()
    except SftpRefused:
        return False
    return True


def storage_limit_bites(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Let the probe allocate just under and just over what is left: {"under": "ok", "over": "EDQUOT"}.

    Over is asked first: its answer says how much the site uses already.
    """
    limit = int(trial.arguments["limit_bytes"])
    over = _fill(limit + SLACK_BYTES, trial, visits)
    used = int(over.get("used_bytes") or 0)
    under = _fill(max(0, limit - used - SLACK_BYTES), trial, visits)
    return {"under": _ended(under), "over": _ended(over), "limit": limit, "used_bytes": used}


def _ended(filled: Mapping[str, Any]) -> str:
    return str(filled["error"]) if filled["errno"] else "ok"


def _fill(size_bytes: int, trial: Trial, visits: Visits) -> Mapping[str, Any]:
    """Ask once more where a killed run's file was in the way: the probe has removed it then."""
    said = _fill_once(size_bytes, trial, visits)
    return _fill_once(size_bytes, trial, visits) if said["error"] == "EEXIST" else said


def _fill_once(size_bytes: int, trial: Trial, visits: Visits) -> Mapping[str, Any]:
    words = ("fill", str(trial.arguments["item_id"]), str(size_bytes), visits.context.run_id)
    return _asked(words, {"errno": int, "error": str}, visits.host(trial), visits)


def cron_job(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Ask as cron asks before each job of the site's user: {"job": "refused", "reason": "Authentication failure"}.

    That real cron runs no job of a suspended site's user, and the same job of an active one, is seen in the lab.
    """
    words = ("cron", str(trial.arguments["item_id"]))
    said = _asked(words, {"code": int, "said": str}, visits.host(trial), visits)
    if not said["code"]:
        return {"job": "permitted"}
    return {"job": "refused", "reason": str(said["said"])}


def _asked(words: tuple[str, ...], types: Mapping[str, type], host: Host, visits: Visits) -> Mapping[str, Any]:
    """Return what the probe answers to a verb; Unreachable where these keys are not of these types."""
    data = ask_probe(host, visits.context.estate, *words)
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not all(isinstance(said.get(key), kind) for key, kind in types.items()):
        raise Unreachable(f"answered {shown(data[:200])} to {words[0]}.", host.name, MEND)
    return said


def login_refused(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"login": false, "locked": true} where SFTP refuses; without a `secret` a random password is tried.

    Locked: the password was right and the account is closed.
    """
    name = str(trial.arguments.get("secret", ""))
    password = visits.context.secrets.get(name) or secrets.token_urlsafe(18)
    own, address = str(trial.arguments["item_id"]), str(trial.arguments["address"])
    host = visits.host(trial) if "host" in trial.arguments else _host_at(address, visits)
    try:
        Sftp(Login(user=own, address=address, host=host, estate=visits.context.estate), password).close()
    except LoginRefused as refused:
        return {"login": False, "locked": isinstance(refused, LoginLocked)}
    return {"login": True, "locked": False}


def sftp_login(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"login": true}: the password opens SFTP. Nothing is laid there, for the site may be full."""
    try:
        visits.site_user(trial).sftp()
    except LoginRefused:
        return {"login": False}
    return {"login": True}


def _host_at(address: str, visits: Visits) -> Host:
    for host in visits.context.estate.hosts.values():
        if address_of(host) == address:
            return host
    raise GerbangError("no inventory host has this address.", address, "Name the host in the trial's arguments.")

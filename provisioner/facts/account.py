"""Which system users are there, with which directories, limits, logs and cron?

Sources: passwd(5), group(5), sshd_config(5) (ChrootDirectory), crontab(5).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.facts.config_word import item_word, mark_words, secret_mark_words, version_word
from provisioner.facts.file_value import file_value, files_in
from provisioner.facts.login_lock import LOCKED, lock_property
from provisioner.facts.observation import Spot
from provisioner.facts.php_limits import DISABLED, MEMORY_MB
from provisioner.facts.property import Property, Undo
from provisioner.facts.storage_limit import read_limits, usage

SYSTEM = "account"
ROOT = "/srv/www"
CONTENTS = ("public", "private", "tmp")
SFTP_GROUP = "gerbang-sftp"
MAIL_GROUP = "gerbang-mail"

PROPERTIES: Mapping[str, Property] = {
    row.name: row
    for row in (
        Property(name="user", label="Pengguna sistem", removal=Undo.NONE),
        Property(name="storage", label="Ruang simpan", removal=Undo.NONE),
        Property(name="directories", label="Direktori situs", removal=Undo.NONE),
        Property(name="logs", label="Direktori log", removal=Undo.NONE),
        Property(name="cron", label="Tugas terjadwal"),
        Property(name="archive", label="Arsip situs", removal=Undo.NONE),
        Property(name="sshd", label="Aturan SSH"),
        Property(name="logrotate", label="Perputaran log"),
        lock_property("Kunci masuk SFTP"),
    )
}


def user_value(item_id: str, uid: int, mark: str, *, mail: bool = False) -> dict[str, Value]:
    """Return the system user of a site: its group has the same number, its home is the SFTP root.

    `mail`: it belongs to those who may hand in mail at the host's door; the door asks for nothing else.
    """
    item_word(item_id)
    return {
        "uid": uid,
        "gid": uid,
        "home": f"{ROOT}/{item_id}",
        "shell": "/usr/sbin/nologin",
        "groups": [MAIL_GROUP, SFTP_GROUP] if mail else [SFTP_GROUP],
        "mark": secret_mark_words(mark, item_id),
    }


def storage_value(driver: str, limit_bytes: int) -> dict[str, Value]:
    """Return the site's storage limit and what enforces it."""
    return {"driver": driver, "limit_bytes": limit_bytes}


def directories_value(item_id: str) -> dict[str, Value]:
    """Return owner, group and mode of the site's directories; Apache may pass and read public, never private.

    sshd demands that the SFTP root be root's; its group may list it, others may only pass.
    """
    own = item_word(item_id)
    return {
        ".": f"root:{own} 0751",
        "public": f"{own}:www-data 2750",
        "private": f"{own}:{own} 0700",
        "tmp": f"{own}:{own} 0700",
    }


LOGS: dict[str, Value] = {"owner": "root", "group": "root", "mode": "0750"}
ARCHIVE: dict[str, Value] = {"directory": "archive"}


@dataclass(frozen=True, kw_only=True)
class Cron:
    """A site's scheduled script, private/cron.php, run as the site's user.

    `rhythm` is 'hourly', 'daily' or 'every_15_minutes'.
    """

    item_id: str
    mark: str
    rhythm: str
    php_version: str


def cron_value(cron: Cron) -> dict[str, Value]:
    """Return the file of /etc/cron.d; cron reads it only when root owns it and no one else may write."""
    return file_value(cron_text(cron))


def cron_text(cron: Cron) -> str:
    """Write the crontab. Minute and hour come from the item id, so that sites do not all start at once."""
    own = item_word(cron.item_id)
    spread = int(hashlib.sha256(own.encode()).hexdigest()[:8], 16)
    times = {
        "every_15_minutes": f"{spread % 15}-59/15 * * * *",
        "hourly": f"{spread % 60} * * * *",
        "daily": f"{spread % 60} {1 + spread // 60 % 4} * * *",
    }
    if cron.rhythm not in times:
        raise ValueError(f"{cron.rhythm!a} is not a rhythm")
    script = f"{ROOT}/{own}/private/cron.php"
    limits = f"-d open_basedir={ROOT}/{own}/ -d disable_functions={DISABLED} -d memory_limit={MEMORY_MB}M"
    php = f"/usr/bin/php{version_word(cron.php_version)} {limits} {script}"
    return (
        f"# {mark_words(cron.mark, own)} rhythm={cron.rhythm}\n"
        "# Managed by Gerbang: changes by hand are seen as a difference.\n"
        'MAILTO=""\n'
        f"{times[cron.rhythm]} {own} test -f {script} && cd {ROOT}/{own}/private && {php} >/dev/null 2>&1\n"
    )


def read_cron(text: str) -> Cron:
    """Read what `cron_text` wrote; ValueError for another's file."""
    found = re.match(r"# (gerbang item=(\S+)) rhythm=(\w+)\n(?:.*\n)*.* /usr/bin/php([0-9.]+) ", text, re.ASCII)
    if found is None:
        raise ValueError("not a crontab of ours")
    return Cron(mark=found[1], item_id=found[2], rhythm=found[3], php_version=found[4])


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's answer into the values of every user, ours and others'."""
    values: dict[Spot, Value] = {}
    for name, value in _users(raw).items():
        values[_spot(host, name, "user")] = value
    for name in raw["locked"]:
        values[_spot(host, name, "lock")] = dict(LOCKED)
    for name, value in read_limits(raw).items():
        values[_spot(host, name, "storage")] = value
    for name, modes in raw["directories"].items():
        if any(path in modes for path in CONTENTS):
            values[_spot(host, name, "directories")] = {path: mode for path, mode in modes.items() if path != "archive"}
        if "archive" in modes:
            values[_spot(host, name, "archive")] = dict(ARCHIVE)
    for name, words in raw["logs"].items():
        values[_spot(host, name, "logs")] = _owned(words)
    for prop, folder, ending in (
        ("cron", "/etc/cron.d", ""),
        ("sshd", "/etc/ssh/sshd_config.d", ".conf"),
        ("logrotate", "/etc/logrotate.d", ""),
    ):
        for name, value in files_in(raw, folder, ending):
            values[_spot(host, name.removeprefix("gerbang-") if prop == "cron" else name, prop)] = value
    return values


def measure(raw: Mapping[str, Any], host: str) -> dict[str, int]:
    """Return size and free space of the sites' file system, load, memory, and what each site uses."""
    found = {f"{host}:{name}": int(value) for name, value in raw["measurements"].items()}
    for name in raw["directories"]:
        used = usage(raw, name)[0]
        if used is not None:
            found[f"{host}/{name}:storage_used_bytes"] = used
    return found


def _spot(host: str, name: str, prop: str) -> Spot:
    return Spot(system=SYSTEM, target=f"{host}/{name}", property=prop)


def _owned(words: str) -> dict[str, Value]:
    owners, mode = words.split(" ")
    owner, group = owners.split(":")
    return {"owner": owner, "group": group, "mode": mode}


def _users(raw: Mapping[str, Any]) -> dict[str, Value]:
    member_of: dict[str, list[Value]] = {}
    for line in raw["group"]:
        group, _, _, members = line.split(":")
        for member in filter(None, members.split(",")):
            member_of.setdefault(member, []).append(group)
    users: dict[str, Value] = {}
    for line in raw["passwd"]:
        name, _, uid, gid, gecos, home, shell = line.split(":")
        groups = sorted(str(group) for group in member_of.get(name, []))
        users[name] = {
            "uid": int(uid),
            "gid": int(gid),
            "home": home,
            "shell": shell,
            "groups": list(groups),
            "mark": gecos,
        }
    return users

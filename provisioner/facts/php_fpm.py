"""Which PHP pools run, and what is written for one of ours?

Sources: php.net/manual/en/install.fpm.configuration.php, php.net/manual/en/ini.core.php.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from provisioner.digests import Value
from provisioner.facts.account import ROOT
from provisioner.facts.config_word import item_word, mark_words, number_word, version_word
from provisioner.facts.file_value import file_value
from provisioner.facts.observation import Spot
from provisioner.facts.php_limits import DISABLED, MEMORY_MB, SECONDS
from provisioner.facts.property import Property

SYSTEM = "php_fpm"

PROPERTIES: Mapping[str, Property] = {"pool": Property(name="pool", label="Kolam PHP")}


@dataclass(frozen=True, kw_only=True)
class Pool:
    """One site's pool. `upload_mb`: the largest file; `max_children`: most requests at once; `mail`: may send."""

    item_id: str
    mark: str
    php_version: str
    upload_mb: int
    max_children: int
    mail: bool


def pool_path(php_version: str, item_id: str) -> str:
    """Return '/etc/php/8.2/fpm/pool.d/g7kq2mx4pd.conf'."""
    return f"/etc/php/{version_word(php_version)}/fpm/pool.d/{item_word(item_id)}.conf"


def pool_value(pool: Pool) -> dict[str, Value]:
    """Return the file of pool.d."""
    return file_value(pool_text(pool))


def pool_text(pool: Pool) -> str:
    """Write the pool: the site's own user, socket and limits; it opens nothing but its own three directories."""
    own, site = item_word(pool.item_id), f"{ROOT}/{item_word(pool.item_id)}"
    tmp = f"{site}/tmp"  # noqa: S108 - the site's own, 0700
    upload = int(number_word(pool.upload_mb, 1, 1024))
    settings = {
        "open_basedir": f"{site}/public/:{site}/private/:{tmp}/",
        "upload_max_filesize": f"{upload}M",
        "post_max_size": f"{upload + 1}M",
        "memory_limit": f"{MEMORY_MB}M",
        "max_execution_time": str(SECONDS),
        "max_input_time": str(SECONDS),
        "session.save_path": tmp,
        "session.gc_probability": "1",
        "upload_tmp_dir": tmp,
        "sys_temp_dir": tmp,
        "error_log": f"{site}/private/php-error.log",
        "disable_functions": DISABLED,
        "sendmail_path": "/usr/sbin/sendmail -t -i" if pool.mail else "/bin/false",
    }
    flags = {"log_errors": "on", "display_errors": "off", "allow_url_include": "off", "expose_php": "off"}
    lines = [
        f"; {mark_words(pool.mark, own)} php={version_word(pool.php_version)}",
        "; Managed by Gerbang: changes by hand are seen as a difference.",
        f"[{own}]",
        f"user = {own}",
        f"group = {own}",
        f"listen = /run/php/{own}.sock",
        "listen.owner = www-data",
        "listen.group = www-data",
        "listen.mode = 0660",
        "pm = ondemand",
        f"pm.max_children = {number_word(pool.max_children, 1, 200)}",
        "pm.process_idle_timeout = 30s",
        "pm.max_requests = 500",
        f"request_terminate_timeout = {SECONDS * 2}s",
        "rlimit_core = 0",
        f"chdir = {site}/public",
        "clear_env = yes",
        f"env[TMPDIR] = {tmp}",
        "catch_workers_output = no",
        "security.limit_extensions = .php",
        *(f"php_admin_value[{name}] = {value}" for name, value in settings.items()),
        *(f"php_admin_flag[{name}] = {value}" for name, value in flags.items()),
    ]
    return "\n".join(lines) + "\n"


def read_pool(text: str) -> Pool:
    """Read what `pool_text` wrote; ValueError for another's file."""
    found = re.match(r"; (gerbang item=(g\w{9})) php=([0-9.]+)\n", text, re.ASCII)
    if found is None:
        raise ValueError("not a pool of ours")
    lines = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
    return Pool(
        item_id=found[2],
        mark=found[1],
        php_version=found[3],
        upload_mb=int(lines["php_admin_value[upload_max_filesize]"].removesuffix("M")),
        max_children=int(lines["pm.max_children"]),
        mail=lines["php_admin_value[sendmail_path]"] != "/bin/false",
    )


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's answer: each file of any version's pool.d by its stem ('www' is Debian's own)."""
    values: dict[Spot, Value] = {}
    for path, value in sorted(raw["files"].items()):
        parts = PurePosixPath(path).parts
        if parts[1:3] == ("etc", "php") and parts[4:6] == ("fpm", "pool.d") and path.endswith(".conf"):
            name = PurePosixPath(path).stem
            stood = file_value(value["text"], owner=value["owner"], group=value["group"], mode=value["mode"])
            values[Spot(system=SYSTEM, target=f"{host}/{name}", property="pool")] = stood
    return values

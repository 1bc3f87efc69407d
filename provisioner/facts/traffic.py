"""How fast may a cloud account download through the office's reverse proxy, and what is written there for one?

Two drivers. Apache's mod_bw shares one rate over all that the account downloads at once. nginx has no such limit: at
most `DOWNLOADS_AT_ONCE` downloads of an account run, each at its part of the rate (ADR 0029 has the figures of both).
Sources: libapache2-mod-bw's README, httpd.apache.org/docs/2.4/expr.html, nginx.org (ngx_http_core_module: limit_rate,
ngx_http_limit_conn_module, ngx_http_map_module).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.facts.config_word import item_word, mark_words, number_word
from provisioner.facts.file_value import file_value, files_in
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property

SYSTEM = "traffic"
GROUP = "cloud_proxy"
APACHE, NGINX = "apache", "nginx"
FOLDERS: Mapping[str, str] = {APACHE: "/etc/apache2/gerbang-traffic", NGINX: "/etc/nginx/gerbang-traffic"}
DOWNLOADS_AT_ONCE = 4  # cloud_proxy_downloads of the role cloud_proxy is the same number
LEAST, MOST = 1024 * DOWNLOADS_AT_ONCE, 2 * 10**9

PROPERTIES: Mapping[str, Property] = {"rate": Property(name="rate", label="Batas traffic")}

#: What a plan, a letter and a record say of each driver: what it holds and what passes it by.
HELD: Mapping[str, str] = {
    APACHE: "semua unduhan akun bersama-sama; unggahan dan tautan publik tidak dibatasi",
    NGINX: (
        f"paling banyak {DOWNLOADS_AT_ONCE} unduhan sekaligus, masing-masing seper-{DOWNLOADS_AT_ONCE} dari batas; "
        "banyak berkas kecil dapat melampauinya, unggahan dan tautan publik tidak dibatasi"
    ),
}

_ACCOUNT = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.ASCII)
_HEAD = re.compile(
    r"# (gerbang item=(g\w{9})) account=([a-z0-9._-]+) bytes_per_second=([0-9]+) driver=(apache|nginx)\n", re.ASCII
)
_OF_ACCOUNT = "files|uploads|versions|trashbin"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One account's limit at a proxy: `bytes_per_second` for all its downloads; `driver` 'apache' or 'nginx'."""

    item_id: str
    mark: str
    account: str
    bytes_per_second: int
    driver: str


def rate_value(rate: Rate) -> dict[str, Value]:
    """Return the file of the driver's folder."""
    return file_value(rate_text(rate))


def rate_text(rate: Rate) -> str:
    """Write the whole file; ValueError for a word not on the list."""
    if rate.driver not in FOLDERS:
        raise ValueError(f"{rate.driver!a} is not a traffic driver")
    account = account_word(rate.account)
    mark = mark_words(rate.mark, item_word(rate.item_id))
    number = number_word(rate.bytes_per_second, LEAST, MOST)
    lines = (
        f"# {mark} account={account} bytes_per_second={number} driver={rate.driver}",
        "# Managed by Gerbang: changes by hand are seen as a difference.",
        *_LINES[rate.driver](account, rate.bytes_per_second),
    )
    return "\n".join(lines) + "\n"


def account_word(account: str) -> str:
    """Return an account id that may be part of a path, an expression or a map; ValueError otherwise."""
    if len(account) > 64 or not _ACCOUNT.fullmatch(account):
        raise ValueError(f"{account!a} is not an account id")
    return account


def _apache(account: str, bytes_per_second: int) -> tuple[str, ...]:
    """By the path, or where that names nobody by the login; one <If> is one scope, whose connections share the rate."""
    name = account.replace(".", r"\.")
    path = rf"%{{REQUEST_URI}} =~ m#/remote\.php/dav/(?:{_OF_ACCOUNT})/{name}(?:/|$)#i"
    login = rf"%{{HTTP:Authorization}} =~ /^Basic +(.+)$/i && unbase64($1) =~ /^{name}:/i"
    return (
        f'<If "{path} || (%{{REQUEST_URI}} =~ m#/remote\\.php/webdav(?:/|$)#i && {login})">',
        f"    BandWidth all {bytes_per_second}",
        "    MinBandWidth all 1",
        "</If>",
    )


def _nginx(account: str, bytes_per_second: int) -> tuple[str, ...]:
    """A line of the role's map: the account as it is written, whatever case is asked in, and a download's part."""
    return (f'{account} "{account} {bytes_per_second // DOWNLOADS_AT_ONCE}";',)


_LINES = {APACHE: _apache, NGINX: _nginx}


def read_rate(text: str) -> Rate:
    """Read what `rate_text` wrote; ValueError for another's file."""
    head = _HEAD.match(text)
    if head is None:
        raise ValueError("not a limit of ours")
    return Rate(item_id=head[2], mark=head[1], account=head[3], bytes_per_second=int(head[4]), driver=head[5])


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's answer: each account's limit; a file of the driver that does not serve stands under its name."""
    found: dict[Spot, Value] = {}
    for driver, folder in FOLDERS.items():
        for account, value in files_in(raw, folder, ".conf"):
            taken = Spot(system=SYSTEM, target=f"{host}/{account}", property="rate")
            other = Spot(system=SYSTEM, target=f"{host}/{driver}:{account}", property="rate")
            found[other if taken in found else taken] = value
    return found

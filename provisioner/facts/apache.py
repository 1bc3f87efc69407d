"""Which sites does Apache serve, and what is written for one of ours?

Sources: httpd.apache.org/docs/2.4 (core, mod_ssl, mod_proxy_fcgi, mod_ratelimit), libapache2-mod-bw's README.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.facts.account import ROOT
from provisioner.facts.config_word import item_word, mark_words, name_word, number_word
from provisioner.facts.file_value import file_value, files_in
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property

SYSTEM = "apache"
FOLDER = "/etc/apache2/gerbang"
MOD_BW, MOD_RATELIMIT = "mod_bw", "mod_ratelimit"
FROZEN_WORDS = "Situs ini sedang dibekukan"
# One line of ASCII without double quotes: it stands in the vhost itself, so that no file of the site is opened for it.
FROZEN_PAGE = (
    "<!doctype html><html lang='id'><head>"
    "<meta name='viewport' content='width=device-width'><title>Situs dibekukan</title></head><body>"
    f"<h1>{FROZEN_WORDS}</h1><p>Layanan dihentikan sementara. "
    "Untuk keterangan, hubungi perangkat daerah pemilik situs.</p></body></html>"
)

PROPERTIES: Mapping[str, Property] = {"vhost": Property(name="vhost", label="Situs Apache")}

# What a site's own .htaccess may say. Not in here: whatever names a handler or a proxy (SetHandler, RewriteRule with
# [P] or [H] reach another site's PHP socket), evaluates expressions (ErrorDocument, Header, Require and Redirect can
# read a neighbour's file as Apache), sets what FPM obeys (SetEnv PHP_ADMIN_VALUE), or loosens links (Options).
HTACCESS = (
    "<IfModule FallbackResource DirectoryIndex RedirectMatch ExpiresActive ExpiresByType ExpiresDefault "
    "AddType AddCharset AddDefaultCharset AddEncoding AddLanguage"
)


@dataclass(frozen=True, kw_only=True)
class Vhost:
    """One site.

    `names`: the first is ServerName; `php`: handed to the site's own socket; `upload_bytes`: the largest request body;
    `bandwidth_driver` 'mod_bw' or 'mod_ratelimit'. `frozen`: whatever is asked for, a plain page with status 503
    answers; no file and no PHP of the site is reached, so `php` and `htaccess` are False then.
    """

    item_id: str
    mark: str
    names: tuple[str, ...]
    php: bool
    htaccess: bool
    upload_bytes: int
    bandwidth_bytes_per_second: int
    bandwidth_driver: str
    frozen: bool = False


def vhost_value(vhost: Vhost) -> dict[str, Value]:
    """Return the file of /etc/apache2/gerbang."""
    return file_value(vhost_text(vhost))


def vhost_text(vhost: Vhost) -> str:
    """Write the whole file: every name's redirect to HTTPS, then the site; ValueError for a word not on the list."""
    own = item_word(vhost.item_id)
    rate = number_word(vhost.bandwidth_bytes_per_second, 1024, 10**10)
    blocks = [
        f"# {mark_words(vhost.mark, own)} bandwidth_bytes_per_second={rate}",
        "# Managed by Gerbang: changes by hand are seen as a difference.",
        *(_redirect(name) for name in vhost.names),
        _site(vhost, own),
    ]
    return "\n".join(blocks) + "\n"


def _redirect(name: str) -> str:
    name = name_word(name)
    return f"""<VirtualHost *:80>
    ServerName {name}
    Redirect permanent / https://{name}/
</VirtualHost>"""


def _site(vhost: Vhost, own: str) -> str:
    first, *others = (name_word(name) for name in vhost.names)
    lines = [
        f"ServerName {first}",
        *(f"ServerAlias {name}" for name in others),
        *(() if vhost.frozen else (f"DocumentRoot {ROOT}/{own}/public",)),
        f"ErrorLog /var/log/gerbang/{own}/error.log",
        f"CustomLog /var/log/gerbang/{own}/access.log combined",
        "SSLEngine on",
        f"SSLCertificateFile /etc/letsencrypt/live/{own}/fullchain.pem",
        f"SSLCertificateKeyFile /etc/letsencrypt/live/{own}/privkey.pem",
        f"LimitRequestBody {number_word(vhost.upload_bytes, 1024, 2**31 - 1)}",
        *_bandwidth(vhost),
        *(_frozen() if vhost.frozen else _served(vhost, own)),
    ]
    return "\n".join(["<VirtualHost *:443>", *(f"    {line}" for line in lines), "</VirtualHost>"])


def _frozen() -> tuple[str, ...]:
    """mod_alias answers before any file is looked for; the page is text of the configuration."""
    return ("Redirect 503 /", f'ErrorDocument 503 "{FROZEN_PAGE}"')


def _served(vhost: Vhost, own: str) -> tuple[str, ...]:
    return (
        f"<Directory {ROOT}/{own}/public>",
        "    Options SymLinksIfOwnerMatch",
        *(f"    {line}" for line in _override(vhost.htaccess)),
        "    Require all granted",
        "</Directory>",
        *_php(vhost.php, own),
        '<LocationMatch "/\\.(?!well-known(?:/|$))">',
        "    Require all denied",
        "</LocationMatch>",
        '<Location "/server-status">',
        "    SetHandler none",
        "    Require all denied",
        "</Location>",
    )


def _bandwidth(vhost: Vhost) -> tuple[str, ...]:
    """mod_bw shares one rate over the whole site; mod_ratelimit gives it to each answer, in KiB a second."""
    rate = vhost.bandwidth_bytes_per_second
    if vhost.bandwidth_driver == MOD_BW:
        return ("BandWidthModule On", "ForceBandWidthModule On", f"BandWidth all {rate}", "MinBandWidth all 1")
    if vhost.bandwidth_driver == MOD_RATELIMIT:
        return ("SetOutputFilter RATE_LIMIT", f"SetEnv rate-limit {rate // 1024}")
    raise ValueError(f"{vhost.bandwidth_driver!a} is not a bandwidth driver")


def _override(htaccess: bool) -> tuple[str, ...]:  # noqa: FBT001 - the wish's own yes or no
    """What is not on the list is passed over, so that a ready-made .htaccess does not end in an error page."""
    if not htaccess:
        return ("AllowOverride None",)
    return ("AllowOverride Nonfatal=All", f"AllowOverrideList {HTACCESS}")


def _php(php: bool, own: str) -> tuple[str, ...]:  # noqa: FBT001 - the wish's own runtime
    """Hand .php to the site's own socket and withhold the names that PHP has besides; without PHP withhold all."""
    if not php:
        return ('<FilesMatch "\\.(?:php[0-9]?|phar|phtml|phps)$">', "    Require all denied", "</FilesMatch>")
    return (
        "DirectoryIndex index.php index.html",
        '<FilesMatch "\\.php$">',
        f'    SetHandler "proxy:unix:/run/php/{own}.sock|fcgi://localhost"',
        "</FilesMatch>",
        '<FilesMatch "\\.(?:php[0-9]|phar|phtml|phps)$">',
        "    Require all denied",
        "</FilesMatch>",
        'ProxyFCGISetEnvIf "true" !PHP_VALUE',
        'ProxyFCGISetEnvIf "true" !PHP_ADMIN_VALUE',
    )


def read_vhost(text: str) -> Vhost:
    """Read what `vhost_text` wrote; ValueError for another's file."""
    head = re.match(r"# (gerbang item=(g\w{9})) bandwidth_bytes_per_second=(\d+)\n", text, re.ASCII)
    if head is None:
        raise ValueError("not a vhost of ours")
    names = tuple(
        dict.fromkeys(re.findall(r"^    Server(?:Name|Alias) (\S+)$", text.partition(":443>")[2], re.MULTILINE))
    )
    body = re.search(r"LimitRequestBody (\d+)$", text, re.MULTILINE)
    if body is None:
        raise ValueError("no LimitRequestBody")
    return Vhost(
        item_id=head[2],
        mark=head[1],
        names=names,
        php="|fcgi://" in text,
        htaccess="AllowOverrideList" in text,
        upload_bytes=int(body[1]),
        bandwidth_bytes_per_second=int(head[3]),
        bandwidth_driver=MOD_BW if "BandWidthModule On" in text else MOD_RATELIMIT,
        frozen=FROZEN_WORDS in text,
    )


def server_names(text: str) -> frozenset[str]:
    """Return every ServerName and ServerAlias of a vhost file, ours or another's, in lower case, without port."""
    found: set[str] = set()
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if words and words[0].lower() in ("servername", "serveralias"):
            found |= {word.lower().strip('"').rpartition("//")[2].partition(":")[0] for word in words[1:]}
    return frozenset(found)


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's answer: our vhosts by item id, others' by their file's stem."""
    ours = dict(files_in(raw, FOLDER, ".conf"))
    others = dict(files_in(raw, "/etc/apache2/sites-enabled", ".conf"))
    named = ours | {(f"sites-enabled:{name}" if name in ours else name): value for name, value in others.items()}
    return {Spot(system=SYSTEM, target=f"{host}/{name}", property="vhost"): value for name, value in named.items()}

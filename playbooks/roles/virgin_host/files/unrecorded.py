# ruff: noqa: INP001, T201 - sent to the host, answers by printing
"""What on this host was made by others? Prints one finding a line; changes nothing. Standard library only.

A site is ours if its file bears our mark in the first line, or lies in a folder that only we write.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "gerbang"
# (what it is, which files, the word that makes a file a site: None where the file alone is one)
PLACES = (
    ("Apache vhost", "etc/apache2/sites-enabled/*", None),
    ("Apache vhost", "etc/apache2/conf-enabled/*", "<virtualhost"),
    ("Apache vhost", "etc/apache2/conf.d/*", "<virtualhost"),
    ("Apache vhost", "etc/apache2/*.conf", "<virtualhost"),
    ("nginx server", "etc/nginx/sites-enabled/*", None),
    ("nginx server", "etc/nginx/conf.d/*.conf", "server"),
    ("nginx server", "etc/nginx/nginx.conf", "server_name"),
    ("PHP pool", "etc/php/*/fpm/pool.d/*.conf", None),
)
# Debian's own, as long as nobody wrote into them.
DEFAULTS = {
    "/etc/apache2/sites-available/000-default.conf": "apache2",
    "/etc/apache2/sites-available/default-ssl.conf": "apache2",
    "/etc/nginx/sites-available/default": "nginx-common",
}


def panels(known: list[dict[str, Any]]) -> Iterator[str]:
    """Name every panel of which a path exists: "cPanel (/usr/local/cpanel)"."""
    for panel in known:
        for path in panel["paths"]:
            if os.path.lexists(path):
                yield f"{panel['name']} ({path})"


def sites() -> Iterator[str]:
    """Name every enabled site that is neither ours nor Debian's untouched default: "Apache vhost in /etc/..."."""
    for what, pattern, word in PLACES:
        for path in sorted(Path("/").glob(pattern)):
            text = read(path)
            first_line = text.partition("\n")[0].lower()
            if MARK in first_line or (word and word not in without_comments(text).lower()):
                continue
            if not is_untouched_default(path.resolve()):
                yield f"{what} in {path}"


def read(path: Path) -> str:
    """The file's text, empty where it cannot be read: a broken link is still a site that somebody enabled."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def without_comments(text: str) -> str:
    """The lines that mean something."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def is_untouched_default(path: Path) -> bool:
    """Ask dpkg whether the file is as the package brought it."""
    package = DEFAULTS.get(str(path))
    if path.match("/etc/php/*/fpm/pool.d/www.conf"):
        package = f"php{path.parts[3]}-fpm"
    if package is None:
        return False
    verdict = subprocess.run(["dpkg", "--verify", package], capture_output=True, text=True, check=False)
    return not any(line.endswith(f" {path}") for line in verdict.stdout.splitlines())


def main() -> None:
    """Print everything that was found."""
    for finding in (*panels(json.loads(sys.argv[1])), *sites()):
        print(finding)


main()

"""What do trials of trials do to a host, and read from it?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testinfra.host import Host


@contextmanager
def changing(web1: Host, path: str, pattern: str, by: str, reload: str) -> Iterator[None]:
    """Change a file on the host and reload its service for the block."""
    web1.check_output("cp -p %s /root/kept-by-test && sed -Ei %s %s", path, f"s#{pattern}#{by}#", path)
    web1.check_output("systemctl reload %s", reload)
    try:
        yield
    finally:
        web1.check_output("mv /root/kept-by-test %s", path)
        web1.check_output("systemctl reload %s", reload)


def for_every_account(web1: Host, user: str, statement: str) -> None:
    """Complete the statement with each of the user's accounts, one for each place it may come from."""
    listing = f"SELECT Host FROM mysql.user WHERE User = '{user}'"  # noqa: S608  the name is an item id of ours
    for host in web1.check_output("mariadb -BNe %s", listing).split():
        web1.check_output("mariadb -e %s", f"{statement} '{user}'@'{host}'")


def probes_left(web1: Host, item: str) -> list[str]:
    files: list[str] = web1.check_output("find /srv/www /tmp /var/tmp -name %s", "*gerbang-probe*").split()
    return [*files, *web1.check_output("mariadb -BNe %s", f"SHOW TABLES IN {item}").split()]


def command_lines(times: int) -> list[str]:
    """Every process's argv and environment on this machine, hosts included, looked at again and again."""
    found: set[str] = set()
    for _ in range(times):
        for process in Path("/proc").glob("[0-9]*"):
            for what in ("cmdline", "environ"):
                try:
                    found.add((process / what).read_bytes().decode(errors="replace"))
                except OSError:
                    continue
    return sorted(found)

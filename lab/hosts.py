"""Which hosts can the lab have, and what is each made of?"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Host:
    """One lab host: its name, the last octet of its address, its image and the inventory groups it joins.

    `prepared` hosts have been through site.yml before anybody sees them; `has_www` hosts get a btrfs at /srv/www.
    """

    name: str
    octet: int
    recipe: str
    debian: int
    groups: tuple[str, ...]
    prepared: bool = True
    has_www: bool = False
    php_version: str | None = None
    needs_internet: bool = False


HOSTS = {
    host.name: host
    for host in (
        Host(name="ns1", octet=2, recipe="full", debian=12, groups=("nameserver",)),
        Host(
            name="web1",
            octet=11,
            recipe="full",
            debian=12,
            groups=("shared_web",),
            has_www=True,
            php_version="8.2",
        ),
        Host(
            name="web2",
            octet=12,
            recipe="full",
            debian=13,
            groups=("shared_web",),
            has_www=True,
            php_version="8.4",
        ),
        # In front of cloud1: Apache serves on the one, nginx on the other.
        Host(name="proxy1", octet=13, recipe="proxy", debian=12, groups=("cloud_proxy",)),
        Host(name="proxy2", octet=14, recipe="proxy", debian=12, groups=("cloud_proxy",)),
        Host(
            name="bare",
            octet=20,
            recipe="bare",
            debian=12,
            groups=("unprepared",),
            prepared=False,
            has_www=True,
            php_version="8.2",
            needs_internet=True,
        ),
    )
}

ACME_OCTET = 3
MAIL_OCTET = 4
CLOUD_OCTET = 5
GATEWAY_OCTET = 254
DEFAULT_UP = ("web1", "ns1", "acme", "mail", "cloud1")

"""How does the lab's world move while a request waits? By somebody else's hand: a file, a record, space on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.query
import dns.rcode
import dns.tsigkeyring
import dns.update
from testinfra.host import Host

from lab.instance import Instance

VHOST = "# dibuat dengan tangan\n<VirtualHost *:80>\n  ServerName tangan.kota.lab\n</VirtualHost>\n"


@contextmanager
def file_at(host: Host, path: str, text: str = VHOST) -> Iterator[None]:
    """A file that somebody laid there by hand; at the end it must still be theirs."""
    host.check_output("printf %%s %s > %s", text, path)
    try:
        yield
        assert host.file(path).content_string == text
    finally:
        host.check_output("rm -f %s", path)


@contextmanager
def record_at(instance: Instance, lab: dict[str, Any], name: str, kind: str, data: str) -> Iterator[None]:
    """A record that somebody put into the visitors' zone by hand."""
    _update(instance, lab, lambda update: update.add(f"{name}.", 300, kind, data))
    try:
        yield
    finally:
        _update(instance, lab, lambda update: update.delete(f"{name}.", kind))


@contextmanager
def space_taken(host: Host, size: str) -> Iterator[None]:
    """A file of that size on the sites' disk: '300M'."""
    host.check_output("fallocate -l %s /srv/www/.uji-ruang && sync -f /srv/www", size)
    try:
        yield
    finally:
        host.check_output("rm -f /srv/www/.uji-ruang && sync -f /srv/www")


def _update(instance: Instance, lab: dict[str, Any], change: Any) -> None:
    tsig = lab["tsig"]["visitors"]
    keyring = dns.tsigkeyring.from_text({tsig["name"]: (instance.keys / "tsig-visitors").read_text().strip()})
    update = dns.update.UpdateMessage(lab["zone"], keyring=keyring, keyalgorithm=tsig["algorithm"])
    change(update)
    answer = dns.query.tcp(update, lab["nameserver_address"], timeout=5)
    assert answer.rcode() == dns.rcode.NOERROR, dns.rcode.to_text(answer.rcode())

"""How does a zone answer and change? Dynamic update (RFC 2136) signed by TSIG (RFC 8945), over one TCP connection."""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update

ANSWER_SECONDS = 10
MOVED = (dns.rcode.YXDOMAIN, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN, dns.rcode.NXRRSET)
MARK_TTL_SECONDS = 300
MARK_LABEL, CHALLENGE_LABEL = "_gerbang", "_acme-challenge"
Records = dict[tuple[str, str], tuple[int, list[str]]]  # (owner, type) -> (TTL, data)


class ZoneFailure(Exception):
    """Why the zone was not changed: a sentence with the value seen."""


class Zone:
    """A zone at its primary. `key`: {"name", "algorithm", "secret_file"}, the file holding the secret in base64."""

    def __init__(self, name: str, server: str, key: dict[str, str]) -> None:
        self.name = name
        self._server = server
        secret = Path(key["secret_file"]).read_text(encoding="ascii").strip()
        self._key = dns.tsig.Key(key["name"], secret, key["algorithm"])
        self._socket: socket.socket | None = None

    def look(self, name: str, prop: str) -> Any:
        """The value at `name` in the words of facts/dns.py; None: absent."""
        if prop == "mark":
            found = self._ask(f"{MARK_LABEL}.{name}", "TXT")
            return found[1][0].strip('"') if found and len(found[1]) == 1 else found and sorted(found[1])
        if prop == "challenge":
            found = self._ask(f"{CHALLENGE_LABEL}.{name}", "CNAME")
            return found and {"cname": found[1][0].rstrip("."), "ttl_seconds": found[0]}
        four, six = self._ask(name, "A"), self._ask(name, "AAAA")
        if not four and not six:
            return None
        ttl = (four or six or (0, []))[0]
        return {"A": sorted(four[1]) if four else [], "AAAA": sorted(six[1]) if six else [], "ttl_seconds": ttl}

    def change(self, changes: list[dict[str, Any]], free_names: list[str]) -> bool:
        """Apply all in one message or none; False where a prerequisite did not hold, ZoneFailure where it was refused.

        Every record set touched must stand exactly as before, and `free_names` must own no record at all.
        """
        update = dns.update.UpdateMessage(self.name, keyring=self._key)
        for name in free_names:
            update.absent(dns.name.from_text(name))
        for change in changes:
            self._write(update, change)
        rcode = self._exchange(update).rcode()
        if rcode != dns.rcode.NOERROR and rcode not in MOVED:
            raise ZoneFailure(f"{self._server} refused to change {self.name}: {dns.rcode.to_text(rcode)}")
        return rcode == dns.rcode.NOERROR

    def _write(self, update: dns.update.UpdateMessage, change: dict[str, Any]) -> None:
        name = change["target"].partition("/")[2]
        before = records_of(change["property"], name, change["before"])
        after = records_of(change["property"], name, change["after"])
        for owner, kind in sorted({*before, *after, *kinds_beside(change["property"], name)}):
            where = dns.name.from_text(owner)
            if (owner, kind) in before:
                update.present(where, kind, *before[owner, kind][1])
                update.delete(where, kind)
            else:
                update.absent(where, kind)
        for (owner, kind), (ttl, data) in after.items():
            for one in data:
                update.add(dns.name.from_text(owner), ttl, kind, one)

    def _ask(self, name: str, kind: str) -> tuple[int, list[str]] | None:
        query = dns.message.make_query(name, kind, flags=0)
        answer = self._exchange(query)
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            raise ZoneFailure(f"{self._server} does not answer for {name}: {dns.rcode.to_text(answer.rcode())}")
        for found in answer.answer:
            if found.rdtype == dns.rdatatype.from_text(kind) and found.name == dns.name.from_text(name):
                return found.ttl, [record.to_text() for record in found]
        return None

    def _exchange(self, message: dns.message.Message) -> dns.message.Message:
        """Send one message, return its answer; its signature is tested where ours was signed."""
        wire = message.to_wire()
        try:
            if self._socket is None:
                self._socket = socket.create_connection((self._server, 53), ANSWER_SECONDS)
            self._socket.sendall(struct.pack("!H", len(wire)) + wire)
            length = struct.unpack("!H", self._read(2))[0]
            return dns.message.from_wire(self._read(length), keyring=message.keyring, request_mac=message.mac)
        except (OSError, EOFError, dns.exception.DNSException) as error:
            raise ZoneFailure(f"{self._server}, zone {self.name}: {type(error).__name__} {error}") from error

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            assert self._socket is not None
            block = self._socket.recv(count - len(data))
            if not block:
                raise EOFError("the name server closed the connection")
            data += block
        return data


def records_of(prop: str, name: str, value: Any) -> Records:
    """A value as record sets."""
    if value is None:
        return {}
    if prop == "mark":
        return {(f"{MARK_LABEL}.{name}.", "TXT"): (MARK_TTL_SECONDS, [f'"{value}"'])}
    if prop == "challenge":
        return {(f"{CHALLENGE_LABEL}.{name}.", "CNAME"): (value["ttl_seconds"], [f"{value['cname']}."])}
    return {(f"{name}.", kind): (value["ttl_seconds"], value[kind]) for kind in ("A", "AAAA") if value[kind]}


def kinds_beside(prop: str, name: str) -> set[tuple[str, str]]:
    """Record sets that must be as before even where the value has none: an address cannot stand beside a CNAME."""
    if prop == "address":
        return {(f"{name}.", "A"), (f"{name}.", "AAAA"), (f"{name}.", "CNAME")}
    if prop == "mark":
        return {(f"{MARK_LABEL}.{name}.", "TXT")}
    return {(f"{CHALLENGE_LABEL}.{name}.", "CNAME")}

"""Which records stand in the zone? A whole transfer (AXFR, RFC 5936), so that nobody's name is missed.

There is no fallback to single queries here: they would only find the names we think of, and a zone half seen would let
us call a name free that is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.xfr
import dns.zone

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.dns import read as read_records
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot

TRANSFER_SECONDS = 20.0
CONNECT_SECONDS = 5.0


def observe_zone(estate: Estate, clock: Clock) -> Observation:
    """Transfer the estate's zone and read it; Unreachable where the authority does not hand it over whole."""
    zone = str(estate.variables["zone"])
    values = _read({"zone": zone, "records": transfer(zone, estate)}, zone)
    return Observation(values=values, measurements={}, looked=frozenset({("dns", zone)}), seen_at=clock())


def _read(raw: dict[str, Any], zone: str) -> Mapping[Spot, Value]:
    try:
        return read_records(raw, zone)
    except (ValueError, KeyError, IndexError, TypeError) as off:
        raise Unreachable(f"its records cannot be read: {ascii(str(off))[:80]}.", zone, "Look with dig axfr.") from None


def transfer(zone: str, estate: Estate) -> list[list[Value]]:
    """Return all records, sorted: ["simpeg.kota.lab", 300, "A", "10.0.0.5"]; names lower case, without the last dot."""
    address, port = authority(estate)
    held = dns.zone.Zone(dns.name.from_text(zone), relativize=False)
    query, _ = dns.xfr.make_query(held, keyring=keyring(estate))
    query.use_tsig(keyring(estate))
    mend = "Check that the zone's allow-transfer names our key, and both clocks."
    try:
        dns.query.inbound_xfr(address, held, query, port=port, timeout=CONNECT_SECONDS, lifetime=TRANSFER_SECONDS)
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as off:
        raise Unreachable(
            f"no transfer of the zone: {type(off).__name__} {ascii(str(off))[:80]}.", zone, mend
        ) from None
    return sorted(_records(held), key=str)


def _records(held: dns.zone.Zone) -> list[list[Value]]:
    """All but the SOA: its serial is the zone's own bookkeeping, anybody's change moves it."""
    return [
        [name.to_text(omit_final_dot=True).lower(), ttl, dns.rdatatype.to_text(data.rdtype), data.to_text()]
        for name, ttl, data in held.iterate_rdatas()
        if data.rdtype != dns.rdatatype.SOA
    ]


def authority(estate: Estate) -> tuple[str, int]:
    """Return address and port of the zone's primary: '10.1.2.53' or '10.1.2.53:5353' in the inventory."""
    address, _, port = str(estate.variables["nameserver_address"]).partition(":")
    return address, int(port or 53)


def keyring(estate: Estate) -> dns.tsig.Key:
    """Read the visitors' TSIG key; its secret stays in this process. GerbangError where its file is not there."""
    said = estate.variables["tsig"]["visitors"]
    try:
        secret = Path(said["secret_file"]).read_text().strip()
    except OSError as off:
        raise GerbangError(
            f"the TSIG secret cannot be read: {off.strerror}.", said["secret_file"], "Lay it there."
        ) from None
    return dns.tsig.Key(dns.name.from_text(said["name"]), secret, dns.name.from_text(said["algorithm"]))

"""Which names does a zone hold, and whose are they?

Sources: RFC 1035, RFC 8555 section 8.4 (dns-01), RFC 5936 (the records come by zone transfer).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.config_word import name_word
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property

SYSTEM = "dns"
TTL_SECONDS = 300
UPKEEP = frozenset(
    {"SOA", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY"}
)  # the server's own; they move by themselves
MARK_LABEL, CHALLENGE_LABEL = "_gerbang", "_acme-challenge"

PROPERTIES: Mapping[str, Property] = {
    row.name: row
    for row in (
        Property(name="mark", label="Tanda kepemilikan"),
        Property(name="challenge", label="Penunjuk uji sertifikat"),
        Property(name="address", label="Alamat"),
        Property(name="foreign", label="Rekaman pihak lain"),
    )
}


def address_value(ipv4: tuple[str, ...], ipv6: tuple[str, ...]) -> dict[str, Value]:
    """Return {"A": [...], "AAAA": [...], "ttl_seconds": 300}, sorted."""
    return {"A": sorted(ipv4), "AAAA": sorted(ipv6), "ttl_seconds": TTL_SECONDS}


def challenge_value(name: str, zone: str, acme_zone: str) -> dict[str, Value]:
    """Return where _acme-challenge of `name` points: simpeg.kota.lab -> {"cname": "simpeg.acme.kota.lab", ...}."""
    label = name_word(name).removesuffix(f".{name_word(zone)}")
    return {"cname": f"{label}.{name_word(acme_zone)}", "ttl_seconds": TTL_SECONDS}


def records_of(prop: str, name: str, value: Any) -> list[list[Any]]:
    """Write a value as records [owner, TTL, type, data], as a zone transfer shows them; the inverse of `read`."""
    if value is None:
        return []
    if prop == "mark":
        return [[f"{MARK_LABEL}.{name}", TTL_SECONDS, "TXT", f'"{value}"']]
    if prop == "challenge":
        return [[f"{CHALLENGE_LABEL}.{name}", value["ttl_seconds"], "CNAME", f"{value['cname']}."]]
    return [[name, value["ttl_seconds"], kind, data] for kind in ("A", "AAAA") for data in value[kind]]


def read(raw: Mapping[str, Any], zone: str) -> dict[Spot, Value]:
    """Read a zone's records: {"zone": "kota.lab", "records": [["simpeg.kota.lab", 300, "A", "10.77.0.11"], ...]}.

    Owner names are lower case without final dot. What is neither address, mark nor challenge is 'foreign' at its name.
    """
    values: dict[Spot, Value] = {}
    foreign: dict[str, list[str]] = {}
    for owner, ttl, kind, data in raw["records"]:
        if kind in UPKEEP:
            continue
        label, _, rest = owner.partition(".")
        if kind in ("A", "AAAA"):
            value: Any = values.setdefault(
                _spot(zone, owner, "address"), {"A": [], "AAAA": [], "ttl_seconds": int(ttl)}
            )
            value[kind] = sorted([*value[kind], data])
        elif label == MARK_LABEL and kind == "TXT":
            values[_spot(zone, rest, "mark")] = data.strip('"')
        elif label == CHALLENGE_LABEL and kind == "CNAME":
            values[_spot(zone, rest, "challenge")] = {"cname": data.rstrip("."), "ttl_seconds": int(ttl)}
        else:
            foreign.setdefault(owner, []).append(f"{kind} {data}")
    for owner, found in foreign.items():
        values[_spot(zone, owner, "foreign")] = [*sorted(found)]
    return values


def _spot(zone: str, name: str, prop: str) -> Spot:
    return Spot(system=SYSTEM, target=f"{zone}/{name}", property=prop)

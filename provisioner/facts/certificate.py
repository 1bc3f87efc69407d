"""Which certificates does a host keep, for which names, of which authority?

Sources: certbot's renewal/<name>.conf (its `server`), openssl-x509(1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property

SYSTEM = "certificate"

PROPERTIES: Mapping[str, Property] = {"certificate": Property(name="certificate", label="Sertifikat TLS")}


def certificate_value(names: tuple[str, ...], authority: str) -> dict[str, Value]:
    """Return {"names": sorted, "authority": the ACME directory's URL}; serial and dates are not compared."""
    return {"names": sorted(names), "authority": authority}


def read(raw: Mapping[str, Any], host: str) -> dict[Spot, Value]:
    """Read the probe's {"g7kq2mx4pd": {"renewal": the conf's text, "x509": openssl's}}.

    The names are the certificate's own, whatever the conf says.
    """
    values: dict[Spot, Value] = {}
    for name, texts in raw["certificates"].items():
        server = re.search(r"^server\s*=\s*(\S+)\s*$", texts["renewal"], re.MULTILINE)
        names = tuple(re.findall(r"DNS:([^,\s]+)", texts["x509"]))
        value = certificate_value(names, server[1] if server else "")
        values[Spot(system=SYSTEM, target=f"{host}/{name}", property="certificate")] = value
    return values


def measure(raw: Mapping[str, Any], host: str) -> dict[str, int]:
    """Return the whole days each certificate has left, by the host's own clock."""
    now = datetime.fromtimestamp(int(raw["now"]), tz=UTC)
    found = {}
    for name, texts in raw["certificates"].items():
        end = re.search(r"Not After : (.+)$", texts["x509"], re.MULTILINE)
        if end:
            until = datetime.strptime(end[1].strip(), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
            found[f"{host}/{name}:certificate_days_left"] = (until - now).days
    return found

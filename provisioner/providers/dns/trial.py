"""Does a name resolve, asked as a resolver would ask the authority?"""

from __future__ import annotations

from collections.abc import Mapping

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.providers.dns.look import authority
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

QUERY_SECONDS = 3.0


def resolves(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"simpeg.kota.lab": {"A": ["10.0.0.5"], "AAAA": []}} for each of `names`, sorted; nothing there is []."""
    return {name: _addresses(name, visits.context.estate) for name in trial.arguments["names"]}


def _addresses(name: str, estate: Estate) -> Value:
    return {kind: ask(name, kind, estate) for kind in ("A", "AAAA")}


def ask(name: str, kind: str, estate: Estate) -> list[str]:
    """Return the data of one record set at the zone's primary, sorted; Unreachable where it does not answer for it."""
    address, port = authority(estate)
    asked = dns.name.from_text(name)
    query = dns.message.make_query(asked, kind)
    query.flags &= ~dns.flags.RD
    where = f"{address}:{port}"
    try:
        said, _ = dns.query.udp_with_fallback(query, address, port=port, timeout=QUERY_SECONDS)
    except (dns.exception.DNSException, OSError, EOFError) as off:
        raise Unreachable(
            f"no answer for {name}: {type(off).__name__}.", where, "Check that named runs there."
        ) from None
    if said.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) or not said.flags & dns.flags.AA:
        what = f"{dns.rcode.to_text(said.rcode())}{'' if said.flags & dns.flags.AA else ', not as the authority'}"
        raise Unreachable(f"answers {what} for {name}.", where, "Check that it is the zone's primary.")
    found = said.get_rrset(dns.message.ANSWER, asked, dns.rdataclass.IN, dns.rdatatype.from_text(kind))
    return sorted(data.to_text() for data in found or ())

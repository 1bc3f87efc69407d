"""Which certificate does a visitor get, and may it be trusted?"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509

from provisioner.clock import utc_now
from provisioner.digests import Value
from provisioner.providers.web_host.https import HandshakeFailed, Site
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial


def certificate_names(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"names": [sorted SANs], "trusted": true, "long_enough": true, "issuer": "CN=...", "days_left": 89}.

    Trusted: the chain leads to a root we know and covers the name. Long enough: `days_left_at_least` days (30).
    """
    site = Site(
        name=str(trial.arguments["name"]), address=str(trial.arguments["address"]), estate=visits.context.estate
    )
    served = site.certificate()
    days_left = (served.not_valid_after_utc - utc_now()).days
    return {
        "names": _names(served),
        "trusted": _trusted(site),
        "long_enough": days_left >= int(trial.arguments.get("days_left_at_least", 30)),
        "issuer": served.issuer.rfc4514_string()[:200],
        "serial": f"{served.serial_number:x}",
        "days_left": days_left,
    }


def _names(served: x509.Certificate) -> Value:
    try:
        said = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return sorted(said.get_values_for_type(x509.DNSName))


def _trusted(site: Site) -> bool:
    try:
        with site.connected():
            return True
    except HandshakeFailed:
        return False

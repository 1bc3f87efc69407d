"""Who looks at the zone?"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.providers.base import Attempt
from provisioner.providers.dns.look import observe_zone
from provisioner.providers.trials import perform
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial


class DnsZone:
    """Looks at the estate's zone, whichever hosts are asked for. A Provider."""

    systems = frozenset({"dns"})

    def observe(self, hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
        """Transfer the zone once."""
        return observe_zone(estate, clock)

    def attempt(self, trial: Trial, context: Attempt) -> Mapping[str, Value]:
        """Perform one trial by itself."""
        with Visits(context) as visits:
            return perform(trial, visits)

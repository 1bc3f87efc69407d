"""Who looks at the Nextcloud servers?"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.providers.base import Attempt
from provisioner.providers.nextcloud.look import observe_servers
from provisioner.providers.nextcloud.service import servers
from provisioner.providers.trials import perform
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial


class CloudServer:
    """Looks at those of the hosts that stand in the group `nextcloud`. A Provider."""

    systems = frozenset({nextcloud.SYSTEM})

    def observe(self, hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
        """List each server's accounts, groups and rules."""
        return observe_servers(servers(hosts, estate), estate, clock)

    def attempt(self, trial: Trial, context: Attempt) -> Mapping[str, Value]:
        """Perform one trial by itself."""
        with Visits(context) as visits:
            return perform(trial, visits)

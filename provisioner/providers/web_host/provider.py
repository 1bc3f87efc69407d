"""Who looks at the systems of shared web hosts?"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.providers.base import Attempt
from provisioner.providers.trials import perform
from provisioner.providers.web_host.look import observe_hosts
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial


class WebHost:
    """Looks at any of account, apache, php_fpm, mariadb, postgresql and certificate. A Provider."""

    def __init__(self, systems: frozenset[str]) -> None:
        self.systems = systems

    def observe(self, hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
        """Ask each host's probe once."""
        return observe_hosts(self.systems, hosts, estate, clock)

    def attempt(self, trial: Trial, context: Attempt) -> Mapping[str, Value]:
        """Perform one trial by itself."""
        with Visits(context) as visits:
            return perform(trial, visits)

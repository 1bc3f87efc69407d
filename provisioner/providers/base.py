"""What must every provider be able to do? The port: look at its systems, and try them as a user would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.verification.verdict import Trial


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a trial is tried with.

    `run_id` names every probe object ('gerbang-probe-<run_id>'). `secrets` are opened ones by name
    ({'sftp_password': '...'}): in memory only, never shown by repr. `folder` is the run's 0700 folder on tmpfs, for the
    password files that database clients insist on. `patience_seconds`: how long at most a service that was reloaded
    just now may take to show what is wanted; 0 where nothing was touched, as in a nightly look.
    """

    run_id: str
    estate: Estate
    folder: Path
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    patience_seconds: float = 10.0

    @property
    def probe_name(self) -> str:
        """The one name that a trial may give to what it makes: 'gerbang-probe-run_h3k8...'."""
        return f"gerbang-probe-{self.run_id}"


class Provider(Protocol):
    """One system of the data centre, or several that one call sees together.

    Must:
    - say which `systems` it looks at: {'account', 'apache', ...};
    - `observe` everything there, of every tenant, and list in `looked` what it looked at; a system whose answer did not
      come or cannot be read is Unreachable, never an empty observation: "no answer" is not "not there";
    - check the types of what a target answers before reading it: a taken host must neither crash us nor speak for
      another host;
    - `attempt` a trial as a user would, from outside, with what a user has, and return the values seen as plain JSON;
    - touch nothing but objects named `attempt.probe_name`, and remove them whatever happens.

    May:
    - ask several targets at once, and keep connections open between calls;
    - return more values than the trial wants: they go into the record;
    - wait some seconds for what is still being taken up, such as a reload.

    Must not:
    - change a target, print, log or return a secret, or put one in argv or the environment;
    - call a thing absent because it could not be asked.
    """

    @property
    def systems(self) -> frozenset[str]:
        """The systems it looks at and tries."""
        ...

    def observe(self, hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
        """Look at its systems on `hosts` (DNS: at the estate's zone). Unreachable where one gave no answer."""
        ...

    def attempt(self, trial: Trial, context: Attempt) -> Mapping[str, Value]:
        """Try it and return what was seen. Unreachable where nobody answered."""
        ...


class Looker(Protocol):
    """The whole hand as the workflow holds it: `provisioner.providers` itself, or the fake world."""

    def look(self, systems: tuple[str, ...], hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
        """One observation of all `systems` on all `hosts`.

        Unreachable, where one gave none: its `where` names every such target by its own name, 'web1, web2'.
        """
        ...

    def try_all(self, trials: tuple[Trial, ...], context: Attempt) -> Mapping[str, Mapping[str, Value]]:
        """Trial name -> values seen; {'unreachable': why} where nobody answered. Leaves no probe behind."""
        ...

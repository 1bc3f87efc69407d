"""What does the shipped fake world look like to those who look at it and try it?

For tests of the engine, and for whoever writes a kind before a lab exists. A world may live in a file: what a killed
child did is there for the process that takes over.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot
from provisioner.providers.base import Attempt
from provisioner.providers.fake_trials import answer
from provisioner.verification.verdict import Trial


@dataclass(kw_only=True)
class State:
    """All that stands in the world.

    `measurements`: 'web1:storage_free_bytes' -> 10**10. `silent`: hosts and zones that give no answer. `faults`: what
    will go wrong, in order ({"kind": "fail", "task": "apache"}). `secret_digests`: 'web1/g7kq2mx4pd:sftp_password' ->
    sha256 of the one last applied; with ' frozen' or a mark behind it, of one that is kept to be put back. `journal`:
    every act ever done, in order. `seen_instead`: trial name -> values seen
    whatever stands there.
    """

    values: dict[Spot, Value] = field(default_factory=dict)
    measurements: dict[str, int] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    secret_digests: dict[str, str] = field(default_factory=dict)
    journal: list[dict[str, Any]] = field(default_factory=list)
    seen_instead: dict[str, dict[str, Value]] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        spots = [[s.system, s.target, s.property, value] for s, value in sorted(self.values.items())]
        return {**self.__dict__, "values": spots}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> State:
        """Read what `as_data` wrote."""
        spots = {Spot(system=s, target=t, property=p): value for s, t, p, value in data["values"]}
        return cls(**{**data, "values": spots})


class World:
    """A world that several processes may share through `path`; without a path it lives in this one."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._state = State()

    def read(self) -> State:
        """Return the state as it stands now."""
        if self.path is not None and self.path.exists():
            self._state = State.from_data(json.loads(self.path.read_text()))
        return self._state

    @contextmanager
    def changing(self) -> Iterator[State]:
        """Change the state, alone and whole: it is on disk when the block is left, whatever happens to us next."""
        if self.path is None:
            yield self._state
            return
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self.read()
            yield state
            unfinished = self.path.with_suffix(".unfinished")
            unfinished.write_text(json.dumps(state.as_data()))
            os.replace(unfinished, self.path)  # noqa: PTH105  Path.replace is the same; both are atomic

    def put(self, spot: Spot, value: Value) -> None:
        """Let `value` stand at `spot`, as if somebody had gone there; None takes it away."""
        with self.changing() as state:
            _put(state, spot, value)

    def measure(self, name: str, amount: int) -> None:
        """Let a measurement be: 'web1:storage_free_bytes'."""
        with self.changing() as state:
            state.measurements[name] = amount

    def silence(self, *targets: str) -> None:
        """Let these hosts and zones, and no others, give no answer."""
        with self.changing() as state:
            state.silent = list(targets)

    def plant(self, *faults: Mapping[str, Any]) -> None:
        """Let these go wrong, each once; see fake_runner.py for the kinds."""
        with self.changing() as state:
            state.faults.extend(dict(fault) for fault in faults)

    def show_instead(self, trial: str, seen: Mapping[str, Value]) -> None:
        """Let `trial` see this from now on, whatever stands there."""
        with self.changing() as state:
            state.seen_instead[trial] = dict(seen)


class FakeProviders:
    """The hand `provisioner.providers`, reaching into a World instead of a data centre. A Looker."""

    def __init__(self, world: World) -> None:
        self.world = world

    def look(self, systems: tuple[str, ...], hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
        """See every value of `systems` on `hosts`, and of the zone for dns; Unreachable where one is silent."""
        state = self.world.read()
        zone = str(estate.variables.get("zone", "kota.lab"))
        known = [host for host in hosts if host in estate.hosts]  # nobody looks where no inventory leads
        looked = frozenset((s, h) for s in systems for h in ((zone,) if s == "dns" else known))
        silent = sorted({host for _, host in looked} & set(state.silent))
        if silent:
            raise Unreachable("no answer: the fake world keeps it silent.", ", ".join(silent), "Call World.silence().")
        return Observation(
            values={spot: value for spot, value in state.values.items() if (spot.system, spot.host) in looked},
            measurements={name: amount for name, amount in state.measurements.items() if _host_of(name) in hosts},
            looked=looked,
            seen_at=clock(),
        )

    def try_all(self, trials: tuple[Trial, ...], context: Attempt) -> Mapping[str, Mapping[str, Value]]:
        """Answer each trial from what stands in the world."""
        return {trial.name: self.attempt(trial, context) for trial in trials}

    def attempt(self, trial: Trial, context: Attempt) -> Mapping[str, Value]:
        """Answer one trial from what stands in the world; `show_instead` has precedence."""
        state = self.world.read()
        if trial.name in state.seen_instead:
            return state.seen_instead[trial.name]
        target = str(trial.arguments.get("host", ""))
        if target in state.silent:
            return {"unreachable": f"{target}: no answer: the fake world keeps it silent."}
        return answer(trial, context, state.values, state.secret_digests)


def _host_of(measurement: str) -> str:
    """Return whose measure it is: 'web1:load_percent' and 'web1/g7kq2mx4pd:storage_used_bytes' are of web1."""
    return measurement.partition(":")[0].partition("/")[0]


def _put(state: State, spot: Spot, value: Value) -> None:
    if value is None:
        state.values.pop(spot, None)
    else:
        state.values[spot] = value

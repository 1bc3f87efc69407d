"""How do lab tests carry out a part as the worker does, and look at what came of it with the engine's own eyes?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from lab.instance import Instance
from provisioner import providers
from provisioner.clock import utc_now
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.names import ITEM_ID, draw_id, read_mark
from provisioner.plans.plan import Part
from provisioner.runner.part import run_part
from provisioner.runs.part_result import PartResult, TaskResult
from provisioner.sealing import ensure_key_file, read_keys
from tests.lab.site_part import INVENTORY, ROOT, Site

SYSTEMS = ("account", "apache", "php_fpm", "mariadb", "postgresql", "certificate", "dns")


@dataclass(frozen=True, kw_only=True)
class Places:
    """The settings that a run needs."""

    runtime_directory: Path
    key_file: Path
    inventory: Path = INVENTORY
    playbooks: Path = ROOT / "playbooks"


@dataclass(kw_only=True)
class Told:
    """What a run said while it went."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[TaskResult] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class PartRunner:
    """Carries parts out against the lab. `secrets` are the same for every run, as for a run that is resumed."""

    places: Places
    secrets: dict[str, str]

    def run(self, part: Part, told: Told | None = None, cancelled: Callable[[], bool] = lambda: False) -> PartResult:
        """Do it, with secrets sealed as the worker has them."""
        told = told or Told()
        return run_part(
            self.places,
            part,
            run_id=draw_id("run"),
            item_id="g7kq2mx4pd",
            sealed=self.sealed(),
            told=lambda task, text: told.lines.append((task, text)),
            finished=told.tasks.append,
            cancelled=cancelled,
        )

    def sealed(self) -> tuple[SealedSecret, ...]:
        keys = read_keys(self.places.key_file)
        return tuple(_sealed(name, *keys.seal(secret, f"sec_{name}")) for name, secret in self.secrets.items())


def _sealed(name: str, key_id: str, sealed: bytes) -> SealedSecret:
    return SealedSecret(
        id=f"sec_{name}",
        item_id="g7kq2mx4pd",
        run_id="run_x",
        name=name,
        label=name,
        user="g7kq2mx4pd",
        use={},
        version=1,
        key_id=key_id,
        sealed=sealed,
        state=SecretState.MADE,
        claimable_at=None,
        claimed_at=None,
        claimed_by=None,
        expires_at=None,
    )


@contextmanager
def part_runner(instance: Instance, secrets: dict[str, str]) -> Iterator[PartRunner]:
    """A runner with a runtime folder and a sealing key of its own, in memory."""
    folder = Path(mkdtemp(prefix="test-", dir=instance.state))
    try:
        ensure_key_file(folder / "sealing.json")
        yield PartRunner(places=Places(runtime_directory=folder, key_file=folder / "sealing.json"), secrets=secrets)
    finally:
        shutil.rmtree(folder)


def look(of: Estate, host: str = "web1") -> Observation:
    """Everything that stands on the host and in the zone, seen by the probe and a zone transfer."""
    return providers.look(SYSTEMS, (host,), of, utc_now)


def of_site(seen: Observation, site: Site) -> dict[tuple[str, str], Value]:
    """(system, property) -> value of one site."""
    ours = {f"{site.host}/{site.item}", f"{site.lab['zone']}/{site.name}"}
    return {(spot.system, spot.property): value for spot, value in seen.values.items() if spot.target in ours}


def unexplained(before: Observation, after: Observation, site: Site) -> dict[Spot, tuple[Value, Value]]:
    """What moved besides the site: spot -> (before, after).

    Another item that came or went in between is explained by its own run: tests of several people share one lab.
    """
    moved = {}
    others = names_of_others(before, site) | names_of_others(after, site)
    for spot in {*before.values, *after.values}:
        was, is_now = before.values.get(spot), after.values.get(spot)
        label = spot.object.partition(".")[0]
        came_or_went = None in (was, is_now) and (ITEM_ID.fullmatch(label) or spot.target in others)
        if was != is_now and label != site.item and not came_or_went:
            moved[spot] = (was, is_now)
    return moved


def names_of_others(seen: Observation, site: Site) -> set[str]:
    """Names in the zone that bear another item's mark."""
    marks = {spot.target: read_mark(str(value)) for spot, value in seen.values.items() if spot.property == "mark"}
    return {target for target, item in marks.items() if item not in (None, site.item)}


def outcomes(result: PartResult) -> dict[str, str]:
    """Task -> how it ended."""
    return {task.task: task.outcome for task in result.tasks}


def as_user(site: Site, command: str) -> str:
    """A command as the site's user in his directory; his shell is nologin, so setpriv it is."""
    who = f"setpriv --reuid={site.uid} --regid={site.uid} --clear-groups"
    return f"cd /srv/www/{site.item} && {who} sh -c '{command}'"

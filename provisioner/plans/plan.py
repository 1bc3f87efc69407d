"""What is a plan, and what does its digest promise?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioner.digests import Value, digest_of
from provisioner.plans.change import Change
from provisioner.plans.hold import Thing

GRACE, GRACE_ONLY, VERDICT = "grace", "grace_only", "verdict"


class PlanState(StrEnum):
    """design.md section 6."""

    ASKED = "asked"
    LOOKING = "looking"
    CURRENT = "current"
    IMPOSSIBLE = "impossible"
    UNREACHABLE = "unreachable"
    STALE = "stale"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One duty of a part: name 'account', the action plugin that does it; its changes in order."""

    name: str
    changes: tuple[Change, ...]

    def as_data(self) -> dict[str, Value]:
        """Return it as JSON data."""
        return {"name": self.name, "changes": [change.as_data() for change in self.changes]}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One ansible-runner call: playbook 'hosting', play 'make' or 'unmake', --limit 'web1', at most 7 tasks in order.

    `stage` is the kind's word ('make', 'close', 'remove'). `waits_for` 'grace': it runs when the grace has ended and
    the receipt for the archive is in; 'grace_only': nobody keeps an archive, the date alone counts; 'verdict': it runs
    once all trials of what the parts before it made have held; else ''.
    """

    playbook: str
    play: str
    limit: str
    stage: str
    waits_for: str
    tasks: tuple[Task, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of the part, in order."""
        return tuple(change for task in self.tasks for change in task.changes)

    @property
    def waits_for_grace(self) -> bool:
        """Tell whether the end of the grace comes first."""
        return self.waits_for in (GRACE, GRACE_ONLY)

    def as_data(self) -> dict[str, Value]:
        """Return it as JSON data."""
        return {
            "playbook": self.playbook,
            "play": self.play,
            "limit": self.limit,
            "stage": self.stage,
            "waits_for": self.waits_for,
            "tasks": [task.as_data() for task in self.tasks],
        }


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a wish is impossible, and what would make it possible. Indonesian; `code` for the API: 'name_taken'."""

    code: str
    what: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What the run reads besides its changes; part of the digest so that code cannot move under an approval.

    `files`: path -> sha256 of playbook, plugins, duties, ansible.cfg. `variables`: inventory variables the parts read
    (references, no secrets), a host's own under 'cloud1:nextcloud_url'. `versions`: {"ansible_core": "2.19.14"}.
    """

    files: Mapping[str, str]
    variables: Mapping[str, Value]
    versions: Mapping[str, str]

    def at(self, places: Sequence[str]) -> Reach:
        """Return what a run on these hosts reads: another host's own variables would make its plan stale."""
        wanted = {name: value for name, value in self.variables.items() if _is_read_at(name, places)}
        return Reach(files=self.files, variables=wanted, versions=self.versions)


def _is_read_at(name: str, places: Sequence[str]) -> bool:
    host, of_host, _ = name.rpartition(":")
    return not of_host or host in places


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be done for one line, complete.

    `wish_digest`: of the wish version, persons' fields salted. `choices`: item id, host, uid, addresses.
    `things`: what is
    held. `page`: what is shown and not digested: effect on neighbours, what is left afterwards, what is not compared.
    """

    kind: str
    verb: str
    wish_digest: str
    choices: Mapping[str, Value]
    parts: tuple[Part, ...]
    things: tuple[Thing, ...]
    reach: Reach
    page: Mapping[str, Any]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes of all parts, in order."""
        return tuple(change for part in self.parts for change in part.changes)

    @property
    def needs_receipt(self) -> bool:
        """Tell whether something of it waits until the OPD says that it has its archive."""
        return any(part.waits_for == GRACE for part in self.parts)

    @property
    def digest(self) -> str:
        """sha256 over all that decides what runs; not the time of looking, no measurement (design.md section 3)."""
        return digest_of(
            {
                "kind": self.kind,
                "verb": self.verb,
                "wish": self.wish_digest,
                "choices": dict(self.choices),
                "parts": [part.as_data() for part in self.parts],
                "files": dict(self.reach.files),
                "variables": dict(self.reach.variables),
                "versions": dict(self.reach.versions),
            }
        )

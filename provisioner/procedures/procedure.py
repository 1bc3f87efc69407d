"""Which steps does a procedure have, who does each, and what comes next?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from provisioner.digests import digest_of
from provisioner.errors import NotFound
from provisioner.people.person import Right

END = "end"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. `outcomes`: outcome id -> next step; empty where there is one way on.

    `automation` 'automatic' is the worker's. `compares` 'request_letter': whoever does it lays that document beside the
    fields and says of each whether it is as written; '' where nothing is compared.
    """

    id: str
    number: int
    activity: str
    actors: tuple[str, ...]
    right: Right
    automation: str
    next: str
    outcomes: Mapping[str, str]
    is_decision: bool
    outputs: tuple[str, ...]
    requires: tuple[str, ...]
    compares: str

    @property
    def is_automatic(self) -> bool:
        """Tell whether the worker does it."""
        return self.automation == "automatic"


@dataclass(frozen=True, kw_only=True)
class RunKeys:
    """When the look is queued, from where on a run may act, and which step its end completes (design.md section 6).

    `notified_at`: the step at whose end a person gives out the letter of delivery, None where it goes out at once.
    `mailed_at`: the automatic step that ends when every letter was taken by a mail server. `letters`: which document
    tells which end: {'delivered': 'followup_letter_to_opd', 'refused': 'reply_letter', 'failed': 'reply_letter'}.
    """

    plan_at: str
    authorised_at: str
    run_after: str
    done_at: str
    returned_to: str
    quorum: int
    notified_at: str | None = None
    mailed_at: str | None = None
    letters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """One procedure's one version. `sha256` names the version that a running request keeps."""

    id: str
    label: str
    number: str
    service: str
    steps: tuple[Step, ...]
    runs: RunKeys
    part_of: Mapping[str, str | None]
    actor_labels: Mapping[str, str]
    document_labels: Mapping[str, str]
    sha256: str

    def step(self, step_id: str) -> Step:
        """Return the step, NotFound where the procedure has none of that id."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise NotFound(f"langkah '{step_id}' tidak ada", self.id, "Lihat langkah pada halaman permohonan.")

    @property
    def first(self) -> Step:
        """Where every request begins."""
        return self.steps[0]

    def after(self, step_id: str, outcome: str | None = None) -> str:
        """Return the id of the next step, or 'end'. KeyError on an outcome the step does not know."""
        step = self.step(step_id)
        return step.outcomes[outcome] if outcome is not None and step.outcomes else step.next


def read_procedures(text: str) -> Mapping[str, Procedure]:
    """Read procedures.yaml: id -> procedure. KeyError, ValueError where the data do not hold together."""
    data = yaml.safe_load(text)
    return {entry["id"]: _procedure(entry, data) for entry in data["procedures"]}


def _procedure(entry: Mapping[str, Any], data: Mapping[str, Any]) -> Procedure:
    rows = _with_added(list(entry["steps"]), entry.get("added_steps", []))
    keys = {key: value for key, value in entry["runs"][0].items() if key != "of"}
    return Procedure(
        id=entry["id"],
        label=entry["label"],
        number=str(entry["number"]),
        service=entry["service"],
        steps=tuple(_step(row, index, rows) for index, row in enumerate(rows)),
        runs=RunKeys(**keys),
        part_of={actor: value.get("part_of") for actor, value in data["actors"].items()},
        actor_labels={actor: value["label"] for actor, value in data["actors"].items()},
        document_labels={document: value["label"] for document, value in data["documents"].items()},
        sha256=digest_of(_plain(entry)),
    )


def _with_added(rows: list[Mapping[str, Any]], added: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    for row in added:
        ids = [known["id"] for known in rows]
        place = ids.index(row["after"]) + 1 if "after" in row else ids.index(row["before"])
        rows.insert(place, row)
    return rows


def _step(row: Mapping[str, Any], index: int, rows: list[Mapping[str, Any]]) -> Step:
    fork = row.get("decision") or row.get("branch") or {}
    following = rows[index + 1]["id"] if index + 1 < len(rows) else END
    return Step(
        id=row["id"],
        number=index + 1,
        activity=row["activity"],
        actors=(row["actor"], *row.get("co_actors", [])),
        right=Right(row["right"]),
        automation=row["automation"],
        next=row.get("next", following),
        outcomes={outcome["id"]: outcome["next"] for outcome in fork.get("outcomes", [])},
        is_decision="decision" in row,
        outputs=tuple(row.get("outputs", ())),
        requires=tuple(row.get("requires", ())),
        compares=row.get("compares", ""),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)

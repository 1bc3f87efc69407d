"""After a crash: what of an intended part is done, what is left, and may we go on?"""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.digests import Value
from provisioner.facts.observation import Observation
from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where each change of a part stands: still at before, already at after, half-way, or at a third value.

    Half-way is a list some of whose members have come or gone: they do so by a call each, and a kill lies between two.
    """

    before: tuple[Change, ...]
    after: tuple[Change, ...]
    half_way: tuple[Change, ...]
    third: tuple[tuple[Change, Value], ...]

    @property
    def left(self) -> tuple[Change, ...]:
        """What is not done, or not whole."""
        return self.before + self.half_way

    @property
    def begun(self) -> tuple[Change, ...]:
        """What an undo has to take back."""
        return self.after + self.half_way


def standing(changes: tuple[Change, ...], seen: Observation) -> Standing:
    """Sort the changes by what is seen now (the Resume test of design.md section 3)."""
    values = [(change, seen.value(change.spot)) for change in changes]
    return Standing(
        before=tuple(change for change, value in values if value == change.before),
        after=tuple(change for change, value in values if value == change.after),
        half_way=tuple(change for change, value in values if change.is_half_way(value)),
        third=tuple((change, value) for change, value in values if not change.explains(value)),
    )


def name_of(change: Change) -> str:
    """Name the spot of a change for a person: 'nextcloud cloud1/arsip quota'."""
    return f"{change.system} {change.target} {change.property}"


def left_of(part: Part, remaining: tuple[Change, ...]) -> Part:
    """Return the part with those of its changes that remain, tasks without any left out."""
    return _only(part, part.tasks, remaining)


def undo_of(part: Part, done: tuple[Change, ...], tasks_unmade_in: str = "unmake") -> Part:
    """Return the part that takes `done` back: the last first, each with before and after exchanged.

    A change whose undo is `none` is left out; the caller must have looked for those (`cannot_be_undone`). One whose
    undo is `keep` stays: others may stand on it by now.
    """
    back = [change for change in done if change.undo in (Undo.REMOVE, Undo.RESTORE)]
    tasks = tuple(
        Task(name=task.name, changes=tuple(change.reversed() for change in reversed(task.changes) if change in back))
        for task in reversed(part.tasks)
    )
    tasks = tuple(task for task in tasks if task.changes)
    return Part(
        playbook=part.playbook,
        play=tasks_unmade_in if part.play == "make" else "make",
        limit=part.limit,
        stage=part.stage,
        waits_for="",
        tasks=tasks,
    )


def cannot_be_undone(done: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return those of the changes done that only go forward (Undo.NONE)."""
    return tuple(change for change in done if change.undo is Undo.NONE)


def not_taken_back(changes: tuple[Change, ...], seen: Observation) -> tuple[Change, ...]:
    """Return those of the changes that an undo should have taken back and that do not stand at `before`."""
    return tuple(c for c in changes if c.undo is not Undo.KEEP and seen.value(c.spot) != c.before)


def _only(part: Part, tasks: tuple[Task, ...], kept: tuple[Change, ...]) -> Part:
    chosen = (Task(name=t.name, changes=tuple(c for c in t.changes if c in kept)) for t in tasks)
    return Part(
        playbook=part.playbook,
        play=part.play,
        limit=part.limit,
        stage=part.stage,
        waits_for=part.waits_for,
        tasks=tuple(task for task in chosen if task.changes),
    )

"""Runs: watched, cancelled, tried again, given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from provisioner.audit_events import AuditEvent
from provisioner.desk.discretion import FOR_STAFF, discreet_events, discreet_run, discreet_verdicts
from provisioner.desk.withdrawals import WithdrawalDesk, reason_data
from provisioner.errors import Refused
from provisioner.kinds.port import Kind
from provisioner.letters.letter import LetterKind
from provisioner.people.person import Person, Right
from provisioner.plans.change import Change
from provisioner.plans.record import PlanRecord
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState
from provisioner.runs.run import Event, Result, Run, RunState
from provisioner.store import decisions, holds, looking_back, plans, requests, runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.verification.verdict import Verdict

_MAY_CANCEL = frozenset(
    {RunState.QUEUED, RunState.LOOKING, RunState.APPLYING, RunState.UNKNOWN}
    | {RunState.WAITING_UNTIL, RunState.WAITING_FOR_PERSON}
)
_EVENTS = 500
_MAY_RETRY = frozenset({RunState.FAILED, RunState.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """One duty as people see it.

    `state` 'waiting' | 'changed' | 'same' | 'failed' | 'foreign' | 'cancelled' | 'undone'.
    """

    name: str
    label: str
    part: int
    state: str
    seconds: float | None
    usual_seconds: float | None
    message: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with its duties in order, its verdicts, and what a person must look after (`attention`).

    `titles`: what people call its item, {'g7kq2mx4pd': 'simpeg.kota.lab'}; empty before there is a plan.
    `follows`: the person has the right to stop, repeat and end runs; the others say whether that can be done now.
    """

    run: Run
    request: FiledRequest
    line: Line
    tasks: tuple[TaskView, ...]
    verdicts: tuple[Verdict, ...]
    attention: tuple[str, ...]
    titles: Mapping[str, str]
    may_cancel: bool
    may_retry: bool
    may_look: bool
    follows: bool


def is_failed(run: Run, line: Line) -> bool:
    """Tell whether the run is its line's last one, ended undone, and the line's decision still stands."""
    return run.state in _MAY_RETRY and line.run_id == run.id and line.state is LineState.DECIDED


class RunDesk(WithdrawalDesk):
    """Watch a run, stop it, try it again."""

    def run(self, person: Person, run_id: str) -> RunView:
        """Return a run as it stands."""
        with self.house.database.reading() as uow:
            run, line, request = self._run(uow, person, run_id)
            follows, verdicts = person.may(Right.FOLLOW_UP), runs.verdicts(uow, run_id)
            record = plans.plan(uow, run.plan_id)
            tasks = self._tasks(uow, run, line, record)
            if not self.sees_all(person):
                run, verdicts = discreet_run(run), discreet_verdicts(verdicts)
                tasks = tuple(replace(task, message=FOR_STAFF if task.message else "") for task in tasks)
            return RunView(
                run=run,
                request=request,
                line=line,
                tasks=tasks,
                verdicts=verdicts,
                attention=tuple(run.why.split("; ")) if run.state is RunState.NEEDS_ATTENTION else (),
                titles=titles_of(run, record, self.house.kinds[line.kind]),
                may_cancel=follows and run.state in _MAY_CANCEL and run.cancel_asked_by is None,
                may_retry=follows and run.state in _MAY_RETRY and line.state is LineState.DECIDED,
                may_look=follows and run.state is RunState.NEEDS_ATTENTION,
                follows=follows,
            )

    def events(self, person: Person, run_id: str, after: int) -> tuple[Event, ...]:
        """Return the live lines after sequence `after`, at most 500."""
        with self.house.database.reading() as uow:
            self._run(uow, person, run_id)
            while found := runs.events(uow, run_id, after, _EVENTS):
                shown = found if self.sees_all(person) else discreet_events(found)
                if shown:
                    return shown
                after = found[-1].sequence
            return ()

    def cancel(self, person: Person, run_id: str, reason: str) -> None:
        """Ask the run to stop between two tasks and take back what it did."""
        with self.house.database.transaction() as uow:
            run, _, _ = self._followed(uow, person, run_id)
            if run.state not in _MAY_CANCEL:
                raise Refused(f"pelaksanaan sudah '{run.state.value}'", run_id, "Tidak ada yang dapat dihentikan.")
            runs.ask_cancel(uow, run_id, person.id)
            self._say(uow, AuditEvent.RUN_CANCEL, person, run_id, reason)
            if run.state is RunState.WAITING_UNTIL:
                self.house.queue.carry_out(uow, run.id, run.host)

    def retry(self, person: Person, run_id: str) -> Run:
        """Run again under the same unexpired decision and digest, with new secrets."""
        with self.house.database.transaction() as uow:
            run, line, _ = self._followed(uow, person, run_id)
            return self.again(uow, person, run, line)

    def again(self, uow: UnitOfWork, person: Person, run: Run, line: Line) -> Run:
        """Queue a failed run anew, in a transaction that is open already."""
        decision = decisions.decision(uow, run.decision_id)
        if not is_failed(run, line):
            raise Refused("pelaksanaan ini tidak dapat diulang", run.id, "Hanya yang gagal dan sudah dibatalkan.")
        if not decision.counts_at(self.house.clock()):
            raise Refused("keputusannya sudah tidak berlaku", run.id, "Mintalah keputusan baru.")
        holds.commit(uow, line.id, now=self.house.clock())
        self.record(uow, AuditEvent.RUN_RETRY, person, run.id, {"decision": decision.id})
        return self.queue_run(uow, line, decision)

    def look_at(self, person: Person, run_id: str) -> None:
        """Have a run that needs attention looked at again, once a person has mended what was off."""
        with self.house.database.transaction() as uow:
            run, _, _ = self._followed(uow, person, run_id)
            if run.state is not RunState.NEEDS_ATTENTION:
                raise Refused(f"pelaksanaan '{run.state.value}'", run_id, "Hanya yang perlu perhatian dilihat lagi.")
            self.record(uow, AuditEvent.RUN_LOOK, person, run_id, {})
            runs.look_again(uow, run_id, self.house.clock())  # says that a person asked
            self.house.queue.carry_out(uow, run.id, run.host)

    def give_up(self, person: Person, run_id: str, reason: str) -> None:
        """End a failed line for good: its holds are free, its request goes on without it, a letter gives the reason."""
        with self.house.database.transaction() as uow:
            run, line, request = self._followed(uow, person, run_id)
            if not is_failed(run, line):
                raise Refused("pelaksanaan ini tidak dapat diakhiri", run_id, "Hanya yang gagal dan sudah dibatalkan.")
            self.end_line(uow, person, run, line, reason)
            self.write_letter(uow, request.id, LetterKind.FAILED, reason)
            self.house.queue.advance(uow, request.id)

    def end_line(self, uow: UnitOfWork, person: Person, run: Run, line: Line, reason: str) -> None:
        """End a failed line for good; its letter and what its request does next are the caller's."""
        requests.change_line(uow, line.id, state=LineState.FAILED)
        holds.release(uow, line.id)
        self._say(uow, AuditEvent.RUN_GIVE_UP, person, run.id, reason)

    def _say(self, uow: UnitOfWork, event: AuditEvent, person: Person, run_id: str, reason: str) -> None:
        """The chain keeps the reason's digest, the run its text: what a person wrote can be erased from a run."""
        now = self.record(uow, event, person, run_id, reason_data(reason))
        runs.add_events(uow, run_id, (("log", "", f"alasan: {reason}", now),))

    def _run(self, uow: UnitOfWork, person: Person, run_id: str) -> tuple[Run, Line, FiledRequest]:
        run = runs.run(uow, run_id)
        return run, *self.visible_line(uow, person, run.line_id)

    def _followed(self, uow: UnitOfWork, person: Person, run_id: str) -> tuple[Run, Line, FiledRequest]:
        """Return a run that this person may do something about; another OPD's is NotFound before it is NotAllowed."""
        found = self._run(uow, person, run_id)
        self.need(person, Right.FOLLOW_UP)
        return found

    def _tasks(self, uow: UnitOfWork, run: Run, line: Line, record: PlanRecord) -> tuple[TaskView, ...]:
        results = runs.results(uow, run.id)
        labels = self.house.kinds[line.kind].task_labels
        if record.plan is None:
            return ()
        return tuple(
            _task_view(
                index,
                task.name,
                labels.get(task.name, task.name),
                task.changes,
                results,
                looking_back.usual_seconds(uow, task.name),
                all_stands=run.state in {RunState.VERIFYING, RunState.DONE},
            )
            for index, part in enumerate(record.plan.parts)
            for task in part.tasks
        )


def titles_of(run: Run, record: PlanRecord, kind: Kind) -> Mapping[str, str]:
    """Return what people call the run's item, also before it stands: {'g7kq2mx4pd': 'simpeg.kota.lab'}."""
    return {run.item_id: kind.title(record.plan.choices)} if record.plan else {}


def _task_view(
    part: int,
    name: str,
    label: str,
    changes: tuple[Change, ...],
    results: tuple[Result, ...],
    usual: float | None,
    *,
    all_stands: bool,
) -> TaskView:
    """What stood already when the part began, another line's or a killed worker's doing, is asked of no task."""
    mine = [r for r in results if r.part == part and r.task == name]
    made = next((r for r in reversed(mine) if r.way == "make"), None)
    undone = any(r.way == "undo" and r.outcome in {"changed", "same"} for r in mine)
    return TaskView(
        name=name,
        label=label,
        part=part,
        state="undone" if undone else made.outcome if made else "same" if all_stands else "waiting",
        seconds=made.seconds if made else None,
        usual_seconds=usual,
        message=made.message if made else "",
        changes=made.changes if made else changes,
    )

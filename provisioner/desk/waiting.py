"""What waits for this person, since when; what went wrong meanwhile, and what has just ended?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.desk.credentials import CredentialDesk
from provisioner.desk.gathering import Trouble, Waiting, gathered, troubles_gathered
from provisioner.desk.item_life import awaits_receipt
from provisioner.desk.runs import titles_of
from provisioner.errors import NotAllowed
from provisioner.items.item import Item
from provisioner.kinds.port import Standing
from provisioner.people.person import Person, Right
from provisioner.procedures.procedure import Procedure
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest
from provisioner.runs.run import RunState
from provisioner.store import alarms, items, letters, plans, procedures, requests, runs, secrets, steps
from provisioner.unit_of_work import UnitOfWork

_SHOWN = 200
_ENDED_SHOWN = 6
_FETCH = "Ambil arsip, lalu catat tanda terimanya"
_DOWNLOAD = "Unduh isinya, lalu catat bahwa sudah diunduh"
_OVERDUE = "Masa tenggang sudah lewat: mintalah tanda terima OPD, lalu catat"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A request that ended lately."""

    request: FiledRequest
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Morning:
    """What a person finds in the morning: trouble first, then what waits, then what has just ended."""

    trouble: tuple[Trouble, ...]
    waiting: tuple[Waiting, ...]
    ended: tuple[Ended, ...]


class WaitingDesk(CredentialDesk):
    """List what a person can do now."""

    def waiting(self, person: Person) -> tuple[Waiting, ...]:
        """Return the acts that wait for this person, the oldest first."""
        with self.house.database.reading() as uow:
            return self._waiting(uow, person)

    def morning(self, person: Person) -> Morning:
        """Return what waits, with what went wrong and what ended, as one look at the office."""
        with self.house.database.reading() as uow:
            ended = requests.ended_lately(
                uow, opds=self.scope(person), technical_person_id=self.named(person), limit=_ENDED_SHOWN
            )
            return Morning(
                trouble=self._trouble(uow, person),
                waiting=self._waiting(uow, person),
                ended=tuple(Ended(request=seen, at=at) for one, at in ended if (seen := self.as_seen(person, one))),
            )

    def _waiting(self, uow: UnitOfWork, person: Person) -> tuple[Waiting, ...]:
        of_items = [*self._of_items(uow, person), *self._overdue(uow, person)]
        found = [*self._steps(uow, person), *of_items, *self._runs(uow, person)]
        return tuple(sorted(gathered(found), key=lambda waiting: waiting.since))

    def _steps(self, uow: UnitOfWork, person: Person) -> list[Waiting]:
        """Ask the procedures first which steps are this person's: a hundred thousand requests are not gone through."""
        mine = {key: procedure for key in requests.steps_at_hand(uow) if (procedure := self._mine(uow, person, key))}
        found = requests.standing_at(
            uow, mine, opds=self.scope(person), technical_person_id=self.named(person), limit=_SHOWN
        )
        done = steps.of_requests(uow, [request.id for request in found])
        return [
            waiting
            for request in found
            for waiting in self._of_request(
                person, request, mine[request.procedure_id, request.procedure_sha256, request.step], done[request.id]
            )
        ]

    def _mine(self, uow: UnitOfWork, person: Person, key: tuple[str, str, str]) -> Procedure | None:
        procedure = procedures.of_version(uow, key[0], key[1])
        step = procedure.step(key[2])
        if step.is_automatic:
            return None
        own = self.scope(person)
        opds = sorted(own) if own else [""]
        return procedure if any(self._may_act(person, procedure, step.id, opd) for opd in opds) else None

    def _may_act(self, person: Person, procedure: Procedure, step_id: str, opd: str) -> bool:
        try:
            self.acting(person, procedure, procedure.step(step_id), opd)
        except NotAllowed:
            return False
        return True

    def _of_request(
        self, person: Person, request: FiledRequest, procedure: Procedure, done: tuple[StepDone, ...]
    ) -> list[Waiting]:
        step = procedure.step(request.step)
        if not self._may_act(person, procedure, step.id, request.opd):
            return []
        since = done[-1].recorded_at if done else request.submitted_at
        if step.id != procedure.runs.authorised_at:
            return [_waiting("step", step.activity, request, request.id, since)]
        return [
            _waiting("decide", step.activity, request, line.id, since)
            for line in request.lines
            if not self.why_not_given(person, request, line, procedure, done)
        ]

    def _of_items(self, uow: UnitOfWork, person: Person) -> list[Waiting]:
        """Of the items whose technical person this is: credentials to claim, archives to confirm."""
        named = self.named(person)
        if named is None:
            return []
        mine = {item.id: item for item in items.page(uow, opds=frozenset(), technical_person_id=named, limit=_SHOWN)}
        claimable = secrets.claimable(uow, mine)
        asked_by = self._requests_of(uow, [secret.run_id for secret in claimable])
        claims = [
            Waiting(
                act="claim",
                what=secret.label,
                opd=mine[secret.item_id].opd,
                about=mine[secret.item_id].label,
                request_id=asked_by.get(secret.run_id),
                subject=secret.item_id,
                since=secret.claimable_at,
            )
            for secret in claimable
            if secret.claimable_at is not None
        ]
        receipts = [
            Waiting(
                act="receipt",
                what=_DOWNLOAD if self._standing(item).fetches_single_files else _FETCH,
                opd=item.opd,
                about=item.label,
                request_id=None,
                subject=item.id,
                since=item.delivered_at,
            )
            for item in mine.values()
            if awaits_receipt(uow, item)
        ]
        return [*claims, *receipts]

    def _overdue(self, uow: UnitOfWork, person: Person) -> list[Waiting]:
        """Of the ends whose date has come and whose receipt has not: whoever takes papers in asks for one."""
        if not self.writes_down_papers(person):
            return []
        due = {run.item_id: run for run in runs.waiting_until_before(uow, self.now)[:_SHOWN]}
        return [
            Waiting(
                act="receipt",
                what=_OVERDUE,
                opd=item.opd,
                about=item.label,
                request_id=None,
                subject=item.id,
                since=due[item.id].waiting_until or due[item.id].queued_at,
            )
            for item in (items.item(uow, item_id) for item_id in due)
            if awaits_receipt(uow, item)
        ]

    def _standing(self, item: Item) -> Standing:
        return self.house.kinds[item.kind].standing(item.wish, item.choices)

    def _requests_of(self, uow: UnitOfWork, run_ids: Iterable[str]) -> Mapping[str, str]:
        """Return by which request each run was asked for: run id -> request id."""
        found = runs.by_id(uow, run_ids)
        owners = requests.of_lines(uow, [run.line_id for run in found.values()])
        return {run.id: owners[run.line_id].id for run in found.values()}

    def _runs(self, uow: UnitOfWork, person: Person) -> list[Waiting]:
        """Runs that ended undone and whose decision still counts: try again, or give up."""
        if not self._follows(person):
            return []
        stuck = runs.to_mend(uow)
        about = requests.by_id(uow, stuck)
        return [
            _waiting("mend", "Ulangi pelaksanaan, atau akhiri", about[request_id], run.id, run.ended_at)
            for request_id, of_request in stuck.items()
            for run in of_request
            if run.ended_at is not None
        ]

    def _trouble(self, uow: UnitOfWork, person: Person) -> tuple[Trouble, ...]:
        found = [
            Trouble(
                about="item",
                subject=alarm.item_id,
                label=alarm.label,
                opd=alarm.opd,
                what=alarm.what,
                mend=alarm.mend,
                since=alarm.since,
            )
            for alarm in alarms.standing(uow, opds=self.scope(person), technical_person_id=self.named(person))
        ]
        if self._follows(person):
            found += self._stuck_runs(uow)
            found += self._stuck_letters(uow)
        return tuple(sorted(troubles_gathered(found), key=lambda trouble: trouble.since))

    def _stuck_runs(self, uow: UnitOfWork) -> list[Trouble]:
        stuck = runs.to_mend(uow)
        about = requests.by_id(uow, stuck)
        standing = [(about[id_], run) for id_, of_request in stuck.items() for run in of_request if not run.has_ended]
        records = plans.by_id(uow, {run.plan_id for _, run in standing})
        kinds = {line.id: line.kind for request, _ in standing for line in request.lines}
        return [
            Trouble(
                about="run",
                subject=run.id,
                label=f"{request.number} {request.application_name}",
                opd=request.opd,
                what="pelaksanaan berhenti dan menunggu orang" if _stands(run.state) else "keadaan belum diketahui",
                mend=run.why,
                since=run.started_at or run.queued_at,
                kind=kinds[run.line_id],
                titles=titles_of(run, records[run.plan_id], self.house.kinds[kinds[run.line_id]]),
                request_id=request.id,
            )
            for request, run in standing
        ]

    def _stuck_letters(self, uow: UnitOfWork) -> list[Trouble]:
        stuck = letters.stuck(uow)
        about = requests.by_id(uow, [letter.request_id for letter in stuck])
        return [
            Trouble(
                about="letter",
                subject=letter.request_id,
                label=f"{about[letter.request_id].number} {about[letter.request_id].application_name}",
                opd=about[letter.request_id].opd,
                what=f"surat belum terkirim sesudah {letter.attempts} kali dicoba",
                mend=letter.why,
                since=letter.written_at,
            )
            for letter in stuck
        ]

    def _follows(self, person: Person) -> bool:
        return person.may(Right.FOLLOW_UP) and self.sees_all(person)


def _stands(state: RunState) -> bool:
    return state is not RunState.UNKNOWN


def _waiting(act: str, what: str, request: FiledRequest, subject: str, since: datetime) -> Waiting:
    return Waiting(
        act=act,
        what=what,
        opd=request.opd,
        about=f"{request.number} {request.application_name}",
        request_id=request.id,
        subject=subject,
        since=since,
    )

"""Lines: all of one request in one table, and one person's word on many of them, each on exactly its own plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.decisions.adjustment import Adjustment
from provisioner.decisions.decision import Decision, Outcome, Word
from provisioner.desk.decisions import DecisionDesk, check_open, check_reason
from provisioner.desk.discretion import discreet_reason, discreet_run
from provisioner.digests import digest_of
from provisioner.errors import BadInput, Fault, Refused, RefusedLines
from provisioner.people.person import Person, Position
from provisioner.plans.plan import PlanState
from provisioner.plans.record import PlanBrief
from provisioner.procedures.procedure import Procedure
from provisioner.requests.fields import seen
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState
from provisioner.runs.run import Run, RunState
from provisioner.store import adjustments, decisions, plans, runs, steps
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One line of the table. `outcome`: what approving it says, 'adjusted' where a proposal stands in its place.

    `digest` is the current plan's, '' where there is none to approve; `decision` the last that counts.
    """

    line: Line
    plan: PlanBrief | None
    adjustment: Adjustment | None
    decision: Decision | None
    run: Run | None

    @property
    def digest(self) -> str:
        """Return the digest that an approval of this line names."""
        return self.plan.digest if self.plan is not None and self.plan.state is PlanState.CURRENT else ""

    @property
    def outcome(self) -> Outcome:
        """Return what saying yes to this line's plan is called."""
        return Outcome.ADJUSTED if self.adjustment is not None else Outcome.APPROVED

    @property
    def is_open(self) -> bool:
        """Tell whether it waits for a decision."""
        return self.line.state is LineState.OPEN


@dataclass(frozen=True, kw_only=True)
class LinesView:
    """All lines of one request; `why_not` says why this person may decide none of them now ('' if they may)."""

    request: FiledRequest
    procedure: Procedure
    lines: tuple[LineView, ...]
    why_not: str

    @property
    def sha256(self) -> str:
        """Name what the table showed: another digest of any line is another table."""
        return digest_of({str(one.line.number): one.digest for one in self.lines})

    @property
    def under_way(self) -> int:
        """Count the runs that go on by themselves: a page that shows them looks again."""
        return sum(one.run is not None and one.run.state in _BY_ITSELF for one in self.lines)

    @property
    def planning(self) -> int:
        """Count the plans that are still being made."""
        return sum(one.plan is not None and one.plan.state in _BEING_MADE for one in self.lines)

    @property
    def ended(self) -> int:
        """Count the lines that have come to their end."""
        return sum(one.line.state not in _UNDER_WAY for one in self.lines)


_BY_ITSELF = frozenset(
    {RunState.QUEUED, RunState.LOOKING, RunState.APPLYING, RunState.VERIFYING, RunState.UNDOING, RunState.UNKNOWN}
)
_BEING_MADE = frozenset({PlanState.ASKED, PlanState.LOOKING})
_UNDER_WAY = frozenset({LineState.OPEN, LineState.DECIDED, LineState.RUNNING})


class LineDesk(DecisionDesk):
    """Show the lines of a request, and decide many of them at once."""

    def lines(self, person: Person, request_id: str) -> LinesView:
        """Return the request's lines in order; another OPD's request is NotFound."""
        with self.house.database.reading() as uow:
            request = self.visible(uow, person, request_id)
            procedure = self.procedure_of(uow, request)
            made = plans.briefs(uow, [line.plan_id for line in request.lines if line.plan_id])
            run = runs.by_id(uow, [line.run_id for line in request.lines if line.run_id])
            said = {one.line_id: one for one in decisions.of_lines(uow, [line.id for line in request.lines])}
            proposed = adjustments.of_request(uow, request_id)
            done = steps.of_request(uow, request_id)
        staff = self.sees_all(person)
        views = tuple(
            LineView(
                line=line,
                plan=_shown_plan(made.get(line.plan_id or ""), staff=staff),
                adjustment=proposed.get(line.id),
                decision=said.get(line.id),
                run=_shown_run(run.get(line.run_id or ""), staff=staff),
            )
            for line in request.lines
        )
        open_lines = [one.line for one in views if one.is_open]
        whose = open_lines[0] if open_lines else request.lines[0]
        why_not = self.why_not_given(person, request, whose, procedure, done)
        return LinesView(request=request, procedure=procedure, lines=views, why_not=why_not)

    def decide_lines(
        self, person: Person, request_id: str, words: Sequence[Word], *, version: int | None = None
    ) -> tuple[Decision, ...]:
        """Decide many lines of one request in one transaction: all of them, or none.

        Each approval names the digest of its own line's plan (law 1). BadInput for words that cannot be read at all;
        RefusedLines tells, line by line, whose plan is another by now and what moved; then nothing was decided.
        A return is of the whole request, so it is no word on lines: `decide` says it.
        """
        with self.house.database.transaction() as uow:
            request = self.visible(uow, person, request_id)
            procedure = self.procedure_of(uow, request)
            self.check_seen(uow, request, version)
            lines = _named(request, words)
            position = self.deciding(uow, person, request, procedure)
            made = self._say_each(uow, person, position, request, procedure, lines)
            self.end_step(uow, person, request.id, procedure, made[-1], position)
            return made

    def look_at_lines(self, person: Person, request_id: str, line_ids: Sequence[str], reason: str) -> int:
        """Ask for a new look of those lines (all that are open, where none is named); return of how many."""
        with self.house.database.transaction() as uow:
            request = self.visible(uow, person, request_id)
            self.check_looks(person)
            wanted = [line for line in request.lines if line.state is LineState.OPEN]
            wanted = [line for line in wanted if line.id in line_ids] if line_ids else wanted
            for line in wanted:
                self.check_planned(uow, request, line)
                self.ask_look(uow, person, line, reason, {})
            return len(wanted)

    def _say_each(
        self,
        uow: UnitOfWork,
        person: Person,
        position: Position,
        request: FiledRequest,
        procedure: Procedure,
        lines: Sequence[tuple[Line, Word]],
    ) -> tuple[Decision, ...]:
        made: list[Decision] = []
        faults: list[Fault] = []
        for line, word in lines:
            try:
                check_open(request, procedure, line)
                made.append(self.say(uow, person, position, request, line, word))
            except Refused as refusal:
                faults.append(
                    Fault(where=f"baris {line.number}", seen=word.digest[:12], what=refusal.what, mend=refusal.mend)
                )
        if faults:  # the transaction takes back what was said of the others
            what = f"{len(faults)} dari {len(lines)} baris tidak dapat diputuskan begitu; tidak satu pun diputuskan"
            raise RefusedLines(what, request.number, "Muat ulang tabelnya, lalu putuskan lagi.", tuple(faults))
        return tuple(made)


def _named(request: FiledRequest, words: Sequence[Word]) -> list[tuple[Line, Word]]:
    """Return each word's line in the request's order; BadInput for all that cannot be read."""
    known = {line.id: line for line in request.lines}
    faults, found = [], []
    for number, word in enumerate(words):
        where = f"decisions[{number}]"
        if word.line_id not in known:
            faults.append(
                _fault(f"{where}.line_id", word.line_id, "bukan baris permohonan ini", "Periksa id barisnya.")
            )
        elif [one.line_id for one in words].count(word.line_id) > 1:
            faults.append(_fault(f"{where}.line_id", word.line_id, "baris disebut dua kali", "Hapus salah satu."))
        else:
            found.append((known[word.line_id], word))
        if word.outcome is Outcome.RETURNED:
            mend = "Kembalikan seluruh permohonan, atau tolak baris ini."
            faults.append(
                _fault(f"{where}.outcome", word.outcome.value, "pengembalian berlaku untuk semua baris", mend)
            )
        else:
            try:
                check_reason(word, f"{where}.reason")
            except BadInput as bad:
                faults += bad.faults
    if not words:
        faults.append(_fault("decisions", "", "tidak ada baris yang dipilih", "Centang sedikitnya satu baris."))
    if faults:
        raise BadInput(tuple(faults))
    return sorted(found, key=lambda pair: pair[0].number)


def _shown_plan(plan: PlanBrief | None, *, staff: bool) -> PlanBrief | None:
    if plan is None or staff:
        return plan
    return PlanBrief(**{**vars(plan), "reasons": tuple(discreet_reason(reason) for reason in plan.reasons)})


def _shown_run(run: Run | None, *, staff: bool) -> Run | None:
    return run if run is None or staff else discreet_run(run)


def _fault(where: str, value: str, what: str, mend: str) -> Fault:
    return Fault(where=where, seen=seen(value) if value else "", what=what, mend=mend)

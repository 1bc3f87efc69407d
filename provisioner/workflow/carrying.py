"""What does one run carry with it, and how does it move from state to state?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.decisions.decision import Decision
from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.observation import Observation
from provisioner.items.item import Verb
from provisioner.items.sealed_secret import SealedSecret
from provisioner.items.verbs import VERBS, VerbRow
from provisioner.kinds.port import Kind, Question
from provisioner.plans.plan import VERDICT, Part, Plan
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState, RequestState
from provisioner.runs.run import MOVES, Intent, Run, RunState
from provisioner.store import audit, decisions, plans, requests, runs, secrets
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands
from provisioner.workflow.look import question_of
from provisioner.workflow.silence import silence

MAKE, UNDO = "make", "undo"
LOOK_AGAIN_AFTER = timedelta(seconds=30)
_MOST_STARTS = 50  # a run that our own faults ended this often is a person's matter, not the queue's


class TakenOver(GerbangError):
    """Another worker moved this run meanwhile: this one only stops."""


@dataclass(kw_only=True)
class Standing:
    """The state in which we ourselves left the run last."""

    state: RunState


@dataclass(frozen=True, kw_only=True)
class Carrying:
    """One run with everything it was approved on.

    Read anew at each start, so that a restart sees what was committed.
    """

    hands: Hands
    run: Run
    line: Line
    request: FiledRequest
    kind: Kind
    plan: Plan
    decision: Decision
    left: Standing

    @property
    def host(self) -> str:
        """The place whose queue the run stands in."""
        return self.run.host

    def look(self) -> Observation:
        """Look at the chosen places alone: another host that is silent, or at work, is not this run's matter."""
        return self.hands.look(self.kind.systems, self.places)

    @property
    def places(self) -> tuple[str, ...]:
        """The inventory hosts that this run looks at, the queue's first."""
        return self.kind.places(self.plan.choices)

    @property
    def own(self) -> frozenset[str]:
        """What is the run's own and nobody's neighbour: its item's id, and every target that its plan changes."""
        return frozenset({self.run.item_id, *(change.target for change in self.plan.changes)})

    def busy_place(self) -> str:
        """Return the first place where a duty of an earlier worker still runs after 60 s, '' where all are free."""
        return next((place for place in self.places if not self.hands.is_free(place)), "")

    def question(self, seen: Observation) -> Question:
        """Return the kind's question in the world as `seen`, with the choices that were approved."""
        with self.hands.database.reading() as uow:
            return question_of(self.hands, uow, self.line, seen, self.plan.choices)

    @property
    def verb(self) -> VerbRow:
        """What the line's verb means for the item."""
        return VERBS[Verb(self.line.verb)]

    def intents(self) -> dict[tuple[int, str], Intent]:
        """Return what was committed to be done, by part and way."""
        with self.hands.database.reading() as uow:
            return {(intent.part, intent.way): intent for intent in runs.intents(uow, self.run.id)}

    def before_verdict(self) -> tuple[tuple[int, Part], ...]:
        """Return the parts that the verdict is about, numbered as in the plan."""
        return tuple((i, part) for i, part in enumerate(self.plan.parts) if part.waits_for != VERDICT)

    def after_verdict(self) -> tuple[tuple[int, Part], ...]:
        """Return the parts that wait until all trials have held."""
        return tuple((i, part) for i, part in enumerate(self.plan.parts) if part.waits_for == VERDICT)

    def verdict_has_held(self) -> bool:
        """Tell whether what waited for the verdict was begun: it was, because all trials had held."""
        begun = self.intents()
        return any((index, MAKE) in begun for index, _ in self.after_verdict())

    def sealed(self) -> tuple[SealedSecret, ...]:
        """Return the run's secrets as they are kept: sealed."""
        with self.hands.database.reading() as uow:
            return secrets.of_run(uow, self.run.id)

    def cancel_asked(self) -> bool:
        """Tell whether a person asked to stop; read between tasks."""
        with self.hands.database.reading() as uow:
            return runs.run(uow, self.run.id).cancel_asked_by is not None

    def is_mine(self) -> bool:
        """Tell whether nobody has taken the run up after us."""
        with self.hands.database.reading() as uow:
            return runs.run(uow, self.run.id).fence == self.run.fence

    def check_fence(self, uow: UnitOfWork) -> None:
        """Raise TakenOver where another worker has taken the run up, or moved it: our word counts no more."""
        found = runs.run(uow, self.run.id)
        if found.fence != self.run.fence or found.state is not self.left.state:
            raise TakenOver(f"left {self.left.state}, found {found.state}", self.run.id, "Nothing to mend.")

    def state(self) -> RunState:
        """Return the state as committed."""
        with self.hands.database.reading() as uow:
            return runs.run(uow, self.run.id).state

    def hold_back(self, fault: Exception) -> None:
        """A fault of ours: again in half a minute, and after many times never without a person."""
        if not self.is_mine():
            return
        if self.run.fence >= _MOST_STARTS and RunState.NEEDS_ATTENTION in MOVES.get(self.state(), frozenset()):
            self.move(RunState.NEEDS_ATTENTION, f"kesalahan berulang pada Gerbang: {type(fault).__name__}")
            return
        with self.hands.database.transaction() as uow:
            runs.look_again(uow, self.run.id, self.hands.clock() + LOOK_AGAIN_AFTER)

    def lose_sight(self, why: str | Unreachable) -> None:
        """Nobody knows how it stands there: look again in half a minute, never act blindly meanwhile.

        The run says it in plain words; what the system itself said goes to the live lines, which staff alone read.
        """
        said = why if isinstance(why, str) else silence(why, self.kind.systems).what

        def also(uow: UnitOfWork, now: datetime) -> None:
            if isinstance(why, Unreachable):
                runs.add_events(uow, self.run.id, (("log", "", str(why), now),))

        self.move(RunState.UNKNOWN, said, look_again_at=self.hands.clock() + LOOK_AGAIN_AFTER, also=also)

    def move(
        self,
        to: RunState,
        why: str = "",
        *,
        waiting_until: datetime | None = None,
        look_again_at: datetime | None = None,
        also: Callable[[UnitOfWork, datetime], None] | None = None,
    ) -> None:
        """Commit the next state with its audit row and live line, and what must become true with it.

        TakenOver where another worker has moved the run meanwhile: then this one only stops.
        """
        now = self.hands.clock()
        with self.hands.database.transaction() as uow:
            self.check_fence(uow)
            if to is not self.left.state:
                runs.move(
                    uow, self.run.id, to, why=why, waiting_until=waiting_until, look_again_at=look_again_at, now=now
                )
            runs.add_events(uow, self.run.id, (("state", "", to.value + (f": {why}" if why else ""), now),))
            data: dict[str, Value] = {"state": to.value, "why": why}
            audit.append(uow, AuditEvent.RUN_CHANGE, actor="worker", subject=self.run.id, data=data, at=now)
            _follow(uow, self, to)
            if also is not None:
                also(uow, now)
        self.left.state = to


def carrying_of(hands: Hands, run_id: str) -> Carrying:
    """Take a run up, with what it was approved on; whoever had it before is fenced off."""
    with hands.database.transaction() as uow:
        runs.take(uow, run_id)
        run = runs.run(uow, run_id)
        line = requests.line(uow, run.line_id)
        record = plans.plan(uow, run.plan_id)
        decision = decisions.decision(uow, run.decision_id)
        request = requests.request(uow, line.request_id)
    if (
        record.plan is None
    ):  # an approval binds a digest, so there was a plan; a store that lost it must not be guessed at
        msg = f"plan {record.id} of run {run.id} has no content"
        raise ValueError(msg)
    kind = hands.kinds[line.kind]
    return Carrying(
        hands=hands,
        run=run,
        line=line,
        request=request,
        kind=kind,
        plan=record.plan,
        decision=decision,
        left=Standing(state=run.state),
    )


def _follow(uow: UnitOfWork, carrying: Carrying, to: RunState) -> None:
    """Keep line and request in step with their run."""
    if to in {RunState.APPLYING, RunState.UNDOING}:
        requests.change_line(uow, carrying.line.id, state=LineState.RUNNING)
        requests.move(uow, carrying.request.id, state=RequestState.RUNNING)
    elif to in {RunState.FAILED, RunState.CANCELLED}:
        requests.change_line(uow, carrying.line.id, state=LineState.DECIDED)

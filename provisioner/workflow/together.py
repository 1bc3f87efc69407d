"""together: runs of one request on one place share a call of the runner, and each keeps its own rows and its own end.

What does not go well is not mended here: a run whose outcome is unknown, that failed, or that was taken over is left as
its rows say, and its own job goes on with it alone. So does a worker that takes up what another left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.plans.plan import Part, Reach
from provisioner.runs.part_result import PartResult
from provisioner.runs.resume import standing
from provisioner.runs.run import Run, RunState
from provisioner.store import plans, requests, runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.begin import begin
from provisioner.workflow.carrying import MAKE, Carrying, TakenOver, carrying_of
from provisioner.workflow.deliver import deliver, secrets_to_try, verify
from provisioner.workflow.disturbed import neighbours_left_alone
from provisioner.workflow.hands import Hands, ToTry
from provisioner.workflow.live import LiveLines
from provisioner.workflow.part import Ended, is_as_approved, left_to_do, look_when_free, order_of, settle

T = TypeVar("T")
_FEWEST = 2


def carry_together(hands: Hands, run_id: str) -> None:
    """Carry the run, with all that may share its call, as far as they go together; nothing where it stands alone."""
    ids = _who_may_share(hands, run_id)
    if len(ids) < _FEWEST:
        return
    shared, company = Shared(hands), Company()
    going = [Member(carrying=carrying_of(shared.hands, one)) for one in ids]
    first = going[0].carrying
    for _ in first.before_verdict():
        going = _part(hands, shared, company, going)
    tried = replace(hands, try_all=_try_each(hands, going))
    going = company.each(going, lambda member: _verify(tried, member))
    for _ in first.after_verdict():
        shared.forget()  # trials take their time
        going = _part(hands, shared, company, going)
        going = company.each(going, _beside_left_alone)
    company.each(going, _deliver)
    if company.faults:
        raise company.faults[0]


def _part(hands: Hands, shared: Shared, company: Company, going: list[Member]) -> list[Member]:
    """Carry all through the part they are at, in one call; return those that go on together."""
    going = company.each(going, _intend)
    shared.forget()  # the last word on files and inventory is asked for right before the act
    going = company.each(going, lambda member: is_as_approved(member.carrying))
    going = company.each(_act(hands, going), _settle)
    shared.forget()
    return company.each(going, _is_there)


class Shared:
    """What was seen, and read of inventory and files, serves every run of the company until it is forgotten."""

    def __init__(self, hands: Hands) -> None:
        self._own, self._known = hands, dict[object, Any]()
        self.hands = replace(hands, look=self._look, estate=self._estate, reach=self._reach)

    def forget(self) -> None:
        """Let the next one look and read anew."""
        self._known.clear()

    def _look(self, systems: tuple[str, ...], places: tuple[str, ...]) -> Observation:
        return self._once((systems, places), lambda: self._own.look(systems, places))

    def _estate(self) -> Estate:
        return self._once("estate", self._own.estate)

    def _reach(self, kind: str) -> Reach:
        return self._once(("reach", kind), lambda: self._own.reach(kind))

    def _once(self, what: object, ask: Callable[[], T]) -> T:
        """Ask once; what is raised is kept by nobody and met anew by each that asks."""
        if what not in self._known:
            self._known[what] = ask()
        found: T = self._known[what]
        return found


@dataclass(kw_only=True)
class Member:
    """One run on its way: the part it is at, what is left to do of it (None: nothing), how the call ended for it.

    `seen`: what its last part left.
    """

    carrying: Carrying
    index: int = 0
    left: Part | None = None
    result: PartResult | None = None
    seen: Observation | None = None

    @property
    def part(self) -> Part:
        """The part it is at, as it was approved."""
        return self.carrying.plan.parts[self.index]


@dataclass(kw_only=True)
class Company:
    """Those that share a call. `faults` are ours, met on the way; each holds its own run back and no other."""

    faults: list[Exception] = field(default_factory=list)

    def each(self, members: Iterable[Member], step: Callable[[Member], bool]) -> list[Member]:
        """Take each a step on, and return those that go on together."""
        return [member for member in members if self._takes(member, step)]

    def _takes(self, member: Member, step: Callable[[Member], bool]) -> bool:
        try:
            return step(member)
        except TakenOver:
            return False
        except Exception as fault:  # noqa: BLE001 - kept, and raised when the others have gone on
            member.carrying.hold_back(fault)
            self.faults.append(fault)
            return False


def _who_may_share(hands: Hands, run_id: str) -> list[str]:
    """Return the waiting runs of one request, kind and verb whose plans go the same way, the asking one first."""
    with hands.database.reading() as uow:
        run = runs.run(uow, run_id)
        line = requests.line(uow, run.line_id)
        if run.state is not RunState.QUEUED or not hands.kinds[line.kind].shares_calls:
            return []
        lines = requests.request(uow, line.request_id).lines
        alike = [one for one in lines if (one.kind, one.verb) == (line.kind, line.verb) and one.run_id is not None]
        found = [runs.run(uow, str(one.run_id)) for one in alike]
        waiting = [one for one in found if one.state is RunState.QUEUED and one.host == run.host]
        way = _way(uow, run)
        return [run.id, *(one.id for one in waiting if one.id != run.id and _way(uow, one) == way)] if way else []


def _way(uow: UnitOfWork, run: Run) -> tuple[tuple[str, str, str, str], ...]:
    """Return which calls the run's parts need, in order; () where one waits for a grace, or where there is none."""
    plan = plans.plan(uow, run.plan_id).plan
    parts = plan.parts if plan is not None else ()
    waits = any(part.waits_for_grace for part in parts)
    return () if waits else tuple((p.playbook, p.play, p.limit, p.waits_for) for p in parts)


def _intend(member: Member) -> bool:
    """Begin as every run does: at first authority and the same digest, then the intent's row."""
    carrying, member.result = member.carrying, None
    if member.index == 0:
        carrying.move(RunState.LOOKING)
    seen = begin(carrying, member.index, member.part)
    if seen is None:
        return False
    left = left_to_do(carrying, MAKE, member.part, seen)
    member.left = left if isinstance(left, Part) else None
    return member.left is not None or left is Ended.DONE


def _act(hands: Hands, members: list[Member]) -> list[Member]:
    """Do what is left of all in one call."""
    acting = [(one, one.left, LiveLines(hands, one.carrying.run.id)) for one in members if one.left is not None]
    orders = tuple(order_of(one.carrying, one.index, MAKE, left, live) for one, left, live in acting)
    results = hands.do_together(orders) if orders else ()
    for (one, _, live), result in zip(acting, results, strict=True):
        one.result = result
        live.flush()
    return members


def _settle(member: Member) -> bool:
    if member.result is None:
        return True
    return settle(member.carrying, member.index, MAKE, member.part, member.result) is Ended.DONE


def _is_there(member: Member) -> bool:
    """Look: what is not all at `after` goes on alone; the others stand before their next part."""
    member.seen = look_when_free(member.carrying)
    if member.seen is None or standing(member.part.changes, member.seen).left:
        return False
    member.index += 1
    return True


def _verify(hands: Hands, member: Member) -> bool:
    """Try it, or undo it; an undo looks with its own eyes."""
    member.carrying.move(RunState.VERIFYING)
    member.seen = verify(replace(member.carrying, hands=hands), member.seen)
    return member.seen is not None


def _beside_left_alone(member: Member) -> bool:
    assert member.seen is not None
    return neighbours_left_alone(member.carrying, member.seen)


def _deliver(member: Member) -> bool:
    assert member.seen is not None
    deliver(member.carrying, member.seen)
    return True


def _try_each(hands: Hands, members: list[Member]) -> Callable[..., Mapping[str, Mapping[str, Value]]]:
    """Try all runs side by side, since most of a trial is waiting; return what gives each what was seen of it."""
    tried = hands.try_each(tuple(_to_try(member) for member in members))
    seen = {member.carrying.run.id: one for member, one in zip(members, tried, strict=True)}
    return lambda _trials, run_id, _sealed: seen[run_id]


def _to_try(member: Member) -> ToTry:
    carrying = member.carrying
    assert member.seen is not None
    trials = carrying.kind.trials(carrying.question(member.seen), carrying.plan.choices)
    return ToTry(trials=trials, run_id=carrying.run.id, sealed=secrets_to_try(carrying))

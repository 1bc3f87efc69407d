"""look: what would this line change? Observe, choose, subtract, hold."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value, digest_of, salted_digest
from provisioner.errors import GerbangError, Refused, Unavailable, Unreachable
from provisioner.facts.observation import Observation
from provisioner.items.item import Item, Verb
from provisioner.items.verbs import VERBS, VerbRow, refusal
from provisioner.kinds.port import NOT_LOOKED, Kind, Question
from provisioner.names import draw_item_id
from provisioner.plans.compare import parts_of
from provisioner.plans.hold import difference
from provisioner.plans.plan import Plan, PlanState, Reach, Reason
from provisioner.plans.record import PlanRecord
from provisioner.requests.changed_wish import changed_wish
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState, RequestState
from provisioner.store import adjustments, audit, holds, items, plans, requests, sums
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands
from provisioner.workflow.observe import Sight, observe_all, observe_places
from provisioner.workflow.silence import silence

HOLD_WORKING_DAYS = 10
RETRY_WORKING_DAYS = 3
_CHOICES_TRIED = 2  # a lost race for a hold is retried once with another choice


def look(hands: Hands, plan_id: str) -> None:
    """Fill the asked plan: current, impossible(reasons) or unreachable(why). Called again, it starts over."""
    with hands.database.transaction() as uow:
        record = plans.plan(uow, plan_id)
        if record.state not in {PlanState.ASKED, PlanState.LOOKING}:
            return
        plans.start(uow, plan_id)
        line = _with_item_id(uow, requests.line(uow, record.line_id))
        request = requests.request(uow, line.request_id)
    kind = hands.kinds[line.kind]
    try:
        sight = _sight_of(hands, record, line)
        _plan_and_hold(hands, record, request, line, sight, hands.reach(kind.name))
    except Superseded:
        with hands.database.transaction() as uow:
            if plans.plan(uow, plan_id).state is PlanState.LOOKING:
                plans.set_state(uow, plan_id, PlanState.SUPERSEDED)
    except (Unreachable, Unavailable) as fault:
        with suppress(Superseded):
            _finish(hands, plan_id, PlanState.UNREACHABLE, (silence(fault, kind.systems),))


def _sight_of(hands: Hands, record: PlanRecord, line: Line) -> Sight:
    """Look as far as this line can reach: what stands, at its own places; what is to be made, wherever it could go.

    A change may lead to one more place (a proxy that came in front of the server since): its run will look there too.
    """
    kind = hands.kinds[line.kind]
    with hands.database.reading() as uow:
        kept = _kept_choices(uow, record)
        item = None if VERBS[Verb(line.verb)].makes_item else items.item(uow, str(line.item_id))
    if item is None:
        return observe_all(hands, kind)
    stands = kept or item.choices
    sight = observe_places(hands, kind, stands)
    with hands.database.reading() as uow:
        choices = chosen(kind, _question(hands, uow, record, line, sight.seen))
    if isinstance(choices, tuple) or set(kind.places(choices)) <= set(kind.places(stands)):
        return sight
    return observe_places(hands, kind, choices)


def _question(hands: Hands, uow: UnitOfWork, record: PlanRecord, line: Line, seen: Observation) -> Question:
    question = question_of(hands, uow, line, seen, _kept_choices(uow, record))
    return replace(question, wishes=record.wishes)


def question_of(
    hands: Hands, uow: UnitOfWork, line: Line, seen: Observation, previous: Mapping[str, Value] | None
) -> Question:
    """Ask the kind about `line`, in the world as `seen`, with what others hold."""
    item_id, row = str(line.item_id), VERBS[Verb(line.verb)]
    item = None if row.makes_item else items.item(uow, item_id)
    kind, requested = hands.kinds[line.kind], replace(line, wish=adjustments.asked(uow, line.id))
    return Question(
        verb=line.verb,
        wish=_wish(kind, line, row, item),
        asked=line.wish,
        item=item,
        kept=() if item is None else tuple(one.thing for one in holds.kept_of_item(uow, item_id)),
        item_id=item_id,
        seen=seen,
        estate=hands.estate(),
        taken=holds.taken(uow, line.id),
        sums=sums.sums(uow, line.id),
        owners=items.owners(uow),
        free_at={thing: moment.astimezone(hands.zone).date() for thing, moment in holds.free_at(uow, line.id).items()},
        previous=previous or (item.choices if item else None),
        requested=_wish(kind, requested, row, item),
        opd=requests.opd_of(uow, line.request_id) if item is None else item.opd,
    )


def _wish(kind: Kind, line: Line, row: VerbRow, item: Item | None) -> Mapping[str, Any]:
    """Return the whole wish as it shall be; only a verb of the wish's own fields changes it."""
    if item is None:
        return line.wish
    return changed_wish(kind.fields, item.wish, line.wish)[0] if row.changes_wish else item.wish


def wish_digest_of(request: FiledRequest, line: Line, salt: str) -> str:
    """Digest the line's wish version; persons' fields only with the salt that is erased with them.

    Of technical persons it is the one that the line would be given: another line's is not this one's matter.
    """
    return digest_of(
        {
            "version": line.wish_version,
            "verb": line.verb,
            "wish": dict(line.wish),
            "opd": request.opd,
            "persons": salted_digest(salt, {"a": dict(request.administrative), "t": dict(request.technical_of(line))}),
        }
    )


def chosen(kind: Kind, question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    """Let the kind choose, where the item is in a state that the verb can be asked of."""
    if question.item is not None and (why := refusal(Verb(question.verb), question.item.state)):
        return (Reason(code="item_state", what=why, mend="Tunggu sampai layanan dalam keadaan itu."),)
    return kind.choose(question)


def make_plan(
    kind: Kind, question: Question, request: FiledRequest, line: Line, reach: Reach, salt: str
) -> Plan | tuple[Reason, ...]:
    """Choose, subtract and put together; pure. Returns the reasons where the wish cannot be."""
    choices = chosen(kind, question)
    if isinstance(choices, tuple):
        return choices
    parts = parts_of(kind.stages(question, choices), question.seen, kind.properties)
    return Plan(
        kind=kind.name,
        verb=line.verb,
        wish_digest=wish_digest_of(request, line, salt),
        choices=choices,
        parts=parts,
        things=difference(kind.things(question, choices), question.kept),
        reach=reach.at(kind.places(choices)),
        page=kind.page(question, choices, parts),
    )


def end_of_working_day(hands: Hands, working_days: int, since: datetime | None = None) -> datetime:
    """Return the end of the office's day, `working_days` from `since` (now), in UTC."""
    today = (since or hands.clock()).astimezone(hands.zone).date()
    day = hands.calendar.add(today, working_days) + timedelta(days=1)
    return datetime.combine(day, time(), hands.zone).astimezone(UTC)


def held_until(hands: Hands, working_days: int, since: datetime | None = None) -> datetime:
    """The same for what must not wait for a calendar: where next year's is not loaded, twice the days as plain ones."""
    try:
        return end_of_working_day(hands, working_days, since)
    except Unavailable:
        return (since or hands.clock()) + timedelta(days=2 * working_days)


def _with_item_id(uow: UnitOfWork, line: Line) -> Line:
    if line.item_id is not None:
        return line
    item_id = draw_item_id()
    requests.change_line(uow, line.id, item_id=item_id)
    return replace(line, item_id=item_id)


def _plan_and_hold(
    hands: Hands, record: PlanRecord, request: FiledRequest, line: Line, sight: Sight, reach: Reach
) -> None:
    kind = hands.kinds[line.kind]
    for attempt in range(_CHOICES_TRIED):
        with hands.database.transaction() as uow:
            _check_still_asked(uow, record.id, line)
            question = _question(hands, uow, record, line, sight.seen)
            made = make_plan(kind, question, request, line, reach, requests.salt_of(uow, request.id))
            if isinstance(made, tuple):
                _write(hands, uow, record.id, *_cannot(kind, sight, made))
                return
            try:
                expires_at = held_until(hands, HOLD_WORKING_DAYS)
                holds.take(uow, line_id=line.id, item_id=str(line.item_id), things=made.things, expires_at=expires_at)
            except Refused as lost:
                if attempt + 1 < _CHOICES_TRIED:
                    continue
                _write(hands, uow, record.id, PlanState.IMPOSSIBLE, None, (_lost(lost),))
                return
            _write(hands, uow, record.id, PlanState.CURRENT, made, ())
            requests.change_line(uow, line.id, plan_id=record.id)
            return


def _kept_choices(uow: UnitOfWork, record: PlanRecord) -> Mapping[str, Value] | None:
    """A plan's choices never change, unless a person asked for another look with a wish for the choice."""
    if record.wishes:
        return None
    earlier = [r.plan for r in plans.of_line(uow, record.line_id) if r.plan is not None and r.id != record.id]
    return earlier[-1].choices if earlier else None


def _cannot(kind: Kind, sight: Sight, reasons: tuple[Reason, ...]) -> tuple[PlanState, None, tuple[Reason, ...]]:
    """Impossible is only what nobody who is silent could make possible; where one could, a look again may find room."""
    others = tuple(reason for reason in reasons if reason.code != NOT_LOOKED)
    if others == reasons:
        return PlanState.IMPOSSIBLE, None, reasons
    told = tuple(silence(fault, kind.systems) for fault in sight.faults)
    return PlanState.UNREACHABLE, None, (*told, *others) if told else reasons


def _lost(lost: Refused) -> Reason:
    return Reason(
        code="hold_lost", what=str(lost), mend="Yang lain lebih dahulu memesannya; ubah permohonan atau tunggu."
    )


def _finish(hands: Hands, plan_id: str, state: PlanState, reasons: tuple[Reason, ...]) -> None:
    with hands.database.transaction() as uow:
        _write(hands, uow, plan_id, state, None, reasons)


def _check_still_asked(uow: UnitOfWork, plan_id: str, line: Line) -> None:
    """A line that was decided, returned or withdrawn while we looked takes no holds."""
    now = requests.line(uow, line.id)
    request = requests.request(uow, line.request_id)
    if (
        now.state is not LineState.OPEN
        or request.state is not RequestState.OPEN
        or now.wish_version != line.wish_version
    ):
        raise Superseded("the line is not open any more", plan_id, "Nothing to mend.")


class Superseded(GerbangError):
    """Another look of this line was asked for meanwhile: what this one found counts no more."""


def _write(
    hands: Hands, uow: UnitOfWork, plan_id: str, state: PlanState, plan: Plan | None, reasons: tuple[Reason, ...]
) -> None:
    now = hands.clock()
    if plans.plan(uow, plan_id).state is not PlanState.LOOKING:
        raise Superseded("superseded while looking", plan_id, "Nothing to mend.")
    plans.finish(uow, plan_id, state, plan, reasons, now)
    data: dict[str, Value] = {"state": state.value, "digest": plan.digest if plan else None}
    data["reasons"] = [reason.code for reason in reasons]
    audit.append(uow, AuditEvent.PLAN_MAKE, actor="worker", subject=plan_id, data=data, at=now)

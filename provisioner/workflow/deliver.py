"""verify and deliver: is it as asked, were the neighbours left alone, and what stands there now?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value, digest_of
from provisioner.errors import Unreachable
from provisioner.facts.observation import Observation
from provisioner.items.item import Item, ItemState, Verb
from provisioner.items.sealed_secret import SealedSecret, SecretState, earlier
from provisioner.items.verbs import Holding
from provisioner.kinds.port import Question
from provisioner.plans.compare import unreached
from provisioner.plans.plan import VERDICT
from provisioner.requests.request import LineState
from provisioner.runs.run import RunState
from provisioner.store import adjustments, alarms, audit, holds, items, life, requests, runs, secrets
from provisioner.unit_of_work import UnitOfWork
from provisioner.verification.verdict import Verdict
from provisioner.verification.verify import summary
from provisioner.verification.verify import verify as judge_all
from provisioner.workflow.appointment import take_leave
from provisioner.workflow.carrying import Carrying
from provisioner.workflow.disturbed import neighbours_left_alone
from provisioner.workflow.live import LiveLines
from provisioner.workflow.undo import undo

CLAIM_HOURS = 72
GRACE_DAYS = 30
QUARANTINE_DAYS = 180  # where the office has set none
_SEALED = frozenset({SecretState.MADE, SecretState.CLAIMABLE})


def verify(carrying: Carrying, seen: Observation | None = None, *, neighbours_seen: bool = False) -> Observation | None:
    """Look again, compare the neighbours, try it as a user would; return what was seen where all of it holds.

    None: what was done is undone, or the state says who has to look. `seen`: what the last part's own look saw a moment
    ago; a run taken up again looks anew. `neighbours_seen`: a person has looked after what moved beside it.
    """
    try:
        seen = seen or carrying.look()
    except Unreachable as fault:
        carrying.lose_sight(fault)
        return None
    if not neighbours_seen and not neighbours_left_alone(carrying, seen):
        return None
    verdicts = _verdicts(carrying, seen)
    with carrying.hands.database.transaction() as uow:
        now = carrying.hands.clock()
        runs.write_verdicts(uow, carrying.run.id, verdicts, now)
        data: dict[str, Value] = {"holding": sum(v.holds for v in verdicts), "of": len(verdicts)}
        audit.append(uow, AuditEvent.VERDICT_WRITE, actor="worker", subject=carrying.run.id, data=data, at=now)
    found = summary(verdicts)
    if found.holds:
        return seen
    undo(carrying, found.sentence)
    return None


def begin_grace(carrying: Carrying) -> None:
    """The service is closed, its archive readable where one is wanted: wait for the date, and for the OPD's receipt."""
    with carrying.hands.database.reading() as uow:
        known = items.item(uow, carrying.run.item_id)
    until = known.ending_until or carrying.hands.clock() + timedelta(
        days=_office_days(carrying, "grace_days", GRACE_DAYS)
    )

    def also(uow: UnitOfWork, now: datetime) -> None:
        items.change(uow, carrying.run.item_id, state=ItemState.ENDING, ending_until=until)
        data: dict[str, Value] = {"state": ItemState.ENDING.value, "until": until.isoformat()}
        audit.append(uow, AuditEvent.ITEM_CHANGE, actor="worker", subject=carrying.run.item_id, data=data, at=now)

    why = "masa tenggang" + "; menunggu tanda terima" * carrying.plan.needs_receipt
    carrying.move(RunState.WAITING_UNTIL, why, waiting_until=until, also=also)


def _office_days(carrying: Carrying, setting: str, otherwise: int) -> int:
    office: Mapping[str, int] = carrying.hands.estate().variables.get("office", {})
    return int(office.get(setting, otherwise))


def _verdicts(carrying: Carrying, seen: Observation) -> tuple[Verdict, ...]:
    question = carrying.question(seen)
    live = LiveLines(carrying.hands, carrying.run.id)
    stages = carrying.kind.stages(question, carrying.plan.choices)
    left = unreached(tuple(stage for stage in stages if stage.waits_for != VERDICT), seen)
    spots: list[Value] = [f"{spot.system} {spot.target} {spot.property}" for spot in left]
    verdicts = [
        Verdict(
            name="plan_empty",
            label="Rencana sesudah pelaksanaan kosong",
            wanted={"changes": []},
            seen={"changes": spots},
            holds=not spots,
        )
    ]
    trials = carrying.kind.trials(question, carrying.plan.choices)
    seen_by_trial = carrying.hands.try_all(trials, carrying.run.id, secrets_to_try(carrying))
    for verdict in judge_all(trials, seen_by_trial):
        live.tell("verdict", verdict.name, f"{verdict.label}: {'sesuai' if verdict.holds else 'tidak sesuai'}")
        verdicts.append(verdict)
    live.flush()
    return tuple(verdicts)


def secrets_to_try(carrying: Carrying) -> tuple[SealedSecret, ...]:
    """Return what the run's trials are tried with: the secrets it made, and those that must open nothing any more."""
    return (*carrying.sealed(), *_earlier(carrying))


def _earlier(carrying: Carrying) -> tuple[SealedSecret, ...]:
    """Return what this run replaces and nobody has claimed: it must open nothing any more."""
    with carrying.hands.database.reading() as uow:
        known = secrets.of_item(uow, carrying.run.item_id)
    made = {secret.name for secret in known if secret.run_id == carrying.run.id}
    lying = (one for one in known if one.run_id != carrying.run.id and one.state in _SEALED and one.name in made)
    return tuple(replace(secret, name=earlier(secret.name)) for secret in lying)


def deliver(carrying: Carrying, seen: Observation) -> None:
    """What the verb's row says becomes true of item, holds and credentials, in the transaction that ends the run."""
    question = carrying.question(seen)

    def also(uow: UnitOfWork, now: datetime) -> None:
        item = _stand(carrying, question, uow, now)
        life.write(uow, item, verb=Verb(carrying.line.verb), line_id=carrying.line.id, at=now)
        data: dict[str, Value] = {"state": item.state.value, "label": item.label, "verb": carrying.line.verb}
        data |= _settle_holds(carrying, question, uow, now)
        _settle_credentials(carrying, question, uow, now)
        audit.append(uow, AuditEvent.ITEM_CHANGE, actor="worker", subject=item.id, data=data, at=now)
        requests.change_line(uow, carrying.line.id, state=LineState.DELIVERED)
        _file(carrying, uow)
        carrying.hands.queue.advance(uow, carrying.request.id)

    carrying.move(RunState.DONE, also=also)


def _stand(carrying: Carrying, question: Question, uow: UnitOfWork, now: datetime) -> Item:
    """Write the item as it stands from now on, and return it."""
    row, known = carrying.verb, question.item
    appointed = carrying.request.appointed_to(carrying.line)
    if known is None:
        item = Item(
            id=carrying.run.item_id,
            kind=carrying.kind.name,
            opd=carrying.request.opd,
            label=carrying.kind.title(carrying.plan.choices),
            state=row.leads_to or ItemState.ACTIVE,
            wish=question.wish,
            choices=carrying.plan.choices,
            line_id=carrying.line.id,
            technical_person_id=appointed,
            ending_until=None,
            delivered_at=now,
            receipt_sha256=None,
        )
        items.add(uow, item)
        return item
    items.change(
        uow,
        known.id,
        state=row.leads_to or life.delivered_state(uow, known.id),
        ending_until=None,
        wish=question.wish,
        choices=carrying.plan.choices,
        label=carrying.kind.title(carrying.plan.choices),
        technical_person_id=appointed if row.appoints else known.technical_person_id,
    )
    if row.appoints:
        take_leave(carrying, known, uow, now)
    return items.item(uow, known.id)


def _settle_holds(carrying: Carrying, question: Question, uow: UnitOfWork, now: datetime) -> dict[str, Value]:
    """Let the item keep what it needs from now on and no more; return what the chain says of it."""
    until = now + timedelta(days=_office_days(carrying, "quarantine_days", QUARANTINE_DAYS))
    quarantined = dict.fromkeys(carrying.kind.name_pools, until)
    item_id = carrying.run.item_id
    if carrying.verb.holding is Holding.RELEASED:
        holds.release_item(uow, item_id, quarantine_pools=quarantined)
        return {"quarantined_until": until.isoformat()}
    holds.to_item(uow, carrying.line.id, item_id)
    if carrying.verb.holding is Holding.SETTLED:
        wanted = carrying.kind.things(question, carrying.plan.choices)
        holds.settle(uow, item_id, wanted, quarantine_pools=quarantined)
    return {}


def _settle_credentials(carrying: Carrying, question: Question, uow: UnitOfWork, now: datetime) -> None:
    """Hand over what the run made; what served its trials, or opens nothing any more, is destroyed."""
    known = secrets.of_item(uow, carrying.run.item_id)
    made = {secret.name for secret in known if secret.run_id == carrying.run.id}
    probes = {secret.name for secret in carrying.kind.secrets(question, carrying.plan.choices) if secret.is_probe}
    for secret in known:
        earlier = secret.run_id != carrying.run.id and secret.state in _SEALED
        if secret.name in probes or (earlier and (secret.name in made or carrying.verb.ends_credentials)):
            secrets.destroy(uow, secret.id)
            audit.append(uow, AuditEvent.SECRET_DESTROY, actor="worker", subject=secret.id, data={}, at=now)
    secrets.make_claimable(uow, carrying.run.item_id, now, now + timedelta(hours=CLAIM_HOURS))
    alarms.end(uow, carrying.run.item_id, {secret.alarm_code for secret in known if secret.name in made})


def _file(carrying: Carrying, uow: UnitOfWork) -> None:
    """File the run's record (ho_r1 of the procedure): asked, granted, approved, done and seen, without any secret."""
    verdicts = runs.verdicts(uow, carrying.run.id)
    asked = adjustments.asked(uow, carrying.line.id)
    record: dict[str, Value] = {
        "run": carrying.run.id,
        "item": carrying.run.item_id,
        "digest": carrying.decision.digest,
        "approved_by": carrying.decision.decider_id,
        "outcome": carrying.decision.outcome.value,
        "asked": dict(asked),
        "granted": dict(carrying.line.wish),
        "choices": dict(carrying.plan.choices),
        "changes": [change.as_data() for change in carrying.plan.changes],
        "verdicts": [{"name": v.name, "seen": dict(v.seen), "holds": v.holds} for v in verdicts],
    }
    runs.file_record(uow, carrying.run.id, {**record, "sha256": digest_of(record)})

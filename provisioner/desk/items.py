"""Items: what stands there, and how did its life go?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.desk.discretion import discreet_run, discreet_verdicts
from provisioner.desk.item_life import Chapter, ItemCard, cards, ending_of, signers
from provisioner.desk.runs import RunDesk
from provisioner.errors import NotFound
from provisioner.items.item import Item
from provisioner.items.life import Moment
from provisioner.items.receipt import Receipt
from provisioner.items.sealed_secret import SealedSecret
from provisioner.people.person import Person, Right
from provisioner.plans.plan import Reason
from provisioner.requests.availability import Verbs
from provisioner.runs.run import Run
from provisioner.store import alarms, holds, items, life, people, requests, runs, secrets
from provisioner.store.holds import HoldRow
from provisioner.unit_of_work import UnitOfWork
from provisioner.verification.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """An item with its life: `chapters` oldest first, `verdicts` of the last run that ended done, at `proved_at`.

    `life`: what each delivered line left, the oldest first; a moment's line leads to its request.
    `claimed_by` names who took which credential: secret id -> name. `awaits_receipt`: its end waits for the OPD to say
    that it has its contents; `receipt`: what it said of this end, by `receipt_from`. `signers`: whose receipt on paper
    this person may write down now, id -> 'Budi Rekaan, Kepala Dinas'.
    """

    item: Item
    card: ItemCard
    chapters: tuple[Chapter, ...]
    runs: tuple[Run, ...]
    verdicts: tuple[Verdict, ...]
    proved_at: datetime | None
    credentials: tuple[SealedSecret, ...]
    verbs: Verbs
    holds: tuple[HoldRow, ...]
    alarms: tuple[Reason, ...]
    life: tuple[Moment, ...]
    claimed_by: Mapping[str, str]
    awaits_receipt: bool
    receipt: Receipt | None
    receipt_from: str
    signers: Mapping[str, str]
    may_look: bool


class ItemDesk(RunDesk):
    """List and show items."""

    def items(self, person: Person, *, before: tuple[datetime, str] | None = None, limit: int = 50) -> tuple[Item, ...]:
        """Return the items this person may see, the newest first."""
        with self.house.database.reading() as uow:
            return self._page(uow, person, before, limit)

    def item_cards(
        self, person: Person, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[ItemCard, ...]:
        """Return the same, each with its limits, its persons and what was measured."""
        with self.house.database.reading() as uow:
            return cards(uow, self.house, self._page(uow, person, before, limit))

    def _page(
        self, uow: UnitOfWork, person: Person, before: tuple[datetime, str] | None, limit: int
    ) -> tuple[Item, ...]:
        return items.page(
            uow, opds=self.scope(person), technical_person_id=self.named(person), before=before, limit=limit
        )

    def item(self, person: Person, item_id: str) -> ItemView:
        """Return one item with its life."""
        with self.house.database.reading() as uow:
            item = self.visible_item(uow, person, item_id)
            lines = requests.lines_of_item(uow, item_id)
            all_runs = tuple(run for line in lines for run in runs.of_line(uow, line.id))
            sees_all = self.sees_all(person)
            done = [run for run in all_runs if run.state == "done"]
            verdicts = runs.verdicts(uow, done[-1].id) if done else ()
            shown = all_runs if sees_all else tuple(map(discreet_run, all_runs))
            sealed = secrets.handed_over(uow, item_id)
            ending = ending_of(uow, item)
            receipt = ending.receipt if ending else None
            takers = people.by_id(uow, [secret.claimed_by for secret in sealed if secret.claimed_by])
            givers = people.by_id(uow, [receipt.person_id] if receipt else [])
            of_line = requests.of_lines(uow, [line.id for line in lines])
            return ItemView(
                item=item,
                card=cards(uow, self.house, (item,))[0],
                chapters=tuple(
                    Chapter(
                        request=of_line[line.id], line=line, runs=tuple(run for run in shown if run.line_id == line.id)
                    )
                    for line in lines
                ),
                runs=shown,
                verdicts=verdicts if sees_all else discreet_verdicts(verdicts),
                proved_at=done[-1].ended_at if done else None,
                credentials=sealed,
                verbs=self.office_kinds(uow)[item.kind].verbs,
                holds=holds.of_item(uow, item_id),
                alarms=alarms.of_item(uow, item_id),
                life=life.of_item(uow, item_id),
                claimed_by={
                    secret.id: takers[secret.claimed_by].name
                    for secret in sealed
                    if secret.claimed_by and secret.claimed_by in takers
                },
                awaits_receipt=ending is not None and ending.awaits_receipt,
                receipt=receipt,
                receipt_from=givers[receipt.person_id].name if receipt and receipt.person_id in givers else "",
                signers=self._signers(uow, person, item) if ending is not None and ending.awaits_receipt else {},
                may_look=sees_all and person.may(Right.FOLLOW_UP),
            )

    def look_at_item(self, person: Person, item_id: str) -> None:
        """Bring the nightly look at everything of the item's kind forward; it changes nothing."""
        with self.house.database.transaction() as uow:
            item = self.visible_item(uow, person, item_id)
            self.need(person, Right.FOLLOW_UP)
            self.record(uow, AuditEvent.ITEM_LOOK, person, item_id, {})
            self.house.queue.watch(uow, item.kind)

    def visible_item(self, uow: UnitOfWork, person: Person, item_id: str) -> Item:
        """Return an item this person may see; another OPD's is NotFound."""
        item = items.item(uow, item_id)
        if self.sees(person, item.opd) or (self.named(person) and person.id == item.technical_person_id):
            return item
        raise NotFound("layanan tidak ada", item_id, "Periksa kodenya.")

    def writes_down_papers(self, person: Person) -> bool:
        """Tell whether the person may write down what the OPD handed in on paper."""
        return person.may(Right.REGISTER) and self.sees_all(person)

    def _signers(self, uow: UnitOfWork, person: Person, item: Item) -> Mapping[str, str]:
        if not self.writes_down_papers(person):
            return {}
        held = signers(uow, item.opd, self.today, person.id)
        names = people.by_id(uow, held)
        return {one: f"{names[one].name}, {position.title}" for one, position in held.items()}

"""How does a table say what the world looks like, whatever kind it is of? Words of a table -> Question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot
from provisioner.items.item import Item, ItemState
from provisioner.items.verbs import VERBS
from provisioner.kinds.port import Kind, Question
from provisioner.plans.change import Change
from provisioner.plans.compare import after, parts_of
from provisioner.plans.hold import difference
from provisioner.plans.plan import Part, Plan, Reach
from provisioner.requests.changed_wish import changed_wish
from provisioner.requests.fields import Known, parse_fields, parse_given

ITEM, OPD = "g7kq2mx4pd", "DINCONTOH"
GIB = 1024**3
TODAY = date(2026, 11, 21)
SEEN_AT = datetime(2026, 11, 21, tzinfo=UTC)
KNOWN = Known(opd_codes=frozenset(), zone="kota.lab", reserved_labels=frozenset(), today=TODAY)


@dataclass(frozen=True, kw_only=True)
class World:
    """One kind's world: `least`: the smallest wish; `estate_of` reads a table's `hosts`; `zones` are looked at too."""

    kind: Kind
    least: Mapping[str, Any]
    estate_of: Callable[[Mapping[str, Any]], Estate]
    zones: tuple[tuple[str, str], ...] = ()

    def wish_of(self, table: Mapping[str, Any]) -> Mapping[str, Any]:
        """The table's wish, parsed as any door would."""
        wish, faults = parse_fields(self.kind.fields, {**self.least, **table.get("wish", {})}, "wish", KNOWN)
        assert faults == ()
        return wish

    def seen_of(self, table: Mapping[str, Any], estate: Estate) -> Observation:
        """What the table saw: `seen` is a list of [system, target, property, value]."""
        looked = {(system, host) for system in self.kind.systems for host in estate.hosts} | {*self.zones}
        return Observation(
            values={Spot(system=s, target=t, property=p): value for s, t, p, value in table.get("seen", [])},
            measurements=table.get("measurements", {}),
            looked=frozenset(looked),
            seen_at=SEEN_AT,
        )

    def question_of(self, table: Mapping[str, Any]) -> Question:
        """The question of a table; `standing: true` asks it in the world that the same wish's run has left.

        `hosts_before`: the inventory of that run, where it is another by now; `recorded`: choices left otherwise.
        `after`: verbs that were carried out there since, each once. `asked`: the line's own fields.
        """
        estate = self.estate_of(table)
        question = Question(
            verb="create",
            wish=self.wish_of(table),
            item_id=ITEM,
            seen=self.seen_of(table, estate),
            estate=estate,
            taken={pool: frozenset(keys) for pool, keys in table.get("taken", {}).items()},
            sums={pool: (limit, held) for pool, (limit, held) in table.get("sums", {}).items()},
            previous=table.get("previous"),
            wishes=table.get("wishes"),
            free_at={thing: date.fromisoformat(day) for thing, day in table.get("free_at", {}).items()},
            opd=OPD,
        )
        return self._standing(question, table) if table.get("standing") else _with(question, table)

    def asked_of(self, table: Mapping[str, Any], verb: str) -> Mapping[str, Any]:
        """The line's own fields, parsed."""
        if verb == "create":
            return {}
        read = parse_given if self.kind.verbs[verb].partial else parse_fields
        asked, faults = read(self.kind.verbs[verb].fields, table.get("asked", {}), "asked", KNOWN)
        assert faults == ()
        return asked

    def parts_for(self, question: Question, choices: Mapping[str, Any]) -> tuple[Part, ...]:
        """The parts that the kind's stages give in the question's world."""
        return parts_of(self.kind.stages(question, choices), question.seen, self.kind.properties)

    def plan_for(self, question: Question) -> Plan:
        """The whole plan, as the workflow would put it together."""
        choices = self.kind.choose(question)
        assert isinstance(choices, Mapping), choices
        parts = self.parts_for(question, choices)
        return Plan(
            kind=self.kind.name,
            verb=question.verb,
            wish_digest="0" * 64,
            choices=choices,
            parts=parts,
            things=difference(self.kind.things(question, choices), question.kept),
            reach=Reach(files={}, variables={}, versions={}),
            page=self.kind.page(question, choices, parts),
        )

    def _standing(self, question: Question, table: Mapping[str, Any]) -> Question:
        """Asked of a verb on an item, `wish` is what stands, and what the line asks is read as any door would."""
        estate = (
            self.estate_of({**table, "hosts": table["hosts_before"]}) if "hosts_before" in table else question.estate
        )
        seen = replace(self.seen_of(table, estate), measurements={})
        before = replace(question, estate=estate, seen=seen, sums={}, taken={}, wishes=None)
        made = self.kind.choose(before)
        assert isinstance(made, Mapping), made
        recorded = {**made, **table.get("recorded", {})}
        choices = {name: value for name, value in recorded.items() if value is not None}
        left = after(seen, changes_of(self.parts_for(before, made)))
        item, verb = self._item(question.wish, choices), table.get("verb", "create")
        for verb_done in table.get("after", ()):
            done = replace(before, verb=verb_done, seen=left, previous=choices, item=item)
            left = after(left, changes_of(self.parts_for(done, choices)))
        moved = {Spot(system=s, target=t, property=p): value for s, t, p, value in table.get("moved", [])}
        values = {spot: value for spot, value in {**left.values, **moved}.items() if value is not None}
        asked, wish = self.asked_of(table, verb), question.wish
        if verb != "create" and VERBS[verb].changes_wish:
            wish, faults = changed_wish(self.kind.fields, question.wish, asked)
            assert faults == ()
        kept = self.kind.things(before, choices)
        own = {"item": item, "kept": kept, "asked": asked} if verb != "create" else {}
        return _with(question, table, seen=replace(question.seen, values=values), previous=choices, wish=wish, **own)

    def _item(self, wish: Mapping[str, Any], choices: Mapping[str, Any]) -> Item:
        """The item as it is recorded since its making."""
        return Item(
            id=ITEM,
            kind=self.kind.name,
            opd=OPD,
            label=self.kind.title(choices),
            state=ItemState.ACTIVE,
            wish=wish,
            choices=choices,
            line_id="lin_1",
            technical_person_id=None,
            ending_until=None,
            delivered_at=SEEN_AT,
            receipt_sha256=None,
        )


def changes_of(parts: tuple[Part, ...]) -> tuple[Change, ...]:
    """All changes, in order."""
    return tuple(change for part in parts for change in part.changes)


def _with(question: Question, table: Mapping[str, Any], **more: Any) -> Question:
    return replace(question, verb=table.get("verb", "create"), **more)

"""How does a table say what the world looks like? Words of a table -> Question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Observation, Spot
from provisioner.items.item import Item, ItemState
from provisioner.items.verbs import VERBS
from provisioner.kinds.catalogue import KINDS
from provisioner.kinds.port import Question
from provisioner.plans.change import Change
from provisioner.plans.compare import after, parts_of
from provisioner.plans.hold import difference
from provisioner.plans.plan import Part, Plan, Reach
from provisioner.requests.changed_wish import changed_wish
from provisioner.requests.fields import Known, parse_fields, parse_given

KIND = KINDS["hosting"]
ITEM = "g7kq2mx4pd"
GIB = 1024**3
ZONE = {
    "zone": "kota.lab",
    "acme_zone": "acme.kota.lab",
    "acme_directory_url": "https://acme.kota.lab/dir",
}
SUMS = {"storage_bytes": 20 * GIB, "database_bytes": 10 * GIB, "bandwidth_bytes_per_second": 125_000_000}
HOSTS: Mapping[str, Mapping[str, Any]] = {
    "web1": {
        "php_version": "8.2",
        "php_extensions": ["gd", "mbstring", "mysql", "pgsql"],
        "bandwidth_driver": "mod_bw",
        "address_public": "203.0.113.11",
        "address_internal": "10.0.0.11",
    },
    "web2": {
        "php_version": "8.4",
        "php_extensions": ["intl", "mbstring", "mysql", "pgsql"],
        "bandwidth_driver": "mod_ratelimit",
        "address_public": "203.0.113.12",
        "address_internal": "10.0.0.12",
    },
}
EVERY_HOST = {
    "uid_pool": {"first": 20000, "last": 20009},
    "sums": SUMS,
    "path": "nat",
    "database_client_networks": ["10.9.0.0/16"],
    "storage_driver": "btrfs_squota",
}


def wish_of(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table's wish, parsed as any door would."""
    sent = {"sub_domain": "simpeg", "runtime": "static", "electronic_system_category": "rendah"} | table.get("wish", {})
    known = Known(opd_codes=frozenset(), zone="kota.lab", reserved_labels=frozenset(), today=date(2026, 11, 21))
    wish, faults = parse_fields(KIND.fields, sent, "wish", known)
    assert faults == ()
    return wish


def estate_of(table: Mapping[str, Any]) -> Estate:
    """web1 unless the table names `hosts`: a mapping of name to what differs there."""
    named: Mapping[str, Any] = table.get("hosts", {"web1": {}})
    hosts = {
        name: Host(
            name=name,
            groups=frozenset({"shared_web"}),
            variables={**EVERY_HOST, **HOSTS[name], **(more or {}), "sums": {**SUMS, **(more or {}).get("sums", {})}},
        )
        for name, more in named.items()
    }
    return Estate(hosts=hosts, variables=ZONE)


def seen_of(table: Mapping[str, Any], estate: Estate) -> Observation:
    """What the table saw: `seen` is a list of [system, target, property, value]."""
    looked = {(system, host) for system in KIND.systems for host in estate.hosts} | {("dns", "kota.lab")}
    return Observation(
        values={Spot(system=s, target=t, property=p): value for s, t, p, value in table.get("seen", [])},
        measurements=table.get("measurements", {}),
        looked=frozenset(looked),
        seen_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


def question_of(table: Mapping[str, Any]) -> Question:
    """The question of a table; `standing: true` asks it in the world that the same wish's run has left.

    `after`: verbs that were carried out there since, each once. `asked`: the line's own fields.
    """
    estate = estate_of(table)
    question = Question(
        verb="create",
        wish=wish_of(table),
        item_id=ITEM,
        seen=seen_of(table, estate),
        estate=estate,
        taken={pool: frozenset(keys) for pool, keys in table.get("taken", {}).items()},
        sums={pool: (limit, held) for pool, (limit, held) in table.get("sums", {}).items()},
        previous=table.get("previous"),
        wishes=table.get("wishes"),
        free_at={thing: date.fromisoformat(day) for thing, day in table.get("free_at", {}).items()},
    )
    return _standing(question, table) if table.get("standing") else _with(question, table)


def _standing(question: Question, table: Mapping[str, Any]) -> Question:
    """Asked of a verb on an item, `wish` is what stands, and what the line asks is read as any door would."""
    before = replace(question, seen=replace(question.seen, measurements={}), sums={}, wishes=None)
    choices = KIND.choose(before)
    assert isinstance(choices, Mapping), choices
    left = after(question.seen, changes_of(parts_for(before, choices)))
    for verb in table.get("after", ()):
        left = after(left, changes_of(parts_for(replace(before, verb=verb, seen=left, previous=choices), choices)))
    moved = {Spot(system=s, target=t, property=p): value for s, t, p, value in table.get("moved", [])}
    left = replace(left, values={**left.values, **moved})
    item, verb = _item(question.wish, choices, question.seen.seen_at), table.get("verb", "create")
    asked, wish = asked_of(table, verb), question.wish
    if verb != "create" and VERBS[verb].changes_wish:
        wish, faults = changed_wish(KIND.fields, question.wish, asked)
        assert faults == ()
    kept = KIND.things(before, choices)
    own = {"item": item, "kept": kept, "asked": asked} if verb != "create" else {}
    return _with(question, table, seen=left, previous=choices, wish=wish, **own)


def asked_of(table: Mapping[str, Any], verb: str) -> Mapping[str, Any]:
    """The line's own fields, parsed."""
    if verb == "create":
        return {}
    known = Known(opd_codes=frozenset(), zone="kota.lab", reserved_labels=frozenset(), today=date(2026, 11, 21))
    read = parse_given if KIND.verbs[verb].partial else parse_fields
    asked, faults = read(KIND.verbs[verb].fields, table.get("asked", {}), "asked", known)
    assert faults == ()
    return asked


def changes_of(parts: tuple[Part, ...]) -> tuple[Change, ...]:
    """All changes, in order."""
    return tuple(change for part in parts for change in part.changes)


def _item(wish: Mapping[str, Any], choices: Mapping[str, Any], delivered_at: datetime) -> Item:
    """The site as it is recorded since its making."""
    return Item(
        id=ITEM,
        kind=KIND.name,
        opd="DINCONTOH",
        label=KIND.title(choices),
        state=ItemState.ACTIVE,
        wish=wish,
        choices=choices,
        line_id="lin_1",
        technical_person_id=None,
        ending_until=None,
        delivered_at=delivered_at,
        receipt_sha256=None,
    )


def _with(question: Question, table: Mapping[str, Any], **more: Any) -> Question:
    return replace(question, verb=table.get("verb", "create"), **more)


def parts_for(question: Question, choices: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts that the kind's stages give in the question's world."""
    return parts_of(KIND.stages(question, choices), question.seen, KIND.properties)


def plan_for(question: Question) -> Plan:
    """The whole plan, as the workflow would put it together."""
    choices = KIND.choose(question)
    assert isinstance(choices, Mapping), choices
    parts = parts_for(question, choices)
    return Plan(
        kind=KIND.name,
        verb=question.verb,
        wish_digest="0" * 64,
        choices=choices,
        parts=parts,
        things=difference(KIND.things(question, choices), question.kept),
        reach=Reach(files={}, variables={}, versions={}),
        page=KIND.page(question, choices, parts),
    )

"""How is each verb asked of a standing item in tests? A verb that is built joins here, and every suite runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.kinds.catalogue import KINDS
from provisioner.people.person import Person
from provisioner.store import items, people
from tests.house import PEOPLE, EngineHouse


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One verb asked of one item. `wish`: what of the example's wish is otherwise when the item is made.

    `fields`: the line's own; `letter`: parts of the document; `before`: verbs done to the item first, in order;
    `through`: what brings a run that waits to its end. `credentials`: names of those that can be claimed afterwards.
    `stands`: whether the item is there at the end. `sticks`: tasks that do what nobody can take back, so that a failure
    after one of them waits for a person.
    """

    verb: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    wish: Mapping[str, Any] = field(default_factory=dict)
    letter: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    through: Callable[[EngineHouse, str], None] | None = None
    credentials: tuple[str, ...] = ()
    fails_at: str = "apache"
    stands: bool = True
    sticks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What the example of a kind comes to: where it stands, the credentials it hands over, the task it may fail at.

    `titled`: how its letter names it. `foreign`: something of others on the same place, that no run may touch.
    """

    host: str
    titled: str
    credentials: tuple[str, ...]
    fails_at: str
    foreign: tuple[Spot, Value]


SAMPLES: Mapping[str, Sample] = {
    "hosting": Sample(
        host="web1",
        titled="Hosting situs web simpeg.kota.lab",
        credentials=("database_password", "sftp_password"),
        fails_at="apache",
        foreign=(
            Spot(system="apache", target="web1/lama", property="vhost"),
            {"text": "# others\n", "owner": "root", "group": "root", "mode": "0644"},
        ),
    ),
    "data_cloud": Sample(
        host="cloud1",
        titled="Akun data cloud arsip.dincontoh",
        credentials=("account_password",),
        fails_at="cloud_account",
        foreign=(Spot(system="nextcloud", target="cloud1/lama", property="account"), {"mark": None}),
    ),
}


def give_receipt(house: EngineHouse, technical: Person, item_id: str, sha256: str = "a" * 64) -> None:
    """Say as the technical person what the item's page asks: the archive's sha256, or that the files were fetched."""
    if house.desk.item(technical, item_id).card.standing.fetches_single_files:
        house.desk.record_download(technical, item_id)
    else:
        house.desk.record_receipt(technical, item_id, sha256)


def end_grace(house: EngineHouse, run_id: str) -> None:
    """Close the site, hand in the receipt and let the date come: what is left is to remove."""
    assert house.carry_out(run_id) == "waiting_until"
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    give_receipt(house, PEOPLE["teknis"], item_id)
    house.clock.move(days=31)


SUCCESSOR: Mapping[str, Any] = {
    "name": "Penerus Rekaan",
    "employment": "asn",
    "nip": "199001012015012001",
    "position": "Pranata komputer",
    "email": "penerus@dincontoh.example",
    "phone": "081200000009",
}
FROZEN = " frozen"
VERBS_ON_ITEMS: Mapping[str, tuple[Asked, ...]] = {
    "hosting": (
        Asked(
            verb="change",
            wish={"database": "none"},
            fields={
                "second_name": "kepegawaian",
                "database": "mariadb",
                "cron": "daily",
                "upload_mb": 64,
                "storage_gb": 8,
                "bandwidth_mbit": 5,
            },
            credentials=("database_password",),
            fails_at="dns",
        ),
        Asked(verb="suspend", fails_at="account"),
        Asked(verb="resume", before=("suspend",), fails_at="apache"),
        Asked(verb="rotate", credentials=("database_password", "sftp_password"), fails_at="database"),
        Asked(
            verb="appoint",
            letter={"technical": SUCCESSOR},
            credentials=("database_password", "sftp_password"),
            fails_at="database",
        ),
        Asked(verb="terminate", through=end_grace, stands=False),
    ),
    "data_cloud": (
        Asked(
            verb="change",
            fields={
                "display_name": "Arsip Baru Dinas Contoh",
                "email": "arsip.baru@dincontoh.example",
                "quota_gb": 8,
                "largest_file_mb": 100,
                "file_types": ["dokumen"],
                "traffic_mbit": 5,
            },
            fails_at="cloud_account",
        ),
        Asked(verb="suspend", fails_at="cloud_account"),
        Asked(verb="resume", before=("suspend",), fails_at="cloud_account"),
        Asked(verb="rotate", credentials=("account_password",), fails_at="cloud_account", sticks=("cloud_account",)),
        Asked(
            verb="appoint",
            letter={"technical": SUCCESSOR},
            credentials=("account_password",),
            fails_at="cloud_account",
            sticks=("cloud_account",),
        ),
        Asked(verb="terminate", through=end_grace, stands=False, fails_at="cloud_account"),
    ),
}
ON_ITEMS = [(kind, asked) for kind, listed in VERBS_ON_ITEMS.items() for asked in listed]


def case_id(case: tuple[str, Asked]) -> str:
    """Name a case of a test: 'data_cloud-suspend'."""
    return f"{case[0]}-{case[1].verb}"


def made(house: EngineHouse, asked: Asked) -> str:
    """Deliver the item, claim what it has, and do what comes before; return the item's id."""
    run_id = house.to_run(**asked.wish)
    assert house.carry_out(run_id) == "done"
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    for verb in asked.before:
        assert house.carry_out(house.verb(verb, item_id, **fields_of(house.kind, verb))) == "done"
    return item_id


def ask(house: EngineHouse, asked: Asked, item_id: str) -> str:
    """Ask the verb of the item, up to the approved run; return the run's id."""
    return house.verb(asked.verb, item_id, letter=asked.letter, **asked.fields)


def begun(house: EngineHouse, asked: Asked) -> str:
    """Make the item and ask the verb of it; what waits is brought to its last part. Return the run's id."""
    run_id = ask(house, asked, made(house, asked))
    if asked.through is not None:
        asked.through(house, run_id)
    return run_id


def technical_of(house: EngineHouse, item_id: str) -> Person:
    """Who is the item's technical person now."""
    with house.database.reading() as uow:
        return people.person(uow, str(items.item(uow, item_id).technical_person_id))


def fields_of(kind: str, verb: str) -> Mapping[str, Any]:
    """The fields that a line of that kind and verb has here."""
    return next(asked.fields for asked in VERBS_ON_ITEMS[kind] if asked.verb == verb)


def of_items(kind: str, values: Mapping[Spot, Value]) -> dict[Spot, Value]:
    """What stands but for what many items share: that is ensured, and no undo takes it away."""
    table = KINDS[kind].properties
    return {
        spot: value
        for spot, value in values.items()
        if spot.property not in table.get(spot.system, {}) or not table[spot.system][spot.property].is_ensured
    }


def opening(digests: Mapping[str, str]) -> dict[str, str]:
    """What opens each login once no lock is on it: the digest put aside while it is locked, else the one in place."""
    logins = [name for name in digests if not name.endswith(FROZEN)]
    return {name: digests.get(f"{name}{FROZEN}", digests[name]) for name in logins}

"""Which invented offices, persons and things does a storage test begin with?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from provisioner.decisions.decision import LIFETIME, Decision, Outcome
from provisioner.facts.property import Undo
from provisioner.items.item import Item, ItemState
from provisioner.people.person import Person, Position, Right
from provisioner.plans.change import Change
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Part, Plan, PlanState, Reach, Task
from provisioner.procedures.procedure import Procedure, read_procedures
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import AdministrativePerson, Draft, DraftLine, Letter, TechnicalPerson
from provisioner.runs.run import Run, RunState
from provisioner.store import decisions, people, plans, procedures, requests, runs
from provisioner.store.database import Database
from provisioner.unit_of_work import UnitOfWork

NOW = datetime(2026, 11, 23, 2, 0, 0, 123456, tzinfo=UTC)
SOON = NOW + timedelta(days=14)
PROCEDURES = Path(__file__).resolve().parents[2] / "provisioner" / "procedures" / "data" / "procedures.yaml"
GIB = 1024**3
HOSTING: Procedure = read_procedures(PROCEDURES.read_text())["tarakan_hosting"]
ITEM = "g7kq2mx4pd"
RAW = b'{"opd": "DISDIK"}'
WISH: dict[str, Any] = {"sub_domain": "simpeg", "storage_gb": 5, "bandwidth_mbit": 10}
CHOICES: dict[str, Any] = {
    "host": "web1",
    "uid": 20001,
    "names": ["simpeg.kota.lab"],
    "address": {"A": ["192.0.2.10"], "AAAA": []},
    "database": "none",
}
STORAGE = Thing(pool="web1:storage_bytes", key="", amount=5 * GIB, label="ruang simpan web1")
FQDN = Thing(pool="fqdn", key="simpeg.kota.lab", amount=1, label="nama simpeg.kota.lab")
UID = Thing(pool="web1:uid", key="20001", amount=1, label="nomor pengguna 20001 di web1")


def person(name: str, *rights: Right, opd: str | None = None, actor: str = "applications_division") -> Person:
    """An invented person: id 'person_budi', e-mail 'budi@contoh.go.id'."""
    position = Position(actor=actor, opd=opd, title=f"Jabatan {name}", since=date(2026, 1, 1), until=None)
    return Person(
        id=f"person_{name}",
        name=f"Contoh {name.title()}",
        nip=None,
        employment="asn",
        contract_number=None,
        contract_end=None,
        email=f"{name}@contoh.go.id",
        phone="081234567890",
        rights=frozenset(rights),
        positions=(position,),
    )


RINA = person("rina", Right.SUBMIT, opd="DISDIK", actor="opd")
TONO = person("tono", opd="DISDIK", actor="opd_technical_team")
SARI = person("sari", Right.REGISTER, Right.DISPOSE, actor="general_affairs")
BUDI = person("budi", Right.REVIEW, Right.DECIDE, actor="head_of_applications")
WATI = person("wati", Right.FOLLOW_UP, Right.DECIDE, actor="sub_coordinator")
EVERYONE = (RINA, TONO, SARI, BUDI, WATI)


def draft(*wishes: Mapping[str, Any], opd: str = "DISDIK") -> Draft:
    """A request for one hosting, or one a wish."""
    return Draft(
        opd=opd,
        letter=Letter(number="067/1/DISDIK/XI/2026", date=date(2026, 11, 20), subject="Permohonan hosting"),
        administrative=AdministrativePerson(
            name="Contoh Rina",
            nip="198501012010012001",
            position="Sekretaris",
            email="rina@contoh.go.id",
            phone="081234567890",
        ),
        technical=TechnicalPerson(
            name="Contoh Tono",
            employment="non_asn",
            nip=None,
            contract_number="SK/1/2026",
            contract_end=date(2026, 12, 31),
            position="Tenaga teknis",
            email="tono@contoh.go.id",
            phone="081234567891",
        ),
        application_name="Simpeg",
        procedure=None,
        lines=tuple(DraftLine(kind="hosting", verb="create", item_id=None, wish=wish) for wish in wishes or (WISH,)),
    )


def change(target: str = f"web1/{ITEM}", before: Any = None, after: Any = "ada") -> Change:
    """One change of a vhost."""
    undo = Undo.REMOVE if before is None else Undo.RESTORE
    return Change(system="apache", target=target, property="vhost", before=before, after=after, undo=undo)


def plan(*things: Thing, host: str = "web1") -> Plan:
    """A plan of one part with one change, holding `things`."""
    part = Part(
        playbook="hosting",
        play="make",
        limit=host,
        stage="make",
        waits_for="",
        tasks=(Task(name="apache", changes=(change(),)),),
    )
    return Plan(
        kind="hosting",
        verb="create",
        wish_digest="ab" * 32,
        choices={**CHOICES, "host": host},
        parts=(part,),
        things=things,
        reach=Reach(files={"playbooks/hosting.yml": "cd" * 32}, variables={"zone": "kota.lab"}, versions={"x": "1"}),
        page={"sentence": "Situs baru.", "columns": [["Nama", "simpeg.kota.lab"]]},
    )


class World:
    """A database with OPD, persons and a procedure; each method goes one step further along the walk."""

    def __init__(self, database: Database) -> None:
        """Write OPD, persons, procedure."""
        self.database = database
        self.procedure = HOSTING
        with database.transaction() as uow:
            people.add_opd(uow, "DISDIK", "Dinas Pendidikan (contoh)")
            people.add_opd(uow, "DINKES", "Dinas Kesehatan (contoh)")
            for one in EVERYONE:
                people.add_person(uow, one)
            procedures.keep(uow, self.procedure, PROCEDURES.read_text())

    def file(
        self,
        uow: UnitOfWork,
        *wishes: Mapping[str, Any],
        opd: str = "DISDIK",
        now: datetime = NOW,
        made: Draft | None = None,
        technical_of_lines: Mapping[int, str] | None = None,
    ) -> FiledRequest:
        """File a request of Rina's: one hosting a wish, or the draft that was `made`."""
        return requests.file(
            uow,
            draft=made or draft(*wishes, opd=opd),
            raw=RAW,
            media_type="application/json",
            requester_id=RINA.id,
            recorder_id=None,
            procedure=self.procedure,
            technical_person_id=TONO.id,
            technical_of_lines=technical_of_lines or {},
            now=now,
        )

    def line(self) -> str:
        """File a request and return its line's id."""
        with self.database.transaction() as uow:
            return self.file(uow).lines[0].id

    def lines(self, count: int) -> tuple[str, ...]:
        """File a request with so many lines and return their ids."""
        with self.database.transaction() as uow:
            return tuple(line.id for line in self.file(uow, *[WISH] * count).lines)

    def planned(self, line_id: str, plan_id: str = "plan_1", made: Plan | None = None) -> Plan:
        """Give the line a current plan and return it."""
        made = made or plan()
        with self.database.transaction() as uow:
            plans.ask(uow, plan_id, line_id, None, "", {}, NOW)
            plans.finish(uow, plan_id, PlanState.CURRENT, made, (), NOW)
            requests.change_line(uow, line_id, plan_id=plan_id, item_id=ITEM)
        return made

    def decided(self, line_id: str, plan_id: str = "plan_1", decision_id: str = "dec_1") -> Decision:
        """Plan the line and let Budi approve it."""
        made = decision(line_id, digest=self.planned(line_id, plan_id).digest, id=decision_id)
        with self.database.transaction() as uow:
            decisions.add(uow, made)
        return made

    def running(self, line_id: str, run_id: str = "run_1") -> Run:
        """Decide the line and queue its run."""
        name = run_id.removeprefix("run_")
        self.decided(line_id, f"plan_{name}", f"dec_{name}")
        made = run(line_id, id=run_id, plan_id=f"plan_{name}", decision_id=f"dec_{name}")
        with self.database.transaction() as uow:
            runs.add(uow, made)
        return made


def decision(line_id: str, **fields: Any) -> Decision:
    """Budi's approval."""
    made = Decision(
        id="dec_1",
        line_id=line_id,
        decider_id=BUDI.id,
        decider_name=BUDI.name,
        position="Kepala Bidang",
        outcome=Outcome.APPROVED,
        digest="ef" * 32,
        reason="",
        decided_at=NOW,
        expires_at=NOW + LIFETIME,
        voided_at=None,
    )
    return replace(made, **fields)


def run(line_id: str, **fields: Any) -> Run:
    """A queued run."""
    made = Run(
        id="run_1",
        line_id=line_id,
        item_id=ITEM,
        plan_id="plan_1",
        decision_id="dec_1",
        host="web1",
        state=RunState.QUEUED,
        why="",
        cancel_asked_by=None,
        waiting_until=None,
        queued_at=NOW,
        started_at=None,
        ended_at=None,
    )
    return replace(made, **fields)


def item(line_id: str, **fields: Any) -> Item:
    """An active hosting, whole."""
    made = Item(
        id=ITEM,
        kind="hosting",
        opd="DISDIK",
        label="simpeg.kota.lab",
        state=ItemState.ACTIVE,
        wish=WISH,
        choices=CHOICES,
        line_id=line_id,
        technical_person_id=TONO.id,
        ending_until=None,
        delivered_at=NOW,
        receipt_sha256=None,
    )
    return replace(made, **fields)


@contextmanager
def bare(database: Database) -> Iterator[UnitOfWork]:
    """A transaction as any SQL client opens it: without the line in which our writers stand on PostgreSQL."""
    with database.engine.begin() as connection:
        yield UnitOfWork(connection)

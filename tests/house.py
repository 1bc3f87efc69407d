"""Where do tests of the whole engine live? A house with a real store and queue, and the shipped fakes for hands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from provisioner.decisions.decision import Outcome
from provisioner.desk import Desk
from provisioner.desk.house import House
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.estate import Host as EstateHost
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.jobs.queue import Queue, migrate
from provisioner.kinds.catalogue import KINDS
from provisioner.kinds.port import Secret
from provisioner.names import draw_id
from provisioner.people.person import Person, Position, Right
from provisioner.plans.plan import Reach
from provisioner.post.fake import FakePost
from provisioner.press.setting import set_sheet
from provisioner.procedures.procedure import read_procedures
from provisioner.procedures.working_days import read_calendar
from provisioner.providers.base import Attempt
from provisioner.providers.fake import FakeProviders, World
from provisioner.providers.fake_runner import FakeRunner
from provisioner.requests.filed import FiledRequest
from provisioner.requests.table import write_table
from provisioner.settings import Settings
from provisioner.store import letters, office, people, sums
from provisioner.store.database import Database
from provisioner.verification.verdict import Trial
from provisioner.workflow.advance import advance
from provisioner.workflow.carry_out import carry_out
from provisioner.workflow.hands import Hands
from provisioner.workflow.look import look
from provisioner.workflow.tell import tell

ROOT = Path(__file__).resolve().parents[1]
PROCEDURES = (ROOT / "provisioner/procedures/data/procedures.yaml").read_text(encoding="utf-8")
# Read once: the pure-Python YAML reader takes longer over them than most tests.
PROCEDURE_TABLE, CALENDAR = read_procedures(PROCEDURES), read_calendar(PROCEDURES)
#: kind -> the example that makes an item of it
EXAMPLES: Mapping[str, dict[str, Any]] = {
    name: yaml.safe_load((ROOT / "examples" / f"{name.replace('_', '-')}.yml").read_text(encoding="utf-8"))
    for name in KINDS
}
EXAMPLE = EXAMPLES["hosting"]
LETTERS: dict[str, Any] = yaml.safe_load((ROOT / "inventories/lab/group_vars/all.yml").read_text(encoding="utf-8"))[
    "letters"
]
ESTATE = Estate(
    variables={
        "zone": "kota.lab",
        "acme_zone": "acme.kota.lab",
        "acme_directory_url": "https://acme.kota.lab/dir",
        "office": {"grace_days": 30},
    },
    hosts={
        "web1": EstateHost(
            name="web1",
            groups=frozenset({"shared_web"}),
            variables={
                "php_version": "8.2",
                "php_extensions": ["mbstring", "mysql", "pgsql", "gd"],
                "uid_pool": {"first": 20000, "last": 20999},
                "sums": {
                    "storage_bytes": 20 * 1024**3,
                    "database_bytes": 10 * 1024**3,
                    "bandwidth_bytes_per_second": 125_000_000,
                },
                "address_public": "10.77.0.11",
                "address_internal": "10.77.0.11",
                "path": "direct",
                "database_client_networks": ["10.77.0.0/24"],
                "storage_driver": "btrfs_squota",
                "bandwidth_driver": "mod_bw",
            },
        ),
        "cloud1": EstateHost(
            name="cloud1",
            groups=frozenset({"nextcloud"}),
            variables={
                "nextcloud_url": "https://cloud.kota.lab:8443",
                "nextcloud_user": "gerbang",
                "traffic_driver": "none",
                "sums": {"quota_bytes": 100 * 1024**3},
            },
        ),
    },
)


@dataclass
class MovableClock:
    """A clock that a test moves: it goes on by a millisecond at each look, so that no two rows are of one instant."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 2, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        """Return the present, a millisecond after the last time."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def move(self, **spans: float) -> None:
        """Let time pass: move(days=30)."""
        self.now += timedelta(**spans)


def password_of(secret: SealedSecret) -> str:
    """Open what the test's sealing sealed: real sealing is tried in its own tests and in the lab."""
    return secret.sealed.decode()


class EngineHouse:
    """Desk and worker of one office on one database, and its invented people."""

    def __init__(
        self,
        folder: Path,
        url: str = "",
        *,
        kind: str = "hosting",
        people: Mapping[str, Person] | None = None,
        procedure_of_kind: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.kind, self.document = kind, EXAMPLES[kind]
        self.people = PEOPLE if people is None else people
        self.url = url or f"sqlite:///{folder / 'gerbang.db'}"
        self.database = Database(self.url)
        self.world = World(folder / "world.json")
        self.clock = MovableClock()
        self.post = FakePost(folder)
        self.queue = Queue(self.url, self.database.engine)
        self.procedures = PROCEDURE_TABLE
        self.reach_files = {"playbooks/hosting.yml": "1" * 64}
        self.estate = ESTATE
        self.desk = Desk(
            House(
                database=self.database,
                queue=self.queue,
                kinds=KINDS,
                procedures=self.procedures,
                procedures_text=PROCEDURES,
                procedure_of_kind=procedure_of_kind
                or {"hosting": "tarakan_hosting", "data_cloud": "tarakan_data_cloud"},
                timezone="Asia/Makassar",
                clock=self.clock,
            )
        )
        self.hands = self._hands()

    def open(self) -> None:
        """Migrate, and let the office's people, pools and settings be."""
        self.database.migrate()
        migrate(self.url)
        with self.database.transaction() as uow:
            office.keep(
                uow,
                {
                    "letters": LETTERS,
                    "zone": "kota.lab",
                    "reserved_labels": ["dilarang"],
                    "office": {"name": "Dinas Komunikasi dan Informatika Kota Contoh"},
                },
            )
            people.add_opd(uow, EXAMPLE["opd"], "Dinas Contoh (rekaan)")
            people.add_opd(uow, "DINLAIN", "Dinas Lain (rekaan)")
            for person in self.people.values():
                people.add_person(uow, person)
            for host in ESTATE.hosts.values():
                for name, limit in host.variables["sums"].items():
                    sums.set_sum(uow, f"{host.name}:{name}", limit)

    def example(self, *, letter: Mapping[str, Any] | None = None, **fields: Any) -> bytes:
        """Return the example request as bytes, with fields of its line replaced; `letter` replaces other parts."""
        line = {**self.document["lines"][0], **fields}
        return yaml.safe_dump({**self.document, **(letter or {}), "lines": [line]}).encode()

    def to_plan(self, **fields: Any) -> str:
        """Submit, register, dispose, look; return the line's id, its plan made, the request at its review."""
        request = self.desk.submit(PEOPLE["opd"], self.example(**fields), "application/yaml")
        self.desk.do_step(PEOPLE["umum"], request.id, "register", number="1/2026")
        self.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
        line = self.desk.request(PEOPLE["umum"], request.id).request.lines[0]
        assert line.plan_id is not None
        look(self.hands, line.plan_id)
        return line.id

    def to_decision(self, **fields: Any) -> str:
        """The same, reviewed: it stands at its authorising step."""
        line_id = self.to_plan(**fields)
        self.desk.do_step(PEOPLE["pengkaji"], self.request_of(line_id), "review")
        return line_id

    def allow_lines(self, most: int) -> None:
        """Let the office allow an OPD so many open lines."""
        with self.database.transaction() as uow:
            kept: dict[str, Any] = dict(office.settings(uow))
            office.keep(uow, {**kept, "office": {**kept["office"], "open_lines_per_opd": most}})

    def file_lines(self, count: int, first: int = 1, **fields: Any) -> FiledRequest:
        """File one letter with that many small sites, from one CSV: kelurahan1, kelurahan2, ..."""
        self.allow_lines(max(2 * count, 40))
        columns = ("sub_domain", "runtime", "storage_gb", "bandwidth_mbit", "electronic_system_category")
        small = {"runtime": "static", "storage_gb": 1, "bandwidth_mbit": 1, "electronic_system_category": "rendah"}
        wanted = [{**small, "sub_domain": f"kelurahan{number}", **fields} for number in range(first, first + count)]
        lines = {"kind": "hosting", "verb": "create", "csv": write_table(wanted, columns)}
        return self.desk.submit(PEOPLE["opd"], json.dumps({**EXAMPLE, "lines": lines}).encode(), "application/json")

    def lines_to_decision(self, count: int, first: int = 1, **fields: Any) -> str:
        """The same, looked at and reviewed: it stands at its authorising step; return the request's id."""
        request = self.file_lines(count, first, **fields)
        self.desk.do_step(PEOPLE["umum"], request.id, "register", number="1/2026")
        self.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
        for line in self.desk.request(PEOPLE["umum"], request.id).request.lines:
            look(self.hands, str(line.plan_id))
        self.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
        return request.id

    def to_run(self, **fields: Any) -> str:
        """The same, approved by another person: return the queued run's id."""
        line_id = self.to_decision(**fields)
        return self.approve(line_id)

    def approve(self, line_id: str) -> str:
        """Approve the line's current plan as head of the division; return the run's id."""
        plan = self.desk.plan(PEOPLE["kabid"], line_id).record.plan
        assert plan is not None
        self.desk.decide(PEOPLE["kabid"], line_id, Outcome.APPROVED, digest=plan.digest, reason="sesuai")
        run_id = self.desk.plan(PEOPLE["kabid"], line_id).line.run_id
        assert run_id is not None
        return run_id

    def ask(self, verb: str, item_id: str, *, letter: Mapping[str, Any] | None = None, **fields: Any) -> FiledRequest:
        """Submit a verb on an item, its line's `fields` with it; `letter` replaces parts of the document."""
        line = {"kind": self.kind, "verb": verb, "item": item_id, **fields}
        document = {**self.document, **(letter or {}), "lines": [line]}
        return self.desk.submit(PEOPLE["opd"], yaml.safe_dump(document).encode(), "application/yaml")

    def to_plan_of(self, verb: str, item_id: str, *, letter: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """Ask for the verb, and look; return the line's id, its plan made, the request at its review."""
        request = self.ask(verb, item_id, letter=letter, **fields)
        self.desk.do_step(PEOPLE["umum"], request.id, "register")
        self.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
        line = self.desk.request(PEOPLE["umum"], request.id).request.lines[0]
        look(self.hands, str(line.plan_id))
        return line.id

    def verb(self, verb: str, item_id: str, *, letter: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """Ask for a verb on an item, up to the approved and queued run; return its id."""
        line_id = self.to_plan_of(verb, item_id, letter=letter, **fields)
        self.desk.do_step(PEOPLE["pengkaji"], self.request_of(line_id), "review")
        return self.approve(line_id)

    def terminate(self, item_id: str) -> str:
        """Ask for the end of an item, up to the approved and queued run; return its id."""
        return self.verb("terminate", item_id)

    def close(self) -> None:
        """Let go of the database: its files can be copied then."""
        self.database.dispose()

    def request_of(self, line_id: str) -> str:
        """Return the request a line belongs to."""
        return self.desk.plan(PEOPLE["kabid"], line_id).request.id

    def carry_out(self, run_id: str) -> str:
        """Do what a worker does with the run, and what follows; return the run's state."""
        carry_out(self.hands, run_id)
        view = self.desk.run(PEOPLE["kabid"], run_id)
        advance(self.hands, view.request.id)
        return view.run.state.value

    def tell(self) -> None:
        """Do what a worker does with every letter that waits: set, file, mail; then what its request is ready for."""
        with self.database.reading() as uow:
            waiting = letters.to_try(uow, self.clock())
        for letter_id in waiting:
            tell(self.hands, letter_id)
            with self.database.reading() as uow:
                request_id = letters.of_id(uow, letter_id).request_id
            advance(self.hands, request_id)

    def _tried(self, providers: FakeProviders) -> Callable[..., Mapping[str, Mapping[str, Value]]]:
        def tried(
            trials: tuple[Trial, ...], run_id: str, sealed: tuple[SealedSecret, ...]
        ) -> Mapping[str, Mapping[str, Value]]:
            secrets = {secret.name: password_of(secret) for secret in sealed}
            context = Attempt(run_id=run_id, estate=self.estate, folder=self.folder, secrets=secrets)
            return providers.try_all(trials, context)

        return tried

    def _hands(self) -> Hands:
        providers = FakeProviders(self.world)
        runner = FakeRunner(self.world, lambda sealed: {secret.name: password_of(secret) for secret in sealed})
        return Hands(
            database=self.database,
            queue=self.queue,
            clock=self.clock,
            calendar=CALENDAR,
            zone=ZoneInfo("Asia/Makassar"),
            kinds=KINDS,
            estate=lambda: self.estate,
            look=lambda systems, hosts: providers.look(systems, hosts, self.estate, self.clock),
            try_all=self._tried(providers),
            try_each=lambda runs: tuple(self._tried(providers)(run.trials, run.run_id, run.sealed) for run in runs),
            reach=lambda kind: Reach(files=dict(self.reach_files), variables={}, versions={"kind": kind}),
            make_secrets=make_secrets,
            do=runner,
            do_together=runner.together,
            is_free=lambda _host: True,
            press=partial(set_sheet, Settings().font_directory),
            post=self.post.send,
            public_url="https://gerbang.kota.lab",
        )


def make_secrets(wanted: tuple[Secret, ...], run_id: str, item_id: str) -> tuple[SealedSecret, ...]:
    """Make each secret, 'sealed' by nothing: what is tried here is when it is kept, applied and destroyed."""
    return tuple(
        SealedSecret(
            id=draw_id("sec"),
            item_id=item_id,
            run_id=run_id,
            name=secret.name,
            label=secret.label,
            user=secret.user,
            use=secret.use,
            version=secret.version,
            key_id="test",
            sealed=draw_id("pw").encode(),
            state=SecretState.MADE,
            claimable_at=None,
            claimed_at=None,
            claimed_by=None,
            expires_at=None,
        )
        for secret in wanted
    )


TITLES = {
    "opd_head": "Kepala Dinas",
    "opd_technical_team": "Pengelola situs",
    "general_affairs": "Pengadministrasi Umum",
    "head_of_office": "Kepala Dinas Kominfo",
    "sub_coordinator": "Sub Koordinator Aplikasi",
    "head_of_applications": "Kepala Bidang Aplikasi Informatika",
    "applications_division": "Auditor (surat tugas)",
}


def new_person(username: str, actor: str, rights: str, opd: str | None = None, **more: Any) -> Person:
    return Person(
        id=f"per_{username}",
        name=more.get("name", f"{username.title()} Rekaan"),
        nip=None,
        employment=more.get("employment", "asn"),
        contract_number=None,
        contract_end=more.get("contract_end"),
        email=more.get("email", f"{username}@contoh.example"),
        phone="",
        rights=frozenset(Right(right) for right in rights.split()),
        positions=(Position(actor=actor, opd=opd, title=TITLES[actor], since=date(2026, 1, 1), until=None),),
    )


def _named(technical: dict[str, Any]) -> dict[str, Any]:
    """Whom the example's letter names: who is not ASN is known by e-mail and name together."""
    return {key: technical[key] for key in ("name", "email")}


PEOPLE = {
    "opd": new_person("opd", "opd_head", "submit", EXAMPLE["opd"]),
    "teknis": new_person("teknis", "opd_technical_team", "", EXAMPLE["opd"], **_named(EXAMPLE["technical"])),
    "lain": new_person("lain", "opd_head", "submit", "DINLAIN"),
    "umum": new_person("umum", "general_affairs", "register"),
    "kepala": new_person("kepala", "head_of_office", "dispose"),
    "pengkaji": new_person("pengkaji", "sub_coordinator", "review follow_up"),
    "kabid": new_person("kabid", "head_of_applications", "review decide follow_up"),
    "auditor": new_person("auditor", "applications_division", "audit"),
}


def sha256_of(text: str) -> str:
    """Return the digest the fake world keeps of a password."""
    return hashlib.sha256(text.encode()).hexdigest()

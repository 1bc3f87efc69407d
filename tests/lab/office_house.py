"""Where do lab tests of the whole walk live? In a house like tests/house.py's, with the worker's own real hands."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from provisioner import providers
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.neighbours import fingerprint
from provisioner.facts.observation import Observation
from provisioner.items.item import Item, ItemState
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.jobs.queue import migrate
from provisioner.kinds.catalogue import KINDS
from provisioner.people.person import Person
from provisioner.plans.plan import Part, Plan
from provisioner.plans.record import PlanRecord
from provisioner.runs.part_result import PartOutcome
from provisioner.runs.resume import undo_of
from provisioner.sealing import ensure_key_file, read_keys
from provisioner.settings import Settings
from provisioner.store import office, people, plans, sums
from provisioner.store import secrets as stored_secrets
from provisioner.verification.verdict import Trial
from provisioner.worker import compose
from provisioner.workflow.hands import Hands
from tests.house import EXAMPLE, PEOPLE, EngineHouse
from tests.lab.site_part import INVENTORY, ROOT
from tests.verbs import give_receipt

MEMORY = Path("/dev/shm")
LETTERS = "bcdfghjkprstxz"  # no two of them are look-alikes, so that names drawn of them never are


class OfficeHouse(EngineHouse):
    """Desk and worker of one office on the lab's real hosts: `hosts` are those it may choose from.

    Trials that need time (bandwidth) are performed only where `is_patient`; elsewhere they count as held.
    """

    def __init__(
        self,
        folder: Path,
        runtime: Path,
        *,
        url: str = "",
        kind: str = "hosting",
        hosts: tuple[str, ...] = ("web1",),
        playbooks: Path | None = None,
        inventory: Path | None = None,
    ) -> None:
        self.hosts, self.is_patient = hosts, False
        self.settings = Settings(
            database_url=SecretStr(url or f"sqlite:///{folder / 'gerbang.db'}"),
            state_directory=folder,
            runtime_directory=runtime,
            key_file=folder / "sealing.json",
            playbooks=playbooks or ROOT / "playbooks",
            inventory=inventory or INVENTORY,
        )
        super().__init__(folder, self.settings.database_url.get_secret_value(), kind=kind)
        self.clock.now = datetime.now(UTC)

    def open(self) -> None:
        """Migrate, draw a sealing key, and let people, sums and settings be as the lab's inventory says."""
        self.database.migrate()
        migrate(self.url)
        ensure_key_file(self.settings.key_file)
        estate = self.hands.estate()
        with self.database.transaction() as uow:
            office.keep(uow, {"zone": estate.variables["zone"], "reserved_labels": estate.variables["reserved_labels"]})
            people.add_opd(uow, EXAMPLE["opd"], "Dinas Contoh (rekaan)")
            for person in PEOPLE.values():
                if person.id != PEOPLE["lain"].id:
                    people.add_person(uow, person)
            for host in self.hosts:
                for name, limit in estate.hosts[host].variables.get("sums", {}).items():
                    sums.set_sum(uow, f"{host}:{name}", limit)

    def example(self, **fields: Any) -> bytes:
        """Return the example request as bytes, small, under a name that nobody else uses."""
        whole = {**self.document["lines"][0], **_SMALL[self.kind](), **fields}
        line = {name: value for name, value in whole.items() if value is not None}
        technical = {**self.document["technical"], "contract_end": str(date.today() + timedelta(days=300))}  # noqa: DTZ011
        return yaml.safe_dump({**self.document, "technical": technical, "lines": [line]}).encode()

    # -- What is seen --------------------------------------------------------------------------------------------------

    def look(self) -> Observation:
        """Look at every system of the kind on this house's hosts."""
        return self.hands.look(KINDS[self.kind].systems, self.hosts)

    def others(self, *own: str) -> dict[str, str]:
        """Return the fingerprint of everything that is not `own` (item ids)."""
        return fingerprint(self.look(), frozenset(own))

    def spots_of(self, item_id: str, *names: str) -> set[str]:
        """What stands of an item: {'account user', 'apache vhost', 'dns address', ...}."""
        mine = {item_id, *names}
        return {f"{spot.system} {spot.property}" for spot in self.look().values if spot.object in mine}

    def plan_of(self, line_id: str) -> PlanRecord:
        """Return the line's latest plan as it is kept."""
        return self.desk.plan(PEOPLE["kabid"], line_id).record

    def approved(self, run_id: str) -> Plan:
        """Return the plan that a run was approved on."""
        with self.database.reading() as uow:
            plan = plans.plan(uow, self.desk.run(PEOPLE["kabid"], run_id).run.plan_id).plan
        assert plan is not None
        return plan

    def names_of(self, run_id: str) -> list[str]:
        """Return the site's names: ['ujibcd.kota.lab']."""
        names: Any = self.approved(run_id).choices["names"]
        return [str(name) for name in names]

    def item_of(self, run_id: str) -> str:
        """Return the id of the item that a run is about."""
        return self.desk.run(PEOPLE["kabid"], run_id).run.item_id

    def item(self, item_id: str) -> Item:
        """Return an item as it stands."""
        return self.desk.item(PEOPLE["kabid"], item_id).item

    def claimed(self, item_id: str, claimer: Person = PEOPLE["teknis"]) -> dict[str, str]:
        """Claim what can be claimed of an item, as its technical person: {'sftp_password': ...}."""
        opened = {}
        offered = self.desk.credentials(claimer, item_id)
        for secret in (one for one in offered if one.state is SecretState.CLAIMABLE):
            _, opened[secret.name] = self.desk.claim(
                claimer, secret.id, statement_accepted=True, open_envelope=self.open_envelope
            )
        return opened

    def secret_states(self, run_id: str) -> list[str]:
        """How the run's secrets stand: ['destroyed', 'destroyed']; a destroyed one has no bytes left."""
        with self.database.reading() as uow:
            found = stored_secrets.of_run(uow, run_id)
        assert all(not secret.sealed for secret in found if secret.state.value == "destroyed")
        return [secret.state.value for secret in found]

    def secrets_of(self, run_id: str) -> set[str]:
        """The ids of the secrets that the run made."""
        with self.database.reading() as uow:
            return {secret.id for secret in stored_secrets.of_run(uow, run_id)}

    def open_envelope(self, secret: SealedSecret) -> str:
        """Open a sealed secret with this house's key."""
        return read_keys(self.settings.key_file).open(secret.sealed, secret.key_id, secret.id)

    # -- Leaving the lab as it was ------------------------------------------------------------------------------------

    def unmake(self, run_id: str) -> None:
        """Take a made site away by the same playbook, without a request: what a test's end needs, no more."""
        plan, item_id = self.approved(run_id), self.item_of(run_id)
        part = undo_of(plan.parts[0], plan.parts[0].changes)
        result = self.do(part, run_id, item_id)
        assert result is PartOutcome.DONE, result

    def do(self, part: Part, run_id: str, item_id: str) -> PartOutcome:
        """Run one part, outside of any run's rows."""
        quiet: Callable[..., None] = lambda *_: None  # noqa: E731
        done = self.hands.do(
            part, run_id=run_id, item_id=item_id, sealed=(), told=quiet, finished=quiet, cancelled=lambda: False
        )
        return done.outcome

    def end(self, item_id: str) -> None:
        """Terminate an item whole: close, receipt, date, remove."""
        run_id = self.terminate(item_id)
        assert self.carry_out(run_id) == "waiting_until"
        give_receipt(self, PEOPLE["teknis"], item_id)
        self.clock.move(days=31)
        assert self.carry_out(run_id) == "done"
        assert self.item(item_id).state is ItemState.TERMINATED

    def _hands(self) -> Hands:
        composed = compose(self.settings, self.database)
        return replace(
            composed,
            queue=self.queue,
            clock=self.clock,
            # An office that has loaded the coming years: these tests run when they run, and move the clock ahead.
            calendar=replace(composed.calendar, years=composed.calendar.years | {*range(2026, 2100)}),
            estate=lambda: self._of_house(composed.estate()),
            try_all=lambda trials, run_id, sealed: self._try(composed, trials, run_id, sealed),
        )

    def _of_house(self, estate: Estate) -> Estate:
        """Only this house's hosts are there to be chosen."""
        shown = {
            name: host if name in self.hosts else replace(host, groups=host.groups - {"shared_web", "nextcloud"})
            for name, host in estate.hosts.items()
        }
        return replace(estate, hosts=shown)

    def _try(
        self, composed: Hands, trials: tuple[Trial, ...], run_id: str, sealed: tuple[SealedSecret, ...]
    ) -> Mapping[str, Mapping[str, Value]]:
        quick = tuple(trial for trial in trials if self.is_patient or not trial.takes_time)
        held = {trial.name: dict(trial.wanted) for trial in trials if trial not in quick}
        return {**held, **composed.try_all(quick, run_id, sealed)}


def drawn_name() -> str:
    """Draw a label that no other test uses: 'ujibxkdrt'."""
    return "uji" + "".join(secrets.choice(LETTERS) for _ in range(9))


#: kind -> what of its example is otherwise: small, under a name that nobody else uses
_SMALL: Mapping[str, Callable[[], dict[str, Any]]] = {
    "hosting": lambda: {
        "sub_domain": drawn_name(),
        "second_name": "none",
        "storage_gb": 1,
        "upload_mb": 1,
        "cron": "none",
    },
    "data_cloud": lambda: {"account_id": drawn_name(), "quota_gb": 1, "largest_file_mb": 1},
}


@contextmanager
def office_house(
    *,
    url: str = "",
    kind: str = "hosting",
    hosts: tuple[str, ...] = ("web1",),
    playbooks: Path | None = None,
    inventory: Path | None = None,
) -> Iterator[OfficeHouse]:
    """Open a house with folders of its own, the runtime in memory; at the end no folder of a run may be left."""
    with (
        tempfile.TemporaryDirectory(prefix="gerbang-office-") as folder,
        tempfile.TemporaryDirectory(prefix="gerbang-office-", dir=MEMORY) as memory,
    ):
        runtime = Path(memory)
        house = OfficeHouse(
            Path(folder), runtime, url=url, kind=kind, hosts=hosts, playbooks=playbooks, inventory=inventory
        )
        try:
            house.open()
            yield house
            assert [path.name for path in (runtime / "runs").iterdir()] == []
            providers.close_connections(house.hands.estate())
        finally:
            house.close()

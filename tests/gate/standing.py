"""In which states does the gate find a request when somebody knocks? One office a state, put back after each knock."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import sqlalchemy as sa

from provisioner.decisions.decision import Outcome
from provisioner.names import draw_id
from provisioner.requests.reading import Reading
from provisioner.store.database import Database
from provisioner.store.tables.columns import METADATA
from provisioner.workflow.look import look
from tests.gate.office import Office, csrf_of
from tests.gate.test_claims import seal_for_real
from tests.house import EXAMPLE, EXAMPLES, PEOPLE, EngineHouse

Ids = dict[str, str]
NOBODY = "-"
#: the order of the table's columns: nobody, the OPD's own two, another OPD, the office's
PERSONS = (NOBODY, *PEOPLE)


def _filed(house: EngineHouse) -> Ids:
    request = house.desk.submit(PEOPLE["opd"], json.dumps(EXAMPLE).encode(), "application/json")
    return {"request_id": request.id, "step_id": "register", "line_id": request.lines[0].id}


def _decidable(house: EngineHouse) -> Ids:
    line_id = house.to_decision()
    plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    return {"request_id": house.request_of(line_id), "line_id": line_id, "digest": plan.digest if plan else ""}


def _refused(house: EngineHouse) -> Ids:
    """Rejected, its letter filed, and no mail server at hand: the letter waits."""
    ids = _decidable(house)
    house.desk.decide(PEOPLE["kabid"], ids["line_id"], Outcome.REJECTED, digest="", reason="kapasitas penuh")
    house.post.fault = "down"
    house.tell()
    return ids | {"letter_id": house.desk.letters(PEOPLE["kabid"], ids["request_id"])[0].letter.id}


def _returned(house: EngineHouse) -> Ids:
    ids = _decidable(house)
    house.desk.decide(PEOPLE["kabid"], ids["line_id"], Outcome.RETURNED, digest="", reason="kurang jelas")
    return ids


def _of_run(house: EngineHouse, run_id: str) -> Ids:
    view = house.desk.run(PEOPLE["kabid"], run_id)
    return {"request_id": view.request.id, "line_id": view.line.id, "run_id": run_id, "item_id": view.run.item_id}


def _queued(house: EngineHouse) -> Ids:
    return _of_run(house, house.to_run())


def _failed(house: EngineHouse) -> Ids:
    run_id = house.to_run()
    house.world.plant({"kind": "fail_after", "task": "certificate"})
    assert house.carry_out(run_id) == "failed"
    return _of_run(house, run_id)


def _delivered(house: EngineHouse) -> Ids:
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    ids = _of_run(house, run_id)
    credential = house.desk.credentials(PEOPLE["kabid"], ids["item_id"])[0]
    return ids | {
        "step_id": "notify",
        "credential_id": credential.id,
        "name": "web1",
        "verb": "terminate",
        "opd": EXAMPLE["opd"],
    }


def _ending(house: EngineHouse) -> Ids:
    run_id = house.terminate(_delivered(house)["item_id"])
    assert house.carry_out(run_id) == "waiting_until"
    return _of_run(house, run_id)


def _fetching(house: EngineHouse) -> Ids:
    """An account in its grace: its owner fetches single files, there is no archive."""
    house.kind, house.document = "data_cloud", EXAMPLES["data_cloud"]
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    run_id = house.terminate(_of_run(house, run_id)["item_id"])
    assert house.carry_out(run_id) == "waiting_until"
    return _of_run(house, run_id)


#: what a row of the table may name as its state, and the ids that its path may need
def _drafted(house: EngineHouse) -> Ids:
    """A draft of the OPD's, with a table of lines and a scan, and a request that has a scan too."""
    draft = house.desk.begin_draft(PEOPLE["opd"], draw_id("draft"))
    table = {"kind": "hosting", "verb": "create", "csv": "sub_domain\nsatu\n"}
    house.desk.save_draft(PEOPLE["opd"], draft.id, {**draft.document, "lines": table})
    house.desk.lay_scan(PEOPLE["opd"], draft.id, PDF)
    ids = _filed(house)
    house.desk.file_scan(PEOPLE["umum"], ids["request_id"], PDF)
    return {**ids, "draft_id": draft.id, "slug": "surat"}


def _named_by_a_line(house: EngineHouse, at: int) -> Ids:
    """Two delivered sites of one letter with its scan; the second line names `lain`, of another OPD, as its person."""
    own = {**EXAMPLE["technical"], "name": PEOPLE["lain"].name, "email": PEOPLE["lain"].email}
    small = {**EXAMPLE["lines"][0], "second_name": "none", "storage_gb": 1}
    lines = [{**small, "sub_domain": "satu"}, {**small, "sub_domain": "dua", "technical": own}]
    request = house.desk.submit(PEOPLE["opd"], json.dumps({**EXAMPLE, "lines": lines}).encode(), "application/json")
    house.desk.file_scan(PEOPLE["umum"], request.id, PDF)
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in house.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    marks = {one.where: {"mark": "same"} for one in to_compare(house, request.id)}
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review", marks=marks, note="Lampiran satu kurang jelas")
    runs = [house.approve(line.id) for line in request.lines]
    assert [house.carry_out(run_id) for run_id in runs] == ["done", "done"]
    house.desk.do_step(PEOPLE["kabid"], request.id, "notify")
    house.tell()
    ids = _of_run(house, runs[at])
    credential = house.desk.credentials(PEOPLE["kabid"], ids["item_id"])[0]
    letter = house.desk.letters(PEOPLE["kabid"], request.id)[0].letter
    return {**ids, "credential_id": credential.id, "letter_id": letter.id}


def to_compare(house: EngineHouse, request_id: str) -> tuple[Reading, ...]:
    """The fields that the review marks."""
    return house.desk.story(PEOPLE["kabid"], request_id).to_compare


STATES: Mapping[str, Callable[[EngineHouse], Ids]] = {
    "empty": lambda _house: {},
    "filed": _filed,
    "drafted": _drafted,
    "decidable": _decidable,
    "refused": _refused,
    "returned": _returned,
    "queued": _queued,
    "failed": _failed,
    "delivered": _delivered,
    "ending": _ending,
    "own": lambda house: _named_by_a_line(house, 1),
    "others": lambda house: _named_by_a_line(house, 0),
    "fetching": _fetching,
}


PDF = b"%PDF-1.7\n%%EOF\n"


class Standing:
    """An office in one state, with everybody signed in twice: by browser and by command."""

    def __init__(self, folder: Path, opened: Path, state: str) -> None:
        shutil.copytree(opened, folder, dirs_exist_ok=True)
        self.office = Office(folder)
        seal_for_real(self.office)
        self.state = state
        self.ids = STATES[state](self.office.house)
        self._tokens = {name: self.office.client(name).headers["Authorization"] for name in PEOPLE}
        self._cookies, self._csrf = {}, {}
        for name in PERSONS:
            browser = self.office.anonymous() if name == NOBODY else self.office.browser(name)
            self._csrf[name] = csrf_of(browser.get("/masuk" if name == NOBODY else "/"))
            self._cookies[name] = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
        self._file = folder / "gerbang.db"
        self.office.house.close()
        self._kept = self._file.read_bytes()

    def put_back(self) -> None:
        """Let the office be as it was before anybody knocked."""
        self.office.house.close()
        self._file.write_bytes(self._kept)

    def path(self, path: str) -> str:
        """Fill the ids in; one that this state has not stays a name of nothing."""
        return path.format_map(_Ids(self.ids))

    def knock(self, person: str, method: str, path: str, body: Mapping[str, object] | None) -> httpx.Response:
        """Ask as that person: the API by token and JSON, a page by cookie and form with its token."""
        filled = {name: self.filled(value) for name, value in (body or {}).items()}
        if path.startswith("/api/"):
            sent = None if body is None else filled
            return self.office.anonymous().request(method, self.path(path), json=sent, headers=self.token(person))
        data = None if method == "GET" else {"csrf": self._csrf[person], **filled}
        return self.office.anonymous().request(method, self.path(path), data=data, headers=self.cookie(person))

    def filled(self, value: object) -> object:
        """Fill the ids into every text of a body, however deep it lies."""
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.filled(inner) for inner in value]
        return self.path(value) if isinstance(value, str) else value

    def by_cookie(self, person: str, method: str, path: str) -> httpx.Response:
        """Ask with what a browser adds by itself, and nothing of ours."""
        return self.office.anonymous().request(method, self.path(path), headers=self.cookie(person))

    def rows(self) -> dict[str, int]:
        """How many rows each table of ours has."""
        return counts(self.office.house.database)

    def token(self, person: str) -> dict[str, str]:
        """What the person's command sends of itself."""
        return {"Authorization": self._tokens[person]} if person != NOBODY else {}

    def cookie(self, person: str) -> dict[str, str]:
        """What the person's browser adds by itself to whatever it sends us."""
        return {"Cookie": self._cookies[person]}


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has: {"requests": 1, "audit": 12, ...}."""
    with database.reading() as uow:
        return {
            name: uow.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


class _Ids(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"no_{name}"

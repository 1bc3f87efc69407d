"""Is every value of a verdict said in words, and what a host answered said to be the host's?"""

from __future__ import annotations

import re
from pathlib import Path

from api.pages.verdict_words import NAMES, VALUES, in_words
from provisioner.store import runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.verification.verdict import Verdict
from tests.gate.office import Office
from tests.gate.test_pages import text_of
from tests.house import PEOPLE, EngineHouse
from tests.verbs import ON_ITEMS, ask, made

SMALL = {"second_name": "none", "storage_gb": 1, "database_gb": 1}


def verdicts_of(office: Office, run_id: str) -> tuple[Verdict, ...]:
    """Carry the run out and return what was tried."""
    assert office.house.carry_out(run_id) in {"done", "waiting_until"}
    return office.house.desk.run(PEOPLE["kabid"], run_id).verdicts


def all_of(uow: UnitOfWork) -> list[str]:
    """Every run of a house."""
    return [row[0] for row in uow.connection.exec_driver_sql("SELECT id FROM runs")]


def test_no_key_of_a_trial_reaches_a_page_as_the_engine_writes_it(tmp_path: Path) -> None:
    """The fakes answer with the providers' own keys and words, of each kind and verb."""
    tried: list[Verdict] = []
    for number, (kind, asked) in enumerate(ON_ITEMS):
        house = EngineHouse(tmp_path / str(number), kind=kind)
        house.open()
        run_id = ask(house, asked, made(house, asked))
        if asked.through is not None:
            asked.through(house, run_id)
        assert house.carry_out(run_id) == "done"
        with house.database.reading() as uow:
            tried += [verdict for run in all_of(uow) for verdict in runs.verdicts(uow, run)]
        house.close()
    keys = {key for verdict in tried for key in (*verdict.wanted, *verdict.seen)}
    assert {key for key in keys if "." not in key and key not in NAMES} == set()
    said = " ".join(f"{name} {text}" for verdict in tried for name, text in in_words(verdict.seen))
    assert [word for word in VALUES if re.search(rf"\b{word}\b", said)] == []
    assert "_" not in said


def test_values_are_said_as_a_person_would() -> None:
    seen = {"login": True, "escapes": [], "over": "EDQUOT", "x.lab": "answers 200", "y.lab": {"status": 200}}
    assert in_words(seen) == [
        ("dapat masuk", "ya"),
        ("jalan keluar dari folder situs", "tidak ada"),
        ("di atas batas", "ditolak, kuota penuh"),
        ("x.lab", "menjawab 200"),
        ("y.lab", "jawaban HTTP: 200"),
    ]


def test_what_a_host_answered_is_quoted_below_its_duty_and_the_top_says_which_duty(office: Office) -> None:
    run_id = office.house.to_run(**SMALL)
    office.house.world.plant({"kind": "fail_after", "task": "certificate"})
    assert office.house.carry_out(run_id) == "failed"
    page = office.browser("kabid").get(f"/pelaksanaan/{run_id}")
    assert "Tugas Sertifikat gagal; sebabnya tertulis di bawahnya" in text_of(page)
    above, log, _ = page.text.partition("Catatan langsung")
    assert log
    assert above.count("planted fault") == above.count('<q lang="en">planted fault after all</q>') == 1

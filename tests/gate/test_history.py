"""Does Riwayat find what is asked for, in words, and say truly whether the chain is whole?"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from api.pages.chain_details import KEYS, details
from api.pages.chain_words import EVENTS, cell
from provisioner.audit_events import AuditEvent
from provisioner.digests import canonical_json
from provisioner.store.tables.evidence import AUDIT
from tests.gate.office import Office, csrf_of
from tests.gate.test_lists import statements
from tests.gate.test_pages import text_of
from tests.house import PEOPLE


def test_every_event_of_the_chain_has_its_words() -> None:
    assert set(EVENTS) == set(AuditEvent), "say a new event in api/pages/chain_words.py"


@pytest.mark.parametrize(
    ("value", "written"),
    [("=1+1", "'=1+1"), ("+62", "'+62"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=1", "a=1"), (7, "7")],
)
def test_no_cell_is_a_formula(value: object, written: str) -> None:
    assert cell(value) == written


@pytest.mark.parametrize(
    ("asked", "api"),
    [
        ({"permohonan": "2026-0001"}, {"request": "2026-0001"}),
        ({"orang": "umum"}, {"person": "umum"}),
        ({"sejak": "2026-11-24"}, {"since": "2026-11-24"}),
        ({"sampai": "2026-11-22"}, {"until": "2026-11-22"}),
        ({"permohonan": "2026-9999"}, {"request": "2026-9999"}),
    ],
)
def test_a_search_finds_exactly_its_rows(office: Office, asked: dict[str, str], api: dict[str, str]) -> None:
    office.house.to_plan()
    office.house.clock.move(days=2)
    office.house.desk.submit(PEOPLE["opd"], office.house.example(sub_domain="dua"), "application/yaml")
    auditor = office.client("auditor")
    everything = auditor.get("/api/v1/audit", params={"limit": 1000}).json()["rows"]
    told = auditor.get("/api/v1/audit/history", params={**api, "limit": 1000}).json()["rows"]
    first = office.house.desk.requests(PEOPLE["umum"])[1]
    ids = {first.id, *(line.id for line in first.lines), *(str(line.plan_id) for line in first.lines)}
    found: dict[str, Callable[[dict[str, Any]], bool]] = {
        "permohonan": lambda row: row["subject"] in ids and first.number == asked["permohonan"],
        "orang": lambda row: "per_umum" in {row["actor"], row["recorder"]},
        "sejak": lambda row: str(row["at"]) >= "2026-11-23T16:00",
        "sampai": lambda row: str(row["at"]) < "2026-11-22T16:00",
    }
    wanted = found[next(iter(asked))]
    expected = [row["sequence"] for row in reversed(everything) if wanted(row)]
    assert [one["row"]["sequence"] for one in told if one["row"]["sequence"] <= everything[-1]["sequence"]] == expected
    page = office.browser("auditor").get("/riwayat", params=asked)
    assert all(f">{sequence}</th>" in page.text for sequence in expected)


def test_rows_are_said_in_words_with_actor_and_recorder(office: Office) -> None:
    office.house.to_plan()
    said = text_of(office.browser("auditor").get("/riwayat"))
    assert "Permohonan dikirim" in said
    assert "Opd Rekaan" in said
    assert "Gerbang (pekerja)" in said


@pytest.mark.parametrize(
    ("event", "data", "said"),
    [
        (AuditEvent.STEP_DO, {"step": "review", "number": None}, ["langkah Mengkaji"]),
        (AuditEvent.RUN_CHANGE, {"state": "needs_attention", "why": "a"}, ["keadaan perlu perhatian", "sebab a"]),
        (
            AuditEvent.PLAN_MAKE,
            {"state": "current", "reasons": [], "digest": "0f" * 32},
            ["keadaan siap diputuskan", "sidik rencana 0f0f0f0f0f0f"],
        ),
        (AuditEvent.RESULT_WRITE, {"part": 0, "way": "undo"}, ["bagian 1", "arah membatalkan"]),
        (AuditEvent.SCAN_FILE, {"size_bytes": 2048}, ["ukuran 2 KB"]),
        (AuditEvent.LETTER_WRITE, {"lines": ["line_d3jzg68hungqt8ig"]}, ["baris line_d3jzg68"]),
        (AuditEvent.NOTICE_WRITE, {"person": "per_umum"}, ["orang Umum Rekaan"]),
        (AuditEvent.ITEM_CHANGE, {"tak_dikenal": "review"}, ["tak_dikenal review"]),
    ],
)
def test_what_a_row_holds_is_said_in_words(event: AuditEvent, data: dict[str, Any], said: list[str]) -> None:
    shown = details(event, data, {"per_umum": "Umum Rekaan", "review": "Mengkaji"})
    assert [f"{one.key} {one.said}" for one in shown] == said


def test_a_shortened_digest_is_whole_beside_it() -> None:
    (one,) = details(AuditEvent.SCAN_FILE, {"sha256": "0f" * 32}, {})
    assert (one.said, one.whole) == ("0f0f0f0f0f0f", "0f" * 32)


def test_every_key_of_a_delivered_request_has_its_word_and_each_row_stands_whole_on_the_page(office: Office) -> None:
    office.house.carry_out(office.house.to_run())
    rows = office.house.desk.audit_rows(PEOPLE["auditor"], limit=1000)
    assert {key for row in rows for key in row.data} <= set(KEYS)
    page = office.browser("auditor").get("/riwayat")
    shown = [row for row in rows if row.data][-10:]
    assert all(html.escape(canonical_json(dict(row.data))).replace("&quot;", "&#34;") in page.text for row in shown)
    assert all(row.subject in page.text for row in rows[-10:])
    assert "per_opd" not in text_of(page)


def test_more_rows_are_not_more_questions(office: Office) -> None:
    office.house.to_plan()
    office.browser("auditor").get("/riwayat")
    office.app.state.chain_check.wait(10)
    before = statements(office, "/riwayat", "auditor")
    office.house.desk.submit(PEOPLE["opd"], office.house.example(sub_domain="dua"), "application/yaml")
    assert statements(office, "/riwayat", "auditor") == before


def test_the_chain_is_walked_beside_the_page_which_says_when(office: Office) -> None:
    office.house.to_plan()
    browser = office.browser("auditor")
    browser.get("/riwayat")
    check = office.app.state.chain_check
    check.wait(10)
    assert check.last.report.broken == ""
    said = text_of(browser.get("/riwayat"))
    assert f"Rantai utuh: {check.last.report.rows} baris , kode" in said
    assert "dihitung Senin, 23 November 2026" in said


def test_a_broken_chain_is_said_in_red_with_its_place(office: Office) -> None:
    office.house.to_plan()
    with office.house.database.transaction() as uow:
        uow.connection.execute(sa.text("DROP TRIGGER audit_stand"))
        uow.connection.execute(sa.update(AUDIT).where(AUDIT.c.sequence == 3).values(actor="per_orang_lain"))
    browser = office.browser("auditor")
    answer = browser.post("/riwayat/periksa", data={"csrf": csrf_of(browser.get("/"))})
    assert answer.status_code == 303
    office.app.state.chain_check.wait(10)
    assert "Rantai rusak sesudah 2 baris: baris 3 diubah" in text_of(browser.get("/riwayat"))


def test_the_download_holds_every_row_of_the_search_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.evidence.A_BATCH", 2)
    office.house.to_plan()
    answer = office.browser("auditor").get("/riwayat.csv", params={"permohonan": "2026-0001"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    told = office.client("auditor").get("/api/v1/audit/history", params={"request": "2026-0001", "limit": 1000}).json()
    assert [int(row[0]) for row in rows[1:]] == [one["row"]["sequence"] for one in told["rows"]]
    assert answer.headers["content-type"].startswith("text/csv")

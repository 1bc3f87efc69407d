"""What does a person see of usage over time, and can they take the figures with them? Their own OPD's alone."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from provisioner.items.usage import Point, period_of
from provisioner.kinds.port import Measure
from provisioner.store import usage
from provisioner.workflow.watch import watch
from tests.gate.office import Office
from tests.gate.test_items_page import stand
from tests.gate.test_lists import statements
from tests.gate.test_pages import text_of
from tests.house import EXAMPLE, PEOPLE

GIB = 1024**3
OPD = EXAMPLE["opd"]
USED = "storage_used_bytes"
LOGIN = Measure(name="last_login_unix_seconds", label="Masuk terakhir", unit="unix_seconds", not_counted="")


def measured(office: Office, item_id: str, **amounts: int) -> None:
    """Let the item use so much, and the scheduled look find it."""
    for measure, amount in amounts.items():
        office.house.world.measure(f"web1/{item_id}:{measure}", amount)
    watch(office.house.hands, "hosting")


def earlier(office: Office, item_id: str, days: int, value: int, measure: str = USED) -> None:
    """Let the item have been measured so many days ago."""
    at = office.house.clock() - timedelta(days=days)
    period = period_of(at, office.house.hands.usage.period, office.house.hands.zone)
    with office.house.database.transaction() as uow:
        usage.keep(uow, [Point(item_id=item_id, measure=measure, period=period, at=at, value=value)])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_item_shows_a_chart_with_its_limit_and_says_it_in_a_sentence(office: Office) -> None:
    item_id = stand(office)
    for days in (3, 2, 1):
        earlier(office, item_id, days, (4 - days) * GIB)
    measured(office, item_id, storage_used_bytes=4 * GIB)
    page = office.browser("opd").get(f"/layanan/{item_id}")
    assert re.search(r'<path class="g-chart-line" d="M[0-9. ]+( L[0-9. ]+){3}"/>', page.text)
    assert page.text.count('<path class="g-chart-limit" d="M') == 2, "the chart's, and the key's"
    said = text_of(page)
    assert "4 pengukuran dari 20 November 2026 sampai 23 November 2026: terendah 1 GB, tertinggi 4 GB" in said
    assert "Ruang simpan: 4 GB terpakai dari 5 GB" in said
    assert "Tidak dihitung: catatan (log) server web" in said


def test_before_the_first_measure_the_page_says_when_there_will_be_one(office: Office) -> None:
    item_id = stand(office)
    for path in (f"/layanan/{item_id}", f"/layanan/{item_id}/pemakaian", f"/pemakaian/{OPD}"):
        said = text_of(office.browser("opd").get(path))
        assert "belum" in said.lower()
        assert "diukur tiap malam" in said
    assert "Belum ada yang diukur" in text_of(office.browser("kabid").get("/pemakaian"))
    assert rows_of(office.browser("opd").get(f"/layanan/{item_id}/usage.csv").text) == []


def test_a_limit_that_was_changed_is_a_stair_in_the_chart(office: Office) -> None:
    item_id = stand(office)
    measured(office, item_id, storage_used_bytes=GIB)
    office.house.clock.move(days=10)
    assert office.house.carry_out(office.house.verb("change", item_id, storage_gb=8)) == "done"
    measured(office, item_id, storage_used_bytes=6 * GIB)
    series = office.house.desk.item_usage(PEOPLE["opd"], item_id, days=90).series
    assert [amount for _, amount in series[0].granted] == [5 * GIB, 8 * GIB]
    table = text_of(office.browser("opd").get(f"/layanan/{item_id}/pemakaian"))
    assert table.index("6 GB dari 8 GB") < table.index("1 GB dari 5 GB")


def test_figures_go_on_page_by_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.usage.SHOWN", 2)
    item_id = stand(office)
    for days in (3, 2, 1):
        earlier(office, item_id, days, days * GIB)
    browser = office.browser("opd")
    first = browser.get(f"/layanan/{item_id}/pemakaian")
    following = first.text.partition('href="?hari=90&amp;sebelum=')[2].partition("#")[0]
    second = text_of(browser.get(f"/layanan/{item_id}/pemakaian?hari=90&sebelum={following}"))
    assert ("1 GB dari" in text_of(first), "3 GB dari" in text_of(first)) == (True, False)
    assert ("1 GB dari" in second, "3 GB dari" in second) == (False, True)
    told = office.client("opd").get(f"/api/v1/items/{item_id}/usage", params={"limit": 2}).json()
    rest = office.client("opd").get(f"/api/v1/items/{item_id}/usage", params={"before": told["next"]}).json()
    assert [point["value"] for point in (*told["points"], *rest["points"])] == [GIB, 2 * GIB, 3 * GIB]
    assert ({point["granted"] for point in told["points"]}, rest["next"]) == ({5 * GIB}, None)


def test_the_csv_holds_every_point_of_the_item_or_of_one_month(office: Office) -> None:
    item_id = stand(office)
    for days in (40, 1):
        earlier(office, item_id, days, days * GIB)
    browser = office.browser("opd")
    whole = browser.get(f"/layanan/{item_id}/usage.csv")
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert whole.headers["content-disposition"] == f'attachment; filename="pemakaian-{item_id}.csv"'
    assert [row["nilai"] for row in rows_of(whole.text)] == [str(40 * GIB), str(GIB)]
    row = rows_of(browser.get(f"/layanan/{item_id}/usage.csv?bulan=2026-11").text)[-1]
    assert row == {
        "periode": "2026-11-22T00:00+08:00",
        "diukur": "2026-11-22T10:00+08:00",
        "OPD": OPD,
        "kode layanan": item_id,
        "layanan": "simpeg.kota.lab",
        "ukuran": "Ruang simpan",
        "satuan": "bita",
        "nilai": str(GIB),
        "batas": str(5 * GIB),
    }
    assert len(rows_of(browser.get(f"/layanan/{item_id}/usage.csv?bulan=2026-10").text)) == 1
    assert rows_of(browser.get(f"/layanan/{item_id}/usage.csv?bulan=2025-12").text) == []
    wrong = browser.get(f"/layanan/{item_id}/usage.csv?bulan=2026-13")
    assert (wrong.status_code, "bukan bulan" in wrong.text) == (422, True)


def test_what_an_opd_uses_is_summed_and_another_opd_is_not_found(office: Office) -> None:
    first, second = stand(office, "satu"), stand(office, "dua")
    earlier(office, first, 1, 2 * GIB)
    measured(office, first, storage_used_bytes=3 * GIB)
    measured(office, second, storage_used_bytes=GIB)
    told = office.client("opd").get(f"/api/v1/usage/{OPD}").json()
    series = told["series"][0]
    assert [point["value"] for point in series["points"]] == [2 * GIB, 4 * GIB]
    assert (series["items"], series["granted"][-1]["value"]) == (2, 10 * GIB)
    page = text_of(office.browser("opd").get(f"/pemakaian/{OPD}"))
    for words in (
        "Hosting situs web: 2 layanan diukur terakhir",
        "Ruang simpan: 4 GB terpakai dari 10 GB",
        "satu.kota.lab",
    ):
        assert words in page
    assert "4 GB" in text_of(office.browser("kabid").get("/pemakaian"))
    assert {row["layanan"] for row in rows_of(office.browser("opd").get(f"/pemakaian/{OPD}/usage.csv").text)} == {
        "satu.kota.lab",
        "dua.kota.lab",
    }
    foreign = office.browser("lain")
    assert foreign.get("/pemakaian").headers["location"] == "/pemakaian/DINLAIN"
    assert text_of(foreign.get("/pemakaian/DINLAIN")).count("kota.lab") == 0
    for path in (f"/pemakaian/{OPD}", f"/pemakaian/{OPD}/usage.csv", f"/layanan/{first}/usage.csv"):
        assert foreign.get(path).status_code == 404
    assert office.client("lain").get("/api/v1/usage").json() == {"sums": []}


def test_what_ended_is_no_longer_granted_and_stays_in_the_figures(office: Office) -> None:
    item_id = stand(office)
    measured(office, item_id, storage_used_bytes=GIB)
    run_id = office.house.terminate(item_id)
    assert office.house.carry_out(run_id) == "waiting_until"
    office.house.clock.move(days=31)
    office.house.desk.record_receipt(PEOPLE["teknis"], item_id, "ab" * 32)
    assert office.house.carry_out(run_id) == "done"
    series = office.house.desk.opd_usage(PEOPLE["opd"], OPD, days=90).series[0]
    assert [amount for _, amount in series.granted] == [5 * GIB, 0]
    assert len(rows_of(office.browser("opd").get(f"/pemakaian/{OPD}/usage.csv").text)) == 1


def test_what_ended_today_is_in_no_sum_of_what_is_used_now(office: Office) -> None:
    ended, stands = stand(office, "satu"), stand(office, "dua")
    run_id = office.house.terminate(ended)
    assert office.house.carry_out(run_id) == "waiting_until"
    office.house.clock.move(days=31)
    measured(office, stands, storage_used_bytes=2 * GIB)
    measured(office, ended, storage_used_bytes=GIB)
    assert now_of(office) == ([(3 * GIB, 2)], "Ruang simpan: 3 GB terpakai dari 10 GB", 2)
    office.house.desk.record_receipt(PEOPLE["teknis"], ended, "ab" * 32)
    assert office.house.carry_out(run_id) == "done"
    assert now_of(office) == ([(2 * GIB, 1)], "Ruang simpan: 2 GB terpakai dari 5 GB", 1)
    assert "2 GB" in text_of(office.browser("kabid").get("/pemakaian"))
    series = office.house.desk.opd_usage(PEOPLE["opd"], OPD, days=90).series[0]
    assert [value for _, value in series.points] == [3 * GIB], "what was used stays"
    office.house.clock.move(days=4)
    assert now_of(office) == ([], "Ruang simpan: belum diukur dalam tiga hari terakhir", 0)


def now_of(office: Office) -> tuple[list[tuple[int, int]], str, int]:
    """What the OPD uses now by each page: the list's sums, the OPD's own sentence, and of how many items."""
    sums = [(one.value, one.items) for one in office.house.desk.opd_sums(PEOPLE["kabid"])]
    page = text_of(office.browser("opd").get(f"/pemakaian/{OPD}"))
    said = re.search(
        r"Ruang simpan: [0-9,]+ GB terpakai dari [0-9]+ GB|Ruang simpan: belum diukur[a-z ]*terakhir", page
    )
    counted = re.search(r"Hosting situs web: ([0-9]+) layanan", page)
    return sums, said[0] if said else page, int(counted[1]) if counted else -1


def test_a_last_login_is_said_and_makes_no_sum_and_no_chart(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    item_id = stand(office)
    hosting = office.house.hands.kinds["hosting"]
    kinds: Any = {"hosting": replace(hosting, measures=(*hosting.measures, LOGIN))}
    monkeypatch.setattr(office.house.desk, "house", replace(office.house.desk.house, kinds=kinds))
    at = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Makassar"))
    earlier(office, item_id, 1, 0, LOGIN.name)
    earlier(office, item_id, 0, int(at.timestamp()), LOGIN.name)
    said = text_of(office.browser("opd").get(f"/layanan/{item_id}/pemakaian"))
    assert "Masuk terakhir: Jumat, 20 November 2026 pukul 09.30 WITA." in said
    assert "belum pernah" in said
    written = [row["nilai"] for row in rows_of(office.browser("opd").get(f"/layanan/{item_id}/usage.csv").text)]
    assert written == ["belum pernah", "2026-11-20T09:30:00+08:00"]
    sums = [one.measure.name for one in office.house.desk.opd_usage(PEOPLE["opd"], OPD, days=9).series]
    assert LOGIN.name not in sums


def test_more_items_ask_the_store_no_more_questions(office: Office) -> None:
    measured(office, stand(office, "satu"), storage_used_bytes=GIB)
    before = statements(office, f"/pemakaian/{OPD}", "opd")
    measured(office, stand(office, "dua"), storage_used_bytes=GIB)
    assert statements(office, f"/pemakaian/{OPD}", "opd") == before


def test_the_report_of_a_month_has_a_row_a_service_and_measure_and_then_the_sums(office: Office) -> None:
    first, second = stand(office, "satu"), stand(office, "dua")
    for days, gigabytes in ((3, 1), (2, 4), (1, 2)):
        earlier(office, first, days, gigabytes * GIB)
    earlier(office, first, 40, 5 * GIB)
    earlier(office, second, 1, GIB)
    browser = office.browser("opd")
    answer = browser.get(f"/pemakaian/{OPD}/laporan.csv?bulan=2026-11")
    named = f'attachment; filename="laporan-penggunaan-{OPD}-2026-11.csv"'
    assert answer.headers["content-disposition"] == named
    rows = {row["layanan"]: row for row in rows_of(answer.text)}
    assert set(rows) == {"satu.kota.lab", "dua.kota.lab", "JUMLAH 2 layanan Hosting situs web"}
    one, both = rows["satu.kota.lab"], rows["JUMLAH 2 layanan Hosting situs web"]
    figures = ("awal", "akhir", "terendah", "tertinggi", "rata-rata", "batas")
    assert [int(one[name]) // GIB for name in figures] == [1, 2, 1, 4, 2, 5]
    told = ("40,0", "3", "2026-11-22")
    assert (one["persen dari batas"], one["jumlah pengukuran"], one["pengukuran terakhir"]) == told
    assert "catatan (log)" in one["tidak dihitung"]
    assert (both["akhir"], both["batas"], both["persen dari batas"]) == (str(3 * GIB), str(10 * GIB), "30,0")
    last_month = rows_of(browser.get(f"/pemakaian/{OPD}/laporan.csv").text)
    assert [row["akhir"] for row in last_month] == [str(5 * GIB)] * 2, "October: the one service, and its sum"
    assert browser.get(f"/pemakaian/{OPD}/laporan.csv?bulan=november").status_code == 422

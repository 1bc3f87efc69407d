"""Does every page say of a cloud account what it is, and nothing of a web site?"""

from __future__ import annotations

import re

import pytest

from api.pages.words import VERBS
from provisioner.facts.observation import Spot
from provisioner.workflow.watch import watch
from tests.gate.office import Office
from tests.gate.test_pages import text_of
from tests.house import EXAMPLES, PEOPLE
from tests.verbs import ON_ITEMS

OF_SITES = re.compile(r"\b(situs|sftp|php|sub domain|basis data|hosting)\b", re.IGNORECASE)


@pytest.fixture
def cloud(office: Office) -> Office:
    """An open office that is asked for cloud accounts."""
    office.house.kind, office.house.document = "data_cloud", EXAMPLES["data_cloud"]
    return office


def delivered(cloud: Office) -> tuple[str, str, str]:
    """Make the example's account; return the ids of line, run and item."""
    line_id = cloud.house.to_decision()
    run_id = cloud.house.approve(line_id)
    assert cloud.house.carry_out(run_id) == "done"
    return line_id, run_id, cloud.house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def test_no_page_of_an_account_speaks_of_sites(cloud: Office) -> None:
    line_id, run_id, item_id = delivered(cloud)
    watch(cloud.house.hands, "data_cloud")
    of_verbs = [f"/layanan/{item_id}/tindakan/{verb}" for verb in VERBS]
    request_id = cloud.house.request_of(line_id)
    pages = [
        f"/permohonan/{request_id}",
        f"/baris/{line_id}/rencana",
        f"/pelaksanaan/{run_id}",
        f"/layanan/{item_id}",
        f"/layanan/{item_id}/kredensial",
        f"/layanan/{item_id}/pemakaian",
        *of_verbs,
        "/host/cloud1",
    ]
    wrong = {}
    for name in ("kabid", "opd"):
        browser = cloud.browser(name)
        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == (403 if (name, page) == ("opd", "/host/cloud1") else 200), (name, page)
            said = text_of(answer).replace("Dinas Komunikasi", "")
            if found := OF_SITES.findall(said):
                wrong[name, page] = found
    assert wrong == {}


def test_the_plan_says_each_limit_in_words_and_to_the_byte_and_what_holds_it(cloud: Office) -> None:
    line_id = cloud.house.to_decision()
    said = text_of(cloud.browser("kabid").get(f"/baris/{line_id}/rencana"))
    for words in (
        "5 GB, tepat 5.368.709.120 bita",
        "512 MB",
        "dokumen (pdf, docx, xlsx, pptx, odt, txt), gambar (jpg, png, tiff)",
        "tidak ditegakkan: Nextcloud tidak membatasi laju tiap akun",
        "kuota akun Gerbang",
        "akun di server",
        "Belum ada akun lain di cloud1",
        "Kelompok gerbang-limit-512mb-dokumen-gambar di cloud1 dipastikan ada",
        "tetap ada bila dibatalkan",
        "Kuota ruang simpan arsip.dincontoh di cloud1 dibuat",
    ):
        assert words in said, words
    assert "Menyimpang dari yang tercatat" not in said


def test_what_stands_otherwise_than_recorded_is_said_above_the_plan_and_to_the_opd_too(cloud: Office) -> None:
    item_id = delivered(cloud)[2]
    cloud.house.world.put(
        Spot(system="nextcloud", target="cloud1/arsip.dincontoh", property="lock"), {"disabled": True}
    )
    line_id = cloud.house.to_plan_of("change", item_id, quota_gb=9)
    for name in ("kabid", "opd"):
        said = text_of(cloud.browser(name).get(f"/baris/{line_id}/rencana"))
        assert "Menyimpang dari yang tercatat" in said
        assert "Akun arsip.dincontoh dinonaktifkan di cloud1, bukan oleh Gerbang" in said


def test_what_another_line_has_made_already_is_said_to_be_as_it_should(cloud: Office) -> None:
    """The second account of a class finds its groups and rules there: that task was not left out."""
    delivered(cloud)
    run_id = cloud.house.to_run(account_id="humas.dincontoh")
    assert cloud.house.carry_out(run_id) == "done"
    assert [task.state for task in cloud.house.desk.run(PEOPLE["kabid"], run_id).tasks] == ["same", "changed"]
    said = text_of(cloud.browser("kabid").get(f"/pelaksanaan/{run_id}"))
    assert "Kelompok batas sudah sesuai" in said
    assert "tidak dimulai" not in said


def test_its_password_is_shown_with_where_to_enter_it(cloud: Office) -> None:
    _, _, item_id = delivered(cloud)
    browser = cloud.browser("teknis")
    said = text_of(browser.get(f"/layanan/{item_id}/kredensial"))
    for words in ("masuk ke akun cloud", "https://cloud.kota.lab:8443", "arsip.dincontoh", "Kata sandi akun cloud"):
        assert words in said, words


def test_an_opd_is_told_its_own_fault_and_nothing_of_others(cloud: Office) -> None:
    """The id is taken, by whom is nobody's matter; what is too large is said."""
    _, _, item_id = delivered(cloud)
    cloud.house.world.measure("cloud1/arsip.dincontoh:storage_used_bytes", 3 * 1024**3)
    taken = cloud.house.to_plan()
    below = cloud.house.to_plan_of("change", item_id, quota_gb=2)
    browser = cloud.browser("opd")
    told = text_of(browser.get(f"/baris/{taken}/rencana"))
    assert "nama yang diminta sudah terpakai atau dicadangkan" in told
    assert "cloud1" not in told
    for name in ("opd", "kabid"):
        said = text_of(cloud.browser(name).get(f"/baris/{below}/rencana"))
        assert "ruang simpan 2 GB kurang dari yang terpakai sekarang (3 GB)" in said
        assert "inta sedikitnya 3 GB" in said


def test_what_is_left_of_a_server_and_its_bar_are_not_an_opds_to_see(cloud: Office) -> None:
    line_id = cloud.house.to_decision()
    pages = {name: cloud.browser(name).get(f"/baris/{line_id}/rencana") for name in ("kabid", "opd")}
    left = {name: re.findall(r'data-label="Sisa setelahnya"[^>]*>([^<]*)', page.text) for name, page in pages.items()}
    assert left["kabid"][:2] == ["95 GB dari 100 GB", "-"]
    assert (left["opd"], "g-bar" in pages["opd"].text) == ([], False)
    assert [word for word in ("GB dari", "setelahnya") if word in text_of(pages["opd"])] == []
    told = cloud.client("opd").get(f"/api/v1/lines/{line_id}/plan").json()["page"]["columns"]
    assert {*told[0]} == {"label", "asked", "planned"}
    assert [row["label"] for row in told if {*row} - {"label", "asked", "planned", "is_first"}] == []
    assert "Ruang simpan" in [row["label"] for row in told if row.get("is_first")]


@pytest.mark.parametrize("archive", ["own_download", "none"])
def test_through_its_grace_the_page_says_how_its_contents_are_fetched_or_that_nobody_keeps_them(
    cloud: Office, archive: str
) -> None:
    _, _, item_id = delivered(cloud)
    assert cloud.house.carry_out(cloud.house.verb("terminate", item_id, archive=archive)) == "waiting_until"
    said = text_of(cloud.browser("teknis").get(f"/layanan/{item_id}"))
    assert ("Isi akun diunduh sendiri oleh pemiliknya" in said) == (archive == "own_download")
    assert ("Tanpa arsip, sesuai yang diminta" in said) == (archive == "none")
    assert OF_SITES.findall(said) == []


def test_every_verb_has_its_words() -> None:
    assert {asked.verb for kind, asked in ON_ITEMS if kind == "data_cloud"} <= set(VERBS)

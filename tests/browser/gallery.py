"""Which pages are there to be looked at? One office with something in every state, and each page by whom it is for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from provisioner.decisions.decision import Outcome, Word
from provisioner.names import draw_id
from provisioner.requests.table import PERSON, write_table
from provisioner.workflow.watch import watch
from tests.browser import season
from tests.browser.cloud_gallery import screens_of_accounts, stand_accounts
from tests.browser.office import QUIET, ServedOffice, window
from tests.chaos.desk_hands import to_decision
from tests.chaos.test_line_persons import letter
from tests.gate.test_claims import seal_for_real
from tests.house import EXAMPLE, PEOPLE
from tests.verbs import SUCCESSOR

SIZES = {1280: 800, 390: 844}
NOBODY = "-"
GIB = 1024**3
#: a second person, whom another line names
LURAH = {"name": "Lurah Rekaan", "nip": "198803122012012001", "email": "lurah@kelurahan.example"}
SOMEBODYS = {"text": "# seseorang\n", "owner": "root", "group": "root", "mode": "0644"}
#: one empty page, as Chromium's own viewer shows it
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
FOLDER = Path(__file__).resolve().parents[2] / "var" / "screens"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One page to look at: its picture's name, the route it is of, its path in this office, who looks."""

    name: str
    route: str
    path: str
    username: str


class Gallery(ServedOffice):
    """An office in the middle of a working week."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        seal_for_real(self)
        house = self.house
        seasoned = season.stand(house)
        season.measure(house, seasoned)
        standing = self._run("simpeg")
        assert house.carry_out(standing) == "done"
        self.ids = {"item": house.desk.run(PEOPLE["kabid"], standing).run.item_id, "done": standing}
        self.ids |= seasoned
        ending = self._run("arsip")
        assert house.carry_out(ending) == "done"
        self.ids["ending"] = house.desk.run(PEOPLE["kabid"], ending).run.item_id
        house.carry_out(house.terminate(self.ids["ending"]))
        frozen = self._run("beku")
        assert house.carry_out(frozen) == "done"
        self.ids["frozen"] = house.desk.run(PEOPLE["kabid"], frozen).run.item_id
        assert house.carry_out(house.verb("suspend", self.ids["frozen"])) == "done"
        self.ids["failed"] = self._run("gagal")
        house.world.plant({"kind": "fail_after", "task": "certificate"})
        assert house.carry_out(self.ids["failed"]) == "failed"
        self.ids["stopped"] = self._run("henti")
        house.world.plant({"kind": "third_value", "task": "apache", "value": SOMEBODYS})
        assert house.carry_out(self.ids["stopped"]) == "needs_attention"
        self.ids["queued"] = self._run("antre")
        self._undecided()
        house.world.measure(f"web1/{self.ids['item']}:storage_used_bytes", int(1.2 * GIB))
        house.world.measure(f"web1/{self.ids['frozen']}:storage_used_bytes", int(0.3 * GIB))
        house.world.measure("web1:storage_free_bytes", 14 * GIB)
        for kind in house.hands.kinds:
            watch(house.hands, kind)
        self.accounts = stand_accounts(house, self.ids["account"])

    def _run(self, name: str) -> str:
        """Approve one small site; return its queued run."""
        return self.house.to_run(sub_domain=name, second_name="none", storage_gb=1, database_gb=1)

    def _undecided(self) -> None:
        """Leave one to decide, one sent back, one refused, and one just filed."""
        house = self.house
        small: dict[str, Any] = {"second_name": "none", "storage_gb": 1, "database_gb": 1}
        self.ids["line"] = house.to_decision(sub_domain="ppdb", **small)
        self.ids["request"] = house.request_of(self.ids["line"])
        for name, outcome in (("kembali", Outcome.RETURNED), ("tolak", Outcome.REJECTED)):
            line_id = house.to_decision(sub_domain=name, **small)
            plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
            assert plan is not None
            house.desk.decide(PEOPLE["kabid"], line_id, outcome, digest=plan.digest, reason="Nama belum sesuai surat")
            self.ids[name] = house.request_of(line_id)
        raw = house.example(sub_domain="baru", **small)
        self.ids["filed"] = house.desk.submit(PEOPLE["opd"], raw, "application/yaml").id
        with season.of_kind(house, "data_cloud"):
            self.ids["cloud"] = house.to_decision(account_id="kepegawaian.dincontoh", quota_gb=10)
        self._written()
        self._many()

    def _many(self) -> None:
        """Leave one letter with many lines to decide, one under way, and a table in a draft, right and wrong."""
        house, opd, kabid = self.house, PEOPLE["opd"], PEOPLE["kabid"]
        own = {"kelurahan1": None, "kelurahan2": SUCCESSOR, "kelurahan3": None, "kelurahan4": {**SUCCESSOR, **LURAH}}
        filed = house.desk.submit(opd, letter(own), "application/json")
        to_decision(house, filed)
        self.ids["many"] = filed.id
        self.ids["halfway"] = house.lines_to_decision(4, first=5)
        lines = house.desk.lines(kabid, self.ids["halfway"]).lines
        words = [Word(line_id=one.line.id, outcome=one.outcome, digest=one.digest) for one in lines[:3]]
        words.append(Word(line_id=lines[3].line.id, outcome=Outcome.REJECTED, reason="Kelurahan ini sudah punya situs"))
        house.desk.decide_lines(kabid, self.ids["halfway"], words)
        done, failed = (str(one.line.run_id) for one in house.desk.lines(kabid, self.ids["halfway"]).lines[:2])
        assert house.carry_out(done) == "done"
        house.world.plant({"kind": "fail_after", "task": "certificate"})
        assert house.carry_out(failed) == "failed"
        rows = [{**EXAMPLE["lines"][0], "sub_domain": f"lurah{number}", "storage_gb": number} for number in range(1, 9)]
        rows[2]["technical"], rows[5]["technical"] = SUCCESSOR, {**SUCCESSOR, **LURAH}
        columns: tuple[str, ...] = ("sub_domain", "runtime", "database", "storage_gb", "electronic_system_category")
        columns += tuple(field.name for field in PERSON)
        for name, csv in (
            ("table", write_table(rows, columns)),
            ("wrong", write_table([*rows, {**rows[0], "storage_gb": "lima"}], columns)),
        ):
            draft = house.desk.begin_draft(opd, draw_id("draft"))
            table = {"kind": "hosting", "verb": "create", "csv": csv}
            house.desk.save_draft(opd, draft.id, {**EXAMPLE, "lines": table})
            self.ids[name] = draft.id

    def _written(self) -> None:
        """Leave one letter with its scan to be reviewed, one draft that is whole and one that is not."""
        house, opd = self.house, PEOPLE["opd"]
        line_id = house.to_plan(sub_domain="kaji", second_name="none", storage_gb=2, database_gb=1)
        self.ids["review"] = house.request_of(line_id)
        house.desk.file_scan(PEOPLE["umum"], self.ids["review"], PDF)
        whole = house.desk.begin_draft(opd, draw_id("draft"))
        line = {**EXAMPLE["lines"][0], "sub_domain": "konsep"}
        house.desk.save_draft(opd, whole.id, {**EXAMPLE, "lines": [line]})
        house.desk.lay_scan(opd, whole.id, PDF)
        lacking = house.desk.begin_draft(opd, draw_id("draft"))
        wrong = {**line, "storage_gb": "lima", "technical": {**SUCCESSOR, "nip": "19900101", "phone": ""}}
        house.desk.save_draft(opd, lacking.id, {**lacking.document, "lines": [wrong]})
        returned = house.desk.reopen(opd, self.ids["kembali"])
        wish = {**returned.document["lines"][0], "sub_domain": "kembali2"}
        house.desk.save_draft(opd, returned.id, {**returned.document, "lines": [wish]})
        self.ids["returned"] = returned.id
        house.tell()
        self.ids |= {"whole": whole.id, "lacking": lacking.id}

    def screens(self) -> tuple[Screen, ...]:
        """Return every page of the gate, as who it is for sees it."""
        item, line = f"/layanan/{self.ids['item']}", f"/baris/{self.ids['line']}"
        run = "/pelaksanaan/{run_id}"
        rows = (
            ("masuk", "/masuk", "/masuk", NOBODY),
            ("kode", "/kode", "/kode", NOBODY),
            ("kata-sandi", "/kata-sandi", "/kata-sandi", "umum"),
            ("menunggu-kabid", "/", "/", "kabid"),
            ("menunggu-teknis", "/", "/", "teknis"),
            ("permohonan-daftar", "/permohonan", "/permohonan", "umum"),
            ("permohonan", "/permohonan/{request_id}", f"/permohonan/{self.ids['filed']}", "umum"),
            ("permohonan-opd", "/permohonan/{request_id}", f"/permohonan/{self.ids['request']}", "opd"),
            ("permohonan-kaji", "/permohonan/{request_id}", f"/permohonan/{self.ids['review']}", "pengkaji"),
            ("permohonan-kembali", "/permohonan/{request_id}", f"/permohonan/{self.ids['kembali']}", "opd"),
            ("permohonan-tolak", "/permohonan/{request_id}", f"/permohonan/{self.ids['tolak']}", "opd"),
            ("permohonan-baru", "/permohonan/baru", "/permohonan/baru", "opd"),
            *self._stops(),
            ("baris", "/permohonan/{request_id}/baris", f"/permohonan/{self.ids['many']}/baris?pilih=siap", "kabid"),
            ("baris-berjalan", "/permohonan/{request_id}/baris", f"/permohonan/{self.ids['halfway']}/baris", "kabid"),
            ("permohonan-baris", "/permohonan/{request_id}", f"/permohonan/{self.ids['many']}", "kabid"),
            ("rencana", "/baris/{line_id}/rencana", f"{line}/rencana", "kabid"),
            ("rencana-cloud", "/baris/{line_id}/rencana", f"/baris/{self.ids['cloud']}/rencana", "kabid"),
            ("penyesuaian", "/baris/{line_id}/penyesuaian", f"{line}/penyesuaian", "pengkaji"),
            ("pelaksanaan-selesai", run, f"/pelaksanaan/{self.ids['done']}", "kabid"),
            ("pelaksanaan-gagal", run, f"/pelaksanaan/{self.ids['failed']}", "kabid"),
            ("pelaksanaan-berhenti", run, f"/pelaksanaan/{self.ids['stopped']}", "kabid"),
            ("pelaksanaan-antre", run, f"/pelaksanaan/{self.ids['queued']}", "kabid"),
            ("layanan-saya", "/layanan", "/layanan", "opd"),
            ("layanan-daftar", "/layanan", "/layanan", "kabid"),
            ("layanan", "/layanan/{item_id}", item, "opd"),
            ("layanan-berakhir", "/layanan/{item_id}", f"/layanan/{self.ids['ending']}", "teknis"),
            ("layanan-beku", "/layanan/{item_id}", f"/layanan/{self.ids['frozen']}", "opd"),
            *self._verbs(item),
            *screens_of_accounts(self.accounts),
            ("layanan-terpakai", "/layanan/{item_id}", f"/layanan/{self.ids['grown']}", "opd"),
            ("pemakaian", "/layanan/{item_id}/pemakaian", f"/layanan/{self.ids['grown']}/pemakaian", "opd"),
            ("layanan-cloud", "/layanan/{item_id}", f"/layanan/{self.ids['account']}", "opd"),
            ("pemakaian-cloud", "/layanan/{item_id}/pemakaian", f"/layanan/{self.ids['account']}/pemakaian", "opd"),
            ("pemakaian-kosong", "/layanan/{item_id}/pemakaian", f"/layanan/{self.ids['ending']}/pemakaian", "opd"),
            ("pemakaian-opd", "/pemakaian/{opd}", f"/pemakaian/{EXAMPLE['opd']}", "opd"),
            ("pemakaian-daftar", "/pemakaian", "/pemakaian", "kabid"),
            ("kredensial", "/layanan/{item_id}/kredensial", f"{item}/kredensial", "teknis"),
            ("kredensial-semua", "/kredensial", "/kredensial", "teknis"),
            ("host-daftar", "/host", "/host", "kabid"),
            ("host", "/host/{name}", "/host/web1", "kabid"),
            ("host-cloud", "/host/{name}", "/host/cloud1", "kabid"),
            ("loket", "/loket", "/loket?cari=bayu", "umum"),
            ("riwayat", "/riwayat", "/riwayat", "auditor"),
            ("tidak-ada", "/permohonan/{request_id}", "/permohonan/req_tidak_ada", "opd"),
        )
        return tuple(Screen(name=name, route=route, path=path, username=who) for name, route, path, who in rows)

    def _verbs(self, item: str) -> list[tuple[str, str, str, str]]:
        """Return the form of each verb that can be asked of a standing item."""
        route, verbs = "/layanan/{item_id}/tindakan/{verb}", ("change", "rotate", "appoint", "suspend", "terminate")
        return [(f"tindakan-{verb}", route, f"{item}/tindakan/{verb}", "opd") for verb in verbs]

    def _stops(self) -> list[tuple[str, str, str, str]]:
        """Return the pages of the request form, and two of them with what is wrong."""
        slugs = ("surat", "pindaian", "layanan", "penanggung-jawab", "kebutuhan-teknis-1", "periksa")
        places = [(f"draf-{slug}", f"{self.ids['whole']}/{slug}") for slug in slugs]
        lacking = self.ids["lacking"]
        places += [("draf-salah", f"{lacking}/kebutuhan-teknis-1?ke=periksa"), ("draf-kurang", f"{lacking}/periksa")]
        places += [
            ("draf-tabel", f"{self.ids['table']}/layanan"),
            ("draf-tabel-periksa", f"{self.ids['table']}/periksa"),
        ]
        places += [("draf-tabel-salah", f"{self.ids['wrong']}/layanan?ke=periksa")]
        places += [("draf-kembali", f"{self.ids['returned']}/periksa")]
        route = "/permohonan/draf/{draft_id}/{slug}"
        return [(name, route, f"/permohonan/draf/{place}", "opd") for name, place in places]

    def pages(self, chromium: Browser, width: int) -> dict[str, Page]:
        """Open one window a person at that width, signed in."""
        size = {"viewport": {"width": width, "height": SIZES[width]}}
        names = sorted({screen.username for screen in self.screens()})
        stranger = chromium.new_context(base_url=self.url, **size).new_page()  # type: ignore[arg-type]
        return {NOBODY: stranger} | {name: window(chromium, self, name, **size) for name in names if name != NOBODY}


def draw() -> int:
    """Draw every page at both widths into var/screens/, for a person to look at."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        office = Gallery(Path(folder))
        office.start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        for width in SIZES:
            pages = office.pages(browser, width)
            for screen in office.screens():
                page = pages[screen.username]
                page.goto(screen.path)
                page.screenshot(path=str(FOLDER / f"{screen.name}-{width}.png"), full_page=True)
        browser.close()
        office.stop()
    sys.stdout.write(f"{len(office.screens()) * len(SIZES)} pictures in {FOLDER}\n")
    return 0


if __name__ == "__main__":
    sys.exit(draw())

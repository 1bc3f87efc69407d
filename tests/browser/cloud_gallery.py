"""Which pages of cloud accounts are there to be looked at, beside those of the one that stood for a season?"""

from __future__ import annotations

from typing import Any

from provisioner.facts.observation import Spot
from provisioner.names import draw_id
from tests.browser import season
from tests.house import PEOPLE, EngineHouse
from tests.links import by_link

GIB = 1024**3
#: account -> its OPD's group and what it uses; None: made by others
OTHERS = {
    "keuangan": ("opd-dinlain", 31.5),
    "kel.contoh-utara": ("opd-dinlain", 4.2),
    "kel.contoh-selatan": ("opd-dinlain", 0.9),
    "humas": (None, 12.0),
}


def stand_accounts(house: EngineHouse, account: str) -> dict[str, str]:
    """Leave one account that ends, a change that cannot be and a draft, beside `account`; return their ids."""
    with season.of_kind(house, "data_cloud"):
        for name, (group, used) in OTHERS.items():
            _others(house, name, group, used)
        run_id = house.to_run(account_id="pelatihan.dincontoh", display_name="Pelatihan Dinas Contoh")
        assert house.carry_out(run_id) == "done"
        ending = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
        assert house.carry_out(house.terminate(ending)) == "waiting_until"
        change = house.to_plan_of("change", account, quota_gb=2, file_types=["arsip", "dokumen", "gambar"])
        draft = house.desk.begin_draft(PEOPLE["opd"], draw_id("draft"))
        wish = {**house.document["lines"][0], "account_id": "Arsip Baru", "quota_gb": "lima"}
        house.desk.save_draft(PEOPLE["opd"], draft.id, {**house.document, "lines": [wish]})
        linked = _by_link(house)
    return {"run": run_id, "item": account, "ending": ending, "change": change, "draft": draft.id, **linked}


def _by_link(house: EngineHouse) -> dict[str, str]:
    """Leave one account whose link was mailed, and one that is to be decided, of an office that has it so."""
    claims, house.estate = house.estate, by_link(house.estate)
    run_id = house.to_run(account_id="perpustakaan.dincontoh", display_name="Perpustakaan Dinas Contoh")
    assert house.carry_out(run_id) == "done"
    line_id = house.to_decision(account_id="museum.dincontoh", display_name="Museum Dinas Contoh")
    house.estate = claims
    linked = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    return {"linked": linked, "linked_run": run_id, "to_link": line_id}


def screens_of_accounts(ids: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Return their pages: name, route, path, who looks."""
    item, verb = f"/layanan/{ids['item']}", "/layanan/{item_id}/tindakan/{verb}"
    draft = f"/permohonan/draf/{ids['draft']}/kebutuhan-teknis-1?ke=periksa"
    return [
        ("akun-rencana-ubah", "/baris/{line_id}/rencana", f"/baris/{ids['change']}/rencana", "kabid"),
        ("akun-pelaksanaan", "/pelaksanaan/{run_id}", f"/pelaksanaan/{ids['run']}", "kabid"),
        ("akun-berakhir", "/layanan/{item_id}", f"/layanan/{ids['ending']}", "teknis"),
        ("akun-berakhir-kertas", "/layanan/{item_id}", f"/layanan/{ids['ending']}", "umum"),
        ("akun-kredensial", "/layanan/{item_id}/kredensial", f"{item}/kredensial", "teknis"),
        ("akun-ubah", verb, f"{item}/tindakan/change", "opd"),
        ("akun-akhiri", verb, f"{item}/tindakan/terminate", "opd"),
        ("akun-tautan-rencana", "/baris/{line_id}/rencana", f"/baris/{ids['to_link']}/rencana", "kabid"),
        ("akun-tautan-pelaksanaan", "/pelaksanaan/{run_id}", f"/pelaksanaan/{ids['linked_run']}", "kabid"),
        ("akun-tautan", "/layanan/{item_id}", f"/layanan/{ids['linked']}", "teknis"),
        ("akun-tautan-kredensial", "/layanan/{item_id}/kredensial", f"/layanan/{ids['linked']}/kredensial", "teknis"),
        ("akun-draf", "/permohonan/draf/{draft_id}/{slug}", draft, "opd"),
    ]


def _others(house: EngineHouse, name: str, group: str | None, used: float) -> None:
    values: dict[str, Any] = {
        "account": {"mark": "gerbang" if group else None},
        "groups": ["gerbang-limit-512mb-dokumen", group] if group else None,
    }
    for prop, value in values.items():
        house.world.put(Spot(system="nextcloud", target=f"cloud1/{name}", property=prop), value)
    house.world.measure(f"cloud1/{name}:storage_used_bytes", int(used * GIB))

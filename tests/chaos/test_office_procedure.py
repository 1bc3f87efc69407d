"""Who says by which procedure a request walks, and how much of one OPD may be open at once? The office's settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from provisioner.desk import open_desk
from provisioner.desk.office_procedure import procedure_for
from provisioner.errors import BadInput, NotFound, Refused
from provisioner.requests.request import Draft, DraftLine
from provisioner.settings import Settings
from provisioner.store import office
from tests.house import EXAMPLE, PEOPLE, EngineHouse

OF_KIND = {"hosting": "tarakan_hosting", "data_cloud": "purbalingga_data_cloud"}


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def draft(*kinds: str, procedure: str | None = None) -> Draft:
    """A draft with a line of each kind."""
    known = Draft.from_data({**_EXAMPLE_DATA, "procedure": procedure, "lines": []})
    lines = tuple(DraftLine(kind=kind, verb="create", item_id=None, wish={}) for kind in kinds)
    return replace(known, lines=lines)


_EXAMPLE_DATA: dict[str, Any] = {**EXAMPLE, "procedure": None}
_EXAMPLE_DATA["technical"] = {"nip": None, "contract_number": None, "contract_end": None} | EXAMPLE["technical"]


@pytest.mark.parametrize(
    ("kinds", "named", "expected"),
    [
        (("hosting",), None, "tarakan_hosting"),
        (("data_cloud", "data_cloud"), None, "purbalingga_data_cloud"),
        (("hosting",), "tarakan_hosting", "tarakan_hosting"),
    ],
)
def test_the_office_names_the_procedure_of_each_kind(kinds: tuple[str, ...], named: str | None, expected: str) -> None:
    assert procedure_for(OF_KIND, draft(*kinds, procedure=named)) == expected


@pytest.mark.parametrize(
    ("kinds", "named", "where"),
    [
        (("hosting",), "purbalingga_data_cloud", ["procedure"]),
        (("hosting", "data_cloud"), None, ["lines"]),
        (("hosting", "colocation"), None, ["lines[1].kind"]),
    ],
    ids=["another than the office's: its disposition would be left out", "two procedures in one", "a kind without one"],
)
def test_no_document_chooses_its_procedure(kinds: tuple[str, ...], named: str | None, where: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        procedure_for(OF_KIND, draft(*kinds, procedure=named))
    assert [fault.where for fault in refused.value.faults] == where


def test_naming_the_shorter_procedure_files_nothing(house: EngineHouse) -> None:
    raw = yaml.safe_dump({**EXAMPLE, "procedure": "purbalingga_data_cloud"}).encode()
    with pytest.raises(BadInput):
        house.desk.submit(PEOPLE["opd"], raw, "application/yaml")
    assert house.desk.requests(PEOPLE["umum"]) == ()


def test_one_kinds_procedure_is_set_without_naming_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GERBANG_PROCEDURE_OF_KIND", '{"data_cloud": "purbalingga_data_cloud"}')
    assert Settings().procedure_of_kind == OF_KIND


def test_a_gate_does_not_open_with_a_procedure_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{tmp_path}/gerbang.db"), procedure_of_kind={"hosting": "denpasar"}
    )
    with pytest.raises(NotFound, match="'denpasar'"):
        open_desk(settings)


def test_the_office_says_how_many_lines_may_be_open_and_the_refusal_says_what_stands(house: EngineHouse) -> None:
    with house.database.transaction() as uow:
        kept = dict(office.settings(uow))
        office.keep(uow, {**kept, "office": {"name": "Dinas", "open_lines_per_opd": 2}})
    for name in ("satu", "dua"):
        house.desk.submit(PEOPLE["opd"], house.example(sub_domain=name, second_name="none"), "application/yaml")
    with pytest.raises(Refused) as refused:
        house.desk.submit(PEOPLE["opd"], house.example(sub_domain="tiga", second_name="none"), "application/yaml")
    assert "2 baris yang belum diputuskan dan meminta 1 lagi; kantor mengizinkan 2 sekaligus" in refused.value.what
    assert len(house.desk.requests(PEOPLE["umum"])) == 2

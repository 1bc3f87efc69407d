"""Does one CSV go in by every door, kept verbatim, each hostile cell a fault of its row, and nothing half-stored?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.kinds.catalogue import KINDS
from provisioner.requests.table import columns_of, write_table
from provisioner.store import requests
from tests.gate.office import Office
from tests.gate.payloads import CANARY, LEGAL, PAYLOADS
from tests.gate.standing import counts
from tests.gate.test_command import Gerbang, gerbang
from tests.house import EXAMPLE, PEOPLE

__all__ = ["gerbang"]

LETTER = {name: value for name, value in EXAMPLE.items() if name != "lines"}
WISH = {**EXAMPLE["lines"][0], "second_name": "none", "storage_gb": 1, "database_gb": 1}
CREATE = KINDS["hosting"].verbs["create"]
TABLES = [(kind.name, verb, said) for kind in KINDS.values() for verb, said in kind.verbs.items() if said.fields]
Door = Callable[[str, str, str], tuple[int, Mapping[str, Any]]]


def csv_of(count: int) -> str:
    """A CSV of that many sites, as a spreadsheet of this country writes it."""
    lines = [{**WISH, "sub_domain": f"kelurahan{number}"} for number in range(1, count + 1)]
    return "\ufeff" + write_table(lines, columns_of(CREATE))


@pytest.fixture(params=["JSON", "YAML", "command, JSON", "command, YAML"])
def door(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Door:
    """One of the doors: takes kind, verb and CSV; returns the status and what was said."""
    client = office.client("opd")

    def by_api(kind: str, verb: str, csv: str) -> tuple[int, Mapping[str, Any]]:
        sent = {**LETTER, "lines": {"kind": kind, "verb": verb, "csv": csv}}
        text = json.dumps(sent) if request.param == "JSON" else yaml.safe_dump(sent)
        headers = {"Content-Type": f"application/{request.param.lower()}"}
        answer = client.post("/api/v1/requests", content=text, headers=headers)
        return answer.status_code, answer.json()

    if not request.param.startswith("command"):
        return by_api
    run: Gerbang = request.getfixturevalue("gerbang")

    def by_command(kind: str, verb: str, csv: str) -> tuple[int, Mapping[str, Any]]:
        letter = tmp_path / ("surat.json" if request.param.endswith("JSON") else "surat.yml")
        letter.write_text(json.dumps(LETTER) if letter.suffix == ".json" else yaml.safe_dump(LETTER), encoding="utf-8")
        table = tmp_path / "akun.csv"
        table.write_bytes(csv.encode("utf-8", errors="surrogatepass"))
        words = ("--lines", str(table), "--kind", kind, "--verb", verb, "--json")
        said = run("opd", "request", "submit", str(letter), *words)
        return said.data.get("status", 201), said.data

    return by_command


def test_twenty_lines_of_one_letter_are_filed_and_the_table_is_kept_as_it_came(office: Office, door: Door) -> None:
    csv = csv_of(20)
    status, filed = door("hosting", "create", csv)
    assert (status, [line["wish"]["sub_domain"] for line in filed["lines"]]) == (
        201,
        [f"kelurahan{number}" for number in range(1, 21)],
    )
    with office.house.database.reading() as uow:
        body, media_type, sha256 = requests.original(uow, filed["id"])
    kept = json.loads(body) if media_type == "application/json" else yaml.safe_load(body)
    assert (kept["lines"]["csv"], sha256) == (csv, filed["received_sha256"])


@pytest.mark.parametrize(("kind", "verb", "said"), TABLES, ids=[f"{kind} {verb}" for kind, verb, _ in TABLES])
def test_every_hostile_cell_is_a_fault_of_its_row_and_nothing_is_kept(
    office: Office, door: Door, kind: str, verb: str, said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One table, each row one payload in every cell: the faults are those rows' cells, all at once."""
    monkeypatch.chdir(tmp_path)
    door(kind, verb, "")
    before, wrong = counts(office.house.database), []
    columns = columns_of(said)
    payloads = {name: value for name, value in PAYLOADS.items() if is_text_of_a_cell(name, value)}
    rows = [";".join(columns)] + [";".join([quoted(str(value))] * len(columns)) for value in payloads.values()]
    status, answer = door(kind, verb, "\n".join(rows) + "\n")
    told = {fault["where"] for fault in answer["faults"]}
    for number, name in enumerate(payloads, start=2):
        legal = {field.rpartition(".")[2] for field in LEGAL.get(name, ()) if field.startswith(f"{kind}.{verb}.")}
        legal |= {field.replace(".", "_") for field in LEGAL.get(name, ()) if field.startswith("technical.")}
        arrays = {field.name for field in said.fields if field.type.schema(field).get("type") == "array"}
        expected = {f"baris {number}, kolom {column}" for column in columns if column not in legal | arrays}
        if missing := expected - told:
            wrong.append((name, sorted(missing)))
    assert (status, wrong) == (422, [])
    assert counts(office.house.database) == before
    assert not list(tmp_path.rglob(f"{CANARY}*"))


def is_text_of_a_cell(name: str, value: Any) -> bool:
    """A cell holds text; spaces around it are a spreadsheet's, and half a letter is no UTF-8."""
    return isinstance(value, str) and bool(value.strip(" ")) and name not in {"lone surrogate", "below zero"}


def quoted(text: str) -> str:
    """Write a cell so that it comes in whole."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def test_a_letter_that_has_lines_and_a_table_is_refused(gerbang: Gerbang, tmp_path: Path) -> None:
    (tmp_path / "surat.yml").write_text(yaml.safe_dump(EXAMPLE), encoding="utf-8")
    (tmp_path / "akun.csv").write_text(csv_of(2), encoding="utf-8")
    words = ("--lines", str(tmp_path / "akun.csv"), "--kind", "hosting")
    said = gerbang("opd", "request", "submit", str(tmp_path / "surat.yml"), *words)
    assert (said.code, "ditulis dua kali" in said.error) == (3, True)


def test_a_file_that_is_not_utf8_is_said_to_be_none(gerbang: Gerbang, tmp_path: Path) -> None:
    (tmp_path / "surat.yml").write_text(yaml.safe_dump(LETTER), encoding="utf-8")
    (tmp_path / "akun.csv").write_bytes(csv_of(2).encode("utf-16"))
    words = ("--lines", str(tmp_path / "akun.csv"), "--kind", "hosting")
    said = gerbang("opd", "request", "submit", str(tmp_path / "surat.yml"), *words)
    assert (said.code, "bukan UTF-8" in said.error) == (2, True)


def test_faults_of_items_that_stand_are_told_by_row_too(office: Office, door: Door) -> None:
    del office
    status, answer = door("hosting", "change", "item;storage_gb\ng7kq2mx4pd;8\n\ng7kq2mx4pe;9\n")
    assert (status, [fault["where"] for fault in answer["faults"]]) == (
        422,
        ["baris 2, kolom item", "baris 4, kolom item"],
    )


def test_items_named_twice_and_unknown_ones_are_told_all_at_once_by_row(door: Door, office: Office) -> None:
    """Also beside what is wrong with a cell of another row."""
    item = delivered(office)
    rows = [{"item": item, "storage_gb": 6}, {"item": item, "storage_gb": 7}, {"item": "g7kq2mx4pd", "storage_gb": 8}]
    csv = write_table([*rows, {"item": "g7kq2mx4pe", "storage_gb": 0}], ("item", "storage_gb"))
    status, said = door("hosting", "change", csv)
    assert (status, {(fault["where"], fault["what"]) for fault in said["faults"]}) == (
        422,
        {
            ("baris 3, kolom item", "layanan ini sudah disebut baris 2, kolom item"),
            ("baris 4, kolom item", "layanan tidak ada"),
            ("baris 5, kolom item", "layanan tidak ada"),
            ("baris 5, kolom storage_gb", "di luar batas"),
        },
    )


def test_whose_an_item_is_is_told_to_nobody_who_may_not_ask_for_its_opd(office: Office) -> None:
    item = delivered(office)
    lines = {"kind": "hosting", "verb": "change", "csv": write_table([{"item": item}], ("item", "storage_gb"))}
    for asked in (item, "g7kq2mx4pd"):
        lines["csv"] = write_table([{"item": asked, "storage_gb": 0}], ("item", "storage_gb"))
        answer = office.client("lain").post("/api/v1/requests", json={**LETTER, "lines": lines})
        assert [fault["where"] for fault in answer.json()["faults"]] == ["baris 2, kolom storage_gb"]


def delivered(office: Office) -> str:
    """Make the example's site; return its item."""
    run_id = office.house.to_run()
    assert office.house.carry_out(run_id) == "done"
    return office.house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def test_the_letter_and_the_table_of_the_readme_are_filed(office: Office, gerbang: Gerbang, tmp_path: Path) -> None:
    examples = Path(__file__).resolve().parents[2] / "examples"
    letter = tmp_path / "surat.yml"
    letter.write_text((examples / "data-cloud.yml").read_text(encoding="utf-8").partition("\nlines:")[0])
    table = examples / "data-cloud-kelurahan.csv"
    said = gerbang("opd", "request", "submit", str(letter), "--kind", "data_cloud", "--lines", str(table))
    assert said.code == 0, said.error
    (request,) = office.house.desk.requests(PEOPLE["opd"])
    assert len(request.lines) == 20

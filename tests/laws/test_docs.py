"""Do the documents say what is so? What they name must exist, what they draw must be the law."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.laws.sources import ROOT, python_files, tracked

DOCUMENTS = [path for path in tracked() if path.suffix == ".md"]
LAWS = range(1, 13)


def places(paths: list[Path]) -> list[str]:
    """Names for the report: docs/laws.md."""
    return [str(path.relative_to(ROOT)) for path in paths]


def layers(container: str) -> list[list[str]]:
    """The layers of the import contract over `container`, top first: [["worker", "admin", "cli"], ...]."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found = next(contract for contract in contracts if contract.get("containers") == [container])
    return [re.findall(r"\w+", layer) for layer in found["layers"]]


def drawn(container: str) -> list[list[str]]:
    """The rows of the drawing in docs/rooms.md, each with its words as they stand."""
    text = (ROOT / "docs" / "rooms.md").read_text()
    drawing = re.search(rf"```text drawing: {container}\n(.*?)```", text, re.DOTALL)
    assert drawing is not None
    return [row.strip("│ ").split() for row in drawing.group(1).splitlines() if row.startswith("│")]


@pytest.mark.parametrize("container", ["provisioner", "api"])
def test_the_drawing_of_the_rooms_is_the_import_contract(container: str) -> None:
    law = layers(container)
    rows = drawn(container)
    assert [row[: len(layer)] for row, layer in zip(rows, law, strict=True)] == law
    remarks = {word for row, layer in zip(rows, law, strict=True) for word in row[len(layer) :]}
    assert remarks & {room for layer in law for room in layer} == set(), "a room stands where the law does not have it"


@pytest.mark.parametrize("path", DOCUMENTS, ids=places(DOCUMENTS))
def test_every_test_that_a_document_names_exists(path: Path) -> None:
    functions = {source.place: source.text for source in python_files("tests")}
    text = path.read_text()
    absent = [place for place in re.findall(r"\btests/[\w/]+\.py\b", text) if place not in functions]
    named = set(re.findall(r"\btest_\w+\b(?!\.py)", re.sub(r"tests/[\w/]+\.py", "", text)))
    absent += sorted(name for name in named if not any(f"def {name}(" in code for code in functions.values()))
    assert absent == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=places(DOCUMENTS))
def test_every_make_target_that_a_document_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)`", path.read_text())) <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=places(DOCUMENTS))
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_law_of_the_house_stands_in_the_list_with_its_tests() -> None:
    text = (ROOT / "docs" / "laws.md").read_text()
    rows = {int(number): row for number, row in re.findall(r"^\| *(\d+)\b(.*)$", text, re.MULTILINE)}
    assert set(rows) == set(LAWS)
    assert [number for number, row in rows.items() if "test_" not in row and "not yet" not in row] == []

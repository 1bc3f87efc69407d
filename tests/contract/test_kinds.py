"""Does every kind keep the promises of kinds/port.py? One suite; a new kind needs no test of its own here (law 7)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from provisioner.kinds.catalogue import KINDS
from provisioner.kinds.port import Kind

ROOT = Path(__file__).resolve().parents[2]
VERBS = {
    "create", "change", "suspend", "resume", "rotate", "transfer", "appoint", "renew", "adopt", "repair", "terminate",
}  # fmt: skip


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of the catalogue."""
    return KINDS[request.param]


def test_every_verb_is_available_or_says_why_not(kind: Kind) -> None:
    assert set(kind.verbs) == VERBS
    assert {said.state for said in kind.verbs.values()} <= {"available", "not_yet", "not_applicable"}
    assert [verb for verb, said in kind.verbs.items() if said.state != "available" and not said.why] == []


def test_a_kind_has_one_name_everywhere(kind: Kind) -> None:
    places = (
        f"provisioner/kinds/{kind.name}/wish.py",
        f"provisioner/kinds/{kind.name}/plan.py",
        f"provisioner/kinds/{kind.name}/checks.py",
        f"playbooks/{kind.name}.yml",
        f"tests/plans/{kind.name}",
        f"tests/lab/test_{kind.name}.py",
    )
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_system_of_a_kind_has_a_table_of_properties(kind: Kind) -> None:
    assert set(kind.systems) == set(kind.properties)
    for system, table in kind.properties.items():
        assert (ROOT / "provisioner" / "facts" / f"{system}.py").exists()
        assert [name for name, row in table.items() if row.name != name or not row.label] == []


def test_every_task_has_a_label_and_an_action_plugin(kind: Kind) -> None:
    assert len(kind.task_labels) <= 7
    for task, label in kind.task_labels.items():
        assert label
        assert (ROOT / "playbooks" / "action_plugins" / f"gerbang_{task}.py").exists()


def test_every_field_has_a_label_a_schema_and_a_default_that_it_allows_itself(kind: Kind) -> None:
    names = [field.name for field in kind.fields]
    assert len(set(names)) == len(names)
    for field in kind.fields:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
        assert field.label
        assert field.type.schema(field)["description"] == field.label
        assert field.default is None or field.default in _allowed(field)
        assert field.needs is None or field.needs[0] in names[: names.index(field.name)]


def _allowed(field: Any) -> Any:
    """What the default may be: a choice, some of them, a number within bounds, or a word the type itself takes."""
    if isinstance(field.default, bool):
        return (True, False)
    if isinstance(field.default, int):
        return range(field.minimum, field.maximum + 1)
    if isinstance(field.default, list):
        return ([choice for choice in field.choices if choice in field.default],)
    return field.choices or ("none",)

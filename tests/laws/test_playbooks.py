"""What holds for every playbook, role and plugin? Read from their files; what runs is tried in the lab."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.laws.sources import ROOT, kind_names, tracked

#: they write values into code or onto the target's disk before anything of ours can look at them
FORBIDDEN_MARKERS = ("INCLUDE_ANSIBLE_MODULE_" + "JSON_ARGS", "WANT_" + "JSON")


def plays(path: Path) -> list[dict[str, Any]]:
    """The plays of a playbook; imports of other playbooks are none."""
    return [play for play in yaml.safe_load(path.read_text()) or [] if "hosts" in play]


def playbooks() -> list[Path]:
    """Everything with plays that git holds: playbooks/ and the scenarios of molecule/."""
    found = [path for path in tracked() if path.suffix in {".yml", ".yaml"}]
    candidates = [path for path in found if {"playbooks", "molecule"} & set(path.relative_to(ROOT).parts[:1])]
    return [path for path in candidates if is_playbook(path)]


def is_playbook(path: Path) -> bool:
    """A list whose first entry names hosts or imports a playbook."""
    data = yaml.load(path.read_text(), Loader=Tolerant)  # noqa: S506 - a SafeLoader that lets `!vault` and `!unsafe` pass
    return isinstance(data, list) and any(isinstance(entry, dict) and "hosts" in entry for entry in data)


class Tolerant(yaml.SafeLoader):
    """YAML with Ansible's own tags read as text."""


Tolerant.add_multi_constructor("!", lambda loader, _suffix, node: loader.construct_scalar(node))


def places(paths: list[Path]) -> list[str]:
    """Names for the report: playbooks/site.yml."""
    return [str(path.relative_to(ROOT)) for path in paths]


PLAYBOOKS = playbooks()


@pytest.mark.parametrize("path", PLAYBOOKS, ids=places(PLAYBOOKS))
def test_one_failed_host_stops_every_play(path: Path) -> None:
    for play in plays(path):
        assert play.get("any_errors_fatal") is True, f"play {play.get('name')!r}: any_errors_fatal: true"
        assert play.get("max_fail_percentage") == 0, f"play {play.get('name')!r}: max_fail_percentage: 0"


@pytest.mark.parametrize("path", PLAYBOOKS, ids=places(PLAYBOOKS))
def test_every_play_says_whether_it_gathers_facts(path: Path) -> None:
    assert [play.get("name") for play in plays(path) if "gather_facts" not in play] == []


@pytest.mark.parametrize("kind", sorted(kind_names()))
def test_a_kinds_playbook_makes_and_unmakes_in_few_tasks(kind: str) -> None:
    found = {play["name"]: play for play in plays(ROOT / "playbooks" / f"{kind}.yml")}
    assert set(found) == {"make", "unmake"}
    for name, play in found.items():
        assert play["gather_facts"] is False, name
        assert "handlers" not in play, f"{name}: a duty reloads what it touched"
        assert "roles" not in play, f"{name}: roles prepare hosts"


def test_no_plugin_uses_a_marker_that_turns_a_value_into_code() -> None:
    hits = [
        f"{path.relative_to(ROOT)}: {marker}"
        for path in tracked()
        if "playbooks" in path.relative_to(ROOT).parts[:1]
        for marker in FORBIDDEN_MARKERS
        if marker in path.read_text(errors="replace")
    ]
    assert hits == []

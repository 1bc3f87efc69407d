"""Does every string that goes to Ansible go as text?"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.runner.workspace import Workspace, unsafe

HOSTILE = (
    "{{ lookup('pipe', 'id') }}",
    "{% for x in y %}",
    "\n",
    "'; DROP TABLE x",
    "<<INCLUDE>>",
    "$(id)",
    "`id`",
    "",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_."), inner),
)


def bare_strings(value: Any) -> list[str]:
    """Strings that Ansible would take for a template."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        if set(value) == {"__ansible_unsafe"}:
            return []
        return [found for inner in value.values() for found in bare_strings(inner)]
    return [found for inner in value for found in bare_strings(inner)] if isinstance(value, list) else []


def unwrapped(value: Any) -> Any:
    """What Ansible makes of it."""
    if isinstance(value, dict):
        if set(value) == {"__ansible_unsafe"}:
            return value["__ansible_unsafe"]
        return {key: unwrapped(inner) for key, inner in value.items()}
    return [unwrapped(inner) for inner in value] if isinstance(value, list) else value


def test_a_bare_string_is_noticed_by_this_test() -> None:
    assert bare_strings({"a": ["x", {"__ansible_unsafe": "y"}]}) == ["x"]


@given(VALUES)
def test_no_string_stays_bare_and_none_changes(value: Any) -> None:
    assert bare_strings(unsafe(value)) == []
    assert unwrapped(unsafe(value)) == value


@pytest.mark.parametrize("key", ["{{ x }}", "__ansible_unsafe", "__ansible_vault"])
def test_a_key_that_ansible_would_read_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="cannot be a variable's key"):
        unsafe({key: "value"})


def test_half_a_character_is_refused_before_ansible_chokes_on_it() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        unsafe({"text": ["a\udcff"]})


@pytest.mark.parametrize("text", HOSTILE)
def test_no_bare_string_stands_in_a_runs_variables_whatever_was_asked_for(tmp_path: Path, text: str) -> None:
    value: Any = {"text": text, "owner": "root", "group": "root", "mode": "0644"}
    change = Change(
        system="apache", target="web1/g7kq2mx4pd", property="vhost", before=None, after=value, undo=Undo.REMOVE
    )
    part = Part(
        playbook="hosting",
        play="make",
        limit="web1",
        stage="make",
        waits_for="",
        tasks=(Task(name="apache", changes=(change,)),),
    )
    space = Workspace(tmp_path)
    space.furnish([space.errand(part, "run_x", "g7kq2mx4pd", {"sftp_password": "canary-1"})])
    written = json.loads(space.variables.read_text())
    assert bare_strings(written) == []
    assert unwrapped(written)["gerbang"][0]["changes"] == {"apache": [change.as_data()]}
    assert "canary-1" not in space.variables.read_text()
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "variables.json": 0o600,
        "secrets.json": 0o600,
        "answers": 0o700,
    }

"""Does the plugins' protocol hold on the pinned ansible-core? A duty of the test's own, sent to this machine.

What reaches a real host is tried in tests/lab; here: values stay text, the look comes first, a third value stops, the
answer file says what Ansible's result may not, and nothing of it meets argv or a task's name.
"""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner.runner.workspace import unsafe

ROOT = Path(__file__).resolve().parents[2]
ITEM = "g7kq2mx4pd"
PLAYBOOK_SECONDS = 60
CANARY = "canary-4x7"
HOSTILE = {
    "Jinja": "{{ lookup('pipe', 'touch CANARY') }}",
    "Jinja block": "{% for x in [1] %}{{ x }}{% endfor %}",
    "module marker": "<<INCLUDE_ANSIBLE_MODULE_" + "JSON_ARGS>>",
    "shell": "$(touch CANARY) `touch CANARY`; touch CANARY",
    "Python": "'''+__import__('os').system('touch CANARY')+'''",
    "quotes and backslashes": "\\'\"\\\\n",
    "newlines": "a\nb\r\nc",
    "not ASCII": "Kantor \u2028 \u202e Ünïcödé 漢字 \U0001f600",
    "control characters": "\x01\x1b[31m\x7f",
    "empty": "",
    "long": "x" * 200_000,
}
NOTE = '''
"""A duty that keeps its values as files in a folder of the test."""
import os
from duty import item_of
from file import remove_if_there
from program import Failure

FOLDER = "@FOLDER@"


def path_of(change):
    return FOLDER + "/" + item_of(change) + "." + change["property"]


def look(change):
    try:
        with open(path_of(change), encoding="utf-8", errors="surrogatepass", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def apply(change, given):
    if change["after"] == "break":
        raise Failure("told to break")
    if change["after"] == "print the secret":
        raise Failure("here it is: " + given["secrets"]["sftp_password"])
    if change["after"] == "vanish":
        os._exit(9)
    if change["after"] is None:
        remove_if_there(path_of(change))
        return
    with open(path_of(change), "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(change["after"])
'''
PLAYBOOK = """
- name: note
  hosts: all
  gather_facts: false
  tasks:
    - name: note
      gerbang_note:
      no_log: true
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a playbook ended: what Ansible printed, and what the duty answered."""

    code: int
    printed: str
    answer: dict[str, Any]


class Machine:
    """A copy of our plugins with one duty more, and this machine as its host."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"
        self.notes.mkdir()
        shutil.copytree(
            ROOT / "playbooks", folder / "playbooks", ignore=shutil.ignore_patterns("roles", "__pycache__", "*.yml")
        )
        plugin = (ROOT / "playbooks/action_plugins/gerbang_account.py").read_text().replace('"account"', '"note"')
        (folder / "playbooks/action_plugins/gerbang_note.py").write_text(plugin)
        duty = (folder / "playbooks/duties/duty.py").read_text()
        (folder / "playbooks/duties/duty.py").write_text(duty.replace("/run/lock/", f"{folder}/"))
        (folder / "playbooks/duties/note.py").write_text(NOTE.replace("@FOLDER@", str(self.notes)))
        (folder / "playbooks/note.yml").write_text(PLAYBOOK)
        for name in ("answers", "temp"):
            (folder / name).mkdir()

    def run(self, *changes: dict[str, Any], options: tuple[str, ...] = (), secret: str = CANARY) -> Ran:
        told = {
            "run_id": "run_x",
            "item_id": ITEM,
            "changes": {"note": list(changes)},
            "secrets_file": str(self.folder / "secrets.json"),
            "stop_file": str(self.folder / "stop"),
            "answers": str(self.folder / "answers"),
        }
        (self.folder / "secrets.json").write_text(json.dumps({"sftp_password": secret}))
        (self.folder / "variables.json").write_text(json.dumps({"gerbang": [unsafe(told)]}))
        (self.folder / "answers" / "note.json").unlink(missing_ok=True)
        done = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "ansible-playbook"), "-i", "here,", "-c", "local", "-vvv"),
                *("-e", f"@{self.folder / 'variables.json'}", *options, str(self.folder / "playbooks/note.yml")),
            ],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "LANG": "C.UTF-8",
                "ANSIBLE_CONFIG": str(self.folder / "playbooks/ansible.cfg"),
                "ANSIBLE_LOCAL_TEMP": str(self.folder / "temp"),
            },
            capture_output=True,
            text=True,
            timeout=PLAYBOOK_SECONDS,
            check=False,
        )
        path = self.folder / "answers" / "note.json"
        printed = done.stdout + done.stderr
        return Ran(code=done.returncode, printed=printed, answer=json.loads(path.read_text()) if path.exists() else {})

    def note(self, prop: str) -> str | None:
        path = self.notes / f"{ITEM}.{prop}"
        if not path.exists():
            return None
        return path.read_bytes().decode("utf-8", "surrogatepass")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def change(before: str | None, after: str | None, prop: str = "text", target: str = f"here/{ITEM}") -> dict[str, Any]:
    return {"system": "note", "target": target, "property": prop, "before": before, "after": after, "undo": "remove"}


def test_hostile_values_arrive_letter_for_letter_and_run_nowhere(machine: Machine) -> None:
    changes = [change(None, text, f"n{number}") for number, text in enumerate(HOSTILE.values())]
    ran = machine.run(*changes)
    assert (ran.code, ran.answer.get("changes")) == (0, changes), ran.printed[-3000:]
    assert [machine.note(f"n{number}") for number in range(len(HOSTILE))] == list(HOSTILE.values())
    assert list(machine.folder.rglob("CANARY")) == []


def test_the_second_time_nothing_changes(machine: Machine) -> None:
    assert machine.run(change(None, "a")).answer["changed"] is True
    again = machine.run(change(None, "a"))
    assert (again.code, again.answer) == (
        0,
        {"changed": False, "changes": [], "failed": False, "cancelled": False, "foreign": [], "msg": ""},
    )


def test_a_value_goes_on_to_another_and_away(machine: Machine) -> None:
    machine.run(change(None, "a"))
    assert machine.run(change("a", "b")).answer["changes"] == [change("a", "b")]
    assert machine.note("text") == "b"
    assert machine.run(change("b", None)).answer["changes"] == [change("b", None)]
    assert machine.note("text") is None


def test_a_third_value_stops_the_whole_task_untouched(machine: Machine) -> None:
    (machine.notes / f"{ITEM}.text").write_text("somebody else's")
    ran = machine.run(change(None, "first", "other"), change("a", "b"))
    spot = {"system": "note", "target": f"here/{ITEM}", "property": "text", "seen": "somebody else's"}
    assert (ran.code, ran.answer["failed"], ran.answer["foreign"]) == (2, True, [spot])
    assert (machine.note("text"), machine.note("other"), ran.answer["changes"]) == ("somebody else's", None, [])


def test_what_was_applied_before_a_failure_is_told(machine: Machine) -> None:
    ran = machine.run(change(None, "a", "first"), change(None, "break"), change(None, "c", "last"))
    assert (ran.answer["failed"], ran.answer["changes"], ran.answer["msg"]) == (
        True,
        [change(None, "a", "first")],
        "told to break",
    )
    assert (machine.note("first"), machine.note("last")) == ("a", None)


def test_check_mode_says_what_would_change_and_touches_nothing(machine: Machine) -> None:
    ran = machine.run(change(None, "a"), options=("--check", "--diff"))
    assert (ran.code, ran.answer["changes"], machine.note("text")) == (0, [change(None, "a")], None)


def test_a_stop_file_cancels_before_the_host_is_asked(machine: Machine) -> None:
    (machine.folder / "stop").touch()
    ran = machine.run(change(None, "a"))
    assert (ran.code, ran.answer["cancelled"], machine.note("text")) == (2, True, None)


@pytest.mark.parametrize("name", ["root", "../../etc", "g7kq2mx4p", "g7kq2mx4pdx", "G7KQ2MX4PD", "g7kq2mx4p\n", ""])
def test_a_target_that_is_no_item_of_ours_is_refused_on_the_host(machine: Machine, name: str) -> None:
    ran = machine.run(change(None, "a", target=f"here/{name}"))
    assert ran.answer["failed"] is True
    assert "item id" in ran.answer["msg"]
    assert list(machine.notes.iterdir()) == []


def test_a_duty_that_vanishes_is_lost_and_not_failed(machine: Machine) -> None:
    ran = machine.run(change(None, "vanish"))
    assert (ran.answer["failed"], ran.answer["lost"]) == (True, True)


def test_a_secret_that_a_host_sends_back_is_thrown_away_with_its_answer(machine: Machine) -> None:
    ran = machine.run(change(None, "print the secret"), secret="canary-8h3")
    assert ran.answer["failed"] is True
    assert "canary-8h3" not in json.dumps(ran.answer)
    assert "canary-8h3" not in ran.printed


def test_a_secret_is_in_no_argument_and_on_no_disk_while_the_duty_runs(machine: Machine) -> None:
    watcher = textwrap.dedent("""
        seen = []
        for pid in os.listdir("/proc"):
            for part in ("cmdline", "environ"):
                try:
                    with open(f"/proc/{pid}/{part}", "rb") as file:
                        if given["secrets"]["sftp_password"].encode() in file.read():
                            seen.append(f"{pid}/{part}")
                except OSError:
                    pass
        change["after"] = "nowhere" if not seen else "in " + " ".join(seen)
    """)
    note = machine.folder / "playbooks/duties/note.py"
    body = textwrap.indent(watcher, "    ")
    note.write_text(
        note.read_text().replace('    if change["after"] == "break":', body + '\n    if change["after"] == "break":')
    )
    machine.run(change(None, "look around"), secret="canary-2m5")
    assert machine.note("text") == "nowhere"
    found = [path for path in machine.folder.rglob("*") if path.is_file() and b"canary-2m5" in path.read_bytes()]
    assert found == [machine.folder / "secrets.json"]


def test_paramiko_is_not_installed_for_it_costs_each_run_six_tenths_of_a_second() -> None:
    done = subprocess.run([sys.executable, "-c", "import paramiko"], capture_output=True, check=False)
    assert done.returncode != 0

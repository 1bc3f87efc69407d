"""What is an action plugin of ours told, and how does it answer?

It is told by one extra variable, `gerbang`: a list with an entry for each run that shares this call, most often one.
Strings in it are all unsafe (never templated):

    run_id, item_id   for messages only
    changes           {"account": [change data, ...], ...}
    secrets_file      0600 on tmpfs, JSON {"sftp_password": "..."}: read here, on the controller, and sent on stdin only
    stop_file         where it exists, nothing more is begun
    answers           folder on tmpfs: the answer is written there too, since `no_log` hides it from Ansible's events;
                      beside it <task>.told, what the task says while it works, a JSON string a line

The answer: {"changed", "changes": those applied, "failed", "cancelled", "foreign", "msg"}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Data = dict[str, Any]


class Errand:
    """One run's share of one task."""

    def __init__(self, told: Data, task: str) -> None:
        self.task = task
        self.all_changes: dict[str, list[Data]] = told["changes"]
        self.changes: list[Data] = self.all_changes.get(task, [])
        self._told = told

    @property
    def is_stopped(self) -> bool:
        """True when a person cancelled, or the run lost its authority."""
        return Path(self._told["stop_file"]).exists()

    @property
    def is_answered(self) -> bool:
        """True when this task has answered for this run."""
        return (Path(self._told["answers"]) / f"{self.task}.json").exists()

    @property
    def has_failed(self) -> bool:
        """True when an earlier task of the same run failed: where runs share a call, the others go on without it."""
        answers = (json.loads(path.read_text(encoding="utf-8")) for path in Path(self._told["answers"]).glob("*.json"))
        return any(answer["failed"] for answer in answers)

    @property
    def runs_php(self) -> bool:
        """True where this part gives the site a pool."""
        return any(change["after"] is not None for change in self.all_changes.get("php_fpm", []))

    def secrets(self, names: Iterable[str]) -> dict[str, str]:
        """The named secrets; one that the run does not carry is left out."""
        if not names:
            return {}
        held = json.loads(Path(self._told["secrets_file"]).read_text(encoding="utf-8"))
        return {name: held[name] for name in names if name in held}

    def tell(self, text: str) -> None:
        """Say something while the task works: it becomes a live line of the run, and shows that the task is alive."""
        with (Path(self._told["answers"]) / f"{self.task}.told").open("a", encoding="utf-8") as file:
            file.write(json.dumps(text) + "\n")

    def answer(self, answer: Data) -> Data:
        """Write the answer whole or not at all, and return it with every key it must have."""
        whole = {
            "changed": False,
            "changes": [],
            "failed": False,
            "cancelled": False,
            "foreign": [],
            "msg": "",
        } | answer
        path = Path(self._told["answers"]) / f"{self.task}.json"
        beside = path.with_suffix(".unfinished")
        beside.write_text(json.dumps(whole), encoding="utf-8")
        beside.rename(path)
        return whole


def errands_of(variables: Data, task: str) -> list[Errand]:
    """One errand for each run that shares this call; KeyError where the playbook was called without its variable."""
    return [Errand(told, task) for told in plain(variables["gerbang"])]


def the_errand(variables: Data, task: str) -> Errand:
    """The only one: what acts on a host serves one run a call. ValueError where more share it."""
    (errand,) = errands_of(variables, task)
    return errand


def plain(value: Any) -> Any:
    """str, int, bool, None, list and dict only, rid of Ansible's own subclasses, so that ascii() is a literal."""
    if isinstance(value, dict):
        return {str(key)[:]: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    return "".join(str(value))


def cleared(answer: Data, secrets: dict[str, str]) -> Data:
    """The answer with every secret in it blotted out: a host may print what it likes."""
    text = ascii(answer)
    if not any(secret in text for secret in secrets.values()):
        return answer
    return {
        "failed": True,
        "msg": "the host's answer held a secret and was thrown away; look again to see what was done.",
    }

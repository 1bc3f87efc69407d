"""How does the fake world stand in for the hosts when a part is carried out, and what can go wrong there?

Faults, each consumed once, planted with World.plant({"kind": ..., "task": ...}):

    fail          the task fails, nothing of it is applied
    fail_halfway  the first change of the task is applied, then it fails
    fail_after    all is applied, then it fails
    kill_before   this process dies (os._exit) before the task touches anything
    kill_halfway  it dies after the first change
    kill_after    it dies when all is applied and nobody has heard of it
    lose_before   sight is lost (Unknown) before anything is applied
    lose_after    sight is lost although all is applied
    third_value   somebody else put {"value": ...} at the task's first spot just before
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Unknown
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.providers.fake import State, World

TaskAnswer = dict[str, Any]  # {"changed": bool, "changes": [...], "failed": bool, "foreign": [...], "msg": str}
SECRETS_OF_TASK = {"account": ("sftp_password",), "database": ("database_password",)}
KILLED = 137


class FakeRunner:
    """Carries a part out in a World, a task at a time, as the duties do on a host."""

    def __init__(self, world: World) -> None:
        self.world = world

    def apply(
        self,
        part: Part,
        *,
        secrets: Mapping[str, str] | None = None,
        on_task: Callable[[str, TaskAnswer], None] = lambda _task, _answer: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> str:
        """Do the part's tasks in order, tell `on_task` each answer; return 'successful', 'failed' or 'canceled'.

        Unknown where a planted fault takes the sight away. `stop` is asked before each task, as the stop file is.
        """
        for task in part.tasks:
            if stop():
                return "canceled"
            answer = self._task(task, dict(secrets or {}))
            on_task(task.name, answer)
            if answer["failed"]:
                return "failed"
        return "successful"

    def _task(self, task: Task, secrets: dict[str, str]) -> TaskAnswer:
        fault = self._take_fault(task)
        kind = str(fault.get("kind", ""))
        _leave(kind, "before", task)
        if kind == "fail":
            return _answer(failed=True, msg=f"{task.name}: planted fault")
        if kind == "third_value":
            self.world.put(task.changes[0].spot, fault["value"])
        return self._apply(task, secrets, kind)

    def _apply(self, task: Task, secrets: dict[str, str], kind: str) -> TaskAnswer:
        off = self._off(task.changes)
        if off:
            return _answer(failed=True, foreign=off, msg=f"{task.name}: stands at a third value; nothing was touched")
        done: list[Change] = []
        for change in task.changes:
            if self._one(task, change, secrets):
                done.append(change)
            if kind == "fail_halfway":
                return _answer(failed=True, done=done, msg=f"{task.name}: planted fault halfway")
            _leave(kind, "halfway", task)
        _leave(kind, "after", task)
        return _answer(failed=kind == "fail_after", done=done, msg="planted fault" if kind == "fail_after" else "")

    def _off(self, changes: tuple[Change, ...]) -> list[Value]:
        values = self.world.read().values
        off = [change for change in changes if values.get(change.spot) not in (change.before, change.after)]
        return [{"target": c.target, "property": c.property, "seen": values.get(c.spot)} for c in off]

    def _one(self, task: Task, change: Change, secrets: dict[str, str]) -> bool:
        with self.world.changing() as state:
            if state.values.get(change.spot) == change.after:
                return False
            if change.after is None:
                state.values.pop(change.spot, None)
            else:
                state.values[change.spot] = change.after
            _keep_secrets(state, task, change, secrets)
            state.journal.append({"task": task.name, **change.as_data()})
            return True

    def _take_fault(self, task: Task) -> dict[str, Any]:
        with self.world.changing() as state:
            for number, fault in enumerate(state.faults):
                if fault["task"] == task.name:
                    return state.faults.pop(number)
        return {}


def _keep_secrets(state: State, task: Task, change: Change, secrets: dict[str, str]) -> None:
    for name in SECRETS_OF_TASK.get(task.name, ()):
        if change.property == "user" and change.after is None:
            state.secret_digests.pop(f"{change.target}:{name}", None)
        elif change.property == "user" and name in secrets:
            state.secret_digests[f"{change.target}:{name}"] = hashlib.sha256(secrets[name].encode()).hexdigest()


def _leave(kind: str, moment: str, task: Task) -> None:
    if kind == f"kill_{moment}":
        os._exit(KILLED)
    if kind == f"lose_{moment}":
        raise Unknown("the connection was lost; it may or may not have been done.", task.name, "Look again.")


def _answer(
    *, failed: bool = False, done: list[Change] | None = None, foreign: list[Value] | None = None, msg: str = ""
) -> TaskAnswer:
    changes = [change.as_data() for change in done or []]
    return {"changed": bool(changes), "changes": changes, "failed": failed, "foreign": foreign or [], "msg": msg}

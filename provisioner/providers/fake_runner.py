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
import time
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.errors import Unknown
from provisioner.items.order import Order
from provisioner.items.sealed_secret import SealedSecret
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.providers.fake import State, World
from provisioner.runs.part_result import PartOutcome, PartResult, TaskResult

LOGINS = {"account": ("sftp_password", "sftp_probe"), "database": ("database_password", "database_probe")}
ACCOUNTS = {"cloud_account": "account_password"}
OF_TASK = {"failed": PartOutcome.FAILED, "foreign": PartOutcome.FAILED}
KILLED = 137


def _open_none(_sealed: tuple[SealedSecret, ...]) -> Mapping[str, str]:
    return {}


class FakeRunner:
    """Carries a part out in a World, a task at a time, as the duties do on a host. The workflow's `do`.

    `opened` opens the sealed secrets by name, as the runner does; without it none is applied.
    """

    def __init__(
        self, world: World, opened: Callable[[tuple[SealedSecret, ...]], Mapping[str, str]] = _open_none
    ) -> None:
        self.world, self._opened = world, opened

    def __call__(
        self,
        part: Part,
        *,
        run_id: str = "run_fake",
        item_id: str = "",
        sealed: tuple[SealedSecret, ...] = (),
        told: Callable[[str, str], None] = lambda _task, _text: None,
        finished: Callable[[TaskResult], None] = lambda _result: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> PartResult:
        """Do the part's tasks in order. `cancelled` is asked before each, as the stop file is."""
        ended: list[TaskResult] = []
        secrets = dict(self._opened(sealed))
        for task in part.tasks:
            if cancelled():
                return PartResult(
                    outcome=PartOutcome.CANCELLED, tasks=tuple(ended), message=f"stopped before {task.name}"
                )
            told(task.name, "")
            try:
                result = self._task(task, secrets)
            except Unknown as lost:
                return PartResult(outcome=PartOutcome.UNKNOWN, tasks=tuple(ended), message=str(lost))
            ended.append(result)
            finished(result)
            if result.outcome in OF_TASK:
                return PartResult(outcome=OF_TASK[result.outcome], tasks=tuple(ended), message=result.message)
        return PartResult(outcome=PartOutcome.DONE, tasks=tuple(ended), message="")

    def together(self, orders: tuple[Order, ...]) -> tuple[PartResult, ...]:
        """Do the parts of several runs, one after the other, as in one call. The workflow's `do_together`."""
        return tuple(
            self(
                order.part,
                run_id=order.run_id,
                item_id=order.item_id,
                sealed=order.sealed,
                told=order.told,
                finished=order.finished,
                cancelled=order.cancelled,
            )
            for order in orders
        )

    def _task(self, task: Task, secrets: Mapping[str, str]) -> TaskResult:
        started = time.monotonic()
        kind = self._meet_fault(task)
        off = self._off(task.changes)
        done: list[Change] = []
        if off:
            return _result(
                task, "foreign", done, f"stands at a third value: {', '.join(off)}; nothing was touched", started
            )
        if kind == "fail":
            return _result(task, "failed", done, "planted fault", started)
        for change in task.changes:
            if self._one(task, change, secrets):
                done.append(change)
            if kind == "fail_halfway":
                return _result(task, "failed", done, "planted fault halfway", started)
            _leave(kind, "halfway", task)
        _leave(kind, "after", task)
        if kind == "fail_after":
            return _result(task, "failed", done, "planted fault after all", started)
        return _result(task, "changed" if done else "same", done, "", started)

    def _meet_fault(self, task: Task) -> str:
        fault = self._take_fault(task)
        kind = str(fault.get("kind", ""))
        _leave(kind, "before", task)
        if kind == "third_value":
            self.world.put(task.changes[0].spot, fault["value"])
        return kind

    def _off(self, changes: tuple[Change, ...]) -> list[str]:
        values = self.world.read().values
        off = [change for change in changes if values.get(change.spot) not in (change.before, change.after)]
        return [f"{change.target} {change.property}" for change in off]

    def _one(self, task: Task, change: Change, secrets: Mapping[str, str]) -> bool:
        with self.world.changing() as state:
            if state.values.get(change.spot) == change.after:
                return False
            if change.after is None:
                state.values.pop(change.spot, None)
            else:
                state.values[change.spot] = change.after
            if task.name in LOGINS:
                _turn_login(state, change, secrets, *LOGINS[task.name])
            if task.name in ACCOUNTS and change.property == "account" and change.after is None:
                _remove(state, change.target)
            if task.name in ACCOUNTS and change.property == "password":
                _turn_password(state, change, secrets, ACCOUNTS[task.name])
            state.journal.append({"task": task.name, **change.as_data()})
            return True

    def _take_fault(self, task: Task) -> dict[str, Any]:
        with self.world.changing() as state:
            for number, fault in enumerate(state.faults):
                if fault["task"] == task.name:
                    return state.faults.pop(number)
        return {}


def _turn_login(state: State, change: Change, secrets: Mapping[str, str], password: str, probe: str) -> None:
    """Do to the login's digest what the duty does to its hash: set it, or put one back that was kept beside it."""
    login = f"{change.target}:{password}"
    if change.property == "user" and change.after is None:
        for kept in [key for key in state.secret_digests if key.startswith(login)]:
            del state.secret_digests[kept]
    elif change.property == "user" and change.before is None:
        _set(state, login, secrets.get(password))
    elif change.property == "lock" and change.after is None:
        _put_back(state, login, "frozen")
    elif change.property == "lock":
        _replace(state, login, secrets.get(probe), "frozen")
    elif isinstance(change.before, dict) and isinstance(change.after, dict):
        old, new = str(change.before.get("mark", "")), str(change.after.get("mark", ""))
        if old != new and f"{login} {new}" in state.secret_digests:
            _put_back(state, login, new)
        elif old != new:
            _replace(state, login, secrets.get(password), old)


def _remove(state: State, target: str) -> None:
    """Take an account away as a server does: with all that it had, named or not."""
    for spot in [spot for spot in state.values if spot.target == target]:
        del state.values[spot]
    for kept in [key for key in state.secret_digests if key.startswith(f"{target}:")]:
        del state.secret_digests[kept]


def _turn_password(state: State, change: Change, secrets: Mapping[str, str], password: str) -> None:
    """Do what a server does that keeps no hash of an earlier password: the new one stands, or none does."""
    if change.after is None:
        state.secret_digests.pop(f"{change.target}:{password}", None)
    else:
        _set(state, f"{change.target}:{password}", secrets.get(password))


def _replace(state: State, login: str, secret: str | None, kept_as: str) -> None:
    if secret is not None and login in state.secret_digests:
        state.secret_digests[f"{login} {kept_as}"] = state.secret_digests[login]
    _set(state, login, secret)


def _set(state: State, login: str, secret: str | None) -> None:
    if secret is not None:
        state.secret_digests[login] = hashlib.sha256(secret.encode()).hexdigest()


def _put_back(state: State, login: str, kept_as: str) -> None:
    if f"{login} {kept_as}" in state.secret_digests:
        state.secret_digests[login] = state.secret_digests.pop(f"{login} {kept_as}")


def _leave(kind: str, moment: str, task: Task) -> None:
    if kind == f"kill_{moment}":
        os._exit(KILLED)
    if kind == f"lose_{moment}":
        raise Unknown("the connection was lost; it may or may not have been done.", task.name, "Look again.")


def _result(task: Task, outcome: str, done: list[Change], message: str, started: float) -> TaskResult:
    seconds = round(time.monotonic() - started, 4)
    return TaskResult(task=task.name, outcome=outcome, changes=tuple(done), message=message, seconds=seconds)

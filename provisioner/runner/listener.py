"""What does Ansible tell while a part runs, and what of it is true? The duties' own answers are; the rest is colour."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.plans.plan import Part
from provisioner.runner.answer import SHOWN_CHARACTERS, judge
from provisioner.runner.redaction import Redactor
from provisioner.runner.workspace import Workspace
from provisioner.runs.part_result import PartOutcome, PartResult, TaskResult

ENDS = ("runner_on_ok", "runner_on_failed", "runner_on_unreachable", "runner_on_skipped")
PLUGIN = "gerbang_"
QUIET = (
    "playbook_on_start",
    "playbook_on_play_start",
    "playbook_on_stats",
    "runner_on_start",
    "playbook_on_no_hosts_matched",
)


class Listener:
    """Hears ansible-runner's events. `heard` keeps what was said, unredacted and in memory, to be searched for secrets.

    `fault`: what `told` or `finished` raised. `since`: when the present task began, `alive`: when something was last
    heard of it (monotonic seconds).
    """

    def __init__(
        self,
        *,
        part: Part,
        space: Workspace,
        redactor: Redactor,
        told: Callable[[str, str], None],
        finished: Callable[[TaskResult], None],
    ) -> None:
        self._part, self._space, self._redactor = part, space, redactor
        self._told, self._finished = told, finished
        self._results: dict[str, TaskResult] = {}
        self._listened: dict[str, int] = {}
        self._unknown = ""
        self._last_words = ""
        self._ended_whole = False
        self.heard: list[tuple[str, str]] = []
        self.fault: BaseException | None = None
        self.since = self.alive = time.monotonic()

    def hear(self, event: dict[str, Any]) -> bool:
        """Take one event; False, so that ansible-runner does not write it to a file."""
        try:
            self._hear(str(event.get("event", "")), event)
        except Exception as fault:  # noqa: BLE001 - kept, and raised when the run has stopped
            self.fault = self.fault or fault
        return False

    def _hear(self, name: str, event: dict[str, Any]) -> None:
        data: Mapping[str, Any] = event.get("event_data") or {}
        task = str(data.get("task_action", "")).removeprefix(PLUGIN)
        said = str(event.get("stdout", ""))
        self.heard.append((f"{name} {task}".strip(), f"{said}\n{json.dumps(data, default=str)}"))
        if name == "playbook_on_task_start":
            self.since = self.alive = time.monotonic()
            self._tell(task, "dimulai")
        elif name in ENDS:
            self._end(name, task)
        elif name == "playbook_on_stats":
            self._ended_whole = True
            self._tell("", "selesai")
        elif name not in QUIET and said.strip():
            self._last_words = said
            self._tell(task, said)

    def listen(self) -> None:
        """Take what tasks say while they work: such a task is alive, so that its longest time begins anew."""
        try:
            for path in sorted(self._space.answers.glob("*.told")):
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                whole = [line for line in lines if line.endswith("\n")]
                for line in whole[self._listened.get(path.stem, 0) :]:
                    self.heard.append((f"told {path.stem}", line))
                    self.alive = time.monotonic()
                    self._tell(path.stem, str(json.loads(line)))
                self._listened[path.stem] = len(whole)
        except Exception as fault:  # noqa: BLE001 - kept, and raised when the run has stopped
            self.fault = self.fault or fault

    def catch_up(self) -> None:
        """When Ansible has ended: take answers whose events were lost on the way (a terminal may drop last words)."""
        for task in self._part.tasks:
            answer = self._answer(task.name)
            if answer is not None and task.name not in self._results and not self._unknown:
                self.hear({"event": ENDS[0], "event_data": {"task_action": f"{PLUGIN}{task.name}"}})

    def _tell(self, task: str, text: str) -> None:
        cleaned = self._redactor.clean(text).strip()[:SHOWN_CHARACTERS]
        if cleaned and self.fault is None:
            self._told(task, cleaned)

    def _end(self, name: str, task: str) -> None:
        self.listen()
        answer = self._answer(task)
        if answer is None and (self._unknown or self._has_failed()):
            return  # the task went on for the other runs of this call alone
        if answer is None or answer.get("lost"):
            self._unknown = f"{task}: {answer['msg'] if answer else 'no answer came'} ({name})"
            self._tell(task, self._unknown)
            return
        planned = next((known.changes for known in self._part.tasks if known.name == task), ())
        judged = judge(answer, planned, self._redactor)
        result = TaskResult(
            task=task,
            outcome=judged.outcome,
            changes=judged.changes,
            message=judged.message,
            seconds=round(time.monotonic() - self.since, 3),
        )
        self._results[task] = result
        self._tell(task, f"{result.outcome} {result.message}")
        if self.fault is None:
            self._finished(result)

    def _has_failed(self) -> bool:
        return any(result.outcome in ("failed", "foreign", "cancelled") for result in self._results.values())

    def _answer(self, task: str) -> dict[str, Any] | None:
        try:
            text = (self._space.answers / f"{task}.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        answer: dict[str, Any] = json.loads(text)
        return answer

    def result(self, *, stopped: bool) -> PartResult:
        """Judge the part: done only when every task answered well; unknown when one began and nobody heard its end."""
        tasks = tuple(self._results.values())
        outcomes = {task.outcome for task in tasks}
        message = next((task.message for task in tasks if task.outcome in ("failed", "foreign", "cancelled")), "")
        if outcomes & {"failed", "foreign"}:
            outcome = PartOutcome.FAILED
        elif "cancelled" in outcomes:
            outcome = PartOutcome.CANCELLED
        elif len(tasks) == len(self._part.tasks):
            outcome = PartOutcome.DONE
        elif stopped and self._ended_whole and not self._unknown:
            outcome = PartOutcome.CANCELLED
        else:
            outcome = PartOutcome.UNKNOWN
            message = self._redactor.clean(self._unknown or f"Ansible ended early. {self._last_words}")[
                :SHOWN_CHARACTERS
            ]
        return PartResult(outcome=outcome, tasks=tasks, message=message)

"""Is a part's outcome judged by what its duties answered, and by nothing that Ansible merely says?"""

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.runner.listener import Listener
from provisioner.runner.redaction import Redactor
from provisioner.runner.workspace import Workspace
from provisioner.runs.part_result import PartOutcome, PartResult, TaskResult

SECRET = "canary-9f2k"


def change(prop: str) -> Change:
    return Change(system="account", target="web1/g7kq2mx4pd", property=prop, before=None, after="v", undo=Undo.REMOVE)


PART = Part(
    playbook="hosting",
    play="make",
    limit="web1",
    stage="make",
    waits_for="",
    tasks=(Task(name="account", changes=(change("user"),)), Task(name="apache", changes=(change("vhost"),))),
)


class Stage:
    """A listener and what it passed on."""

    def __init__(self, folder: Path) -> None:
        self.space = Workspace(folder)
        self.space.answers.mkdir()
        self.told: list[tuple[str, str]] = []
        self.finished: list[TaskResult] = []
        self.listener = Listener(
            part=PART,
            space=self.space,
            redactor=Redactor({"sftp_password": SECRET}),
            told=lambda task, text: self.told.append((task, text)),
            finished=self.finished.append,
        )

    def event(self, name: str, task: str = "", stdout: str = "", **data: Any) -> bool:
        return self.listener.hear(
            {"event": name, "stdout": stdout, "event_data": {"task_action": f"gerbang_{task}" if task else "", **data}}
        )

    def task(self, task: str, end: str = "runner_on_ok", **answer: Any) -> None:
        """A task from its start to its end; without an answer none is written."""
        self.event("playbook_on_task_start", task)
        if answer:
            whole = {"changed": False, "changes": [], "failed": False, "cancelled": False, "foreign": [], "msg": ""}
            (self.space.answers / f"{task}.json").write_text(json.dumps(whole | answer))
        self.event(end, task)

    def result(self, *, stopped: bool = False) -> PartResult:
        return self.listener.result(stopped=stopped)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_part_is_done_when_every_task_answered_well(stage: Stage) -> None:
    stage.task("account", changed=True, changes=[change("user").as_data()])
    stage.task("apache", changed=False)
    stage.event("playbook_on_stats")
    assert stage.result().outcome is PartOutcome.DONE
    assert [(one.task, one.outcome, one.changes) for one in stage.finished] == [
        ("account", "changed", (change("user"),)),
        ("apache", "same", ()),
    ]
    assert stage.result().tasks == tuple(stage.finished)


def test_a_task_that_ansible_calls_ok_but_that_answered_nothing_is_unknown(stage: Stage) -> None:
    stage.task("account")
    stage.event("playbook_on_stats")
    assert (stage.result().outcome, stage.finished) == (PartOutcome.UNKNOWN, [])


def test_an_answer_whose_event_was_lost_still_counts(stage: Stage) -> None:
    stage.task("account", changed=True)
    stage.task("apache", end="runner_on_start", changed=True)
    assert stage.result().outcome is PartOutcome.UNKNOWN
    stage.listener.catch_up()
    assert stage.result().outcome is PartOutcome.DONE
    assert [one.task for one in stage.finished] == ["account", "apache"]


def test_a_part_whose_last_task_never_began_is_not_done(stage: Stage) -> None:
    stage.task("account", changed=True)
    stage.event("playbook_on_stats")
    assert stage.result().outcome is PartOutcome.UNKNOWN


def test_an_ansible_that_ended_before_any_task_is_unknown_and_its_last_words_are_kept(stage: Stage) -> None:
    stage.event("verbose", stdout=f"\x1b[31mERROR! no such file {SECRET}\x1b[0m")
    result = stage.result()
    assert result.outcome is PartOutcome.UNKNOWN
    assert result.message == "Ansible ended early. ERROR! no such file [rahasia]"


@pytest.mark.parametrize(
    ("answer", "outcome", "told"),
    [
        ({"failed": True, "msg": "no"}, PartOutcome.FAILED, "failed"),
        ({"failed": True, "cancelled": True, "msg": "cancelled"}, PartOutcome.CANCELLED, "cancelled"),
    ],
)
def test_an_answer_names_its_own_outcome(stage: Stage, answer: dict[str, Any], outcome: PartOutcome, told: str) -> None:
    stage.task("account", "runner_on_failed", **answer)
    stage.event("playbook_on_stats")
    assert [one.outcome for one in stage.finished] == [told]
    assert (stage.result().outcome, stage.result().message) == (outcome, answer["msg"])


def test_a_lost_connection_is_unknown_and_never_failed(stage: Stage) -> None:
    stage.task("account", "runner_on_failed", failed=True, lost=True, msg="the connection was lost")
    stage.event("playbook_on_stats")
    assert (stage.result().outcome, stage.finished) == (PartOutcome.UNKNOWN, [])
    assert "the connection was lost" in stage.result().message


def test_changes_applied_before_a_failure_are_kept(stage: Stage) -> None:
    done = [change("user").as_data()]
    stage.task("account", "runner_on_failed", failed=True, changed=True, changes=done, msg="disk full")
    assert [(one.outcome, one.changes) for one in stage.finished] == [("failed", (change("user"),))]


def test_lines_are_redacted_and_stripped_of_escapes_before_they_leave(stage: Stage) -> None:
    stage.event("warning", stdout=f"\x1b[35m[WARNING]: {SECRET}\x1b[0m")
    stage.task("account", failed=True, msg=f"said {SECRET}")
    assert stage.told == [
        ("", "[WARNING]: [rahasia]"),
        ("account", "dimulai"),
        ("account", f"failed {stage.finished[0].message}"),
    ]
    assert stage.finished[0].message == "the answer held a secret: said [rahasia]"
    assert SECRET in dict(stage.listener.heard)["warning"], "what was said is kept to be searched"


def test_an_answer_with_a_secret_or_an_unplanned_change_has_failed_before_anybody_is_told_it_is_finished(
    stage: Stage,
) -> None:
    stage.task("account", changed=True, changes=[change("user").as_data()], msg=f"hello {SECRET}")
    stage.task("apache", changed=True, changes=[change("user").as_data()], msg="planned elsewhere, not here")
    assert [(one.task, one.outcome, one.changes) for one in stage.finished] == [
        ("account", "failed", (change("user"),)),
        ("apache", "failed", ()),
    ]
    assert SECRET not in repr((stage.finished, stage.told))
    assert "elsewhere" not in repr((stage.finished, stage.told))


def test_events_are_never_written_by_ansible_runner(stage: Stage) -> None:
    assert stage.event("playbook_on_stats") is False


def test_what_a_callback_raises_is_kept_and_nothing_more_is_told(stage: Stage) -> None:
    def raises(_result: TaskResult) -> None:
        raise RuntimeError("the database is gone")

    stage.listener._finished = raises
    stage.task("account", changed=True)
    told = len(stage.told)
    stage.task("apache", changed=True)
    assert isinstance(stage.listener.fault, RuntimeError)
    assert len(stage.told) == told


def say(stage: Stage, task: str, *lines: str) -> None:
    with (stage.space.answers / f"{task}.told").open("a") as file:
        file.writelines(lines)


def test_what_a_task_says_while_it_works_is_told_once_rid_of_secrets_and_shows_that_it_is_alive(stage: Stage) -> None:
    stage.event("playbook_on_task_start", "account")
    stage.listener.alive = begun = stage.listener.alive - 100
    stage.listener.listen()
    assert stage.listener.alive == begun
    say(stage, "account", f'"menunggu {SECRET}"\n', '"half a li')
    stage.listener.listen()
    stage.listener.listen()
    assert stage.told == [("account", "dimulai"), ("account", "menunggu [rahasia]")]
    assert stage.listener.alive > begun + 99
    say(stage, "account", 'ne"\n')
    stage.task("account", changed=False)
    assert [text for _, text in stage.told][2:] == ["dimulai", "half a line", "same"]
    assert ("told account", f'"menunggu {SECRET}"\n') in stage.listener.heard


def test_words_of_a_task_that_cannot_be_read_are_a_fault_of_ours(stage: Stage) -> None:
    say(stage, "account", "no JSON\n")
    stage.listener.listen()
    assert isinstance(stage.listener.fault, ValueError)


def test_a_task_that_went_on_for_other_runs_of_the_call_says_nothing_of_one_that_had_failed(stage: Stage) -> None:
    stage.task("account", failed=True, msg="no")
    stage.task("apache")
    assert (stage.result().outcome, stage.result().message) == (PartOutcome.FAILED, "no")
    assert stage.told[-1] == ("apache", "dimulai")


def test_after_an_answer_that_was_lost_the_next_tasks_silence_does_not_hide_why(stage: Stage) -> None:
    stage.task("account", failed=True, lost=True, msg="cloud1: no answer")
    stage.task("apache")
    assert (stage.result().outcome, stage.result().message) == (
        PartOutcome.UNKNOWN,
        "account: cloud1: no answer (runner_on_ok)",
    )

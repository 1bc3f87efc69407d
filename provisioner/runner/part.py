"""How is one part carried out? One ansible-runner call, of which nothing stays but what its tasks answered."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ansible_runner import Runner, RunnerConfig

from provisioner.items.sealed_secret import SealedSecret
from provisioner.plans.plan import Part
from provisioner.runner.environment import BIN, environment
from provisioner.runner.listener import Listener
from provisioner.runner.redaction import Redactor, leaked
from provisioner.runner.secrets import open_secrets
from provisioner.runner.spare import BENCH
from provisioner.runner.stopper import Stopper
from provisioner.runner.terminal import close_at_once
from provisioner.runner.workspace import Workspace, sweep, workspace
from provisioner.runs.part_result import PartResult, TaskResult

__all__ = ["run_part", "sweep"]

POLL_SECONDS = 0.5
#: of what ansible-runner itself puts into the environment, these words are needed by its callback
RUNNER_WORDS = (
    "ANSIBLE_CALLBACK_PLUGINS",
    "ANSIBLE_STDOUT_CALLBACK",
    "ANSIBLE_RETRY_FILES_ENABLED",
    "AWX_ISOLATED_DATA_DIR",
    "RUNNER_OMIT_EVENTS",
    "RUNNER_ONLY_FAILED_EVENTS",
)


class Places(Protocol):
    """What of the settings a run needs (settings.Settings)."""

    @property
    def runtime_directory(self) -> Path:
        """A folder in memory; runs lie below it."""

    @property
    def inventory(self) -> Path:
        """What Ansible reads."""

    @property
    def playbooks(self) -> Path:
        """The folder of <kind>.yml."""

    @property
    def key_file(self) -> Path:
        """The sealing keys."""


def run_part(
    places: Places,
    part: Part,
    *,
    run_id: str,
    item_id: str,
    sealed: tuple[SealedSecret, ...],
    told: Callable[[str, str], None],
    finished: Callable[[TaskResult], None],
    cancelled: Callable[[], bool],
) -> PartResult:
    """Do it; `told` gets redacted lines (task, text), `finished` each task's result as it ends.

    Never raises for what happened on a host. Unavailable, before anything is touched, where a sealing key is missing or
    the folder of runs is not in memory. What `told`, `finished` or `cancelled` raise is raised at the end, once the run
    was made to stop after its current task.
    """
    secrets = open_secrets(places.key_file, sealed)
    runtime = places.runtime_directory / "runs"
    sweep(runtime)
    with workspace(runtime, run_id) as space:
        space.furnish(part, run_id, item_id, secrets)
        listener = Listener(part=part, space=space, redactor=Redactor(secrets), told=told, finished=finished)
        stopper = Stopper(part=part, space=space, listener=listener, cancelled=cancelled)
        config = _config(places, part, space)
        close_at_once()
        with _spare(places, config):
            Runner(config, event_handler=listener.hear, cancel_callback=stopper.tick).run()
        listener.catch_up()
        result = listener.result(stopped=stopper.was_asked)
        texts = [*listener.heard, ("ansible's command", repr((config.command, config.env))), *answers_in(space)]
        leaks = leaked(secrets, texts)
    for fault in (listener.fault, stopper.fault):
        if fault is not None:
            raise fault
    return PartResult(outcome=result.outcome, tasks=result.tasks, message=result.message, leaks=leaks)


@contextmanager
def _spare(places: Places, config: RunnerConfig) -> Iterator[None]:
    """Let the run be served by a spare where one waits, and provide the next one afterwards."""
    spare = BENCH.take(places.playbooks)
    if spare is not None:
        config.env["GERBANG_SPARE"] = str(spare.socket)
        config.command.insert(1, "-S")
    try:
        yield
    finally:
        if spare is not None:
            spare.end()
        BENCH.provide(places.runtime_directory / "runs", places.playbooks)


def _config(places: Places, part: Part, space: Workspace) -> RunnerConfig:
    """Everything of the run in its folder, the launcher in place of ansible-playbook, a minimal environment."""
    words = [
        "-I",
        str(places.playbooks / "launcher.py"),
        str(space.keeper),
        str(places.playbooks / f"{part.playbook}.yml"),
    ]
    config = RunnerConfig(
        private_data_dir=str(space.folder),
        binary=sys.executable,
        cmdline=shlex.join([*words, "-e", f"@{space.variables}"]),
        inventory=str(places.inventory),
        limit=part.limit,
        tags=",".join(f"{part.play}_{task.name}" for task in part.tasks),
        fact_cache_type="memory",
        quiet=True,
    )
    config.prepare()
    config.suppress_output_file = True  # as a keyword it is ignored (ansible-runner 2.4)
    config.pexpect_timeout = POLL_SECONDS
    config.env = {
        **{name: config.env[name] for name in RUNNER_WORDS if name in config.env},
        **environment(),
        "HOME": str(space.folder),
        "ANSIBLE_HOME": str(space.folder),
        "ANSIBLE_LOCAL_TEMP": str(space.folder / "tmp"),
        "ANSIBLE_CACHE_PLUGIN": "memory",
        "ANSIBLE_SSH_EXTRA_ARGS": "-o ServerAliveInterval=5 -o ServerAliveCountMax=3",
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
    }
    return config


def answers_in(space: Workspace) -> list[tuple[str, str]]:
    """What the duties answered, as it lies in the folder."""
    return [
        (f"answer of {path.stem}", path.read_text(encoding="utf-8")) for path in sorted(space.answers.glob("*.json"))
    ]

"""How is one part carried out? One ansible-runner call, of which nothing stays but what its tasks answered."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ansible_runner import Runner, RunnerConfig

from provisioner.items.order import Order
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

__all__ = ["run_part", "run_parts", "sweep"]

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
    """Do one run's part in a call of its own: `run_parts` of one order."""
    order = Order(
        part=part, run_id=run_id, item_id=item_id, sealed=sealed, told=told, finished=finished, cancelled=cancelled
    )
    return run_parts(places, (order,))[0]


def run_parts(places: Places, orders: Sequence[Order]) -> tuple[PartResult, ...]:
    """Do the orders' parts in one call, and return how each ended, in their order.

    Never raises for what happened on a host. Unavailable, before anything is touched, where a sealing key is missing or
    the folder of runs is not in memory. What `told`, `finished` or `cancelled` raise is raised at the end, once the run
    was made to stop after its current task.
    """
    secrets = [open_secrets(places.key_file, order.sealed) for order in orders]
    runtime = places.runtime_directory / "runs"
    sweep(runtime)
    with workspace(runtime, orders[0].run_id) as space:
        told, seats = [], []
        for order, opened in zip(orders, secrets, strict=True):
            share = space.share(order.run_id)
            told.append(share.errand(order.part, order.run_id, order.item_id, opened))
            seats.append(_Seat(order, share, opened))
        space.furnish(told)
        config = _config(places, orders, space)
        close_at_once()
        with _spare(places, config):
            Runner(
                config,
                event_handler=lambda event: any(seat.listener.hear(event) for seat in seats),
                cancel_callback=lambda: tick(seats),
            ).run()
        command = ("ansible's command", repr((config.command, config.env)))
        results = tuple(seat.result(command) for seat in seats)
    for seat in seats:
        for fault in (seat.listener.fault, seat.stopper.fault):
            if fault is not None:
                raise fault
    return results


class _Seat:
    """One order's place in a call: who hears for it, and who stops it."""

    def __init__(self, order: Order, share: Workspace, secrets: Mapping[str, str]) -> None:
        self.share, self.secrets = share, secrets
        self.listener = Listener(
            part=order.part, space=share, redactor=Redactor(secrets), told=order.told, finished=order.finished
        )
        self.stopper = Stopper(part=order.part, space=share, listener=self.listener, cancelled=order.cancelled)

    def result(self, command: tuple[str, str]) -> PartResult:
        """Judge the order's part, and search what was written for its secrets."""
        self.listener.catch_up()
        result = self.listener.result(stopped=self.stopper.was_asked)
        texts = [*self.listener.heard, command, *answers_in(self.share)]
        return replace(result, leaks=leaked(self.secrets, texts))


def tick(seats: Sequence[_Seat]) -> bool:
    """Let each listen and stop where it must; while one run's errand is at work, the others of its call wait for it."""
    for seat in seats:
        seat.listener.listen()
    alive = max(seat.listener.alive for seat in seats)
    for seat in seats:
        seat.listener.alive = alive
        seat.stopper.tick()
    return False


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


def _config(places: Places, orders: Sequence[Order], space: Workspace) -> RunnerConfig:
    """Everything of the run in its folder, the launcher in place of ansible-playbook, a minimal environment."""
    part, tasks = orders[0].part, dict.fromkeys(task.name for order in orders for task in order.part.tasks)
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
        tags=",".join(f"{part.play}_{name}" for name in tasks),
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
    return [(f"answer of {path.stem}", path.read_text(encoding="utf-8")) for path in sorted(space.answers.glob("*.*"))]

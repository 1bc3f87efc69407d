"""How long from the approval to `done`, against the shell script that makes the same objects, and where does it go?"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

from bench.row import Row, lower_is_better
from bench.shell_floor import WarmShell, certificate_by_shell, made_by_shell, removed_by_shell
from provisioner.jobs.executor import Executor
from provisioner.runner.inventory import read_estate
from provisioner.sealing import make_secret
from provisioner.store import runs
from provisioner.worker import handlers
from tests.house import PEOPLE
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.site_part import INVENTORY, new_site

ROUNDS = 5
POLL_SECONDS = 0.1  # the queue's, as in the settings
PATIENCE_SECONDS = 120


def measure() -> list[Row]:
    """Approve and wait for `done`, with a real queue between; certificate and bandwidth trial are timed apart."""
    shell, secrets = WarmShell("web1", read_estate(INVENTORY)), _secrets()
    ours, floor, spans = [], [], list[dict[str, float]]()
    with office_house() as house, executor(house):
        for number in range(ROUNDS + 1):
            site = new_site()
            shell.run(certificate_by_shell(site))
            span = one_request(house)
            seconds = shell.run(made_by_shell(site, secrets))
            shell.run(removed_by_shell(site))
            shell.run(f"flock -w 60 /run/lock/gerbang.lock certbot delete -n --cert-name {site.item} >/dev/null 2>&1")
            if number:  # the first warms connections and byte code on both sides
                ours.append(span["whole"] - span["certificate"])
                floor.append(seconds)
                spans.append(span)
    for name in spans[0]:
        print(f"  {name:21} {median(span[name] for span in spans):.3f} s")
    return [lower_is_better("hosting-request-vs-shell", ours, floor, 10.0)]


def one_request(house: OfficeHouse) -> dict[str, float]:
    """One whole request; return seconds from the approval to `done`, and what its pieces took."""
    line_id = house.to_decision(second_name="none", cron="hourly")
    begun = time.perf_counter()
    run_id = house.approve(line_id)
    while not (view := house.desk.run(PEOPLE["kabid"], run_id)).run.has_ended:
        time.sleep(0.01)
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            raise RuntimeError(f"{view.run.state}: {view.run.why}")
    whole = time.perf_counter() - begun
    if view.run.state != "done":
        raise RuntimeError(f"{view.run.state}: {view.run.why}")
    tasks = {task.name: task.seconds or 0.0 for task in view.tasks}
    span = {"whole": whole, "certificate": tasks.pop("certificate"), "other tasks": sum(tasks.values())}
    span |= pauses(house, run_id)
    house.unmake(run_id)
    return span


def pauses(house: OfficeHouse, run_id: str) -> dict[str, float]:
    """Return how long each state of the run lasted, by its live lines; `queued` is what is left of the whole."""
    with house.database.reading() as uow:
        moves = [event for event in runs.events(uow, run_id, 0, 500) if event.kind == "state"]
    moments = [(event.text.partition(":")[0], event.at) for event in moves]
    return {
        f"in state {state}": (until - since).total_seconds()
        for (state, since), (_, until) in itertools.pairwise(moments)
    }


@contextmanager
def executor(house: OfficeHouse) -> Iterator[None]:
    """Take jobs off the queue in this process, as the worker does."""
    house.hands = replace(house.hands, clock=lambda: datetime.now(UTC))
    taker = Executor(house.url, house.database.engine, "exe_bench", handlers(house.hands))
    taker.launch(POLL_SECONDS)
    try:
        yield
    finally:
        taker.stop(10)


def _secrets() -> dict[str, str]:
    return {"sftp_password": make_secret(), "database_password": make_secret()}

"""How long does the run's part take against one shell script that makes the same, and where does the time go?"""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile

from bench.row import Row, lower_is_better
from bench.shell_floor import (
    WarmShell,
    address_of,
    certificate_by_shell,
    challenge_of,
    database_of,
    made_by_shell,
    removed_by_shell,
    text_of,
)
from lab.instance import this_instance
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.plans.plan import Part
from provisioner.runner.environment import BIN, PROJECT, environment
from provisioner.runner.inventory import read_estate
from provisioner.runner.orphan import host_is_free
from provisioner.runner.spare import BENCH, SWITCH, is_on
from provisioner.runner.workspace import unsafe
from provisioner.runs.part_result import PartOutcome, TaskResult
from provisioner.sealing import make_secret
from tests.lab.part_runner import PartRunner, Told, part_runner
from tests.lab.site_part import INVENTORY, Site, new_site

ROUNDS = 9
PLAIN_ROUNDS = 3
SETTLING_SECONDS = 1.5
END_OF_PLAYBOOK = ("", "selesai")  # what the runner tells at playbook_on_stats
PLAIN = Path(__file__).with_name("plain_tasks.yml")


class Clocked(Told):
    """Told, with the moment of the first task and of the playbook's end, in seconds since the call."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = time.perf_counter()
        self.first_task = self.end = 0.0
        self.lines = _Noted(self)


class _Noted(list[tuple[str, str]]):
    def __init__(self, clocked: Clocked) -> None:
        super().__init__()
        self._clocked = clocked

    def append(self, line: tuple[str, str]) -> None:
        """Note when it came."""
        now = time.perf_counter() - self._clocked.begun
        if line == END_OF_PLAYBOOK:
            self._clocked.end = now
        elif not self._clocked.first_task:
            self._clocked.first_task = now
        super().append(line)


def measure() -> list[Row]:
    """Measure all rows; the lab must be up. Prints where the time goes."""
    estate = read_estate(INVENTORY)
    secrets = {"sftp_password": make_secret(), "database_password": make_secret()}
    with part_runner(this_instance(), secrets) as in_lab:
        runner = as_in_production(in_lab, estate)
        host_is_free("web1", estate)  # warms the connection, as it does before every run
        return [*against_shell(runner, estate), with_spare(runner, estate), plain_tasks(estate, secrets)]


def as_in_production(runner: PartRunner, estate: Estate) -> PartRunner:
    """The same hosts in a file instead of the lab's script, and without the lab's planted faults."""
    inventory = runner.places.runtime_directory / "hosts.json"
    hosts = {name: dict(host.variables) | {"lab": False} for name, host in estate.hosts.items()}
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    return replace(runner, places=replace(runner.places, inventory=inventory))


def against_shell(runner: PartRunner, estate: Estate) -> list[Row]:
    """Interleaved rounds of both; each side has its certificate beforehand, and the asking for it is timed apart."""
    ours_site, shell_site = new_site(), new_site()
    shell = WarmShell("web1", estate)
    certificate_ours = certificate(runner, ours_site)
    certificate_shell = shell.run(certificate_by_shell(shell_site))
    ours, floor, runs = [], [], []
    for _ in range(ROUNDS):
        settle(runner)
        clocked = Clocked()
        carry_out(runner, ours_site.making(), clocked)
        ours.append(clocked.end)
        runs.append(clocked)
        carry_out(runner, ours_site.unmaking(*(task for task in ours_site.wanted() if task != "certificate")))
        floor.append(shell.run(made_by_shell(shell_site, runner.secrets)))
        shell.run(removed_by_shell(shell_site))
    again = twice(runner, ours_site)
    shell.run(f"certbot delete -n --cert-name {shell_site.item} >/dev/null 2>&1")
    say_where_time_goes(runs, again)
    return [
        lower_is_better("hosting-playbook-vs-shell", ours, floor, 3.0),
        lower_is_better("hosting-certificate-vs-shell", [certificate_ours], [certificate_shell], None),
    ]


def settle(runner: PartRunner) -> None:
    """Let a spare that has just been started read itself in, as it does between two runs of an office."""
    BENCH.provide(runner.places.runtime_directory / "runs", runner.places.playbooks)
    if is_on():
        time.sleep(SETTLING_SECONDS)


def with_spare(runner: PartRunner, estate: Estate) -> Row:
    """The same once more, each run served by an Ansible that has imported itself beforehand."""
    print("with a spare:")
    before = os.environ.get(SWITCH, "")
    os.environ[SWITCH] = "1"
    try:
        row, _ = against_shell(runner, estate)
    finally:
        BENCH.clear()
        os.environ[SWITCH] = before
    return replace(row, name="hosting-playbook-with-spare-vs-shell")


def certificate(runner: PartRunner, site: Site) -> float:
    """Ask for ours; return the task's seconds. The name's challenge goes away again, the certificate stays."""
    clocked = Clocked()
    carry_out(runner, site.making("challenge", "certificate"), clocked)
    carry_out(runner, site.unmaking("challenge"))
    return next(task.seconds for task in clocked.tasks if task.task == "certificate")


def twice(runner: PartRunner, site: Site) -> float:
    """Make it, make it again: the seconds of a run that finds everything done. Then take all of it away."""
    carry_out(runner, site.making())
    clocked = Clocked()
    carry_out(runner, site.making(), clocked)
    carry_out(runner, site.unmaking())
    return clocked.end


def carry_out(runner: PartRunner, part: Part, told: Told | None = None) -> None:
    """Do it; RuntimeError where it is not done."""
    result = runner.run(part, told)
    if result.outcome is not PartOutcome.DONE:
        raise RuntimeError(f"{result.outcome}: {result.message}")


def say_where_time_goes(runs: list[Clocked], again: float) -> None:
    """Print the medians: up to the first task, each task, and the second time."""
    print(f"  until the first task  {median(run.first_task for run in runs):.3f} s")
    tasks: dict[str, list[TaskResult]] = {}
    for run in runs:
        for task in run.tasks:
            tasks.setdefault(task.task, []).append(task)
    for name, results in tasks.items():
        print(f"  {name:21} {median(result.seconds for result in results):.3f} s")
    print(f"  made again            {again:.3f} s")


def plain_tasks(estate: Estate, secrets: dict[str, str]) -> Row:
    """The same site by 22 ordinary Ansible tasks, pipelining on, the connection warm."""
    site, shell = new_site(), WarmShell("web1", estate)
    shell.run(certificate_by_shell(site))
    ours, floor = [], []
    for _ in range(PLAIN_ROUNDS):
        ours.append(play(site, secrets))
        shell.run(removed_by_shell(site))
        floor.append(shell.run(made_by_shell(site, secrets)))
        shell.run(removed_by_shell(site))
    shell.run(f"certbot delete -n --cert-name {site.item} >/dev/null 2>&1")
    return lower_is_better("hosting-plain-tasks-vs-shell", ours, floor, None)


def play(site: Site, secrets: dict[str, str]) -> float:
    """Run bench/plain_tasks.yml; the script's pieces are its commands. Return the seconds."""
    with NamedTemporaryFile("w", dir="/dev/shm", suffix=".json") as variables:
        json.dump(unsafe(plain_variables(site, secrets)), variables)
        variables.flush()
        begun = time.perf_counter()
        done = subprocess.run(
            [
                *(str(BIN / "ansible-playbook"), "-i", str(INVENTORY), "--limit", site.host),
                "-e",
                f"@{variables.name}",
                PLAIN,
            ],
            text=True,
            capture_output=True,
            env=environment() | {"HOME": "/root"},
            cwd=PROJECT,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"plain tasks ended with {done.returncode}: {done.stdout[-1500:]}")
    return time.perf_counter() - begun


def plain_variables(site: Site, secrets: dict[str, str]) -> dict[str, Value]:
    """What bench/plain_tasks.yml fills in."""
    values, key = site.values(), site.lab["tsig"]["visitors"]
    secret = Path(key["secret_file"]).read_text().strip()
    where = f"server {site.lab['nameserver_address']}\nzone {site.lab['zone']}.\n"
    database, _, logins = database_of(site, secrets["database_password"]).partition(";\n")
    return {
        "item_id": site.item,
        "uid": site.uid,
        "mark": site.secret_mark,
        "limit_bytes": site.limit_bytes,
        "php_version": site.php_version,
        "sftp_password": secrets["sftp_password"],
        "nsupdate": ["nsupdate", "-v", "-y", f"{key['algorithm']}:{key['name']}:{secret}"],
        "challenge": f"{where}{challenge_of(site, 'add')}send",
        "address": f"{where}{address_of(site, 'add')}send",
        "database": f"{database.partition(chr(10))[2]};",
        "logins": logins.removesuffix("\nEND"),
        "cron": text_of(values["account", "cron"]),
        "pool": text_of(values["php_fpm", "pool"]),
        "vhost": text_of(values["apache", "vhost"]),
    }

"""Is a run's password anywhere but where it must be? Known ones are searched for in all that two runs touch.

The first run makes a site, the second replaces its passwords.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from argon2 import PasswordHasher

from lab.instance import Instance
from lab.machine import ssh_argv
from provisioner.store import audit, logins
from tests.house import PEOPLE
from tests.lab.office_house import MEMORY, OfficeHouse, office_house
from tests.lab.site_part import ROOT

pytestmark = pytest.mark.usefixtures("instance")
NAMES = ("sftp_password", "database_password")
#: quotes, backslash, percent and colon on purpose: each is written differently in JSON, in a URL and in SQL
ROUNDS = tuple({name: f'Kn:"{secrets.token_hex(9)}\\%+{secrets.token_hex(6)}' for name in NAMES} for _ in range(2))
CANARIES = tuple(word for words in ROUNDS for word in words.values())
#: the worker itself, but for what it draws; the canaries come by a file in memory, never by argv
WORKER = """
import json, os, sys
from pathlib import Path
from provisioner.runner import secrets
drawn = iter(json.loads(Path(os.environ['CANARY_FILE']).read_text()))
secrets.make_secret = lambda: next(drawn)
from provisioner import worker
sys.exit(worker.main())
"""
HOST_PLACES = "/tmp /var/tmp /var/log /root /home /run /etc /var/spool /var/lib /dev/shm /srv /opt"
PATIENCE_SECONDS = 90


def forms(word: str) -> set[bytes]:
    """The forms to look for: plain, base64 at each of its three places, URL-encoded, JSON-escaped, Python's repr."""
    encoded = {base64.b64encode(bytes(ahead) + word.encode())[4 if ahead else 0 : -4] for ahead in range(3)}
    texts = {word, quote(word), quote_plus(word), quote(word, safe=""), json.dumps(word)[1:-1], repr(word)[1:-1]}
    return {text.encode() for text in texts} | encoded


FORMS = sorted({form for word in CANARIES for form in forms(word)})


def found_in(data: bytes) -> bool:
    """Whether any form of any canary stands in these bytes."""
    return any(form in data for form in FORMS)


@dataclass(kw_only=True)
class Watched:
    """What was seen while it went: processes whose words held a canary, files in memory that did."""

    processes: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    rounds: int = 0

    def look(self, runtime: Path) -> None:
        """Look once at every process of the machine, those of its hosts included, and at the folder of runs."""
        self.rounds += 1
        for path in (*Path("/proc").glob("[0-9]*/cmdline"), *Path("/proc").glob("[0-9]*/environ")):
            with contextlib.suppress(OSError):
                if found_in(path.read_bytes()):
                    self.processes.add(str(path))
        for path in runtime.rglob("*"):
            with contextlib.suppress(OSError):
                if path.is_file() and found_in(path.read_bytes()):
                    kind = "password of a trial" if path.name.startswith("gerbang-probe-") else path.name
                    self.files.add(f"{kind} {path.stat().st_mode & 0o777:o}")


@contextmanager
def watching(runtime: Path) -> Iterator[Watched]:
    """Look again and again for the block."""
    seen, ended = Watched(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            seen.look(runtime)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@contextmanager
def process(house: OfficeHouse, log: Path, argv: list[str], **more: str) -> Iterator[None]:
    """Run a process of this office for the block, its words into a log."""
    places = {
        "DATABASE_URL": house.url,
        "STATE_DIRECTORY": house.folder,
        "RUNTIME_DIRECTORY": house.settings.runtime_directory,
        "KEY_FILE": house.settings.key_file,
    }
    environment = {**os.environ, **{f"GERBANG_{name}": str(value) for name, value in places.items()}, **more}
    with log.open("wb") as words:
        running = subprocess.Popen([sys.executable, *argv], cwd=ROOT, env=environment, stdout=words, stderr=words)
    try:
        yield
    finally:
        running.terminate()
        running.wait(timeout=PATIENCE_SECONDS)


def claimed_at_the_gate(house: OfficeHouse, item_id: str) -> dict[str, str]:
    """Claim over HTTP from a gate of this office, as the technical person would."""
    with house.database.transaction() as uow:
        logins.set_login(uow, PEOPLE["teknis"].id, "teknis", PasswordHasher().hash("benar-kuda-baterai"), False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gate = {"GERBANG_GATE_PORT": str(port), "GERBANG_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with process(house, house.folder / "gate.log", ["-m", "provisioner.cli", "gate"], **gate):
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if client.get("/readyz").is_success:
                    break
            time.sleep(0.1)
        session = client.post("/api/v1/session", json={"username": "teknis", "password": "benar-kuda-baterai"}).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        listed = client.get(f"/api/v1/items/{item_id}/credentials").json()
        opened = {}
        for one in (row for row in listed["credentials"] if row["state"] == "claimable"):
            answer = client.post(f"/api/v1/credentials/{one['id']}/claim", json={"statement_accepted": True})
            assert answer.headers["cache-control"] == "no-store"
            opened[one["name"]] = answer.json()["secret"]
        client.close()
        return opened


@dataclass(frozen=True, kw_only=True)
class Walked:
    """A walk by the worker's own process, what was seen meanwhile, and what was claimed at the end of each run."""

    house: OfficeHouse
    run_ids: tuple[str, str]
    item: str
    seen: Watched
    claimed: tuple[dict[str, str], dict[str, str]]


@pytest.fixture(scope="module")
def walked(instance: Instance) -> Iterator[Walked]:  # noqa: ARG001  the lab must be up
    """A site with PHP and a database, whose passwords are the canaries: the first that it had, and those it has now."""
    with office_house() as house, tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        drawn = Path(folder) / "canaries"
        drawn.write_text(json.dumps(CANARIES))
        making = house.to_run(database="mariadb", second_name="www", cron="hourly")
        item = house.item_of(making)
        with watching(house.settings.runtime_directory) as seen:
            with process(house, house.folder / "worker.log", ["-c", WORKER], CANARY_FILE=str(drawn)):
                ended(house, making)
                first = house.claimed(item)
                rotating = house.verb("rotate", item, credential="all")
                ended(house, rotating)
            drawn.unlink()
            claimed = first, claimed_at_the_gate(house, item)
        yield Walked(house=house, run_ids=(making, rotating), item=item, seen=seen, claimed=claimed)
        house.unmake(rotating)
        house.unmake(making)


def ended(house: OfficeHouse, run_id: str) -> None:
    """Wait until the worker has delivered."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not house.desk.run(PEOPLE["kabid"], run_id).run.has_ended and time.monotonic() < until:
        time.sleep(0.2)
    run = house.desk.run(PEOPLE["kabid"], run_id).run
    assert (run.state.value, run.why) == ("done", "")


def test_the_canaries_are_what_was_handed_over_and_the_search_would_find_them(walked: Walked) -> None:
    assert walked.claimed == ROUNDS
    for word in CANARIES:
        for told in (word, base64.b64encode(f"x{word}".encode()).decode(), quote_plus(word), json.dumps({"a": word})):
            assert found_in(f"... {told} ...".encode())


def test_no_process_of_worker_gate_or_hosts_ever_had_one_in_its_words_or_environment(walked: Walked) -> None:
    assert walked.seen.rounds > 20
    assert walked.seen.processes == set()


def test_in_memory_one_lay_in_files_of_the_run_that_only_root_reads_and_nothing_is_left(walked: Walked) -> None:
    assert walked.seen.files == {"secrets.json 600", "password of a trial 600"}
    left = [path for path in walked.house.settings.runtime_directory.rglob("*") if path.is_file()]
    assert [path.name for path in left if found_in(path.read_bytes())] == []


def test_database_logs_events_audit_and_record_hold_none(walked: Walked) -> None:
    house = walked.house
    files = [path for path in house.folder.iterdir() if path.is_file()]
    assert {"gerbang.db", "worker.log", "gate.log"} <= {path.name for path in files}
    assert [path.name for path in files if found_in(path.read_bytes())] == []
    told = [house.desk.events(PEOPLE["kabid"], run_id, 0) for run_id in walked.run_ids]
    views = [house.desk.run(PEOPLE["kabid"], run_id) for run_id in walked.run_ids]
    with house.database.reading() as uow:
        rows = list(audit.all_rows(uow))
    assert [len(events) > 10 for events in told] == [True, True]
    assert not found_in(repr((told, views, rows)).encode())
    assert {row.state.value for row in house.desk.credentials(PEOPLE["teknis"], walked.item)} == {"claimed"}


@pytest.mark.parametrize("host", ["web1", "ns1"])
def test_the_hosts_hold_none_on_disk_in_memory_or_journal(walked: Walked, instance: Instance, host: str) -> None:
    """The forms travel on stdin; hashes of passwords are what they are by nature, and bear no form of them."""
    assert walked.item
    looked = asked(instance, host, f"grep -rlaF -f - {HOST_PLACES} 2>/dev/null || true", FORMS)
    assert looked.decode().split() == []
    journal = asked(instance, host, "journalctl --no-pager --output export --since=-15min", [])
    assert len(journal) > 1000
    assert not found_in(journal)


def asked(instance: Instance, host: str, script: str, lines: Iterable[bytes]) -> bytes:
    """What a program on a host says to these lines."""
    return subprocess.run(
        [*ssh_argv(instance, host), script], input=b"\n".join(lines), capture_output=True, check=True
    ).stdout


def test_a_copy_of_the_database_and_a_stolen_row_open_nothing_without_the_key(walked: Walked) -> None:
    """Claimed secrets are wiped; what was sealed needs a key that lies outside of the database."""
    with walked.house.database.reading() as uow:
        rows: Any = uow.connection.exec_driver_sql("SELECT sealed FROM secrets").fetchall()
    assert [bytes(row[0] or b"") for row in rows] == [b""] * 4

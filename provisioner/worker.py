"""Who does the work? The worker: takes jobs, acts through its hands, listens on nothing. Composes all of them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import structlog

from provisioner import providers
from provisioner.audit_events import AuditEvent
from provisioner.clock import utc_now
from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation
from provisioner.items.sealed_secret import SealedSecret
from provisioner.items.usage import Keeping, Period
from provisioner.jobs.executor import Executor
from provisioner.jobs.queue import Queue
from provisioner.kinds.catalogue import KINDS
from provisioner.names import draw_id
from provisioner.post.smtp import Relay, send
from provisioner.press.setting import set_sheet
from provisioner.procedures.working_days import read_calendar
from provisioner.providers.base import Attempt
from provisioner.providers.nextcloud.check import check_servers
from provisioner.runner.estate_reader import EstateReader
from provisioner.runner.orphan import host_is_free
from provisioner.runner.part import run_part, run_parts, sweep
from provisioner.runner.reach import reach_of
from provisioner.runner.secrets import make_secrets, open_secrets
from provisioner.runner.workspace import workspace
from provisioner.settings import Settings
from provisioner.store import audit, executors
from provisioner.store.database import Database
from provisioner.verification.verdict import Trial
from provisioner.workflow.advance import advance
from provisioner.workflow.carry_out import carry_out
from provisioner.workflow.hands import Hands, ToTry
from provisioner.workflow.housekeeping import tidy
from provisioner.workflow.look import look
from provisioner.workflow.notice import tell_person
from provisioner.workflow.tell import tell
from provisioner.workflow.watch import Watches, watch

log = structlog.get_logger()
LOST_AFTER_BEATS = 5
STOP_SECONDS = 30
RUNS_TRIED_AT_ONCE = 4
Seen = Mapping[str, Mapping[str, Value]]


def main() -> int:
    """Run until SIGTERM; jobs in hand may take 30 s to end, after which a restart takes them up."""
    os.umask(0o077)  # the database holds personal data
    settings = Settings()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    url = settings.database_url.get_secret_value()
    lock = take_only_place(settings) if url.startswith("sqlite") else None
    database = Database(url)
    hands = compose(settings, database)
    executor = Executor(url, database.engine, draw_id("exe"), handlers(hands))
    beat(hands, executor)  # before the first job: whoever holds one must be known to live
    executor.launch(settings.poll_seconds)
    log.info("worker started", database=url.split(":")[0])
    # The sign of life has a thread of its own: whoever is busy keeping house is not dead.
    pulse = threading.Thread(target=keep_beating, args=(hands, executor, settings, stop), daemon=True)
    pulse.start()
    threading.Thread(target=say_what_lacks, args=(hands,), daemon=True).start()
    try:
        keep_house(hands, executor, settings, stop)
    finally:
        executor.stop(STOP_SECONDS)
        providers.close_connections(hands.estate())
        if lock is not None:
            lock.close()
    return 0


def say_what_lacks(hands: Hands) -> None:
    """Log what a registered service lacks, once, beside the work: a silent server holds nobody up."""
    with contextlib.suppress(GerbangError):
        for one in check_servers(hands.estate()):
            log.warning("service lacks", host=one.host, what=one.what, needed=one.is_needed)


def compose(settings: Settings, database: Database) -> Hands:
    """Put the real hands together."""
    text = settings.procedures_file.read_text(encoding="utf-8")
    runtime = settings.runtime_directory / "runs"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(runtime)
    estate = EstateReader(settings.inventory)
    return Hands(
        database=database,
        queue=Queue(settings.database_url.get_secret_value(), database.engine),
        clock=utc_now,
        calendar=read_calendar(text),
        zone=ZoneInfo(settings.timezone),
        kinds=KINDS,
        estate=estate,
        look=partial(see, estate),
        try_all=partial(try_all, estate, settings, runtime),
        try_each=partial(try_each, partial(try_all, estate, settings, runtime)),
        reach=lambda kind: reach_of(kind, settings.playbooks, estate()),
        make_secrets=partial(make_secrets, settings.key_file),
        do=partial(run_part, settings),
        do_together=partial(run_parts, settings),
        is_free=lambda host: host_is_free(host, estate()),
        press=partial(set_sheet, settings.font_directory),
        post=partial(send, relay_of(settings)),
        public_url=settings.public_url.rstrip("/"),
        usage=Keeping(period=Period(settings.usage_period), days=settings.usage_days),
    )


def see(estate: EstateReader, systems: tuple[str, ...], hosts: tuple[str, ...]) -> Observation:
    """Look; what exactly gave no answer is logged here, in English: people of the office are told in their words."""
    try:
        return providers.look(systems, hosts, estate(), utc_now)
    except Unreachable as fault:
        log.warning("no_answer", where=fault.where, what=fault.what, mend=fault.mend)
        raise


def relay_of(settings: Settings) -> Relay:
    """Return the office's relay as it is set; without one, letters wait and say so."""
    return Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        ca_file=settings.smtp_ca_file,
        user=settings.smtp_user,
        password_file=settings.smtp_password_file,
        sender=settings.smtp_sender,
    )


def try_all(
    estate: Callable[[], Estate],
    settings: Settings,
    runtime: Path,
    trials: tuple[Trial, ...],
    run_id: str,
    sealed: tuple[SealedSecret, ...],
) -> Mapping[str, Mapping[str, Value]]:
    """Perform the trials with the run's secrets opened for them alone.

    Database clients insist on password files: their folder is locked as a run's is, so that another worker's sweep
    spares it while this process lives, and takes it where this one was killed.
    """
    known, secrets = estate(), open_secrets(settings.key_file, sealed)
    with workspace(runtime, f"{run_id}-trial") as space:
        context = Attempt(run_id=run_id, estate=known, folder=space.folder, secrets=secrets)
        return providers.try_all(trials, context)


def try_each(tried: Callable[..., Seen], runs: tuple[ToTry, ...]) -> tuple[Seen, ...]:
    """Perform the trials of several runs, some runs at once."""
    if not runs:
        return ()
    with ThreadPoolExecutor(max_workers=RUNS_TRIED_AT_ONCE) as pool:
        return tuple(pool.map(lambda run: tried(run.trials, run.run_id, run.sealed), runs))


def handlers(hands: Hands) -> Mapping[str, Callable[[str], None]]:
    """Name the handler of each queue; a fault of ours is logged and raised: housekeeping queues the job again."""
    return {
        "look": logged("look", partial(look, hands)),
        "carry_out": logged("carry_out", partial(carry_out, hands)),
        "tell": logged("tell", partial(advance, hands)),
        "letter": logged("letter", partial(tell, hands)),
        "notice": logged("notice", partial(tell_person, hands)),
        "watch": logged("watch", partial(watch, hands)),
    }


def logged(name: str, work: Callable[[str], None]) -> Callable[[str], None]:
    """Write a line when a job begins and when it ends, with the id it is about."""

    def job(subject_id: str) -> None:
        log.info("job begins", job=name, subject=subject_id)
        try:
            work(subject_id)
        except Exception:
            log.exception("job failed", job=name, subject=subject_id)
            raise
        log.info("job ends", job=name, subject=subject_id)

    return job


def keep_house(hands: Hands, executor: Executor, settings: Settings, stop: threading.Event) -> None:
    """Until told to stop: take over from the dead, and do what is due."""
    sqlite = settings.database_url.get_secret_value().startswith("sqlite")
    watches = Watches(hands, timedelta(hours=settings.watch_hours))
    while not stop.is_set():
        try:
            take_over(hands, executor, sqlite, timedelta(seconds=settings.heartbeat_seconds * LOST_AFTER_BEATS))
            tidy(hands, executor.has_job_for)
            watches.ask()
        except GerbangError as fault:
            log.warning("housekeeping waits", why=str(fault))
        except Exception:
            log.exception("housekeeping failed")
        stop.wait(settings.heartbeat_seconds)


def keep_beating(hands: Hands, executor: Executor, settings: Settings, stop: threading.Event) -> None:
    """Leave a sign of life every heartbeat until told to stop; a busy database is tried again at the next."""
    while not stop.wait(settings.heartbeat_seconds):
        try:
            beat(hands, executor)
        except GerbangError as fault:
            log.warning("heartbeat missed", why=str(fault))


def beat(hands: Hands, executor: Executor) -> None:
    """Leave a sign of life."""
    with hands.database.transaction() as uow:
        executors.beat(uow, executor.executor_id, hands.clock())


def take_over(hands: Hands, executor: Executor, sqlite: bool, silence: timedelta) -> None:  # noqa: FBT001
    """On SQLite there is one worker, so every other executor is dead; on PostgreSQL its heartbeat decides."""
    holders, now = executor.pending_of_others(), hands.clock()
    if not holders:
        return
    with hands.database.transaction() as uow:
        lost = holders if sqlite else holders & frozenset(executors.lost(uow, now - silence))
        for executor_id in sorted(lost):
            audit.append(uow, AuditEvent.EXECUTOR_LOST, actor="worker", subject=executor_id, data={}, at=now)
    if lost:
        log.warning("taking over", executors=sorted(lost), jobs=executor.take_over(lost))
    with hands.database.transaction() as uow:
        for executor_id in lost:
            executors.forget(uow, executor_id)


def take_only_place(settings: Settings) -> TextIO:
    """Take the exclusive lock that makes this the one worker of an SQLite installation, or end with the reason."""
    path = settings.state_directory / "worker.lock"
    lock = path.open("a")  # a refused one must not empty the holder's
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another worker holds {path}: SQLite serves one worker; use PostgreSQL for several.")
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


if __name__ == "__main__":
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.exit(main())

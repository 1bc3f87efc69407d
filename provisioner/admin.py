"""What does an administrator do before anybody can log in?

Migrate, load persons, copy the inventory's pools, check the registered services, audit offline.

python -m provisioner.admin migrate | office sync | people load FILE --passwords FILE | user add ... | check
    | audit verify
"""

from __future__ import annotations

import argparse
import json
import os
import secrets as randomness
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from argon2 import PasswordHasher

from provisioner.audit_events import AuditEvent
from provisioner.clock import utc_now
from provisioner.errors import GerbangError
from provisioner.evidence.chain import verify
from provisioner.facts.estate import Estate
from provisioner.jobs.queue import migrate as migrate_jobs
from provisioner.kinds.catalogue import KINDS
from provisioner.names import draw_id
from provisioner.people.person import Person, Position, Right
from provisioner.providers.nextcloud.check import check_servers
from provisioner.requests.bounds import check_bounds
from provisioner.requests.fields import Known
from provisioner.runner.inventory import read_estate
from provisioner.sealing import ensure_key_file
from provisioner.settings import Settings
from provisioner.store import audit, logins, office, people, sums
from provisioner.store.database import Database
from provisioner.unit_of_work import UnitOfWork

PASSWORD_BYTES = 12
OFFICE_VARIABLES = ("zone", "reserved_labels", "office", "quarantine_days", "letters", "limits")


def main(words: list[str]) -> int:
    """Do one verb; 0 when done, 1 with what, where and how to mend on stderr, 2 for wrong usage."""
    os.umask(0o077)  # the database holds personal data
    asked = _parser().parse_args(words)
    settings = Settings()
    try:
        return int(asked.do(settings, asked) or 0)
    except GerbangError as fault:
        print(f"gerbang admin: {fault}", file=sys.stderr)
        return 1


def migrate(settings: Settings, _asked: argparse.Namespace) -> None:
    """Bring our schema and the queue's up to date, and make the sealing key where there is none."""
    settings.state_directory.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url.get_secret_value())
    database.migrate()
    database.dispose()
    migrate_jobs(settings.database_url.get_secret_value())
    ensure_key_file(settings.key_file)


def sync_office(settings: Settings, _asked: argparse.Namespace) -> None:
    """Copy what the gate must know of the inventory: zone, reserved words, limits, and every pool's sum.

    BadInput tells every fault of `limits`; then nothing is copied.
    """
    estate = read_estate(settings.inventory)
    check_limits(estate)
    with Database(settings.database_url.get_secret_value()).transaction() as uow:
        office.keep(uow, {key: estate.variables[key] for key in OFFICE_VARIABLES if key in estate.variables})
        for pool, limit in sums_of(estate).items():
            sums.set_sum(uow, pool, limit)


def check_limits(estate: Estate) -> None:
    """Raise BadInput where `limits` names what no service has, or a value that its field cannot hold."""
    zone, today = str(estate.variables.get("zone", "")), utc_now().date()
    known = Known(opd_codes=frozenset(), zone=zone, reserved_labels=frozenset(), today=today)
    check_bounds((kind.fields for kind in KINDS.values()), estate.variables.get("limits", {}), known)


def sums_of(estate: Estate) -> Mapping[str, int]:
    """Return each host's sums as pools: {'web1:storage_bytes': 18000000000}."""
    return {
        f"{host.name}:{name}": int(limit)
        for host in estate.hosts.values()
        for name, limit in dict(host.variables.get("sums", {})).items()
    }


def load_people(settings: Settings, asked: argparse.Namespace) -> None:
    """Load OPD and persons from YAML; new ones get a random password, written to a 0600 file and shown nowhere else."""
    data = yaml.safe_load(Path(asked.file).read_text(encoding="utf-8"))
    passwords: dict[str, str] = {}
    with Database(settings.database_url.get_secret_value()).transaction() as uow:
        known = people.opds(uow)
        for code, name in data["opds"].items():
            if code not in known:
                people.add_opd(uow, code, name)
        for row in data["persons"]:
            if logins.login(uow, row["username"]) is None:
                passwords[row["username"]] = _add(uow, row)
    if passwords:
        _write_private(Path(asked.passwords), passwords)


def add_user(settings: Settings, asked: argparse.Namespace) -> None:
    """Add one person with a login; the random password is printed once."""
    row = {
        "username": asked.username,
        "name": asked.name,
        "email": asked.email,
        "nip": asked.nip,
        "rights": asked.right,
        "positions": [{"actor": asked.actor, "opd": asked.opd, "title": asked.title or asked.actor}],
    }
    with Database(settings.database_url.get_secret_value()).transaction() as uow:
        print(_add(uow, row))


def verify_audit(settings: Settings, _asked: argparse.Namespace) -> int:
    """Walk the chain without the gate; 1 and the broken place where it is not whole."""
    with Database(settings.database_url.get_secret_value()).reading() as uow:
        report = verify(audit.all_rows(uow))
    print(json.dumps({"rows": report.rows, "head": report.head, "broken": report.broken}, ensure_ascii=False))
    return 1 if report.broken else 0


def check_services(settings: Settings, _asked: argparse.Namespace) -> int:
    """Ask each registered Nextcloud for the rights and apps it needs; 1 where nothing could be made on one of them."""
    estate = read_estate(settings.inventory)
    found = check_servers(estate)
    for one in found:
        print(f"{'kurang' if one.is_needed else 'catatan'}: {one}")
    if not found:
        print("Tidak ada yang kurang.")
    return 1 if any(one.is_needed for one in found) else 0


def _add(uow: UnitOfWork, row: Mapping[str, Any]) -> str:
    person, password = _person(row), randomness.token_urlsafe(PASSWORD_BYTES)
    people.add_person(uow, person)
    logins.set_login(uow, person.id, row["username"], PasswordHasher().hash(password), must_change=False)
    audit.append(
        uow,
        AuditEvent.PERSON_ADD,
        actor="administrator",
        subject=person.id,
        data={"rights": sorted(right.value for right in person.rights)},
        at=utc_now(),
    )
    return password


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        id=draw_id("per"),
        name=row["name"],
        nip=row.get("nip"),
        employment=row.get("employment", "asn" if row.get("nip") else "non_asn"),
        contract_number=row.get("contract_number"),
        contract_end=row.get("contract_end"),
        email=row["email"],
        phone=row.get("phone", ""),
        rights=frozenset(Right(right) for right in row.get("rights", ())),
        positions=tuple(_position(position) for position in row["positions"]),
    )


def _position(row: Mapping[str, Any]) -> Position:
    return Position(
        actor=row["actor"],
        opd=row.get("opd"),
        title=row["title"],
        since=row.get("since", date(2026, 1, 1)),
        until=row.get("until"),
    )


def _write_private(path: Path, passwords: Mapping[str, str]) -> None:
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({**known, **passwords}, file, indent=1)


def _parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="gerbang-admin", description=__doc__)
    verbs = root.add_subparsers(required=True)
    verbs.add_parser("migrate").set_defaults(do=migrate)
    verbs.add_parser("office").add_subparsers(required=True).add_parser("sync").set_defaults(do=sync_office)
    load = verbs.add_parser("people").add_subparsers(required=True).add_parser("load")
    load.add_argument("file")
    load.add_argument("--passwords", required=True)
    load.set_defaults(do=load_people)
    user = verbs.add_parser("user").add_subparsers(required=True).add_parser("add")
    for name in ("username", "name", "email", "actor"):
        user.add_argument(f"--{name}", required=True)
    for name in ("nip", "opd", "title"):
        user.add_argument(f"--{name}")
    user.add_argument("--right", action="append", default=[], choices=[right.value for right in Right])
    user.set_defaults(do=add_user)
    verbs.add_parser("check").set_defaults(do=check_services)
    verbs.add_parser("audit").add_subparsers(required=True).add_parser("verify").set_defaults(do=verify_audit)
    return root


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

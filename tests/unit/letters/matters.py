"""What is told in the tests of letters and press? One invented office, one request, three ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from provisioner.kinds.hosting import letter as hosting
from provisioner.letters.compose import Matter, Told
from provisioner.letters.letter import Letter, LetterKind, LetterState
from provisioner.letters.line_report import LineReport
from provisioner.letters.office import read_letter_office
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import RequestState

NOW = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Makassar")
SETTINGS: dict[str, Any] = {
    "letters": {
        "head": ["Pemerintah Kota Contoh", "Dinas Komunikasi dan Informatika"],
        "address": ["Jalan Rekaan Nomor 1, Kota Contoh 00000"],
        "city": "Kota Contoh",
        "paper": "F4",
        "classification": "000.8.3",
        "number_form": "{classification}/{serial}/DISKOMINFO/{month}/{year}",
        "signatory": {"position": "Kepala Dinas Komunikasi dan Informatika", "name": "Hasan Rekaan", "nip": "1970"},
        "copies": ["Wali Kota Contoh (sebagai laporan)", "Arsip"],
    }
}
WISH: dict[str, Any] = {
    "sub_domain": "simpeg",
    "second_name": "www",
    "runtime": "php",
    "extensions": ["mbstring", "mysql"],
    "upload_mb": 32,
    "htaccess": True,
    "cron": "hourly",
    "outgoing_mail": False,
    "database": "mariadb",
    "storage_gb": 10,
    "database_gb": 2,
    "bandwidth_mbit": 10,
}
CHOICES: dict[str, Any] = {
    "names": ["simpeg.kota.lab", "www.simpeg.kota.lab"],
    "host": "web1",
    "php_version": "8.2",
    "address": {"A": ["10.77.0.11"], "AAAA": []},
    "storage_driver": "measured",
    "bandwidth_driver": "mod_bw",
}


def letter(kind: LetterKind = LetterKind.DELIVERED, **fields: Any) -> Letter:
    """A letter that is due."""
    made = Letter(
        id="let_1",
        request_id="req_1",
        kind=kind,
        document="reply_letter",
        lines=("line_1",),
        state=LetterState.DUE,
        serial=7,
        number="",
        written_at=NOW,
        pdf_sha256=None,
        filed_at=None,
        sent_at=None,
        attempts=0,
        next_try_at=None,
        why="",
    )
    return replace(made, **fields)


def request(**fields: Any) -> FiledRequest:
    """A request as it stands, its lines of no matter here."""
    made = FiledRequest(
        id="req_1",
        number="2026-0001",
        opd="DINCONTOH",
        application_name="Sistem Informasi Kepegawaian",
        state=RequestState.DELIVERED,
        procedure_id="p",
        procedure_sha256="cd" * 32,
        step="notify",
        requester_id="per_1",
        recorder_id=None,
        authors=frozenset(),
        proposers=frozenset(),
        letter={"number": "067/123/DINCONTOH/XI/2026", "date": "2026-11-16", "subject": "Permohonan hosting"},
        administrative={"name": "Sari Rekaan", "position": "Kepala Dinas Contoh", "email": "sari@dincontoh.example"},
        technical={"name": "Bayu Rekaan", "position": "Pengelola situs", "email": "teknis@dincontoh.example"},
        technical_person_id="per_2",
        version=1,
        received_sha256="ab" * 32,
        submitted_at=NOW,
        lines=(),
    )
    return replace(made, **fields)


def hosting_report(**granted: Any) -> LineReport:
    """A delivered site, with `granted` in the place of what was asked."""
    return hosting.report("create", WISH, {**WISH, **granted}, CHOICES)


def matter(kind: LetterKind = LetterKind.DELIVERED, **fields: Any) -> Matter:
    """Everything a letter of that kind follows from."""
    reason = "" if kind is LetterKind.DELIVERED else "kapasitas host tidak mencukupi"
    until = datetime(2026, 11, 26, 2, 15, tzinfo=UTC) if kind is LetterKind.DELIVERED else None
    made = Matter(
        letter=letter(kind),
        request=request(),
        opd_name="Dinas Contoh Kota Contoh",
        label="Surat Balasan",
        told=(Told(report=hosting_report(storage_gb=5), reason=reason, claim_until=until),),
        office=read_letter_office(SETTINGS),
        zone=ZONE,
    )
    return replace(made, **fields)

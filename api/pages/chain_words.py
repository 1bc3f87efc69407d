"""How is a row of the chain said in words, and written where a spreadsheet would obey it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioner.audit_events import AuditEvent

EVENTS: Mapping[AuditEvent, str] = {
    AuditEvent.PERSON_ADD: "Orang didaftarkan",
    AuditEvent.CONTRACT_RENEW: "Kontrak diperpanjang",
    AuditEvent.LOGIN_SET: "Akun masuk dibuat",
    AuditEvent.LOGIN_OPEN: "Masuk",
    AuditEvent.LOGIN_FAIL: "Gagal masuk",
    AuditEvent.CODE_ISSUE: "Kode pertama diberikan di loket",
    AuditEvent.CODE_USE: "Kode pertama dipakai",
    AuditEvent.CODE_FAIL: "Kode pertama salah",
    AuditEvent.LOGIN_MAKE: "Akun masuk dibuat",
    AuditEvent.PASSWORD_CHANGE: "Kata sandi diganti",
    AuditEvent.TOKEN_ISSUE: "Token API dibuat",
    AuditEvent.REQUEST_SUBMIT: "Permohonan dikirim",
    AuditEvent.REQUEST_WITHDRAW: "Permohonan ditarik",
    AuditEvent.SCAN_FILE: "Pindaian surat disimpan",
    AuditEvent.STEP_DO: "Langkah dikerjakan",
    AuditEvent.STEP_AUTO: "Langkah otomatis dikerjakan",
    AuditEvent.LOOK_ASK: "Rencana diminta",
    AuditEvent.PLAN_MAKE: "Rencana dibuat",
    AuditEvent.HOLD_EXPIRE: "Cadangan habis masanya",
    AuditEvent.ADJUSTMENT_PROPOSE: "Penyesuaian diusulkan",
    AuditEvent.ADJUSTMENT_WITHDRAW: "Usul penyesuaian ditarik",
    AuditEvent.DECISION_MAKE: "Keputusan",
    AuditEvent.RUN_CHANGE: "Pelaksanaan bergerak",
    AuditEvent.RUN_CANCEL: "Pelaksanaan diminta berhenti",
    AuditEvent.RUN_RETRY: "Pelaksanaan diulang",
    AuditEvent.RUN_LOOK: "Pelaksanaan dilihat lagi",
    AuditEvent.RUN_GIVE_UP: "Pelaksanaan diakhiri",
    AuditEvent.INTENT_WRITE: "Niat bagian dicatat",
    AuditEvent.RESULT_WRITE: "Hasil tugas dicatat",
    AuditEvent.VERDICT_WRITE: "Hasil uji dicatat",
    AuditEvent.SECRET_SEAL: "Kredensial disegel",
    AuditEvent.SECRET_DESTROY: "Kredensial dihancurkan",
    AuditEvent.SECRET_CLAIM: "Kredensial diambil",
    AuditEvent.SECRET_CLAIM_AGAIN: "Kredensial dicoba diambil lagi",
    AuditEvent.ITEM_LOOK: "Pemeriksaan layanan diminta",
    AuditEvent.ITEM_CHANGE: "Layanan berubah",
    AuditEvent.ITEM_ALARM: "Layanan melampaui batas",
    AuditEvent.POSITION_END: "Jabatan seseorang berakhir",
    AuditEvent.RECEIPT_RECORD: "Tanda terima isi layanan dicatat",
    AuditEvent.LETTER_WRITE: "Surat disusun",
    AuditEvent.LETTER_FILE: "Surat diarsipkan",
    AuditEvent.LETTER_SEND: "Surat dikirim",
    AuditEvent.LETTER_HAND_OVER: "Surat diserahkan langsung",
    AuditEvent.NOTICE_WRITE: "Pemberitahuan disusun",
    AuditEvent.NOTICE_SEND: "Pemberitahuan dikirim",
    AuditEvent.EXECUTOR_LOST: "Pekerja hilang, tugasnya diambil alih",
}
NOBODY = {"worker": "Gerbang (pekerja)", "administrator": "administrator (baris perintah)", "unknown": "tidak dikenal"}
#: where the thing that a row is about has its page, by the beginning of its id
PLACES = {"req_": "/permohonan/", "run_": "/pelaksanaan/"}
#: a cell that begins so is a formula to a spreadsheet
_OBEYED = ("=", "+", "-", "@", "\t", "\r")


def event_words(event: str) -> str:
    """Say what happened; an event that was retired since is shown as it stands in the chain."""
    return EVENTS[AuditEvent(event)] if event in set(AuditEvent) else event


def actor_words(name: str) -> str:
    """Say who did it, where it was no person."""
    return NOBODY.get(name, name)


def place_of(subject: str) -> str:
    """Return the page of what a row is about, '' where it has none."""
    return next((place + subject for start, place in PLACES.items() if subject.startswith(start)), "")


def cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula: cell('=1+1') -> "'=1+1"."""
    text = str(value)
    return f"'{text}" if text.startswith(_OBEYED) else text


def csv_line(values: Iterable[object]) -> str:
    """Write one line of CSV (RFC 4180), every cell quoted."""
    cells = (cell(value).replace('"', '""') for value in values)
    return ",".join(f'"{text}"' for text in cells) + "\r\n"

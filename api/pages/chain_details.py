"""How is what a row of the chain holds said in words? The row itself stays beside it, as it was written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.words import STATES, VERB_LABELS, size, value
from provisioner.audit_events import AuditEvent

SHORT = 12
_ID = re.compile(r"[a-z]{2,8}_[a-km-np-z2-9]{16}|[0-9a-f]{64}", re.ASCII)
KEYS: Mapping[str, str] = {
    "alarms": "batas",
    "changes": "banyaknya perubahan",
    "code": "kode",
    "committed": "cadangan dipakai",
    "decision": "keputusan",
    "digest": "sidik rencana",
    "document": "dokumen",
    "downloaded": "sudah diunduh",
    "holding": "sesuai",
    "item": "layanan",
    "kind": "jenis",
    "label": "nama",
    "letter_date": "tanggal surat",
    "letter_number": "nomor surat",
    "letter_sha256": "sidik surat tugas",
    "line": "baris",
    "lines": "baris",
    "locked": "terkunci",
    "media_type": "jenis berkas",
    "message_id": "nomor surel",
    "name": "untuk",
    "note_sha256": "sidik catatan",
    "number": "nomor",
    "of": "dari",
    "opd": "OPD",
    "outcome": "hasil",
    "part": "bagian",
    "person": "orang",
    "reason_sha256": "sidik alasan",
    "reasons": "sebab",
    "received_sha256": "sidik isi yang diterima",
    "request": "permohonan",
    "rights": "hak",
    "sha256": "sidik berkas",
    "size_bytes": "ukuran",
    "state": "keadaan",
    "statement": "pernyataan",
    "step": "langkah",
    "task": "tugas",
    "until": "sampai",
    "verb": "tindakan",
    "version": "versi",
    "way": "arah",
    "why": "sebab",
    "wish_sha256": "sidik usulan",
    "wishes": "permintaan khusus",
}
#: whose words a state or an outcome is said in, by what happened
_NOUNS: Mapping[tuple[str, str], str] = {
    (AuditEvent.PLAN_MAKE, "state"): "plan",
    (AuditEvent.RUN_CHANGE, "state"): "run",
    (AuditEvent.ITEM_CHANGE, "state"): "item",
    (AuditEvent.LETTER_WRITE, "state"): "letter",
    (AuditEvent.DECISION_MAKE, "outcome"): "decision",
    (AuditEvent.RESULT_WRITE, "outcome"): "task",
}
_NAMED = frozenset({"document", "person", "step"})
_WORDS: Mapping[str, Mapping[str, str]] = {
    "way": {"make": "mengerjakan", "undo": "membatalkan"},
    "verb": VERB_LABELS,
    "kind": {"delivered": "penyerahan", "refused": "penolakan", "failed": "kegagalan"},
    "statement": {"accepted": "disetujui"},
}


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One thing of a row: key 'sidik berkas', said 'edaa29c2c3e9'; `whole` where that was shortened, else ''."""

    key: str
    said: str
    whole: str = ""


def details(event: str, data: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Detail, ...]:
    """Say each thing that a row holds; what holds nothing is left out.

    `names`: id of a person, a step or a document -> its words, 'per_umum' -> 'Umum Rekaan'.
    A key or a word that is not known here is shown as it stands in the chain.
    """
    held = {key: one for key, one in data.items() if one not in (None, "", [], {})}
    return tuple(_detail(event, key, one, names) for key, one in held.items())


def short(text: str) -> str:
    """Return the first characters of an id or a digest: short('plan_3e3pfr32ftd5i8dz') -> 'plan_3e3pfr3'."""
    return text[:SHORT] if _ID.fullmatch(text) else text


def _detail(event: str, key: str, one: Any, names: Mapping[str, str]) -> Detail:
    said = [_said(event, key, single, names) for single in (one if isinstance(one, list) else [one])]
    text, whole = ", ".join(short(each) for each in said), ", ".join(said)
    return Detail(key=KEYS.get(key, key), said=text, whole="" if text == whole else whole)


def _said(event: str, key: str, one: Any, names: Mapping[str, str]) -> str:
    if key == "size_bytes" and isinstance(one, int):
        return size(one)
    if not isinstance(one, str):
        return str(one + 1) if key == "part" and isinstance(one, int) else value(one)
    noun = _NOUNS.get((event, key))
    if noun is not None and one in STATES[noun]:
        return STATES[noun][one].word
    words = names if key in _NAMED else _WORDS.get(key, {})
    return words.get(one, one)

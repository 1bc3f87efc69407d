"""Which e-mail brings a letter to whom it is for? Plain text and the paper; never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioner.letters.letter import Letter
from provisioner.requests.filed import FiledRequest


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A paper that goes with a mail: 'surat-2026-0001-delivered.pdf'."""

    name: str
    pdf: bytes


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, the same each time it is tried: `id` makes its Message-ID, `at` its Date.

    `to` and `cc` are addresses alone; the post refuses what is none. Subject and text come from the record.
    """

    id: str
    at: datetime
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str
    attachment: Attachment | None = None


def mail_of(letter: Letter, request: FiledRequest, hal: str, office: str, public_url: str, pdf: bytes) -> Mail:
    """Return the mail that brings a filed letter: to who answers for the request, a copy to the technical person."""
    to, cc = (str(person.get("email") or "") for person in (request.administrative, request.technical))
    text = (
        f"Yth. {request.administrative.get('position') or request.opd}\n\n"
        f"Terlampir surat kami nomor {letter.number} (nomor sementara)\n"
        f"hal {hal},\n"
        f"atas permohonan {request.number}.\n\n"
        f"Surat ini juga dapat dibuka pada halaman permohonan:\n{public_url}/permohonan/{request.id}\n\n"
        f"Sidik (SHA-256) berkas terlampir:\n{letter.pdf_sha256}\n\n"
        "Surel ini dikirim oleh aplikasi Gerbang dan tidak memuat kata sandi.\n\n"
        f"{office}\n"
    )
    return Mail(
        id=letter.id,
        at=letter.filed_at or letter.written_at,
        to=(to,) if to else (),
        cc=(cc,) if cc and cc != to else (),
        subject=f"{hal} ({request.number})",
        text=text,
        attachment=Attachment(name=file_name(letter, request), pdf=pdf),
    )


def file_name(letter: Letter, request: FiledRequest) -> str:
    """Return the paper's file name: 'surat-2026-0001-delivered.pdf'."""
    return f"surat-{request.number}-{letter.kind.value}.pdf"

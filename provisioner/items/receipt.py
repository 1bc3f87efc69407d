"""Who says that an ending item's contents have arrived, and how: by sha256, by word, or on paper?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from provisioner.errors import Fault
from provisioner.requests.field_types import Text
from provisioner.requests.fields import Field, seen
from provisioner.requests.person_types import LetterNumber, PastDate

#: what general affairs write down of a receipt that was handed in on paper
PAPER = (
    Field(name="number", type=LetterNumber, label="Nomor tanda terima"),
    Field(name="date", type=PastDate, label="Tanggal tanda terima"),
    Field(
        name="signed_by",
        type=Text(pattern=r"per_[a-z0-9_]{1,60}", asks="tulis id orang OPD yang menandatanganinya", longest=64),
        label="Ditandatangani oleh",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One word that it arrived: of `person_id`, in the `position` held that day ('Kepala Dinas', None where none was).

    `sha256` is of the archive, None where there is none: its owner fetched single files, or it is on paper. On paper:
    `letter_number` '800/77/DISDIK/2026' and `letter_date`, and `recorder_id`, who wrote it down.
    """

    item_id: str
    person_id: str
    at: datetime
    sha256: str | None = None
    position: str | None = None
    recorder_id: str | None = None
    letter_number: str | None = None
    letter_date: date | None = None


def paper_faults(
    signed_on: date | None, signer: str | None, *, closed_on: date, signers: Collection[str]
) -> list[Fault]:
    """Return what cannot be of a paper: signed before the closing, or by somebody who could not sign for the OPD."""
    found = []
    if signed_on is not None and signed_on < closed_on:
        mend = f"Paling awal {closed_on.isoformat()}: sebelum layanan ditutup belum ada yang dapat diterima."
        found.append(Fault(where="date", seen=signed_on.isoformat(), what="sebelum layanan ditutup", mend=mend))
    if signer is not None and signer not in signers:
        mend = "Pilih orang yang pada tanggal itu memegang jabatan di OPD pemilik, bukan Anda sendiri."
        found.append(
            Fault(where="signed_by", seen=seen(signer), what="orang ini tidak menandatangani untuk OPD itu", mend=mend)
        )
    return found

"""Which values may stand for a person or a letter? NIP, name, contact, number, date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from provisioner.digests import Value
from provisioner.requests.field_types import Pattern, whole_text
from provisioner.requests.fields import Field, Known, Wrong

# Latin letters with their accents (Latin-1 Supplement, Latin Extended-A), digits, space and a few marks.
# Backslash, quotes (but '), braces, $, <, > and every other script stay out.
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f"
_PROSE = re.compile(rf"[{_LATIN}0-9][{_LATIN}0-9 .,'\-/()&]*")
_NIK = re.compile(r"\s*[0-9]{16}\s*", re.ASCII)
_NIP = re.compile(r"[0-9]{18}", re.ASCII)
_PPPK = 21  # the digits that stand for the month of appointment where the person is PPPK


@dataclass(frozen=True, kw_only=True)
class Prose:
    """Words of a person: a name, a position, a letter's subject. No two spaces together, none at an end."""

    longest: int = 200

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the text itself."""
        del field, known
        text = whole_text(value, self.longest)
        if not _PROSE.fullmatch(text) or "  " in text or text.endswith(" "):
            raise Wrong("memuat tanda yang tidak diizinkan", "gunakan huruf latin, angka, spasi dan .,'-/()& saja")
        return text

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as a string of that length."""
        return {"type": "string", "maxLength": self.longest, "description": field.label}


@dataclass(frozen=True, kw_only=True)
class NipNumber:
    """NIP: birth date (8), appointment (6: year, month, or 21 for PPPK), sex (1), serial (3); BKN Perka 22/2007."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the 18 digits; a NIK sent in its place is refused and not echoed."""
        del field
        if isinstance(value, str) and _NIK.fullmatch(value):
            raise Wrong("ini NIK, bukan NIP", "isi NIP (18 angka); NIK tidak pernah disimpan", hide=True)
        if not isinstance(value, str) or not _NIP.fullmatch(value):
            raise Wrong("NIP bukan 18 angka", "tulis 18 angka tanpa spasi, di antara tanda kutip")
        self._check(value, known.today)
        return value

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as 18 digits."""
        return {"type": "string", "pattern": "^[0-9]{18}$", "description": field.label}

    def _check(self, nip: str, today: date) -> None:
        born = _date_or_none(f"{nip[:4]}-{nip[4:6]}-{nip[6:8]}")
        if born is None or not today.year - 75 <= born.year <= today.year - 17:
            raise Wrong("tanggal lahir dalam NIP tidak mungkin", "periksa angka 1 sampai 8 (tahun, bulan, tanggal)")
        if not born.year + 15 <= int(nip[8:12]) <= today.year:
            raise Wrong("tahun pengangkatan dalam NIP tidak mungkin", "periksa angka 9 sampai 12")
        if not (1 <= int(nip[12:14]) <= 12 or int(nip[12:14]) == _PPPK):
            raise Wrong("bulan pengangkatan dalam NIP tidak mungkin", "angka 13-14 adalah 01 sampai 12, atau 21 (PPPK)")
        if nip[14] not in "12":
            raise Wrong("kode jenis kelamin dalam NIP tidak mungkin", "angka ke-15 adalah 1 atau 2")


@dataclass(frozen=True, kw_only=True)
class Number:
    """A letter's or contract's number as the office writes it: '067/123/DISDIK/XI/2026'. Never a NIK."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the number itself."""
        del field, known
        if isinstance(value, str) and _NIK.fullmatch(value):
            raise Wrong("ini tampak seperti NIK", "isi nomor surat atau kontrak; NIK tidak pernah disimpan", hide=True)
        text = whole_text(value, 60)
        if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9 ./()-]*[A-Za-z0-9.)])?", text, re.ASCII):
            raise Wrong("nomor memuat tanda yang tidak diizinkan", "gunakan huruf, angka, spasi dan . / ( ) - saja")
        return text

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as a short string."""
        return {"type": "string", "maxLength": 60, "description": field.label}


@dataclass(frozen=True, kw_only=True)
class Day:
    """A date '2026-11-21'. `past`: not after today; `future`: not before today."""

    past: bool = False
    future: bool = False

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the date in ISO 8601, as text."""
        del field
        day = _date_or_none(value)
        if day is None or not 1990 <= day.year <= 2100:
            raise Wrong("bukan tanggal", 'tulis "tahun-bulan-tanggal", misalnya "2026-11-21"')
        if self.past and day > known.today:
            raise Wrong("tanggal belum tiba", f"paling lambat {known.today.isoformat()}")
        if self.future and day < known.today:
            raise Wrong("tanggal sudah lewat", f"paling awal {known.today.isoformat()}")
        return day.isoformat()

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as a date."""
        return {"type": "string", "format": "date", "description": field.label}


def _date_or_none(value: Any) -> date | None:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


PersonName = Prose(longest=100)
Subject = Prose(longest=200)
Nip = NipNumber()
LetterNumber = Number()
Date = Day()
PastDate = Day(past=True)
FutureDate = Day(future=True)
# RFC 5321 allows more; these are the addresses offices have. The local part holds no quoting, the domain two labels.
Email = Pattern(
    pattern=r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}",
    asks="tulis seperti nama@contoh.go.id",
    longest=254,
)
Phone = Pattern(pattern=r"(?:\+62|0)[0-9]{8,12}", asks="tulis angka saja: 08123456789 atau +628123456789", longest=15)

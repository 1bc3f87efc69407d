"""Which values may a field hold? Allow-lists, matched whole and in ASCII (law 11)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.requests.fields import Field, Known, Wrong, seen


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A text that one regular expression matches whole. `asks` says the rule in words: 'huruf kecil dan angka'."""

    pattern: str
    asks: str
    longest: int = 200

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the text itself; nothing is trimmed or folded, what was sent is what is kept."""
        del field, known
        text = whole_text(value, self.longest)
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise Wrong("tidak sesuai bentuk yang diizinkan", self.asks)
        return text

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as a string of that pattern."""
        return {"type": "string", "pattern": f"^{self.pattern}$", "maxLength": self.longest, "description": field.label}


@dataclass(frozen=True, kw_only=True)
class OneOf:
    """One of the field's closed list."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the choice; one that exists but cannot be served yet says why."""
        del known
        if not isinstance(value, str) or value not in field.choices:
            raise Wrong("bukan salah satu pilihan", "pilih: " + ", ".join(offered(field)))
        if field.not_yet and value in field.not_yet:
            raise Wrong(f"belum tersedia: {field.not_yet[value]}", "pilih: " + ", ".join(offered(field)))
        return value

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as an enumeration."""
        return {"type": "string", "enum": list(field.choices), "description": field.label}


@dataclass(frozen=True, kw_only=True)
class SomeOf:
    """Some of the field's closed list, each once, kept sorted. `least`: how many there must be; `alone`: stands for all
    the others, and so beside none of them.
    """

    least: int = 0
    alone: str = ""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the sorted list of choices."""
        del known
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Wrong("bukan daftar pilihan", f"tulis sebagai daftar, misalnya {json.dumps(offered(field)[:2])}")
        strange = [one for one in value if one not in field.choices]
        if strange:
            raise Wrong(f"bukan pilihan: {seen(strange)}", "pilih dari: " + ", ".join(offered(field)))
        if len(set(value)) != len(value):
            raise Wrong("ada pilihan yang ditulis dua kali", "tulis tiap pilihan sekali")
        if len(value) < self.least:
            raise Wrong("tidak ada yang dipilih", f"pilih sedikitnya {self.least}: " + ", ".join(offered(field)))
        if self.alone in value and len(value) > 1:
            raise Wrong(f"{self.alone} sudah mencakup yang lain", f"pilih {self.alone} saja, atau pilih tanpa itu")
        return sorted(value)

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as an array of the choices."""
        items = {"type": "string", "enum": list(field.choices)}
        bounds = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": items, "uniqueItems": True, "description": field.label} | bounds


@dataclass(frozen=True, kw_only=True)
class WholeNumber:
    """A whole number between the field's minimum and maximum. True is not 1."""

    unit: str = ""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the number."""
        del known
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong("bukan bilangan bulat", self._asks(field))
        if (field.minimum is not None and value < field.minimum) or (
            field.maximum is not None and value > field.maximum
        ):
            raise Wrong("di luar batas", self._asks(field))
        return value

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as an integer within its bounds."""
        bounds = {"minimum": field.minimum, "maximum": field.maximum, "x-unit": self.unit or None}
        return {"type": "integer", "description": field.label} | {k: v for k, v in bounds.items() if v is not None}

    def _asks(self, field: Field) -> str:
        unit = f" {self.unit}" if self.unit else ""
        most = field.most if isinstance(field.most, int) else field.maximum
        return f"isi bilangan bulat {field.minimum} sampai {most}{unit}"


@dataclass(frozen=True, kw_only=True)
class YesNo:
    """True or false; neither 1 nor "ya"."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the truth value."""
        del field, known
        if not isinstance(value, bool):
            raise Wrong("bukan ya atau tidak", "isi true atau false")
        return value

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as a boolean."""
        return {"type": "boolean", "description": field.label}


def offered(field: Field) -> tuple[str, ...]:
    """Return the choices that can be had: those that exist, are served, and the office gives."""
    given = field.choices if not isinstance(field.most, tuple) else field.most
    return tuple(one for one in field.choices if one in given and one not in (field.not_yet or {}))


def whole_text(value: Any, longest: int) -> str:
    """Return `value` if it is a text that is neither empty, too long, nor holds a control character."""
    if not isinstance(value, str):
        raise Wrong("bukan teks", "tulis di antara tanda kutip")
    if not value:
        raise Wrong("kosong", "isi, atau hapus isian ini")
    if len(value) > longest:
        raise Wrong(f"terlalu panjang ({len(value)} huruf)", f"paling banyak {longest} huruf")
    if not value.isprintable():
        raise Wrong("memuat huruf kendali atau ganti baris", "tulis dalam satu baris tanpa huruf kendali")
    return value


Text = Pattern
Choice = OneOf()
Choices = SomeOf()
Integer = WholeNumber()
GigaBytes = WholeNumber(unit="GB")
MegaBytes = WholeNumber(unit="MB")
Megabits = WholeNumber(unit="Mbit/s")
Flag = YesNo()

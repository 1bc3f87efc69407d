"""What of a letter is the office's own? Head, city, signatory, numbers, copies, paper: data, never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from provisioner.errors import BadInput, Fault
from provisioner.letters.dates import ROMAN

PAPERS = ("F4", "A4")
FORMS = ("", "Plt.", "Plh.", "a.n.")
_NUMBER_WORDS = {"classification": "000.8.3", "serial": "0001", "month": "XI", "year": 2026}


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Who signs. `form` '' | 'Plt.' | 'Plh.' | 'a.n.'; with 'a.n.' `on_behalf_of` names the official stood in for."""

    form: str
    position: str
    on_behalf_of: str
    name: str
    rank: str
    nip: str


@dataclass(frozen=True, kw_only=True)
class LetterOffice:
    """The office's part of every letter.

    `head`: lines of the kop, the last one is the office; `number_form` '{classification}/{serial}/DISKOMINFO/{year}',
    where {month} is Roman. `copies`: tembusan. `paper` 'F4' (215 x 330 mm) or 'A4'.
    """

    head: tuple[str, ...]
    address: tuple[str, ...]
    city: str
    paper: str
    classification: str
    number_form: str
    sifat: str
    signatory: Signatory
    copies: tuple[str, ...]

    def number(self, serial: int, day: date) -> str:
        """Write the provisional number: '000.8.3/0007/DISKOMINFO/2026'."""
        return self.number_form.format(
            classification=self.classification, serial=f"{serial:04d}", month=ROMAN[day.month - 1], year=day.year
        )


def read_letter_office(settings: Mapping[str, Any]) -> LetterOffice:
    """Read the office's setting `letters`; BadInput names everything that is missing or not one of its words."""
    given: Any = settings.get("letters")
    data: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    signs: Any = data.get("signatory")
    signatory: Mapping[str, Any] = signs if isinstance(signs, Mapping) else {}
    faults = [
        *_missing(data, ("head", "address", "city", "classification", "number_form"), "letters"),
        *_missing(signatory, ("position", "name", "nip"), "letters.signatory"),
        *_unknown(data.get("paper", "F4"), PAPERS, "letters.paper"),
        *_unknown(signatory.get("form", ""), FORMS, "letters.signatory.form"),
        *_bad_number(data.get("number_form", "")),
    ]
    if signatory.get("form") == "a.n." and not signatory.get("on_behalf_of"):
        faults += _missing(signatory, ("on_behalf_of",), "letters.signatory")
    if faults:
        raise BadInput(tuple(faults))
    return LetterOffice(
        head=_texts(data["head"]),
        address=_texts(data["address"]),
        city=str(data["city"]),
        paper=str(data.get("paper", "F4")),
        classification=str(data["classification"]),
        number_form=str(data["number_form"]),
        sifat=str(data.get("sifat", "Biasa")),
        signatory=Signatory(
            form=str(signatory.get("form", "")),
            position=str(signatory["position"]),
            on_behalf_of=str(signatory.get("on_behalf_of", "")),
            name=str(signatory["name"]),
            rank=str(signatory.get("rank", "")),
            nip=str(signatory["nip"]),
        ),
        copies=_texts(data.get("copies", ())),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)


def _missing(data: Mapping[str, Any], names: tuple[str, ...], where: str) -> list[Fault]:
    return [
        Fault(where=f"{where}.{name}", seen="", what="belum diisi", mend="Isi pada inventaris, lalu `office sync`.")
        for name in names
        if not data.get(name)
    ]


def _unknown(value: Any, words: tuple[str, ...], where: str) -> list[Fault]:
    if value in words:
        return []
    known = ", ".join(f"'{word}'" for word in words)
    return [Fault(where=where, seen=str(value)[:80], what="tidak dikenal", mend=f"Pilih salah satu: {known}.")]


def _bad_number(form: Any) -> list[Fault]:
    try:
        if "{serial}" in str(form) or not form:
            str(form).format(**_NUMBER_WORDS)
            return []
    except (KeyError, IndexError, ValueError, AttributeError):
        pass
    mend = "Pakai {serial}, dan bila perlu {classification}, {month}, {year}."
    return [Fault(where="letters.number_form", seen=str(form)[:80], what="bukan bentuk nomor", mend=mend)]

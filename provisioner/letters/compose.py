"""What does the letter say? Opening, body and closing in official Indonesian, from the record alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from provisioner.letters.dates import day_of, long_day, moment
from provisioner.letters.letter import Letter, LetterKind, LetterState
from provisioner.letters.line_report import LineReport, Row
from provisioner.letters.office import LetterOffice, Signatory
from provisioner.letters.sheet import Sheet
from provisioner.letters.table import FEW_LINES, Table, reasons_in_a_table, told_in_tables
from provisioner.requests.filed import FiledRequest

NUMBER_NOTE = "(nomor sementara)"
_NO_NUMBER = "…"
_UNSAID = "sebabnya disampaikan tersendiri"
_THANKS = "Atas perhatian dan kerja sama Saudara, kami ucapkan terima kasih."


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line as the letter must tell it: its `report`, and for a refusal or failure the official's own `reason`.

    `claim_until`: until when its credentials can be taken; `claimed_at`: when the last one was. `technical`: who takes
    them, where any line of the request names its own person; '' where the letter's takes all.
    """

    report: LineReport
    reason: str = ""
    claim_until: datetime | None = None
    claimed_at: datetime | None = None
    technical: str = ""


@dataclass(frozen=True, kw_only=True)
class Matter:
    """Everything a letter follows from. `opd_name` 'Dinas Pendidikan Kota Contoh'; `label` the document's word."""

    letter: Letter
    request: FiledRequest
    opd_name: str
    label: str
    told: tuple[Told, ...]
    office: LetterOffice
    zone: ZoneInfo


def compose(matter: Matter) -> Sheet:
    """Return the letter as it stands on the paper; the same record gives the same sheet."""
    letter, office = matter.letter, matter.office
    day = letter.written_at.astimezone(matter.zone)
    draft = letter.state is LetterState.DRAFTED
    body = _BODIES[letter.kind](matter)
    return Sheet(
        paper=office.paper,
        draft=draft,
        created=day,
        head=office.head,
        address=office.address,
        place_and_date=f"{office.city}, {long_day(day)}",
        number=_number(matter),
        number_note=NUMBER_NOTE,
        sifat=office.sifat,
        lampiran="-",
        hal=hal_of(matter),
        to=_to(matter),
        opening=body.opening,
        reports=body.reports,
        points=body.points,
        tables=body.tables,
        closing=body.closing,
        signs=_signs(office.signatory),
        signatory=_signatory(office.signatory),
        copies=office.copies,
        foot=_foot(matter, draft=draft),
    )


def _number(matter: Matter) -> str:
    """Return the number a person gave, else the office's own form of its serial; a draft has none."""
    letter = matter.letter
    if letter.number or letter.serial is None:
        return letter.number or _NO_NUMBER
    return matter.office.number(letter.serial, letter.written_at.astimezone(matter.zone))


def hal_of(matter: Matter) -> str:
    """Return the letter's subject: 'Pemberitahuan penyelesaian permohonan layanan SIMPEG'."""
    return f"{_SUBJECTS[matter.letter.kind]} {matter.request.application_name}"


@dataclass(frozen=True, kw_only=True)
class _Body:
    opening: tuple[str, ...]
    reports: tuple[LineReport, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    closing: tuple[str, ...]


_SUBJECTS: Mapping[LetterKind, str] = {
    LetterKind.DELIVERED: "Pemberitahuan penyelesaian permohonan layanan",
    LetterKind.REFUSED: "Jawaban atas permohonan layanan",
    LetterKind.FAILED: "Pemberitahuan permohonan layanan yang belum dapat dilaksanakan:",
}


def _about(matter: Matter) -> str:
    """Name the request letter as every opening does."""
    letter = matter.request.letter
    return (
        f"Menindaklanjuti surat Saudara nomor {letter['number']} tanggal {day_of(letter['date'])} hal "
        f"{letter['subject']}, yang kami catat dengan nomor permohonan {matter.request.number},"
    )


def _delivered(matter: Matter) -> _Body:
    count = f"{len(matter.told)} layanan" if len(matter.told) > 1 else "layanan"
    opening = (
        f"{_about(matter)} dengan hormat kami sampaikan bahwa permohonan tersebut telah selesai dilaksanakan. "
        f"Hasilnya telah diuji dan sesuai dengan yang disetujui. Data dan konfigurasi {count} dimaksud sebagai berikut:"
    )
    closing = [*_claims(matter), f"Demikian kami sampaikan. {_THANKS}"]
    reports, tables = tuple(_with_person(one) for one in matter.told), tuple[Table, ...]()
    if len(reports) > FEW_LINES:
        reports, tables = told_in_tables(reports)
    return _Body(opening=(opening,), reports=reports, tables=tables, closing=tuple(closing))


def _with_person(told: Told) -> LineReport:
    """Tell below a line's properties who works with it, where the lines of one letter have different persons."""
    if not told.technical:
        return told.report
    row = Row(label="Penanggung jawab teknis", asked="-", granted=told.technical, enforced="-")
    return replace(told.report, rows=(*told.report.rows, row))


def _claims(matter: Matter) -> list[str]:
    """Say where the passwords are: never in the letter."""
    until = [one.claim_until for one in matter.told if one.claim_until is not None]
    claimed = [one.claimed_at for one in matter.told if one.claimed_at is not None]
    who = _who_claims(matter)
    nowhere = "Demi keamanan, kata sandi tidak dicantumkan dalam surat ini."
    if until:
        by = moment(min(until), matter.zone.key)
        how = f"Kata sandi diambil sendiri oleh {who} melalui aplikasi Gerbang, satu kali, paling lambat {by};"
        return [f"{nowhere} {how} sesudah itu dimusnahkan."]
    if claimed:
        return [f"{nowhere} Kata sandi telah diambil oleh {who} pada {moment(max(claimed), matter.zone.key)}."]
    return []


def _who_claims(matter: Matter) -> str:
    """Name who takes the passwords; of lines with different persons each takes its own."""
    names = {one.technical or str(matter.request.technical.get("name") or "") for one in matter.told}
    if len(names) > 1:
        return "penanggung jawab teknis masing-masing layanan"
    name = names.pop()
    return f"penanggung jawab teknis, Saudara {name}," if name else "penanggung jawab teknis"


def _refused(matter: Matter) -> _Body:
    opening = (
        f"{_about(matter)} dengan hormat kami sampaikan bahwa setelah dilakukan pengkajian, permohonan tersebut "
        "belum dapat kami penuhi dengan pertimbangan berikut:"
    )
    points, tables = _reasons(matter)
    return _Body(
        opening=(opening,),
        points=points,
        tables=tables,
        closing=(
            "Apabila pertimbangan di atas telah dipenuhi, Saudara dapat mengajukan permohonan kembali.",
            f"Demikian kami sampaikan. {_THANKS}",
        ),
    )


def _failed(matter: Matter) -> _Body:
    opening = (
        f"{_about(matter)} dengan hormat kami sampaikan bahwa permohonan yang telah disetujui tersebut belum "
        "dapat kami laksanakan. Pelaksanaannya tidak mencapai hasil yang disetujui, sehingga seluruh perubahan "
        "yang sempat dibuat telah dibatalkan dan keadaan dikembalikan seperti semula:"
    )
    again = (
        "Sumber daya yang semula dicadangkan untuk permohonan ini telah dilepaskan. Saudara dapat mengajukan "
        "permohonan kembali; kami mohon maaf atas ketidaknyamanan ini."
    )
    points, tables = _reasons(matter)
    closing = (again, f"Demikian kami sampaikan. {_THANKS}")
    return _Body(opening=(opening,), points=points, tables=tables, closing=closing)


def _reasons(matter: Matter) -> tuple[tuple[str, ...], tuple[Table, ...]]:
    """Return why each line ends so: numbered points, a table where there are many."""
    told = [(one.report.title, _sentence(one.reason)) for one in matter.told]
    if len(told) > FEW_LINES:
        return (), (reasons_in_a_table(told),)
    return tuple(f"{title}: {reason}" for title, reason in told), ()


_BODIES: Mapping[LetterKind, Callable[[Matter], _Body]] = {
    LetterKind.DELIVERED: _delivered,
    LetterKind.REFUSED: _refused,
    LetterKind.FAILED: _failed,
}


def _sentence(words: str) -> str:
    """End what an official typed as a sentence ends."""
    said = " ".join(words.split()) or _UNSAID
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _to(matter: Matter) -> tuple[str, ...]:
    position = str(matter.request.administrative.get("position") or f"Kepala {matter.opd_name}")
    named = matter.opd_name if matter.opd_name.casefold() not in position.casefold() else ""
    return tuple(word for word in (f"Yth. {position}", named, "di tempat") if word)


def _signs(signatory: Signatory) -> tuple[str, ...]:
    if signatory.form == "a.n.":
        return (f"a.n. {signatory.on_behalf_of}", f"{signatory.position},")
    return (f"{signatory.form} {signatory.position},".strip(),)


def _signatory(signatory: Signatory) -> tuple[str, ...]:
    return tuple(word for word in (signatory.name, signatory.rank, f"NIP {signatory.nip}") if word)


def _foot(matter: Matter, *, draft: bool) -> str:
    what = "Konsep" if draft else "Disusun"
    return (
        f"{what} oleh Gerbang dari berkas permohonan {matter.request.number} ({matter.label}). Nomor "
        "sementara; tetap setelah ditandatangani."
    )

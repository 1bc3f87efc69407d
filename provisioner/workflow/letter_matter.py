"""From what does a letter follow? Everything the record has of it, gathered for those who compose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from provisioner.errors import BadInput, Unavailable
from provisioner.items.item import Verb
from provisioner.kinds.port import Kind
from provisioner.letters.compose import Matter, Told
from provisioner.letters.letter import Letter, LetterKind
from provisioner.letters.line_report import LineReport
from provisioner.letters.office import LetterOffice, read_letter_office
from provisioner.letters.wording import VERBS
from provisioner.plans.plan import Plan
from provisioner.requests.filed import Line
from provisioner.store import adjustments, decisions, items, office, people, plans, procedures, requests, secrets
from provisioner.store import letters as kept
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands


def matter_of(hands: Hands, uow: UnitOfWork, letter: Letter) -> Matter:
    """Gather what the letter tells; Unavailable names what the office has not set yet."""
    request, procedure = requests.request(uow, letter.request_id), procedures.of_request(uow, letter.request_id)
    names = request.names_by_line()
    told = tuple(
        replace(_told(hands, uow, letter, line), technical=names.get(line.number, ""))
        for line in request.lines
        if line.id in letter.lines
    )
    return Matter(
        letter=letter,
        request=request,
        opd_name=people.opds(uow).get(request.opd, request.opd),
        label=procedure.document_labels.get(letter.document, letter.document),
        told=told,
        office=_office(uow),
        zone=hands.zone,
    )


def _office(uow: UnitOfWork) -> LetterOffice:
    try:
        return read_letter_office(office.settings(uow))
    except BadInput as gaps:
        named = ", ".join(fault.where for fault in gaps.faults)
        what = f"pengaturan surat kantor belum lengkap: {named}"
        raise Unavailable(what, "kantor", "Isi pada inventaris, lalu jalankan `office sync`.") from gaps


def _told(hands: Hands, uow: UnitOfWork, letter: Letter, line: Line) -> Told:
    kind, record = hands.kinds[line.kind], plans.plan(uow, line.plan_id) if line.plan_id else None
    plan = record.plan if record is not None else None
    if letter.kind is LetterKind.DELIVERED and plan is not None:
        asked = adjustments.asked(uow, line.id)
        report = kind.report(line.verb, asked, line.wish, plan.choices)
        claim_until, claimed_at = _claims(uow, letter, line)
        return Told(report=report, claim_until=claim_until, claimed_at=claimed_at)
    return Told(report=LineReport(title=_title(uow, kind, line, plan), sentences=()), reason=_reason(uow, letter, line))


def _title(uow: UnitOfWork, kind: Kind, line: Line, plan: Plan | None) -> str:
    """Name what was asked: 'Pembuatan hosting situs web simpeg.kota.lab', without the name where none was planned."""
    name = kind.title(plan.choices) if plan is not None else ""
    if not name and line.verb != Verb.CREATE and line.item_id is not None:
        name = items.item(uow, line.item_id).label
    verb = VERBS.get(line.verb, line.verb)
    return f"{verb} {kind.label[0].lower()}{kind.label[1:]} {name}".strip()


def _reason(uow: UnitOfWork, letter: Letter, line: Line) -> str:
    if letter.kind is LetterKind.REFUSED:
        return decisions.of_line(uow, line.id)[-1].reason
    return kept.paper(uow, letter.id).reason


def _claims(uow: UnitOfWork, letter: Letter, line: Line) -> tuple[datetime | None, datetime | None]:
    """Return until when the line's credentials can still be taken, and when the last of them was."""
    made = [one for one in secrets.of_run(uow, line.run_id) if one.claimable_at] if line.run_id else []
    claimable = [one.expires_at for one in made if one.state == "claimable" and one.expires_at is not None]
    claimed = [one.claimed_at for one in made if one.claimed_at is not None]
    open_until = [until for until in claimable if until > letter.written_at]
    return min(open_until, default=None), max(claimed, default=None)

"""Adjustments: what would be granted instead of what was asked, proposed by one person for another to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioner.audit_events import AuditEvent
from provisioner.decisions.adjustment import Adjustment
from provisioner.desk.plans import PlanDesk, PlanView
from provisioner.digests import Value, digest_of, digest_of_bytes
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.items.item import Verb
from provisioner.items.verbs import VERBS
from provisioner.people.person import Person, Position, Right
from provisioner.requests.changed_wish import changed_wish
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.parse import parse_line
from provisioner.store import adjustments, items, people, requests
from provisioner.unit_of_work import UnitOfWork


class AdjustmentDesk(PlanDesk):
    """Propose a granted wish for a line, and take the proposal back. Each asks for a look of its own."""

    def proposing(self, person: Person, line_id: str) -> PlanView:
        """Return the plan of a line for which this person may propose what to grant; else as `propose` refuses."""
        with self.house.database.reading() as uow:
            self._open(uow, person, line_id)
        return self.plan(person, line_id)

    def propose(self, person: Person, line_id: str, fields: Mapping[str, Any], *, reason: str) -> Adjustment:
        """Let `fields` ({"storage_gb": 3}) be granted in place of what was asked; the rest stays as asked.

        Read by the field table that read the request: BadInput tells every fault at once. The proposer never decides
        (law 3), so Refused where nobody else could. The same proposal of the same person again changes nothing.
        """
        with self.house.database.transaction() as uow:
            line, request = self._open(uow, person, line_id)
            if not VERBS[Verb(line.verb)].changes_wish:
                mend = "Setujui, kembalikan atau tolak."
                raise Refused("tindakan ini tidak mempunyai isian yang dapat disesuaikan", request.number, mend)
            position = self._proposer(uow, person, request)
            granted = self._granted(uow, request, line, fields, reason)
            standing = adjustments.standing(uow, line_id)
            if standing is not None and standing.granted == granted:
                if standing.proposer_id == person.id:
                    return standing
                what = f"usulan yang sama sudah ada dari {standing.proposer_name}"
                raise Refused(what, request.number, "Putuskan usulan itu, atau usulkan isi lain.")
            version = adjustments.propose(
                uow,
                line_id,
                granted,
                proposer_id=person.id,
                proposer_name=person.name,
                position=position.title,
                reason=reason.strip(),
                now=self.house.clock(),
            )
            data: dict[str, Value] = {"line": line_id, "version": version, "wish_sha256": digest_of(dict(granted))}
            data["reason_sha256"] = digest_of_bytes(reason.strip().encode())
            self.record(uow, AuditEvent.ADJUSTMENT_PROPOSE, person, line_id, data)
            self.ask_look(uow, person, requests.line(uow, line_id), reason.strip(), {})
            made = adjustments.standing(uow, line_id)
            assert made is not None
            return made

    def withdraw_proposal(self, person: Person, line_id: str) -> str:
        """Let the wish as asked count again and ask for its look; return that plan's id. Refused where none stands.

        Who proposed it stays barred from deciding: what a person wrote is not unwritten.
        """
        with self.house.database.transaction() as uow:
            line, request = self._open(uow, person, line_id)
            if not adjustments.withdraw(uow, line_id):
                raise Refused("tidak ada usulan penyesuaian", request.number, "Muat ulang halaman rencana.")
            data: dict[str, Value] = {"line": line_id, "version": line.wish_version}
            self.record(uow, AuditEvent.ADJUSTMENT_WITHDRAW, person, line_id, data)
            return self.ask_look(uow, person, requests.line(uow, line_id), "usulan penyesuaian ditarik", {})

    def _open(self, uow: UnitOfWork, person: Person, line_id: str) -> tuple[Line, FiledRequest]:
        """Return a line that stands between its first look and its decision, for one who reviews or decides."""
        line, request = self.visible_line(uow, person, line_id)
        self.need(person, Right.REVIEW, Right.DECIDE)
        if not self.sees_all(person):
            raise NotAllowed("hanya pegawai penyelenggara yang mengusulkan", person.name, "Ajukan perubahan surat.")
        self.check_planned(uow, request, line)
        return line, request

    def _proposer(self, uow: UnitOfWork, person: Person, request: FiledRequest) -> Position:
        if person.id in {request.requester_id, *request.named_technical}:
            what = "pemohon dan penanggung jawab teknis tidak mengusulkan bagi dirinya"
            raise NotAllowed(what, person.name, "Mintalah pejabat lain.")
        procedure = self.procedure_of(uow, request)
        step = procedure.step(procedure.runs.authorised_at)
        others = (other for other in people.with_right(uow, step.right) if other.id != person.id)
        if not any(self.could_decide(uow, other, request, procedure) for other in others):
            what = "tidak ada pejabat lain yang dapat memutuskan usulan Anda"
            raise Refused(what, request.number, "Mintalah orang lain mengusulkannya; pengusul tidak dapat memutuskan.")
        return next(position for position in person.positions_on(self.today) if position.opd is None)

    def _granted(
        self, uow: UnitOfWork, request: FiledRequest, line: Line, fields: Mapping[str, Any], reason: str
    ) -> Mapping[str, Value]:
        asked = adjustments.asked(uow, line.id)
        faults: tuple[Fault, ...] = ()
        if not reason.strip():
            faults += (Fault(where="reason", seen="", what="alasan kosong", mend="Tulis alasannya untuk OPD."),)
        granted, more = self._read(uow, request, line, {**asked, **fields})
        faults += more
        if not more and dict(granted) == dict(asked):
            mend = "Ubah sedikitnya satu isian; bila tidak ada, setujui yang diminta."
            faults += (Fault(where="wish", seen="", what="sama dengan yang diminta", mend=mend),)
        if faults:
            raise BadInput(faults)
        return granted

    def _read(
        self, uow: UnitOfWork, request: FiledRequest, line: Line, fields: Mapping[str, Any]
    ) -> tuple[Mapping[str, Value], tuple[Fault, ...]]:
        """Read what would be granted as the request itself was read: by the verb's table, and with what stands."""
        document = {**fields, "kind": line.kind, "verb": line.verb}
        kind = self.office_kinds(uow)[line.kind]
        if kind.verbs[line.verb].names_item:
            document["item"] = line.item_id
        known = replace(self.rules(uow), opd=request.opd)
        try:
            granted = parse_line(document, {line.kind: kind.verbs}, known).wish
        except BadInput as bad:
            return {}, bad.faults
        if not kind.verbs[line.verb].names_item:
            return granted, ()
        return granted, changed_wish(kind.fields, items.item(uow, str(line.item_id)).wish, granted)[1]

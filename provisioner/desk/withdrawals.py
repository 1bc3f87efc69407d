"""Withdrawals: an OPD takes its request back, as long as nobody has decided on it."""

from __future__ import annotations

from provisioner.audit_events import AuditEvent
from provisioner.desk.decisions import DecisionDesk
from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.people.person import Person, Position, Right
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import LineState, RequestState
from provisioner.store import holds, requests, steps

_UNDECIDED = frozenset({RequestState.OPEN, RequestState.WAITING_FOR_OPD})


class WithdrawalDesk(DecisionDesk):
    """Take a request back."""

    def withdraw(self, person: Person, request_id: str, reason: str) -> FiledRequest:
        """End the request for the OPD that asked: nothing is held or planned any more.

        NotAllowed for anybody else; Refused (409) once a line is decided.
        """
        if not reason.strip():
            raise BadInput((Fault(where="reason", seen="", what="alasan kosong", mend="Tulis alasan penarikan."),))
        with self.house.database.transaction() as uow:
            request = self.visible(uow, person, request_id)
            position = self.check_withdrawal(person, request)
            if not self.is_undecided(request):
                raise Refused("permohonan sudah diputuskan atau berakhir", request.number, "Tidak dapat ditarik lagi.")
            for line in request.lines:
                holds.release(uow, line.id)
                self.put_aside(uow, line.id)
                requests.change_line(uow, line.id, state=LineState.WITHDRAWN)
            now = self.record(uow, AuditEvent.REQUEST_WITHDRAW, person, request.id, reason_data(reason))
            done = StepDone(
                request_id=request.id,
                step=request.step,
                outcome="withdrawn",
                actor_id=person.id,
                actor_name=person.name,
                position=position.title,
                office=request.opd,
                recorder_id=None,
                note=reason,
                number=None,
                happened_at=now,
                recorded_at=now,
            )
            steps.write(uow, done)
            requests.move(uow, request.id, state=RequestState.WITHDRAWN, step="")
            return requests.request(uow, request.id)

    def is_undecided(self, request: FiledRequest) -> bool:
        """Tell whether nobody has decided on any of it yet."""
        return request.state in _UNDECIDED and all(line.state is LineState.OPEN for line in request.lines)

    def check_withdrawal(self, person: Person, request: FiledRequest) -> Position:
        """Return the position in the OPD that asked; the requester needs no right for it, others `submit`."""
        held = [position for position in person.positions_on(self.today) if position.opd == request.opd]
        if held and (person.id == request.requester_id or person.may(Right.SUBMIT)):
            return held[0]
        raise NotAllowed("hanya OPD pemohon yang menarik permohonannya", person.name, "Mintalah kepada OPD pemohon.")


def reason_data(reason: str) -> dict[str, Value]:
    """Return what the chain keeps of a person's words: their digest, since the chain can never forget."""
    return {"reason_sha256": digest_of_bytes(reason.encode())}

"""Failed lines: of one request, run again in one act, or ended for good with one letter."""

from __future__ import annotations

from provisioner.desk.runs import RunDesk, is_failed
from provisioner.errors import BadInput, Fault, Refused
from provisioner.letters.letter import LetterKind
from provisioner.people.person import Person, Right
from provisioner.requests.filed import FiledRequest, Line
from provisioner.runs.run import Run
from provisioner.store import runs
from provisioner.unit_of_work import UnitOfWork


class FailedLineDesk(RunDesk):
    """Go on with all lines of a request whose runs ended undone."""

    def retry_lines(self, person: Person, request_id: str) -> int:
        """Run every failed line again under its own decision; return of how many. Refused where there is none."""
        with self.house.database.transaction() as uow:
            _, failed = self._failed(uow, person, request_id)
            for run, line in failed:
                self.again(uow, person, run, line)
            return len(failed)

    def give_up_lines(self, person: Person, request_id: str, reason: str) -> int:
        """End every failed line for good: their holds are free, and one letter tells them all; return of how many."""
        if not reason.strip():
            raise BadInput((Fault(where="reason", seen="", what="alasan kosong", mend="Tulis alasannya untuk OPD."),))
        with self.house.database.transaction() as uow:
            request, failed = self._failed(uow, person, request_id)
            for run, line in failed:
                self.end_line(uow, person, run, line, reason)
            self.write_letter(uow, request.id, LetterKind.FAILED, reason)
            self.house.queue.advance(uow, request.id)
            return len(failed)

    def _failed(self, uow: UnitOfWork, person: Person, request_id: str) -> tuple[FiledRequest, list[tuple[Run, Line]]]:
        request = self.visible(uow, person, request_id)
        self.need(person, Right.FOLLOW_UP)
        found = runs.by_id(uow, [line.run_id for line in request.lines if line.run_id])
        lines = [(found[str(line.run_id)], line) for line in request.lines if line.run_id in found]
        failed = [(run, line) for run, line in lines if is_failed(run, line)]
        if not failed:
            raise Refused("tidak ada baris yang gagal", request.number, "Muat ulang tabelnya.")
        return request, failed

"""Letters: written with the act they report, shown with their state, handed over where no mail reaches."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.audit_events import AuditEvent
from provisioner.desk.named import NamedDesk
from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import BadInput, Fault, NotFound, Refused
from provisioner.letters.letter import Letter, LetterKind, LetterState
from provisioner.letters.mail import file_name
from provisioner.people.person import Person, Right
from provisioner.requests.filed import FiledRequest
from provisioner.store import letters, procedures
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class LetterView:
    """A letter as people see it. `label` is the procedure's word for it; `has_paper`: it is set and can be opened.

    `why` it is not sent yet is the provider's matter and empty for others.
    """

    letter: Letter
    label: str
    has_paper: bool
    why: str


class LetterDesk(NamedDesk):
    """What the office sends on a request."""

    def letters(self, person: Person, request_id: str) -> tuple[LetterView, ...]:
        """Return the request's letters, the oldest first; a draft is the providing office's alone."""
        with self.house.database.reading() as uow:
            request = self.visible(uow, person, request_id)
            labels = procedures.of_request(uow, request_id).document_labels
            return tuple(
                self._view(uow, person, letter, labels[letter.document]) for letter in self._seen(uow, person, request)
            )

    def letter_paper(self, person: Person, letter_id: str) -> tuple[str, bytes]:
        """Return a letter's file name and PDF; NotFound where it is not this person's to see, or not set yet."""
        with self.house.database.reading() as uow:
            letter = letters.of_id(uow, letter_id)
            request = self.visible(uow, person, letter.request_id)
            pdf = letters.paper(uow, letter_id).pdf
            if pdf is None or letter not in self._seen(uow, person, request):
                raise NotFound("naskah surat belum ada", letter_id, "Tunggu sebentar: surat sedang dicetak.")
            return file_name(letter, request), pdf

    def hand_over(self, person: Person, letter_id: str, note: str) -> LetterView:
        """Record that a filed letter was handed over otherwise (paper, another mailbox): it is not mailed any more."""
        if not note.strip():
            raise BadInput((Fault(where="note", seen="", what="kosong", mend="Tulis kepada siapa dan bagaimana."),))
        with self.house.database.transaction() as uow:
            letter = letters.of_id(uow, letter_id)
            self.visible(uow, person, letter.request_id)
            self.need(person, Right.FOLLOW_UP)
            if letter.state is not LetterState.FILED:
                raise Refused("surat ini tidak sedang menunggu dikirim", letter_id, "Muat ulang halaman permohonan.")
            data: dict[str, Value] = {"sha256": letter.pdf_sha256, "note_sha256": digest_of_bytes(note.encode())}
            now = self.record(uow, AuditEvent.LETTER_HAND_OVER, person, letter_id, data)
            letters.mark_handed_over(uow, letter_id, now)
            self.house.queue.advance(uow, letter.request_id)
            label = procedures.of_request(uow, letter.request_id).document_labels[letter.document]
            return self._view(uow, person, letters.of_id(uow, letter_id), label)

    def write_letter(self, uow: UnitOfWork, request_id: str, kind: LetterKind, reason: str = "") -> None:
        """Write and queue the letter of the ends that this transaction brings; none where nothing ended so."""
        self._queue(uow, letters.write(uow, request_id, kind, now=self.now, reason=reason))

    def give_out_letter(self, uow: UnitOfWork, request_id: str, number: str | None) -> None:
        """Let the drafted letter of delivery go out, under the number given or the office's next."""
        self._queue(uow, letters.give_out(uow, request_id, now=self.now, number=number))

    def _queue(self, uow: UnitOfWork, letter_id: str | None) -> None:
        if letter_id is not None:
            self.house.queue.letter(uow, letter_id)

    def _seen(self, uow: UnitOfWork, person: Person, request: FiledRequest) -> tuple[Letter, ...]:
        """A letter tells all lines at once: who sees a few of them sees none of it."""
        found = letters.of_request(uow, request.id) if self.sees_whole(person, request) else ()
        return found if self.sees_all(person) else tuple(one for one in found if one.state is not LetterState.DRAFTED)

    def _view(self, uow: UnitOfWork, person: Person, letter: Letter, label: str) -> LetterView:
        has_paper = letters.has_paper(uow, letter.id)
        return LetterView(
            letter=letter, label=label, has_paper=has_paper, why=letter.why if self.sees_all(person) else ""
        )

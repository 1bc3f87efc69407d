"""Drafts: a request begun in the form, kept at each step for its one author, and sent as one act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.desk.scans import ScanDesk
from provisioner.errors import BadInput, Fault, Refused
from provisioner.names import draw_id
from provisioner.people.person import Person, Right
from provisioner.requests.document import LARGEST_BYTES, read_document
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import RequestState
from provisioner.requests.saved_draft import EMPTY, MEDIA_TYPE, MOST_DRAFTS, SavedDraft
from provisioner.requests.scan import Scan
from provisioner.requests.table import as_table
from provisioner.store import drafts, people, requests, scans
from provisioner.unit_of_work import UnitOfWork


class DraftDesk(ScanDesk):
    """Begin, save, delete and send drafts. Nothing here judges a field: the one parser does, when it is asked."""

    def begin_draft(self, person: Person, draft_id: str) -> SavedDraft:
        """Begin a draft under an id that the form drew, or return the one begun under it: a double click begins one."""
        self.need(person, Right.SUBMIT, Right.REGISTER)
        with self.house.database.transaction() as uow:
            known = drafts.of_author(uow, person.id, self.house.clock())
            for draft in known:
                if draft.id == draft_id:
                    return draft
            opds = person.opds_on(self.today)
            document = {**EMPTY, **({"opd": next(iter(opds))} if len(opds) == 1 else {})}
            return self._begin(uow, person, draft_id, None, document, len(known))

    def reopen(self, person: Person, request_id: str) -> SavedDraft:
        """Return the person's draft of a returned request; begun anew it is filled with what was sent last."""
        self.need(person, Right.SUBMIT, Right.REGISTER)
        with self.house.database.transaction() as uow:
            request = self.visible(uow, person, request_id)
            if request.state is not RequestState.WAITING_FOR_OPD:
                raise Refused("permohonan tidak sedang dikembalikan", request.number, "Hanya yang dikembalikan diubah.")
            now = self.house.clock()
            known = drafts.of_request(uow, person.id, request_id, now)
            if known is not None:
                return known
            count = len(drafts.of_author(uow, person.id, now))
            document = as_table(request.as_document(), {name: kind.verbs for name, kind in self.house.kinds.items()})
            return self._begin(uow, person, draw_id("draft"), request_id, document, count)

    def drafts(self, person: Person) -> tuple[SavedDraft, ...]:
        """Return the person's drafts, the last saved first."""
        with self.house.database.reading() as uow:
            return drafts.of_author(uow, person.id, self.house.clock())

    def draft(self, person: Person, draft_id: str) -> SavedDraft:
        """Return one draft of the person's own; NotFound for any other."""
        with self.house.database.reading() as uow:
            return drafts.draft(uow, person.id, draft_id, self.house.clock())

    def draft_scan(self, person: Person, draft_id: str) -> tuple[Scan, bytes]:
        """Return the scan that lies with the person's draft, and its bytes."""
        with self.house.database.reading() as uow:
            draft = drafts.draft(uow, person.id, draft_id, self.house.clock())
            found = scans.need(scans.of_draft(uow, draft.id), draft.id)
            return found, scans.body(uow, found.id)

    def sent_as(self, person: Person, draft_id: str) -> str | None:
        """Return the id of the request that the draft was sent as; the back button leads there."""
        with self.house.database.reading() as uow:
            return drafts.sent_as(uow, person.id, draft_id)

    def save_draft(self, person: Person, draft_id: str, document: Mapping[str, Any]) -> SavedDraft:
        """Keep what was typed, right or wrong: the parser speaks of it, it forbids nothing here."""
        with self.house.database.transaction() as uow:
            draft = drafts.draft(uow, person.id, draft_id, self.house.clock())
            saved = SavedDraft(**{**vars(draft), "document": dict(document), "saved_at": self.house.clock()})
            if len(saved.raw) > LARGEST_BYTES:
                what = "isi draf melebihi 1 MiB"
                raise BadInput((Fault(where="dokumen", seen=f"{len(saved.raw)} bita", what=what, mend="Persingkat."),))
            drafts.save(uow, draft_id, saved.document, saved.saved_at)
            return saved

    def lay_scan(self, person: Person, draft_id: str, raw: bytes) -> Scan:
        """Lay a scan with the draft, in place of an earlier one; BadInput where it is none."""
        scan = self.scan_of(person, raw, "", None)
        with self.house.database.transaction() as uow:
            draft = drafts.draft(uow, person.id, draft_id, self.house.clock())
            scans.lay_with_draft(uow, draft.id, scan, raw)
            drafts.save(uow, draft.id, draft.document, self.house.clock())
            return scan

    def drop_scan(self, person: Person, draft_id: str) -> None:
        """Take away the scan that lies with the draft."""
        with self.house.database.transaction() as uow:
            scans.drop_from_draft(uow, drafts.draft(uow, person.id, draft_id, self.house.clock()).id)

    def delete_draft(self, person: Person, draft_id: str) -> None:
        """Forget the draft and its scan; one that is gone already stays gone."""
        with self.house.database.transaction() as uow:
            mine = [draft.id for draft in drafts.of_author(uow, person.id, self.house.clock()) if draft.id == draft_id]
            for found in mine:
                drafts.delete(uow, found)

    def faults_of(self, person: Person, draft: SavedDraft) -> tuple[Fault, ...]:
        """Return everything the one parser finds wrong with the draft as it stands, () where it could be sent."""
        with self.house.database.reading() as uow:
            try:
                self.read_draft(uow, person, read_document(draft.raw, MEDIA_TYPE))
            except BadInput as bad:
                return bad.faults
        return ()

    def send_draft(self, person: Person, draft_id: str, sha256: str) -> FiledRequest:
        """File the draft with its scan and forget it, in one transaction; the same again gives the same request.

        `sha256` names what the person read last: Refused where the draft says something else now. A returned request's
        draft becomes its next version.
        """
        self.need(person, Right.SUBMIT, Right.REGISTER)
        with self.house.database.transaction() as uow:
            sent = drafts.sent_as(uow, person.id, draft_id)
            if sent is not None:
                return requests.request(uow, sent)
            draft = drafts.draft(uow, person.id, draft_id, self.house.clock())
            if draft.sha256 != sha256:
                raise Refused("isi draf berubah sejak halaman ini dibuka", "draf", "Baca sekali lagi, lalu kirim.")
            filed = self._filed(uow, person, draft)
            scan = scans.hand_over(uow, draft_id, filed.id, self.house.clock())
            if scan is not None:
                self.record_scan(uow, person, scan)
            drafts.send(uow, draft_id, filed.id)
            return filed

    def opds_for(self, person: Person) -> Mapping[str, str]:
        """Return the OPD this person may ask for, code -> name: one's own, or all where letters are typed."""
        with self.house.database.reading() as uow:
            known = people.opds(uow)
        if person.may(Right.REGISTER) and self.sees_all(person):
            return known
        return {code: name for code, name in known.items() if code in person.opds_on(self.today)}

    def _filed(self, uow: UnitOfWork, person: Person, draft: SavedDraft) -> FiledRequest:
        document = read_document(draft.raw, MEDIA_TYPE)
        if draft.request_id is None:
            return self.take_in(uow, person, document, draft.raw, MEDIA_TYPE)
        return self.take_again(uow, person, draft.request_id, document, draft.raw, MEDIA_TYPE)

    def _begin(
        self,
        uow: UnitOfWork,
        person: Person,
        draft_id: str,
        request_id: str | None,
        document: Mapping[str, Any],
        count: int,
    ) -> SavedDraft:
        if count >= MOST_DRAFTS:
            raise Refused(f"sudah ada {count} draf", "draf", "Kirim atau hapus salah satunya lebih dahulu.")
        draft = SavedDraft(
            id=draft_id,
            author_id=person.id,
            request_id=request_id,
            document=document,
            saved_at=self.house.clock(),
            scan_id=None,
        )
        drafts.begin(uow, draft)
        return draft

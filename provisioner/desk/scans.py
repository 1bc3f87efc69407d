"""Scans: the request letter as it came on paper, kept beside its fields."""

from __future__ import annotations

from provisioner.audit_events import AuditEvent
from provisioner.desk.requests import RequestDesk
from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import NotAllowed, Refused
from provisioner.names import draw_id
from provisioner.people.person import Person, Right
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import LineState, RequestState
from provisioner.requests.scan import Scan, media_type_of_scan
from provisioner.store import scans
from provisioner.unit_of_work import UnitOfWork

_UNDECIDED = frozenset({RequestState.OPEN, RequestState.WAITING_FOR_OPD})


class ScanDesk(RequestDesk):
    """Keep a request's scan, and show it to whoever may see the request."""

    def file_scan(self, person: Person, request_id: str, raw: bytes, said: str = "") -> Scan:
        """Keep the scan with its request; the same bytes again are the scan that lies there already.

        `said`: the media type the sender names, '' for none. The OPD adds one where none lies; who has the right
        `register` may also add a better one. BadInput for what is no scan; Refused once the request is decided.
        """
        self.need(person, Right.SUBMIT, Right.REGISTER)
        scan = self.scan_of(person, raw, said, request_id)
        with self.house.database.transaction() as uow:
            request = self.visible(uow, person, request_id)
            known = scans.find(uow, request_id, scan.sha256)
            if known is not None:
                return known
            if request.state not in _UNDECIDED or any(line.state is not LineState.OPEN for line in request.lines):
                raise Refused("permohonan sudah diputuskan atau berakhir", request.number, "Pindaian tidak ditambah.")
            registers = person.may(Right.REGISTER) and self.sees_all(person)
            if not registers and scans.of_request(uow, request_id) is not None:
                what = "pindaian surat sudah ada"
                raise NotAllowed(what, person.name, "Mintalah kepada Bagian Umum untuk menambah yang lebih jelas.")
            scans.file(uow, scan, raw)
            self.record_scan(uow, person, scan)
            return scan

    def scan(self, person: Person, request_id: str) -> tuple[Scan, bytes]:
        """Return the request's scan that counts, and its bytes; NotFound where there is none or it is not theirs."""
        with self.house.database.reading() as uow:
            request = self.visible(uow, person, request_id)
            found = scans.need(self.scan_seen(uow, person, request), request.number)
            return found, scans.body(uow, found.id)

    def scan_seen(self, uow: UnitOfWork, person: Person, request: FiledRequest) -> Scan | None:
        """Return the scan that counts; None also for who sees a few lines alone, since it shows them all."""
        return scans.of_request(uow, request.id) if self.sees_whole(person, request) else None

    def scan_of(self, person: Person, raw: bytes, said: str, request_id: str | None) -> Scan:
        """Name what was sent; BadInput where it is no scan."""
        return Scan(
            id=draw_id("scan"),
            request_id=request_id,
            sha256=digest_of_bytes(raw),
            media_type=media_type_of_scan(raw, said),
            size_bytes=len(raw),
            filed_by=person.id,
            filed_at=self.house.clock(),
        )

    def record_scan(self, uow: UnitOfWork, person: Person, scan: Scan) -> None:
        """Write the audit row of a scan that a request has from now on."""
        data: dict[str, Value] = {"sha256": scan.sha256, "size_bytes": scan.size_bytes, "media_type": scan.media_type}
        self.record(uow, AuditEvent.SCAN_FILE, person, str(scan.request_id), data)

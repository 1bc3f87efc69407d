"""Receipts: the OPD's word that it has what an ending item held, without which nothing is removed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from provisioner.audit_events import AuditEvent
from provisioner.desk.item_life import Ending, ending_of, signers
from provisioner.desk.items import ItemDesk
from provisioner.digests import Value
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.items.item import Item
from provisioner.items.receipt import PAPER, Receipt, paper_faults
from provisioner.people.person import Person, Right
from provisioner.requests.fields import Known, parse_fields
from provisioner.store import people, receipts
from provisioner.unit_of_work import UnitOfWork

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NO_ARCHIVE = Fault(
    where="sha256",
    seen="",
    what="layanan ini tidak mempunyai satu arsip yang bersidik",
    mend="Kosongkan, dan katakan saja bahwa isinya sudah diunduh.",
)
_NO_SHA256 = Fault(where="sha256", seen="", what="bukan sha256", mend="64 angka heksadesimal.")
_HAS_ARCHIVE = Fault(
    where="sha256",
    seen="",
    what="sidik arsip wajib diisi",
    mend="Hitung sha256 arsip yang Anda simpan: 64 angka heksadesimal.",
)


class ReceiptDesk(ItemDesk):
    """Record the technical person's word, or a paper of the OPD."""

    def record_receipt(self, person: Person, item_id: str, sha256: str) -> None:
        """Record that the OPD's technical person has the archive, by its sha256; a second one mends the first.

        BadInput where that is no sha256, or the kind leaves single files and no archive.
        """
        self.check_access(person)
        with self.house.database.transaction() as uow:
            item = self._named_item(uow, person, item_id)
            self._ending(uow, item)
            if self._fetches_single_files(item):
                raise BadInput((replace(_NO_ARCHIVE, seen=sha256[:80]),))
            if not _SHA256.fullmatch(sha256):
                raise BadInput((replace(_NO_SHA256, seen=sha256[:80]),))
            self._write_receipt(uow, person, item, {"sha256": sha256}, sha256=sha256)

    def record_download(self, person: Person, item_id: str) -> None:
        """Record that the OPD's technical person has fetched the files; BadInput where there is an archive to name."""
        self.check_access(person)
        with self.house.database.transaction() as uow:
            item = self._named_item(uow, person, item_id)
            ending = self._ending(uow, item)
            if not self._fetches_single_files(item):
                raise BadInput((_HAS_ARCHIVE,))
            _check_first(ending, item)
            self._write_receipt(uow, person, item, {"downloaded": True})

    def record_paper_receipt(self, person: Person, item_id: str, data: Mapping[str, Any]) -> None:
        """Record what the OPD handed in on paper: {'number': '800/77/X', 'date': '2026-11-23', 'signed_by': 'per_1'}.

        By general affairs alone (right `register`), for any kind. The actor is who signed, in the position that was
        held in the item's OPD on that day. BadInput tells every fault at once.
        """
        with self.house.database.transaction() as uow:
            item = self.visible_item(uow, person, item_id)
            self.need(person, Right.REGISTER)
            if not self.writes_down_papers(person):
                what = "hanya pegawai penyelenggara yang mencatat tanda terima di atas kertas"
                raise NotAllowed(what, person.name, "Serahkan suratnya kepada Bagian Umum.")
            ending = self._ending(uow, item)
            _check_first(ending, item)
            receipt = self._of_paper(uow, person, item, ending, data)
            said: dict[str, Value] = {
                "letter_number": receipt.letter_number,
                "letter_date": receipt.letter_date.isoformat() if receipt.letter_date else None,
            }
            actor = people.person(uow, receipt.person_id)
            self.record(uow, AuditEvent.RECEIPT_RECORD, actor, item.id, said, person.id)
            receipts.record(uow, receipt)

    def _of_paper(
        self, uow: UnitOfWork, person: Person, item: Item, ending: Ending, data: Mapping[str, Any]
    ) -> Receipt:
        known = Known(opd_codes=frozenset(), zone="", reserved_labels=frozenset(), today=self.today)
        values, faults = parse_fields(PAPER, data, "", known)
        signed_on = date.fromisoformat(str(values["date"])) if "date" in values else None
        who = str(values["signed_by"]) if "signed_by" in values else None
        could_sign = signers(uow, item.opd, signed_on or self.today, person.id)
        closed_on = ending.since.astimezone(self.now.tzinfo).date()
        faults = (*faults, *paper_faults(signed_on, who, closed_on=closed_on, signers=could_sign))
        if faults or signed_on is None or who is None:
            raise BadInput(faults)
        return Receipt(
            item_id=item.id,
            person_id=who,
            at=self.house.clock(),
            position=could_sign[who].title,
            recorder_id=person.id,
            letter_number=str(values["number"]),
            letter_date=signed_on,
        )

    def _named_item(self, uow: UnitOfWork, person: Person, item_id: str) -> Item:
        item = self.visible_item(uow, person, item_id)
        if person.id != item.technical_person_id:
            raise NotAllowed("bukan penanggung jawab teknis layanan ini", person.name, "Mintalah yang ditunjuk.")
        return item

    def _ending(self, uow: UnitOfWork, item: Item) -> Ending:
        ending = ending_of(uow, item)
        if ending is None:
            raise Refused("layanan tidak sedang diakhiri", item.id, "Tanda terima hanya untuk masa tenggang.")
        if not ending.needs_receipt:
            raise Refused("layanan ini diakhiri tanpa arsip", item.id, "Tidak ada tanda terima yang dinanti.")
        return ending

    def _fetches_single_files(self, item: Item) -> bool:
        return self.house.kinds[item.kind].standing(item.wish, item.choices).fetches_single_files

    def _write_receipt(
        self, uow: UnitOfWork, person: Person, item: Item, data: Mapping[str, Value], sha256: str | None = None
    ) -> None:
        held = [position.title for position in person.positions_on(self.today) if position.opd == item.opd]
        now = self.record(uow, AuditEvent.RECEIPT_RECORD, person, item.id, data)
        position = held[0] if held else None
        receipts.record(uow, Receipt(item_id=item.id, person_id=person.id, at=now, sha256=sha256, position=position))


def _check_first(ending: Ending, item: Item) -> None:
    if ending.receipt is not None:
        raise Refused("tanda terima sudah dicatat", item.id, "Muat ulang halaman layanan.")

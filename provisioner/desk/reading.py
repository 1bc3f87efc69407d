"""Reading: what was sent, by the one parser, with what only the desk knows: whose it is, what stands, what is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.desk.asked_of_items import item_faults, only_what_moves, unknown_items
from provisioner.desk.letters import LetterDesk
from provisioner.desk.named import technical_faults
from provisioner.desk.office_procedure import procedure_for
from provisioner.errors import BadInput, NotAllowed, Refused
from provisioner.people.person import Person, Right
from provisioner.requests.fields import Known
from provisioner.requests.parse import in_rows, lines_of, parse_request
from provisioner.requests.request import Draft
from provisioner.store import office, people, requests
from provisioner.unit_of_work import UnitOfWork

#: law 4, where the office sets nothing: so many lines of an OPD may be open at once, each holding what it asks for
OPEN_LINES_PER_OPD = 20


class ReadingDesk(LetterDesk):
    """Read what was sent into a draft, or say everything that is wrong with it."""

    def rules(self, uow: UnitOfWork) -> Known:
        """Return what the rules of the fields need to be told: the office's OPD, zone, reserved names and day."""
        kept: Mapping[str, Any] = office.settings(uow)
        return Known(
            opd_codes=frozenset(people.opds(uow)),
            zone=str(kept["zone"]),
            reserved_labels=frozenset(str(label) for label in kept.get("reserved_labels", ())),
            today=self.today,
            procedures=frozenset(self.house.procedures),
        )

    def read_draft(
        self, uow: UnitOfWork, person: Person, document: Mapping[str, Any], *, but_request: str | None = None
    ) -> Draft:
        """Read what was sent, by the one parser, and test what the desk alone knows: whose it is, what is known.

        The document was read before: a long one takes its time, and here all who write wait.
        """
        kinds = self.office_kinds(uow)
        verbs = {name: kind.verbs for name, kind in kinds.items()}
        types_letters = person.may(Right.REGISTER) and self.sees_all(person)
        try:
            draft = parse_request(document, verbs, self.rules(uow))
        except BadInput as bad:
            opd = str(document.get("opd"))
            may_ask = types_letters or opd in person.opds_on(self.today)
            unknown = unknown_items(uow, opd, lines_of(document, verbs)) if may_ask else ()
            raise BadInput((*bad.faults, *in_rows(document, verbs, unknown))) from None
        if not types_letters and draft.opd not in person.opds_on(self.today):
            raise NotAllowed(f"bukan pegawai {draft.opd}", person.name, "Ajukan untuk OPD sendiri.")
        procedure_for(self.house.procedure_of_kind, draft)
        faults = item_faults(uow, kinds, draft, but_request=but_request) + technical_faults(uow, draft)
        if faults:
            raise BadInput(in_rows(document, verbs, faults))
        return only_what_moves(uow, draft)

    def check_open_lines(self, uow: UnitOfWork, draft: Draft) -> None:
        """Raise Refused where the OPD would have more open lines than the office allows: each keeps what it asks."""
        most, standing, asked = (
            self.open_lines_allowed(uow),
            requests.open_lines_of_opd(uow, draft.opd),
            len(draft.lines),
        )
        if standing + asked <= most:
            return
        what = (
            f"{draft.opd} mempunyai {standing} baris yang belum diputuskan dan meminta {asked} lagi; kantor "
            f"mengizinkan {most} sekaligus"
        )
        mend = "Tunggu yang lama diputuskan, atau ajukan lebih sedikit baris."
        if asked > most:
            mend = f"Bagi menjadi beberapa surat, paling banyak {most} baris; atau mintalah kantor menaikkan batasnya."
        raise Refused(what, "permohonan", mend)

    def open_lines_allowed(self, uow: UnitOfWork) -> int:
        """Return how many lines of one OPD may be open at once: the office's `open_lines_per_opd`."""
        kept: Any = office.settings(uow).get("office")
        return int(kept.get("open_lines_per_opd", OPEN_LINES_PER_OPD)) if isinstance(kept, dict) else OPEN_LINES_PER_OPD

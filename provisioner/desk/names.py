"""Names: may this sub domain be had, as far as is known before anybody looks?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from provisioner.desk.requests import RequestDesk
from provisioner.errors import BadInput, Fault
from provisioner.people.person import Person, Right
from provisioner.requests.fields import Field, parse_fields
from provisioner.requests.reading import value_of
from provisioner.requests.sub_domain import FORMAT, look_alikes
from provisioner.store import holds, requests
from provisioner.store.holds import HoldRow
from provisioner.unit_of_work import UnitOfWork

_POOL = "fqdn"
_WORDS = frozenset({"none", "www"})


@dataclass(frozen=True, kw_only=True)
class NameAnswer:
    """What is known of a name: `standing` 'free' | 'word' | 'wrong' | 'taken' | 'own' | 'alike'.

    `fqdn` 'simpeg.kota.lab'; `until` for one that is held or in quarantine; `fault` for a wrong one. Whose it is is
    told to its own OPD alone ('own').
    """

    standing: str
    fqdn: str
    until: datetime | None = None
    fault: Fault | None = None


class NameDesk(RequestDesk):
    """Answer while a name is typed. Only a look decides; a name is held from then on and not before."""

    def answer_name(self, person: Person, opd: str, field_name: str, value: str) -> NameAnswer:
        """Say how the name stands for a request of `opd`; reserved names and look-alikes of them are faults.

        A word of the form is taken for its value: 'tanpa nama kedua' for 'none'.

        BadInput where no kind has such a field that holds a name.
        """
        self.need(person, Right.SUBMIT, Right.REGISTER)
        field = self._field(field_name)
        value = value_of(field, value)
        with self.house.database.reading() as uow:
            rules = replace(self.rules(uow), opd=opd)
            _, faults = parse_fields((field,), {field.name: value}, "", rules)
            fqdn = f"{value}.{rules.zone}"
            if faults:
                return NameAnswer(standing="wrong", fqdn="", fault=faults[0])
            if value in _WORDS:
                return NameAnswer(standing="word", fqdn="")
            taken = holds.standing(uow, _POOL, fqdn)
            if taken is not None:
                own = self._opd_of(uow, taken) in person.opds_on(self.today)
                return NameAnswer(standing="own" if own else "taken", fqdn=fqdn, until=taken.expires_at)
            names = holds.taken(uow).get(_POOL, frozenset())
            others = [name.removesuffix(f".{rules.zone}") for name in names]
            alike = look_alikes(value, [other for other in others if "." not in other])
            return NameAnswer(standing="alike" if alike else "free", fqdn=fqdn)

    def _field(self, name: str) -> Field:
        for kind in self.house.kinds.values():
            for field in kind.fields:
                if field.name == name and field.type.schema(field).get("format") == FORMAT:
                    return field
        raise BadInput((Fault(where="nama", seen=name[:80], what="bukan isian nama", mend="Muat ulang halaman."),))

    def _opd_of(self, uow: UnitOfWork, taken: HoldRow) -> str:
        return requests.request(uow, requests.line(uow, taken.line_id).request_id).opd

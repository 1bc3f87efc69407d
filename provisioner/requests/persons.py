"""Are the persons whom a request names as many as it says? One who answers for it, others who work with what it asks.

Who is told apart here, before anything is stored, is one row of persons later: by NIP, else by e-mail and name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.errors import Fault
from provisioner.requests.fields import place, seen

#: a person's fields as they were read; what was at fault is left out
Named = Mapping[str, Any]
_IDENTIFYING = ("nip", "email")


def apart(administrative: Named, technical: Iterable[tuple[str, Named]]) -> tuple[Fault, ...]:
    """Return what speaks against these persons beside each other, at the later one's place.

    The administrative person is none of the technical ones. `technical`: (place, fields), the letter's before those of
    its lines. The same person may be named again; a NIP or e-mail under another name may not: the first of the two
    would be given what is the other's.
    """
    faults: list[Fault] = []
    first: dict[tuple[str, str], tuple[str, Named]] = {}
    for where, named in technical:
        found = _not_both(administrative, where, named)
        for name in _IDENTIFYING if not found else ():
            if _value(named, name):
                there, other = first.setdefault((name, _value(named, name)), (where, named))
                found += _not_another(place(there, name), other, place(where, name), named)
        faults += found
    return tuple(faults)


def _not_both(administrative: Named, where: str, named: Named) -> list[Fault]:
    what, mend = "sama dengan penanggung jawab administratif", "sebut orang lain: keduanya dua orang"
    return [
        _fault(place(where, name), named[name], what, mend)
        for name in _IDENTIFYING
        if _value(named, name) and _value(administrative, name) == _value(named, name)
    ]


def _not_another(there: str, other: Named, here: str, named: Named) -> list[Fault]:
    """Tell that a NIP or e-mail stands under two names, or an e-mail under two NIP, where each can be read."""
    if _differ(other, named, "name"):
        what, mend = f"sudah ditulis atas orang lain: {there}", "periksa nama dan isian ini pada keduanya"
    elif _differ(other, named, "nip"):
        what, mend = f"sudah ditulis dengan NIP lain, atau tanpa NIP: {there}", "tulis orangnya sama pada keduanya"
    else:
        return []
    return [_fault(here, named[here.rpartition(".")[2]], what, mend)]


def _differ(one: Named, other: Named, name: str) -> bool:
    return name in one and name in other and _value(one, name).split() != _value(other, name).split()


def _value(named: Named, name: str) -> str:
    return str(named.get(name) or "").casefold()


def _fault(where: str, value: Any, what: str, mend: str) -> Fault:
    return Fault(where=where, seen=seen(value), what=what, mend=mend)

"""By which of the office's procedures does a request walk? Its setting says so for each kind; no document does."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.errors import BadInput, Fault
from provisioner.requests.fields import seen
from provisioner.requests.request import Draft


def procedure_for(of_kind: Mapping[str, str], draft: Draft) -> str:
    """Return the id of the procedure that the draft walks by; `of_kind` {'hosting': 'tarakan_hosting'}.

    BadInput where a kind has none, where its lines would walk by different ones, or where the document names another
    than the office's own: who asks does not choose which steps are left out.
    """
    faults = [
        _fault(f"lines[{number}].kind", line.kind, "kantor belum menetapkan prosedur bagi layanan ini", _ASK)
        for number, line in enumerate(draft.lines)
        if line.kind not in of_kind
    ]
    wanted = sorted({of_kind[line.kind] for line in draft.lines if line.kind in of_kind})
    if len(wanted) > 1:
        mend = "ajukan dalam permohonan tersendiri, satu untuk tiap prosedur"
        faults.append(_fault("lines", ", ".join(wanted), "layanan dengan prosedur yang berbeda", mend))
    elif draft.procedure not in {None, *wanted}:
        mend = f"kosongkan; kantor memakai {wanted[0]}" if wanted else _ASK
        faults.append(_fault("procedure", draft.procedure, "bukan prosedur kantor untuk layanan ini", mend))
    if faults:
        raise BadInput(tuple(faults))
    return wanted[0]


_ASK = "mintalah administrator mengisi GERBANG_PROCEDURE_OF_KIND"


def _fault(where: str, value: object, what: str, mend: str) -> Fault:
    return Fault(where=where, seen=seen(value), what=what, mend=mend)

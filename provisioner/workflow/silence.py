"""Who gave no answer, said to people of the office? What exactly went wrong the worker logs, in English."""

from __future__ import annotations

import re

from provisioner.errors import Unavailable, Unreachable
from provisioner.plans.plan import Reason


def silence(fault: Unreachable | Unavailable, systems: tuple[str, ...]) -> Reason:
    """Return the reason 'unreachable' in Indonesian: which host or zone, and which of `systems` the fault names.

    'web1 (mariadb) tidak menjawab, atau jawabannya tidak terbaca'. A part of ours that is missing names no target.
    """
    if isinstance(fault, Unavailable):
        what = "bagian Gerbang yang diperlukan untuk melihat sedang tidak tersedia"
        return Reason(code="unreachable", what=what, mend="lihat log pekerja, perbaiki, lalu lihat ulang")
    named = [system for system in systems if re.search(rf"\b{re.escape(system)}\b", fault.what)]
    place = (fault.where or "salah satu sistem") + (f" ({', '.join(named)})" if named else "")
    return Reason(
        code="unreachable",
        what=f"{place} tidak menjawab, atau jawabannya tidak terbaca",
        mend="hidupkan host dan layanan itu, periksa jaringannya, lalu lihat ulang; rinciannya ada di log pekerja",
    )

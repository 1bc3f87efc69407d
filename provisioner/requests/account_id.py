"""Which id may a cloud account have, and which looks like another?

Sources: Nextcloud's own rule (letters, digits, space and `_.@-'`; not `.htaccess`, `files_external`, `__groupfolders`,
`appdata_*`, its log files; ids that differ in case alone are one). Ours is stricter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.requests.fields import Field, Known, Wrong
from provisioner.requests.sub_domain import look_alikes

_ACCOUNT_ID = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.ASCII)
SHORTEST, LONGEST = 3, 40
# Ids that a server or its people already give a meaning to; `gerbang` begins what is ours: marks, classes, probes.
_RESERVED = (
    "admin administrator root superadmin sysadmin system nextcloud owncloud cloud guest anonymous nobody everyone "
    "public support security abuse postmaster webmaster helpdesk operator backup files_external files-external "
    "bantuan resmi pemerintah dinas kominfo"
)
RESERVED = frozenset(_RESERVED.split())
_RESERVED_FORM = re.compile(r"gerbang.*|opd-.*|appdata.*|.*\.log", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class AccountIdWord:
    """An account's id, as it is typed to log in: 'arsip.disdik'."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the id; raise Wrong with the rule that it breaks."""
        del field
        if not isinstance(value, str) or not SHORTEST <= len(value) <= LONGEST or not _ACCOUNT_ID.fullmatch(value):
            raise Wrong(
                "bukan id akun",
                "3 sampai 40 huruf kecil a-z, angka dan . _ - di antaranya; diawali huruf, diakhiri huruf atau angka",
            )
        _refuse_reserved(value, known)
        return value

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as the pattern; reserved ids are told by the answer."""
        bounds = {"minLength": SHORTEST, "maxLength": LONGEST}
        return {"type": "string", "pattern": f"^{_ACCOUNT_ID.pattern}$", "description": field.label} | bounds


def _refuse_reserved(account: str, known: Known) -> None:
    own = known.opd.lower()
    if _RESERVED_FORM.fullmatch(account):
        raise Wrong("id dicadangkan", "pilih id lain, misalnya singkatan unit dan OPD")
    codes = {code.lower() for code in known.opd_codes} - {own}
    reserved = (RESERVED | known.reserved_labels) - {own}
    if account in reserved | codes:
        raise Wrong("id OPD lain" if account in codes else "id dicadangkan", "pilih id lain, misalnya arsip.disdik")
    alike = look_alikes(account, [*reserved, *codes])
    if alike and account != own:
        raise Wrong(f"mirip id yang dicadangkan: {alike[0]}", "pilih id yang tidak dapat tertukar")


AccountId = AccountIdWord()

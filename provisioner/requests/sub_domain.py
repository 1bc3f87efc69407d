"""Which name may a site have below the office's zone, and which looks like another?

Sources: PANDI's general rule (letters, digits, hyphen; 3-63; not digits only), RFC 1035 and 5890 (no `--` at 3-4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.requests.fields import Field, Known, Wrong

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])", re.ASCII)
LONGEST_NAME = 253
#: the schema's word for a name below the zone: a form answers while it is typed whether it is free
FORMAT = "sub-domain"
# Names that mail, browsers and people already give a meaning to.
_RESERVED = (
    "www mail smtp imap pop pop3 mx api admin administrator root localhost autodiscover autoconfig wpad isatap vpn sso "
    "login cpanel webmail acme gerbang hostmaster postmaster webmaster abuse security ftp sftp ssh dns whois status "
    "bantuan resmi pemerintah"
)
RESERVED = frozenset(_RESERVED.split())
_RESERVED_FORM = re.compile(r"(?:ns|mx|dns|web|www|mail)[0-9]*", re.ASCII)


def skeleton(label: str) -> str:
    """Fold what the eye confuses: skeleton('s1mpeg') == skeleton('simpeg'); hyphen gone, 0/o, 1/l/i, rn/m, vv/w."""
    folded = label.lower().replace("-", "").replace("rn", "m").replace("vv", "w")
    return folded.translate(str.maketrans("01i", "oll"))


def look_alikes(label: str, others: Iterable[str]) -> tuple[str, ...]:
    """Return those of `others` that look like `label` without being it, sorted."""
    bones = skeleton(label)
    return tuple(sorted({other for other in others if other != label and skeleton(other) == bones}))


def check_label(label: Any, known: Known) -> str:
    """Return `label` if it may be asked for; raise Wrong with the rule that it breaks."""
    if not isinstance(label, str) or not _LABEL.fullmatch(label):
        raise Wrong(
            "bukan nama sub domain",
            "3 sampai 63 huruf kecil a-z, angka dan tanda hubung; tidak diawali atau diakhiri -",
        )
    if label[2:4] == "--":
        raise Wrong("tanda hubung ganda pada huruf ke-3 dan ke-4", "nama xn-- (IDN) tidak diterima; pilih nama lain")
    if label.isdigit():
        raise Wrong("hanya angka", "sertakan paling sedikit satu huruf")
    if len(label) + 1 + len(known.zone) > LONGEST_NAME:
        raise Wrong("nama lengkap terlalu panjang", f"paling banyak {LONGEST_NAME} huruf bersama .{known.zone}")
    _refuse_reserved(label, known)
    return label


def _refuse_reserved(label: str, known: Known) -> None:
    if _RESERVED_FORM.fullmatch(label):
        raise Wrong("nama dicadangkan", "pilih nama lain, misalnya singkatan layanan")
    codes = {code.lower() for code in known.opd_codes}
    reserved = RESERVED | known.reserved_labels | (codes - {known.opd.lower()})
    if label in reserved:
        whose = "nama OPD lain" if label in codes else "nama dicadangkan"
        raise Wrong(whose, "pilih nama lain, misalnya singkatan layanan")
    own = {known.opd.lower()}
    alike = look_alikes(label, reserved - own)
    if alike and label not in own:
        raise Wrong(f"mirip nama yang dicadangkan: {alike[0]}", "pilih nama yang tidak dapat tertukar")


@dataclass(frozen=True, kw_only=True)
class SubDomainLabel:
    """One label below the office's zone: 'simpeg' for simpeg.kota.lab."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the label."""
        del field
        return check_label(value, known)

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as the pattern; reserved names are told by the answer."""
        return {"type": "string", "pattern": f"^{_LABEL.pattern}$", "format": FORMAT, "description": field.label}


@dataclass(frozen=True, kw_only=True)
class SecondName:
    """'none', 'www' (www before the first name), or another label below the zone."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the word or the label."""
        del field
        return value if value in ("none", "www") else check_label(value, known)

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe it as the pattern."""
        pattern = f"^(?:none|www|{_LABEL.pattern})$"
        return {"type": "string", "pattern": pattern, "format": FORMAT, "description": field.label}


SubDomain = SubDomainLabel()
SecondSubDomain = SecondName()

"""Is this a scan of a letter? A PDF, JPEG or PNG by its first and last bytes; nothing in it is opened or expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.errors import BadInput, Fault
from provisioner.requests.fields import seen

LARGEST_SCAN_BYTES = 10 * 1024 * 1024
#: media type -> (how it begins, how it ends within its last bytes); ISO 32000-1 7.5, ITU T.81 B.1, W3C PNG 5.2
_FORMS: Mapping[str, tuple[bytes, bytes]] = {
    "application/pdf": (b"%PDF-", b"%%EOF"),
    "image/jpeg": (b"\xff\xd8\xff", b"\xff\xd9"),
    "image/png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
}
SCAN_TYPES = frozenset(_FORMS)
SUFFIXES: Mapping[str, str] = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
#: writers of PDF leave a line or padding behind the end's mark
_TAIL_BYTES = 1024


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A scan kept, without its bytes. `request_id` None while it belongs to a draft."""

    id: str
    request_id: str | None
    sha256: str
    media_type: str
    size_bytes: int
    filed_by: str
    filed_at: datetime

    @property
    def file_name(self) -> str:
        """How it is called when it is saved: never by a name that somebody sent."""
        return f"surat-{self.sha256[:12]}.{SUFFIXES[self.media_type]}"


def media_type_of_scan(raw: bytes, said: str = "") -> str:
    """Return what the bytes are; BadInput where they are none of the three, cut short, too large, or not as `said`.

    A file that would unfold to gigabytes does no harm: nobody here unfolds it.
    """
    found = next((name for name, (head, _) in _FORMS.items() if raw.startswith(head)), "")
    if not raw:
        raise _bad("", "berkas kosong", "pilih berkas pindaian surat")
    if len(raw) > LARGEST_SCAN_BYTES:
        raise _bad(f"{len(raw)} bita", "berkas terlalu besar", "paling banyak 10 MB; pindai hitam putih atau 150 dpi")
    if not found:
        raise _bad(seen(raw[:16]), "bukan PDF, JPEG atau PNG", "pindai suratnya sebagai PDF, lalu unggah berkas itu")
    if _FORMS[found][1] not in raw[-_TAIL_BYTES:]:
        raise _bad(seen(raw[-16:]), "berkas terpotong: akhirnya tidak ada", "unggah lagi berkas yang utuh")
    if said and said != found:
        raise _bad(said, f"isinya {found}", "sebut jenis berkas yang sebenarnya")
    return found


def _bad(value: str, what: str, mend: str) -> BadInput:
    return BadInput((Fault(where="scan", seen=value, what=what, mend=mend),))

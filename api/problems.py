"""How does a refusal of ours look over HTTP? RFC 9457; the one place where an engine's error gets a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from provisioner.errors import (
    BadInput,
    Fault,
    GerbangError,
    Gone,
    NotAllowed,
    NotFound,
    Refused,
    RefusedLines,
    Repeated,
    Unavailable,
    Unreachable,
)

MEDIA_TYPE = "application/problem+json"
LONGEST_SEEN = 80
#: names of envelope fields whose value is never said back
SECRET_FIELDS = frozenset({"password", "old_password", "repeated", "code", "token", "csrf"})

TITLES: Mapping[str, str] = {
    "bad-request": "Permintaan tidak dapat dibaca",
    "bad-input": "Isian perlu diperbaiki",
    "not-signed-in": "Masuk lebih dahulu",
    "not-fresh": "Masuk ulang diperlukan",
    "not-allowed": "Tidak berwenang",
    "cross-site": "Permintaan datang dari halaman lain",
    "not-found": "Tidak ditemukan",
    "wrong-method": "Cara ini tidak dilayani di alamat ini",
    "repeated": "Sudah diproses",
    "gone": "Sudah diserahkan",
    "refused": "Keadaan sekarang tidak mengizinkan",
    "too-large": "Kiriman terlalu besar",
    "wrong-media-type": "Jenis isi tidak dilayani",
    "too-many": "Terlalu sering",
    "unknown-host": "Nama alamat tidak dikenal",
    "unavailable": "Sedang tidak tersedia",
    "fault": "Kesalahan pada Gerbang",
}
_OF_ERROR: Sequence[tuple[type[GerbangError], int, str]] = (
    (BadInput, 422, "bad-input"),
    (NotFound, 404, "not-found"),
    (NotAllowed, 403, "not-allowed"),
    (Repeated, 409, "repeated"),
    (Gone, 410, "gone"),
    (Refused, 409, "refused"),
    (Unavailable, 503, "unavailable"),
    (Unreachable, 503, "unavailable"),
)
_OF_STATUS: Mapping[int, str] = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "wrong-method",
    413: "too-large",
    415: "wrong-media-type",
    429: "too-many",
    503: "unavailable",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refusal: `slug` 'refused' (docs/errors.md has an entry for each), its HTTP status, and words for a person."""

    slug: str
    status: int
    detail: str
    mend: str = ""
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The same words for every problem of one slug."""
        return TITLES[self.slug]

    def as_data(self) -> dict[str, Any]:
        """Return it as RFC 9457 members; `mend` and `faults` are extension members."""
        data: dict[str, Any] = {"type": f"urn:gerbang:problem:{self.slug}", "title": self.title, "status": self.status}
        data |= {"detail": self.detail}
        if self.mend:
            data["mend"] = self.mend
        if self.slug == "bad-input" or self.faults:
            data["faults"] = [{"where": f.where, "seen": f.seen, "what": f.what, "mend": f.mend} for f in self.faults]
        return data

    def reply(self) -> JSONResponse:
        """Return the answer of the API."""
        headers = dict(self.headers) | {"Cache-Control": "no-store"}
        return JSONResponse(self.as_data(), self.status, headers, media_type=MEDIA_TYPE)


class Turned(Exception):
    """Raised by the gate itself: not signed in, cross-site, too large. Carries its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def of_error(error: GerbangError) -> Problem:
    """Translate an engine's error; one that has no business at this door is a 500 without its words."""
    for kind, status, slug in _OF_ERROR:
        if isinstance(error, kind):
            return unavailable() if status == 503 else nothing() if status == 404 else _told(error, status, slug)
    return fault()


def nothing() -> Problem:
    """Say one sentence for what is not there and for what another OPD has: ids tell nothing to who tries them."""
    return Problem(
        slug="not-found",
        status=404,
        detail="Tidak ada, atau bukan milik OPD Anda.",
        mend="Periksa alamat atau kodenya.",
    )


def unavailable() -> Problem:
    """Say that a part of ours is missing; which one, and where it lies, is for the log."""
    return Problem(
        slug="unavailable",
        status=503,
        detail="Bagian Gerbang yang diperlukan sedang tidak tersedia; tidak ada yang diubah atau terpakai.",
        mend="Coba lagi sebentar lagi.",
        headers={"Retry-After": "5"},
    )


def _told(error: GerbangError, status: int, slug: str) -> Problem:
    faults = error.faults if isinstance(error, BadInput | RefusedLines) else ()
    detail = f"{error.where}: {error.what}" if error.where and not isinstance(error, BadInput) else error.what
    return Problem(slug=slug, status=status, detail=detail, mend=error.mend, faults=faults)


def of_status(error: HTTPException) -> Problem:
    """Translate what the framework itself refuses: an unknown path, a method that is not served."""
    slug = _OF_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "fault")
    return Problem(slug=slug, status=error.status_code, detail=TITLES[slug] + ".", headers=error.headers or {})


def of_envelope(error: RequestValidationError) -> Problem:
    """Translate what pydantic found wrong with an envelope: every fault at once."""
    faults = tuple(_fault(found) for found in error.errors())
    return Problem(slug="bad-input", status=422, detail=f"{len(faults)} kesalahan pada isian.", faults=faults)


def fault() -> Problem:
    """Say that we failed, and nothing of how: the log has it under the request id."""
    return Problem(
        slug="fault", status=500, detail="Gerbang gagal memproses permintaan ini.", mend="Sampaikan nomor X-Request-Id."
    )


def _fault(found: Mapping[str, Any]) -> Fault:
    place = [str(step) for step in found["loc"] if step not in {"body", "query", "path", "header"}]
    is_secret = bool(SECRET_FIELDS & set(place))
    what, mend = _in_words(str(found["type"]), found.get("ctx") or {})
    shown = "" if is_secret or found["type"] == "missing" else shorten(found.get("input"))
    return Fault(where=".".join(place) or "isi", seen=shown, what=what, mend=mend)


def _in_words(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    words = {
        "missing": ("belum diisi", "isi bagian ini"),
        "extra_forbidden": ("tidak dikenal", "hapus bagian ini"),
        "json_invalid": ("bukan JSON yang sah", f"periksa: {context.get('error', 'tanda kurung dan koma')}"),
        "literal_error": ("bukan salah satu pilihan", f"pilih {context.get('expected', '')}"),
        "string_too_long": ("terlalu panjang", f"paling banyak {context.get('max_length')} huruf"),
        "string_too_short": ("terlalu pendek", f"paling sedikit {context.get('min_length')} huruf"),
        "string_pattern_mismatch": ("bentuknya tidak sesuai", f"bentuk: {context.get('pattern')}"),
        "less_than_equal": ("terlalu besar", f"paling banyak {context.get('le')}"),
        "greater_than_equal": ("terlalu kecil", f"paling sedikit {context.get('ge')}"),
    }
    return words.get(kind, ("bukan jenis nilai yang diminta", f"lihat skema OpenAPI ({kind})"))


def shorten(value: object) -> str:
    """Show a value seen, escaped and at most 80 characters long: a line break stays on one line."""
    text = repr(value)
    return text if len(text) <= LONGEST_SEEN else text[: LONGEST_SEEN - 1] + "…"

"""Where did the last page end? An opaque word that keyset pagination can go on from."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from api.problems import Problem, Turned

Place = tuple[datetime, str]


def write(moment: datetime, key: str) -> str:
    """Write the place after (2026-11-21T02:15:00+00:00, 'req_h3k8') as one url-safe word."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()}~{key}".encode()).decode().rstrip("=")


def read(word: str | None) -> Place | None:
    """Read what `write` wrote; Turned (400) for any other word."""
    if not word:
        return None
    try:
        text = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
        moment, _, key = text.partition("~")
        return datetime.fromisoformat(moment), key
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        mend = "Mulai lagi dari halaman pertama."
        detail = "Tanda halaman tidak dapat dibaca."
        raise Turned(Problem(slug="bad-request", status=400, detail=detail, mend=mend)) from error

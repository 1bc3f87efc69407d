"""What of a request is typed and not sent yet?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from provisioner.digests import canonical_json, digest_of_bytes

LIFETIME = timedelta(days=30)
MOST_DRAFTS = 20
MEDIA_TYPE = "application/json"
#: every part is there from the first moment on, so that the parser tells each field that is missing
EMPTY: Mapping[str, Any] = {"letter": {}, "administrative": {}, "technical": {}, "lines": []}


@dataclass(frozen=True, kw_only=True)
class SavedDraft:
    """A form begun by its one author, who alone sees it; `document` is the parser's, whole or not: {"letter": {...}}.

    `request_id`: the returned request that it will be the next version of, None for a new one. It goes `LIFETIME`
    after it was last saved. `scan_id`: the scan that will be sent with it.
    """

    id: str
    author_id: str
    request_id: str | None
    document: Mapping[str, Any]
    saved_at: datetime
    scan_id: str | None

    @property
    def expires_at(self) -> datetime:
        """The moment from which it is gone."""
        return self.saved_at + LIFETIME

    @property
    def raw(self) -> bytes:
        """The bytes that are sent and kept as received: canonical JSON of the document."""
        return canonical_json(dict(self.document)).encode()

    @property
    def sha256(self) -> str:
        """Names exactly what was typed: the last page sends what it showed, or nothing."""
        return digest_of_bytes(self.raw)

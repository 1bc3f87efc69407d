"""How is a secret kept out of what a run says, in whichever form it comes?"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

BLOT = "[rahasia]"
# CSI and OSC sequences, two-letter escapes, and the control characters that a terminal obeys (ECMA-48; CVE-2026-84683).
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


class Redactor:
    """Blots out a run's secrets and whatever a terminal would obey. Made once a run; holds the secrets in memory."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = sorted({form for secret in secrets.values() for form in forms_of(secret)}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return the text without escapes and secrets; escapes go first, or one inside a secret would hide it.

        Half a character (a lone surrogate) becomes '?': a database would refuse the whole line.
        """
        text = _ESCAPES.sub("", text).encode(errors="replace").decode()
        for form in self._forms:
            text = text.replace(form, BLOT)
        return text

    def finds(self, text: str) -> bool:
        """Tell whether a secret stands in the text, as it is or once its escapes are taken out."""
        bare = _ESCAPES.sub("", text)
        return any(form in text or form in bare for form in self._forms)


def forms_of(secret: str) -> frozenset[str]:
    """Every form to look for: plain, URL-encoded, JSON-escaped, and in base64 at each of the three positions in a text.

    Empty for an empty secret, which would be found everywhere.
    """
    if not secret:
        return frozenset()
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    url = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    return frozenset({secret, *escaped, *url, *_base64_forms(secret.encode())})


def _base64_forms(secret: bytes) -> set[str]:
    """What base64 of a longer text that holds the secret must contain, and of the secret alone; both alphabets."""
    found = {base64.b64encode(secret).decode()}
    for ahead in range(3):
        encoded = base64.b64encode(bytes(ahead) + secret).decode().rstrip("=")
        spoilt_ahead = (0, 2, 3)[ahead]
        spoilt_behind = 0 if (ahead + len(secret)) % 3 == 0 else 1
        found.add(encoded[spoilt_ahead : len(encoded) - spoilt_behind])
    found |= {form.replace("+", "-").replace("/", "_") for form in found}
    return {form for form in found if len(form) > 3}  # shorter ones are found by chance


def leaked(secrets: Mapping[str, str], texts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Search (place, text) for every form of every secret; return 'place: name of the secret', never the secret."""
    forms = {name: forms_of(secret) for name, secret in secrets.items()}
    hits = {
        f"{place}: {name}" for place, text in texts for name, of in forms.items() if any(form in text for form in of)
    }
    return tuple(sorted(hits))

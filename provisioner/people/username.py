"""By which name does a person sign in, when a letter names them and nobody has chosen one?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count

LONGEST = 32
_WORD = re.compile(r"[a-z0-9]+", re.ASCII)
_NAMELESS = "pengguna"
_TITLES = frozenset({"dr", "dra", "drs", "h", "hj", "ir", "prof"})


def usernames(name: str) -> Iterator[str]:
    """Yield names to sign in with, the first free one is taken: 'Bayu Rekaan, S.Kom.' -> bayu.rekaan, bayu.rekaan2, ...

    Of a person's name only its first two words beside titles, folded to a-z and 0-9; nothing of NIP or e-mail.
    A name that leaves nothing is 'pengguna'. Never longer than 32 characters.
    """
    plain = unicodedata.normalize("NFKD", name.partition(",")[0]).casefold()
    found = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    words = [word for word in found if word not in _TITLES]
    first = (".".join(words[:2]) or _NAMELESS)[: LONGEST - 4].rstrip(".")
    yield first
    yield from (f"{first}{number}" for number in count(2))

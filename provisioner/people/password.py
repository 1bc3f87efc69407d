"""Which password may a person choose?

NIST SP 800-63B-4 (August 2025), section 3.1.1.2: for a password that is the only factor at least 15 characters, at
least 64 allowed, any character, no forced mixture, no expiry, and nothing that is commonly used, expected in its place,
or compromised. There is no list of leaked passwords here: nothing that others wrote is shipped, and nothing is asked of
anybody outside. A password made of common words, names and runs is refused by what is left of it.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from provisioner.errors import Fault

SHORTEST, LONGEST = 15, 128
#: of what is not a common word, a name or a run, at least so many different characters
_LEFT = 6
_SHORT = 3
_COMMON = (
    *("password", "katasandi", "sandi", "rahasia", "admin", "administrator", "operator", "pengguna", "user"),
    *(
        "indonesia",
        "merdeka",
        "pancasila",
        "bismillah",
        "alhamdulillah",
        "sayang",
        "cinta",
        "selamat",
        "datang",
        "pagi",
    ),
    *(
        "qwerty",
        "asdfgh",
        "zxcvbn",
        "qazwsx",
        "abcdef",
        "abc",
        "welcome",
        "letmein",
        "iloveyou",
        "login",
        "masuk",
        "test",
    ),
    *("gerbang", "kominfo", "diskominfo", "dinas", "pemerintah", "pemkot", "pemkab", "pemprov", "kota", "kabupaten"),
    *("server", "website", "januari", "desember", "senin", "tahun"),
)
_COUNTED = str.maketrans("013457@$!", "oleastasi")
_PERIODIC = re.compile(r"(.{1,7}?)\1+", re.DOTALL)


def password_faults(password: str, repeated: str, *names: str) -> tuple[Fault, ...]:
    """Return every fault of a chosen password, empty where it may be used; none of them says it back (law 8).

    `names`: what this person is called here, e.g. the username; a password is not made of it.
    """
    faults = []
    if not SHORTEST <= len(normal(password)) <= LONGEST:
        what = "terlalu pendek" if len(normal(password)) < SHORTEST else "terlalu panjang"
        mend = f"{SHORTEST} sampai {LONGEST} huruf; empat kata yang tidak berhubungan mudah diingat."
        faults.append(Fault(where="password", seen="", what=what, mend=mend))
    elif any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in password):
        mend = "Ketik ulang; baris baru dan tanda kendali tidak dapat dipakai."
        faults.append(Fault(where="password", seen="", what="berisi tanda yang tidak terlihat", mend=mend))
    elif _is_guessable(normal(password), names):
        mend = "Jangan hanya nama, tanggal, angka berurut atau kata umum; pakai empat kata yang tidak berhubungan."
        faults.append(Fault(where="password", seen="", what="mudah ditebak", mend=mend))
    if password != repeated:
        faults.append(Fault(where="repeated", seen="", what="tidak sama", mend="Ketik kata sandi yang sama dua kali."))
    return tuple(faults)


def normal(password: str) -> str:
    """Return the form that is hashed: the same letters typed on another keyboard are the same password (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _is_guessable(password: str, names: tuple[str, ...]) -> bool:
    """Take away common words and names, as typed and with 0 for o; what is left must still be something."""
    plain = password.casefold()
    if plain.replace(" ", "").isdigit() or _PERIODIC.fullmatch(plain):
        return True
    named = (word for name in names for word in re.split(r"[^a-z0-9]+", name.casefold()) if len(word) >= _SHORT)
    words = sorted({*_COMMON, *named}, key=len, reverse=True)
    return any(_left_of(spelt, words) < _LEFT for spelt in (plain, plain.translate(_COUNTED)))


def _left_of(text: str, words: list[str]) -> int:
    for word in words:
        text = text.replace(word, " ")
    return len({sign for sign in _without_runs(text) if sign.isalnum()})


def _without_runs(text: str) -> str:
    """Leave out what only goes on: 'aaaa', '4567', 'dcba' count for their first character."""
    kept = text[:1]
    for before, sign in pairwise(text):
        if abs(ord(sign) - ord(before)) > 1:
            kept += sign
    return kept

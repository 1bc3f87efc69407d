"""How does a secret lie sealed? AES-256-GCM, bound to its row; keys in a 0600 file, the newest seals, each may open.

The file: {"keys": [{"id": "k7f3a90c1", "key": "<32 bytes in base64>"}, ...]}, the newest last. Rotation appends a key;
an old one is taken out when no row names it. Source: NIST SP 800-38D (96 bit nonce, drawn anew for each row).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from provisioner.errors import Unavailable

DESTROYED = b""
KEY_BYTES = 32
NONCE_BYTES = 12
SECRET_LENGTH = 24
#: no i, l, o, 0, 1: read aloud at a counter; no sign that a shell, SQL or a URL would read as its own
SECRET_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"  # noqa: S105 - letters to draw from


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The sealing keys by id; `newest` seals."""

    newest: str
    by_id: Mapping[str, bytes] = field(repr=False)

    def seal(self, secret: str, row_id: str) -> tuple[str, bytes]:
        """Return (key id, sealed bytes) of a secret; only the row `row_id` can be opened again."""
        nonce = os.urandom(NONCE_BYTES)
        return self.newest, nonce + AESGCM(self.by_id[self.newest]).encrypt(nonce, secret.encode(), _bound(row_id))

    def open(self, sealed: bytes, key_id: str, row_id: str) -> str:
        """Return the secret. Unavailable where it was destroyed, its key is not here, or the row is another's."""
        if sealed == DESTROYED:
            raise Unavailable("the secret was destroyed.", row_id, "Issue a new one.")
        if key_id not in self.by_id:
            raise Unavailable(f"the sealing key {key_id} is not in the key file.", row_id, "Put it back from its copy.")
        try:
            opened = AESGCM(self.by_id[key_id]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(row_id))
        except (InvalidTag, ValueError):
            raise Unavailable(
                "the sealed secret does not belong to this row or was changed.", row_id, "Audit it."
            ) from None
        return opened.decode()


def make_secret() -> str:
    """Draw a password: 24 letters and digits, 139 bits."""
    return "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))


def read_keys(path: Path) -> Keys:
    """Read the key file. Unavailable where it is missing, open to others, or not readable as keys."""
    try:
        if path.stat().st_mode & 0o077:
            raise Unavailable("the key file is open to others.", str(path), f"chmod 600 {path}")
        rows = json.loads(path.read_text(encoding="utf-8"))["keys"]
        keys = {str(row["id"]): base64.b64decode(row["key"], validate=True) for row in rows}
        newest = str(rows[-1]["id"])
    except (OSError, KeyError, IndexError, TypeError, json.JSONDecodeError, binascii.Error) as error:
        raise Unavailable(
            f"the key file cannot be read ({type(error).__name__}).", str(path), "Put it back."
        ) from error
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise Unavailable(f"a key is not of {KEY_BYTES} bytes.", str(path), "Put the file back from its copy.")
    return Keys(newest=newest, by_id=keys)


def ensure_key_file(path: Path) -> None:
    """Make a key file with one key, 0600 in a 0700 folder, where there is none; an existing one stays untouched."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, [_new_key()])


def rotate(path: Path) -> str:
    """Append a key that seals from now on; return its id. Rows sealed before stay readable."""
    read_keys(path)
    rows = json.loads(path.read_text(encoding="utf-8"))["keys"]
    _write(path, [*rows, _new_key()])
    return read_keys(path).newest


def _new_key() -> dict[str, str]:
    return {"id": f"k{secrets.token_hex(4)}", "key": base64.b64encode(os.urandom(KEY_BYTES)).decode()}


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    beside = path.with_suffix(".unfinished")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"keys": rows}, file)
        file.flush()
        os.fsync(handle)
    beside.replace(path)


def _bound(row_id: str) -> bytes:
    """The associated data: a sealed text moved to another row does not open there."""
    return f"gerbang secret {row_id}".encode()

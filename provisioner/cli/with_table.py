"""How does a CSV file go into a request's document? As one text, which the gate keeps and reads with the rest."""

from __future__ import annotations

import json
from pathlib import Path

from provisioner.cli.asking import Exit, Stopped

_ASCII = 128
_TWO_BYTES = 0xFFFF


def with_table(document: bytes, media_type: str, file: str, kind: str, verb: str) -> bytes:
    """Return the document with `lines: {"kind": ..., "verb": ..., "csv": ...}` at its end; a `lines` of its own stays.

    The gate refuses two of them; nothing of either is judged here.
    """
    table = json.dumps({"kind": kind, "verb": verb, "csv": _text(file)}, ensure_ascii=False)
    if media_type == "application/json":
        head, found, tail = document.rstrip().rpartition(b"}")
        if not found or tail:
            raise Stopped(Exit.USAGE, "dokumen JSON tidak berakhir dengan '}'; tabel tidak dapat ditambahkan.")
        comma = b"" if head.rstrip().endswith(b"{") else b","
        return head + comma + b' "lines": ' + table.encode() + b"}"
    return document.rstrip() + b"\nlines: " + "".join(map(_escaped, table)).encode("ascii") + b"\n"


def _text(file: str) -> str:
    try:
        return Path(file).read_bytes().decode("utf-8", errors="strict")
    except OSError as error:
        raise Stopped(Exit.USAGE, f"{file}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Stopped(Exit.USAGE, f"{file}, bita {error.start}: bukan UTF-8. Simpan sebagai CSV UTF-8.") from error


def _escaped(letter: str) -> str:
    """Write a letter as YAML's double quotes take it, whatever it is."""
    code = ord(letter)
    if code < _ASCII - 1:
        return letter
    return f"\\u{code:04x}" if code <= _TWO_BYTES else f"\\U{code:08x}"

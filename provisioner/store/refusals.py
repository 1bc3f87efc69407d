"""What does it mean, in the engine's words, when the database says no?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from provisioner.errors import BadInput, Fault, GerbangError, NotAllowed, Refused, Unavailable
from provisioner.unit_of_work import UnitOfWork

# What our triggers say: 'gerbang law=four_eyes'.
_LAW = re.compile(r"gerbang law=([a-z_]+)", re.ASCII)
# SQLite calls these operational too, but waiting does not mend them.
_OUR_FAULT = re.compile(r"readonly database|no such (table|column|function)|syntax error", re.ASCII)
_MEANINGS: dict[str, GerbangError] = {
    "four_eyes": NotAllowed(
        "pemohon, penyusun isian atau pengusul tidak boleh memutuskan", "keputusan", "Mintalah pejabat lain."
    ),
    "adjusted": Refused(
        "yang disetujui bukan yang diusulkan, atau sebaliknya", "keputusan", "Muat ulang rencana, lalu putuskan lagi."
    ),
    "append_only": Refused("catatan ini tidak boleh diubah atau dihapus", "basis data", "Tulislah catatan baru."),
    "chain": Refused("baris audit tidak menyambung rantainya", "audit", "Tambahkan hanya lewat gerbang."),
    "counter": Refused("hitungan pegangan hanya dijaga oleh basis data", "jumlah", "Ubahlah pegangannya."),
    "no_sum": Refused("kolam ini tidak mempunyai batas jumlah", "jumlah", "Muat batasnya dari inventaris."),
    "item_parts": Refused("layanan aktif tanpa bagian wajibnya", "item", "Lengkapi nama, alamat, ruang, basis data."),
}


def _was_asleep(error: sa.exc.DBAPIError) -> bool:
    """Whether PostgreSQL ended an idle transaction: SQLSTATE 25P03, no operational error to psycopg."""
    return getattr(error.orig, "sqlstate", None) == "25P03"


def law_of(error: sa.exc.DBAPIError) -> str | None:
    """Return the law that a trigger of ours named, None where something else refused."""
    found = _LAW.search(str(error.orig))
    return found.group(1) if found else None


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the database refuses into our own errors; what is nobody's law stays as it is.

    A text that it cannot keep is BadInput: it came from outside, and is found nowhere.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        law = law_of(error)
        if law is not None:
            raise _meaning(law) from error
        is_busy = isinstance(error, sa.exc.OperationalError) and not _OUR_FAULT.search(str(error.orig))
        if is_busy or _was_asleep(error):
            raise Unavailable(
                "basis data sibuk atau tidak menjawab", "basis data", "Coba lagi sebentar lagi."
            ) from error
        if isinstance(error, sa.exc.DataError):
            # PostgreSQL keeps no NUL in a text; SQLite does, and finds nothing by it.
            raise _unkept() from error
        raise
    except UnicodeEncodeError as error:
        raise _unkept() from error
    except sa.exc.TimeoutError as error:
        raise Unavailable("semua sambungan basis data terpakai", "basis data", "Coba lagi sebentar lagi.") from error


@contextmanager
def refusing(uow: UnitOfWork, refusal: GerbangError) -> Iterator[None]:
    """Try something in a savepoint: where a constraint says no, raise `refusal`; the outer transaction goes on."""
    try:
        with uow.connection.begin_nested():
            yield
    except sa.exc.IntegrityError as error:
        law = law_of(error)
        raise (refusal if law is None else _meaning(law)) from error


def _unkept() -> BadInput:
    what, mend = "memuat huruf yang tidak dapat disimpan", "Hapus huruf kendali (NUL) dari isian atau alamat."
    return BadInput((Fault(where="isian", seen="", what=what, mend=mend),))


def _meaning(law: str) -> GerbangError:
    # A new one each time: a raised exception keeps its traceback.
    meaning = _MEANINGS[law]
    return type(meaning)(*meaning.args)

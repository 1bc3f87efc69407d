"""How does a person set a password by a code, or change it by the old one?"""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from api.problems import Problem, Turned
from api.replies.base import Envelope, Reply
from api.routes.envelope import new_router
from api.sending import every_time
from api.session import Caller, CallerOf, Door, DoorOf, network_of
from provisioner.errors import BadInput, Fault, Refused
from provisioner.people.code import read_code
from provisioner.people.password import password_faults

router = new_router("passwords")
Secret = Annotated[str, Field(max_length=1000)]


class FirstPasswordEnvelope(Envelope):
    """A login, the code given for it, and the password it shall have."""

    username: Annotated[str, Field(min_length=1, max_length=100)]
    code: Annotated[str, Field(max_length=100)]
    password: Secret


class PasswordEnvelope(Envelope):
    """The old password, and the one that takes its place."""

    old_password: Secret
    password: Secret


class PasswordSet(Reply):
    """Whose password counts now."""

    username: str


@router.post("/codes/use")
@every_time("a password is not even kept as a digest of the sending")
def use_code(request: Request, sent: FirstPasswordEnvelope, door: DoorOf) -> PasswordSet:
    """Set a password by a code from the counter, once; 401 in one sentence for whatever is wrong with name or code."""
    set_by_code(door, sent.username, sent.code, sent.password, sent.password, network_of(request))
    return PasswordSet(username=sent.username)


@router.post("/session/password")
@every_time("a password is not even kept as a digest of the sending")
def change_password(request: Request, sent: PasswordEnvelope, who: CallerOf, door: DoorOf) -> PasswordSet:
    """Change one's own password; every other session and token ends."""
    username = change_own(door, who, sent.old_password, sent.password, sent.password, network_of(request))
    return PasswordSet(username=username)


def set_by_code(door: Door, username: str, code: str, password: str, repeated: str, network: str) -> None:
    """Set the password of the login whose code this is.

    BadInput tells what is wrong with the password and uses up nothing; Turned says one sentence for a name that does
    not exist and for a code that is wrong, used, expired or locked. The same work is done for each.
    """
    tries = door.guard.count_try(door, username, network)
    faults = password_faults(password, repeated, username)
    if faults:
        raise BadInput(faults)
    found = door.desk.code(username)
    if not door.guard.holds(found.code_hash if found else "", read_code(code)) or found is None:
        if found is not None:
            door.desk.note_code_failure(found.id)
        raise Turned(wrong_code())
    try:
        door.desk.use_code(found, door.guard.hash(password))
    except Refused:
        raise Turned(wrong_code()) from None
    tries.came_in()


def change_own(door: Door, who: Caller, old: str, password: str, repeated: str, network: str) -> str:
    """Change the password of one's own login that the old one opens; return that login's name.

    BadInput where the old one is wrong, or with what is wrong with the new one; a wrong one counts as a failed login.
    """
    mine = door.desk.own_logins(who.person)
    names = [login.username for login in mine]
    tries = door.guard.count_try(door, names[0] if names else who.person.id, network)
    faults = password_faults(password, repeated, *names, who.person.name)
    login = next((one for one in mine if door.guard.holds(one.password_hash, old)), None)
    if login is None:
        door.desk.note_login_failure()
        mend = "Periksa ejaannya; bila lupa, datang ke loket dengan surat tugas."
        faults = (Fault(where="old_password", seen="", what="kata sandi lama salah", mend=mend), *faults)
    elif old == password:
        mend = "Pilih yang belum pernah dipakai di sini."
        faults = (*faults, Fault(where="password", seen="", what="sama dengan yang lama", mend=mend))
    if faults or login is None:
        raise BadInput(faults)
    tries.came_in()
    door.desk.change_password(who.person, login, door.guard.hash(password), asking=who.token_sha256)
    return login.username


def wrong_code() -> Problem:
    """Say one sentence for all: whether a name exists, or a code was given, is nobody's business."""
    return Problem(
        slug="not-signed-in",
        status=401,
        detail="Nama masuk atau kode salah, atau kode sudah tidak berlaku.",
        mend="Kode berlaku sepuluh menit dan sekali pakai; mintalah yang baru di loket.",
    )

"""Whom do we know, in which positions, with which rights?"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from provisioner.errors import NotFound, Refused
from provisioner.people.person import Person, Position, Right
from provisioner.store.asking import changed_one
from provisioner.store.refusals import refusing
from provisioner.store.tables.people import LOGINS, OPDS, PERSON_DETAILS, PERSON_RIGHTS, PERSONS, POSITIONS
from provisioner.unit_of_work import UnitOfWork

# Every call to the gate asks who somebody is. A statement made once is compiled once; made anew it costs a millisecond.
_IDS: sa.BindParameter[list[str]] = sa.bindparam("ids", expanding=True)
_DETAILS = sa.select(PERSON_DETAILS).order_by(PERSON_DETAILS.c.name)
_DETAILS_OF_ONE = _DETAILS.where(PERSON_DETAILS.c.person_id == sa.bindparam("id"))
_RIGHTS_OF = sa.select(PERSON_RIGHTS).where(PERSON_RIGHTS.c.person_id.in_(_IDS))
_POSITIONS_OF = sa.select(POSITIONS).where(POSITIONS.c.person_id.in_(_IDS)).order_by(POSITIONS.c.since, POSITIONS.c.id)


def add_opd(uow: UnitOfWork, code: str, name: str) -> None:
    """Keep an OPD, or give the one of that code its new name: ('DISDIK', 'Dinas Pendidikan')."""
    if uow.connection.execute(sa.update(OPDS).where(OPDS.c.code == code).values(name=name)).rowcount == 0:
        uow.connection.execute(sa.insert(OPDS).values(code=code, name=name))


def opds(uow: UnitOfWork) -> Mapping[str, str]:
    """Return every OPD: code -> name."""
    return {row.code: row.name for row in uow.connection.execute(sa.select(OPDS).order_by(OPDS.c.code))}


def add_person(uow: UnitOfWork, person: Person) -> None:
    """Keep a new person; Refused where id, NIP or e-mail already belong to one: a human being stands here once."""
    refusal = Refused("orang dengan id, NIP atau surel itu sudah terdaftar", "orang", "Pakai orang yang sudah ada.")
    with refusing(uow, refusal):
        uow.connection.execute(sa.insert(PERSONS).values(id=person.id))
        uow.connection.execute(sa.insert(PERSON_DETAILS).values(_to_row(person)))
    set_rights(uow, person.id, person.rights)
    for position in person.positions:
        add_position(uow, person.id, position)


def set_rights(uow: UnitOfWork, person_id: str, rights: Iterable[Right]) -> None:
    """Give the person exactly these rights."""
    uow.connection.execute(sa.delete(PERSON_RIGHTS).where(PERSON_RIGHTS.c.person_id == person_id))
    rows = [{"person_id": person_id, "right_word": Right(right).value} for right in sorted(set(rights))]
    if rows:
        uow.connection.execute(sa.insert(PERSON_RIGHTS), rows)


def set_contract(uow: UnitOfWork, person_id: str, number: str | None, end: date) -> None:
    """Let a person be one who is not ASN, with the contract that counts now; NotFound where the details were erased."""
    mine = sa.update(PERSON_DETAILS).where(PERSON_DETAILS.c.person_id == person_id)
    changed_one(uow, mine.values(employment="non_asn", contract_number=number, contract_end=end), f"orang {person_id}")


def add_position(uow: UnitOfWork, person_id: str, position: Position) -> None:
    """Add a dated position; Refused where its OPD or the person is not known, or it ends before it begins."""
    refusal = Refused("jabatan tidak dapat dicatat", "orang", "Periksa orang, kode OPD dan tanggalnya.")
    with refusing(uow, refusal):
        uow.connection.execute(sa.insert(POSITIONS).values(person_id=person_id, **vars(position)))


def end_positions(uow: UnitOfWork, person_id: str, actor: str, opd: str, until: date) -> int:
    """Let these positions of the person end with the day `until`, return how many; one begun later is taken back."""
    held = (POSITIONS.c.person_id == person_id) & (POSITIONS.c.actor == actor) & (POSITIONS.c.opd == opd)
    standing = held & (POSITIONS.c.until.is_(None) | (POSITIONS.c.until > until))
    begun_later = sa.delete(POSITIONS).where(standing, POSITIONS.c.since > until)
    ended = sa.update(POSITIONS).where(standing).values(until=until)
    return int(uow.connection.execute(begun_later).rowcount) + int(uow.connection.execute(ended).rowcount)


def person(uow: UnitOfWork, person_id: str) -> Person:
    """Return the person; NotFound where there is none, or the details were erased."""
    found = _whole(uow, uow.connection.execute(_DETAILS_OF_ONE, {"id": person_id}).all())
    if not found:
        raise NotFound(f"orang {person_id} tidak ada", "basis data", "Periksa id-nya.")
    return found[0]


def by_id(uow: UnitOfWork, person_ids: Iterable[str]) -> Mapping[str, Person]:
    """Return many persons at once: id -> person; one whose details were erased is left out."""
    wanted = sorted(set(person_ids))
    return {found.id: found for found in _persons(uow, PERSON_DETAILS.c.person_id.in_(wanted))}


def named_like(uow: UnitOfWork, text: str, limit: int) -> tuple[str, ...]:
    """Return the ids of persons in whose name `text` occurs, by name, at most `limit`."""
    query = sa.select(PERSON_DETAILS.c.person_id).where(PERSON_DETAILS.c.name.icontains(text, autoescape=True))
    rows = uow.connection.execute(query.order_by(PERSON_DETAILS.c.name, PERSON_DETAILS.c.person_id).limit(limit))
    return tuple(rows.scalars())


def persons(uow: UnitOfWork) -> tuple[Person, ...]:
    """Return everyone, by name."""
    return _persons(uow, sa.true())


def with_right(uow: UnitOfWork, right: Right) -> tuple[Person, ...]:
    """Return who has that right, by name."""
    holders = sa.select(PERSON_RIGHTS.c.person_id).where(PERSON_RIGHTS.c.right_word == right.value)
    return _persons(uow, PERSON_DETAILS.c.person_id.in_(holders))


def find_person(uow: UnitOfWork, *, nip: str | None = None, email: str | None = None) -> Person | None:
    """Return who bears that NIP, or else that e-mail; None where nobody does."""
    if nip:
        found = _persons(uow, PERSON_DETAILS.c.nip == nip)
        if found:
            return found[0]
    found = _persons(uow, PERSON_DETAILS.c.email == email) if email else ()
    return found[0] if found else None


def like(uow: UnitOfWork, words: str, *, limit: int) -> tuple[Person, ...]:
    """Return who has a login and bears every one of the words in name, NIP or login, by name."""
    wanted: sa.ColumnElement[bool] = PERSON_DETAILS.c.person_id.in_(sa.select(LOGINS.c.person_id))
    for word in words.split():
        named = sa.select(LOGINS.c.person_id).where(LOGINS.c.username.icontains(word, autoescape=True))
        at = PERSON_DETAILS.c.name.icontains(word, autoescape=True) | (PERSON_DETAILS.c.nip == word)
        wanted &= at | PERSON_DETAILS.c.person_id.in_(named)
    return _persons(uow, wanted, limit)


def salt_of(uow: UnitOfWork, person_id: str) -> str:
    """Return the salt of the person's digests in the chain; it goes with the details when they are erased."""
    query = sa.select(PERSON_DETAILS.c.salt).where(PERSON_DETAILS.c.person_id == person_id)
    return str(uow.connection.execute(query).scalar_one())


def _persons(uow: UnitOfWork, condition: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Person, ...]:
    return _whole(uow, uow.connection.execute(_DETAILS.where(condition).limit(limit)).all())


def _whole(uow: UnitOfWork, rows: Sequence[Any]) -> tuple[Person, ...]:
    ids = {"ids": [row.person_id for row in rows]}
    rights, positions = defaultdict(set), defaultdict(list)
    for row in uow.connection.execute(_RIGHTS_OF, ids):
        rights[row.person_id].add(Right(row.right_word))
    for row in uow.connection.execute(_POSITIONS_OF, ids):
        positions[row.person_id].append(_position(row))
    return tuple(_from_row(row, frozenset(rights[row.person_id]), tuple(positions[row.person_id])) for row in rows)


def _from_row(row: Any, rights: frozenset[Right], positions: tuple[Position, ...]) -> Person:
    return Person(
        id=row.person_id,
        name=row.name,
        nip=row.nip,
        employment=row.employment,
        contract_number=row.contract_number,
        contract_end=row.contract_end,
        email=row.email,
        phone=row.phone,
        rights=rights,
        positions=positions,
    )


def _position(row: Any) -> Position:
    return Position(actor=row.actor, opd=row.opd, title=row.title, since=row.since, until=row.until)


def _to_row(person: Person) -> dict[str, Any]:
    return {
        "person_id": person.id,
        "salt": secrets.token_hex(16),
        "name": person.name,
        "employment": person.employment,
        "nip": person.nip,
        "contract_number": person.contract_number,
        "contract_end": person.contract_end,
        "email": person.email,
        "phone": person.phone,
    }

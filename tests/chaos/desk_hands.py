"""How do tests of the desk carry a request to where they want it, and read what was kept?"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from provisioner.people.person import Person, Position, Right
from provisioner.plans.plan import PlanState
from provisioner.requests.filed import FiledRequest, Line
from provisioner.store import holds, people, plans
from provisioner.workflow.look import look
from tests.house import EXAMPLE, PEOPLE, EngineHouse

LINE = EXAMPLE["lines"][0]


def document(*, lines: list[dict[str, Any]] | None = None, **fields: Any) -> bytes:
    """Return the example's letter with fields replaced: those of the letter, else of its one line."""
    of_letter = {name: value for name, value in fields.items() if name in EXAMPLE}
    of_line = {name: value for name, value in fields.items() if name not in EXAMPLE}
    return json.dumps({**EXAMPLE, **of_letter, "lines": lines or [{**LINE, **of_line}]}).encode()


def submit(house: EngineHouse, **fields: Any) -> FiledRequest:
    """Send the example in as its OPD."""
    return house.desk.submit(PEOPLE["opd"], document(**fields), "application/json")


def to_decision(house: EngineHouse, request: FiledRequest) -> tuple[Line, ...]:
    """Carry a filed request to its decision, from wherever it stands."""
    house.clock.move(seconds=1)
    for step, who in (("register", "umum"), ("disposition", "kepala")):
        if house.desk.request(PEOPLE["umum"], request.id).request.step == step:
            house.desk.do_step(PEOPLE[who], request.id, step)
    lines = house.desk.request(PEOPLE["umum"], request.id).request.lines
    for line in lines:
        look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    return lines


def others_line(house: EngineHouse) -> Line:
    """Carry a request of another OPD to its plan; return its line."""
    raw = document(opd="DINLAIN", sub_domain="lainnya", second_name="none")
    request = house.desk.submit(PEOPLE["lain"], raw, "application/json")
    return to_decision(house, request)[0]


def keep(house: EngineHouse, name: str, actor: str, rights: str, **more: Any) -> Person:
    """Keep one more person with a position; `opd`, `since`, `until` of it, or `full_name`, `email`, `employment`."""
    own = {key: more.pop(key) for key in ("full_name", "email", "employment") if key in more}
    position = {"opd": None, "since": date(2026, 1, 1), "until": None, **more}
    person = Person(
        id=f"per_{name}",
        name=own.get("full_name", f"{name.title()} Rekaan"),
        nip=None,
        employment=own.get("employment", "asn"),
        contract_number=None,
        contract_end=None,
        email=own.get("email", f"{name}@contoh.example"),
        phone="",
        rights=frozenset(Right(right) for right in rights.split()),
        positions=(Position(actor=actor, title=actor, **position),),
    )
    with house.database.transaction() as uow:
        people.add_person(uow, person)
    return person


def person_of(house: EngineHouse, person_id: str) -> Person:
    """Return the person as kept now."""
    with house.database.reading() as uow:
        return people.person(uow, person_id)


def states_of(house: EngineHouse, line_id: str) -> list[PlanState]:
    """Return the states of the line's plans, oldest first."""
    with house.database.reading() as uow:
        return [record.state for record in plans.of_line(uow, line_id)]


def held_of(house: EngineHouse, line_id: str) -> list[str]:
    """Return the pools of which the line keeps something."""
    with house.database.reading() as uow:
        return [row.thing.pool for row in holds.of_line(uow, line_id) if row.state in {"held", "committed"}]


def chain(house: EngineHouse, event: str) -> list[tuple[str, Any]]:
    """Return (subject, data) of each row of that event."""
    rows = house.desk.audit_rows(PEOPLE["auditor"], limit=500)
    return [(row.subject, row.data) for row in rows if row.event == event]

"""Is a request kept as received and as it stands, and found again quickly?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from provisioner.digests import digest_of_bytes
from provisioner.errors import NotFound, Refused
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import Draft, LineState, RequestState, TechnicalPerson
from provisioner.store import procedures, requests, steps, versions
from provisioner.store.database import Database
from provisioner.store.tables.requests import REQUESTS
from provisioner.unit_of_work import UnitOfWork
from tests.storage.world import BUDI, ITEM, NOW, PROCEDURES, RAW, RINA, SARI, TONO, WISH, World, draft


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements sent meanwhile."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(database.engine, "before_cursor_execute", note)


def test_a_filed_request_comes_back_whole(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow, WISH, {"sub_domain": "ppdb"})
        assert requests.request(uow, filed.id) == filed
    data: dict[str, Any] = draft().as_data()
    lines = tuple(
        Line(
            id=line.id,
            request_id=filed.id,
            number=number,
            kind="hosting",
            verb="create",
            state=LineState.OPEN,
            item_id=None,
            wish=wish,
            wish_version=1,
            plan_id=None,
            run_id=None,
        )
        for number, line, wish in zip((1, 2), filed.lines, (WISH, {"sub_domain": "ppdb"}), strict=True)
    )
    assert filed == FiledRequest(
        id=filed.id,
        number="2026-0001",
        opd="DISDIK",
        application_name="Simpeg",
        state=RequestState.OPEN,
        procedure_id="tarakan_hosting",
        procedure_sha256=world.procedure.sha256,
        step="submit",
        requester_id=RINA.id,
        recorder_id=None,
        authors=frozenset({RINA.id}),
        proposers=frozenset(),
        letter={"number": "067/1/DISDIK/XI/2026", "date": "2026-11-20", "subject": "Permohonan hosting"},
        administrative=data["administrative"],
        technical=data["technical"],
        technical_person_id=TONO.id,
        version=1,
        received_sha256=digest_of_bytes(RAW),
        submitted_at=NOW,
        lines=lines,
    )


def test_the_original_is_kept_byte_for_byte(world: World) -> None:
    raw = b"\x00\xff opd: DISDIK\r\n"
    with world.database.transaction() as uow:
        filed = requests.file(
            uow,
            draft=draft(),
            raw=raw,
            media_type="application/yaml",
            requester_id=RINA.id,
            recorder_id=SARI.id,
            procedure=world.procedure,
            technical_person_id=None,
            now=NOW,
        )
        assert requests.original(uow, filed.id) == (raw, "application/yaml", digest_of_bytes(raw))
        assert (filed.recorder_id, filed.authors) == (SARI.id, frozenset({RINA.id}))
        assert requests.procedure_version(uow, filed.id) == ("tarakan_hosting", world.procedure.sha256)
        assert len(requests.salt_of(uow, filed.id)) == 32
    with pytest.raises(NotFound), world.database.reading() as uow:
        requests.original(uow, "req_x")


def test_numbers_begin_anew_each_year_of_the_zone_handed_in(world: World) -> None:
    with world.database.transaction() as uow:
        found = [world.file(uow, now=NOW + timedelta(days=days)).number for days in (0, 0, 60, 61, 0)]
    assert found == ["2026-0001", "2026-0002", "2027-0001", "2027-0002", "2026-0003"]


def test_a_request_of_an_unknown_opd_leaves_no_gap(world: World) -> None:
    with pytest.raises(Refused, match="OPD"), world.database.transaction() as uow:
        world.file(uow, opd="DISHUB")
    with world.database.transaction() as uow:
        assert world.file(uow).number == "2026-0001"


def test_a_request_whose_procedure_was_not_kept_is_refused(world: World) -> None:
    known = world.procedure
    world.procedure = replace(known, sha256="0" * 64)
    with pytest.raises(Refused, match="versi prosedur"), world.database.transaction() as uow:
        world.file(uow)
    world.procedure = known


def test_a_procedures_version_is_kept_once_with_its_text(world: World) -> None:
    with pytest.raises(NotFound), world.database.reading() as uow:
        procedures.text_of(uow, "tarakan_hosting", "0" * 64)
    with world.database.transaction() as uow:
        procedures.keep(uow, world.procedure, PROCEDURES.read_text())
        kept = procedures.text_of(uow, "tarakan_hosting", world.procedure.sha256)
    assert kept == PROCEDURES.read_text()


def test_pages_follow_each_other_without_gap_or_double(world: World) -> None:
    with world.database.transaction() as uow:
        # Three share one instant: the id then decides.
        filed = [world.file(uow, now=NOW + timedelta(hours=hours)) for hours in (0, 1, 1, 1, 2, 3, 4)]
    expected = sorted(((one.submitted_at, one.id) for one in filed), reverse=True)
    found: list[tuple[Any, str]] = []
    with world.database.reading() as uow:
        while rows := requests.page(uow, opds=None, before=found[-1] if found else None, limit=2):
            found += [(one.submitted_at, one.id) for one in rows]
    assert found == expected


def test_a_page_shows_ones_own_opd_and_what_one_is_named_for(world: World) -> None:
    with world.database.transaction() as uow:
        disdik, dinkes = world.file(uow), world.file(uow, opd="DINKES")
        requests.move(uow, dinkes.id, state=RequestState.DECIDED)

        def found(**which: Any) -> set[str]:
            return {one.id for one in requests.page(uow, before=None, limit=10, **which)}

        assert found(opds=None) == {disdik.id, dinkes.id}
        assert found(opds=frozenset({"DINKES"})) == {dinkes.id}
        assert found(opds=frozenset()) == set()
        assert found(opds=frozenset(), technical_person_id=TONO.id) == {disdik.id, dinkes.id}
        assert found(opds=frozenset(), technical_person_id=RINA.id) == set()
        assert found(opds=None, states={RequestState.OPEN}) == {disdik.id}
        assert found(opds=None, states={RequestState.OPEN, RequestState.DECIDED}) == {disdik.id, dinkes.id}
        assert found(opds=frozenset({"DISDIK"}), states={RequestState.DECIDED}) == set()


def test_a_page_takes_as_many_statements_for_one_request_as_for_twenty(world: World) -> None:
    with world.database.transaction() as uow:
        for _ in range(20):
            world.file(uow, WISH, WISH)
    lengths = []
    for limit in (1, 20):
        with world.database.reading() as uow, counted(world.database) as sent:
            assert len(requests.page(uow, opds=None, limit=limit)) == limit
            lengths.append(len(sent))
    assert lengths[0] == lengths[1] <= 4


def test_state_and_step_move_apart(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow)
        requests.move(uow, filed.id, step="register")
        requests.move(uow, filed.id, state=RequestState.WAITING_FOR_OPD)
        requests.move(uow, filed.id)
        found = requests.request(uow, filed.id)
        assert (found.step, found.state) == ("register", RequestState.WAITING_FOR_OPD)
        with pytest.raises(NotFound):
            requests.move(uow, "req_x", step="register")
        with pytest.raises(ValueError, match="asleep"):
            requests.move(uow, filed.id, state="asleep")  # type: ignore[arg-type]


def test_a_line_changes_only_where_it_may(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        requests.change_line(uow, line_id, state=LineState.DECIDED, item_id=ITEM, plan_id="plan_1", run_id="run_1")
        found = requests.line(uow, line_id)
        assert (found.state, found.item_id, found.plan_id, found.run_id) == ("decided", ITEM, "plan_1", "run_1")
        assert requests.lines_of_item(uow, ITEM) == (found,)
        with pytest.raises(TypeError, match="kind, wish"):
            requests.change_line(uow, line_id, kind="other", wish={})
        with pytest.raises(NotFound):
            requests.line(uow, "line_x")


def test_open_lines_are_counted_by_opd(world: World) -> None:
    decided, *_ = world.lines(3)
    with world.database.transaction() as uow:
        world.file(uow, opd="DINKES")
        requests.change_line(uow, decided, state=LineState.DECIDED)
        assert [requests.open_lines_of_opd(uow, opd) for opd in ("DISDIK", "DINKES", "DISHUB")] == [2, 1, 0]


def test_steps_done_come_back_in_the_order_written(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow)
        done = [
            StepDone(
                request_id=filed.id,
                step=step,
                outcome=outcome,
                actor_id=actor,
                actor_name="Contoh",
                position="Staf",
                office="DKISP",
                recorder_id=recorder,
                note="lampiran lengkap",
                number=number,
                happened_at=NOW - timedelta(days=1),
                recorded_at=NOW,
            )
            for step, outcome, actor, recorder, number in (
                ("register", None, SARI.id, None, "A-1"),
                ("review", "approved", "worker", SARI.id, None),
            )
        ]
        for one in done:
            steps.write(uow, one)
        assert steps.of_request(uow, filed.id) == tuple(done)


def resubmit(uow: UnitOfWork, filed: FiledRequest, asked: Draft) -> FiledRequest:
    """Tono sends the returned request in again."""
    return requests.add_version(
        uow,
        filed.id,
        draft=asked,
        raw=b"kedua",
        media_type="application/yaml",
        author_id=TONO.id,
        technical_person_id=None,
        now=NOW + timedelta(days=1),
    )


def test_a_returned_request_comes_in_again_as_its_next_version(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow, WISH, WISH)
        requests.change_line(uow, filed.lines[0].id, plan_id="plan_1")
        wish = {"sub_domain": "ppdb"}
        again = resubmit(uow, filed, replace(draft(wish, WISH), application_name="PPDB"))
        expected = replace(
            filed,
            application_name="PPDB",
            version=2,
            authors=frozenset({RINA.id, TONO.id}),
            technical_person_id=None,
            received_sha256=digest_of_bytes(b"kedua"),
            lines=(
                replace(filed.lines[0], wish=wish, wish_version=2, plan_id=None),
                replace(filed.lines[1], wish_version=2),
            ),
        )
        assert again == expected
        assert requests.original(uow, filed.id)[:2] == (b"kedua", "application/yaml")
        wishes = uow.connection.exec_driver_sql("SELECT count(*) FROM line_wishes").scalar()
        assert wishes == 4


RATNA = {
    "name": "Contoh Ratna",
    "employment": "asn",
    "nip": "199001012015012001",
    "contract_number": None,
    "contract_end": None,
    "position": "Sekretaris kelurahan",
    "email": "ratna@contoh.go.id",
    "phone": "081234567892",
}


def named(*own: bool) -> Draft:
    """A draft with a line for each; those that are true name Ratna as their own technical person."""
    made = draft(*[{"sub_domain": f"situs{number}"} for number, _ in enumerate(own)])
    ratna = TechnicalPerson(**RATNA)  # type: ignore[arg-type]
    lines = zip(made.lines, own, strict=True)
    return replace(made, lines=tuple(replace(line, technical=ratna if is_own else None) for line, is_own in lines))


def test_a_lines_own_person_is_kept_by_id_with_the_line_and_in_words_where_it_can_be_erased(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow, made=named(False, True), technical_of_lines={2: SARI.id})
        assert [line.technical_person_id for line in filed.lines] == [None, SARI.id]
        assert requests.line(uow, filed.lines[1].id) == filed.lines[1]
        assert filed.technical_of_lines == {2: RATNA}
        assert [filed.appointed_to(line) for line in filed.lines] == [TONO.id, SARI.id]
        assert [filed.technical_of(line)["name"] for line in filed.lines] == ["Contoh Tono", "Contoh Ratna"]
        (version,) = versions.of_request(uow, filed.id)
        assert version.technical_of_lines == {2: RATNA}
        written = [
            str(row)
            for table in ("lines", "line_wishes", "requests", "request_versions")
            for row in uow.connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608
        ]
        assert [
            row for row in written for datum in RATNA.values() if datum and str(datum) in row and datum != "asn"
        ] == []
        uow.connection.exec_driver_sql("DELETE FROM request_persons")
        erased = requests.request(uow, filed.id)
        assert (erased.technical_of_lines, [line.technical_person_id for line in erased.lines]) == ({}, [None, SARI.id])
        assert [erased.technical_of(line) for line in erased.lines] == [{}, {}]
        assert erased.names_by_line() == {1: "", 2: ""}


def test_the_next_version_names_its_persons_anew(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow, made=named(True, False), technical_of_lines={1: SARI.id})
        again = requests.add_version(
            uow,
            filed.id,
            draft=named(False, True),
            raw=b"kedua",
            media_type="application/yaml",
            author_id=TONO.id,
            technical_person_id=TONO.id,
            technical_of_lines={2: BUDI.id},
            now=NOW + timedelta(days=1),
        )
        assert [line.technical_person_id for line in again.lines] == [None, BUDI.id]
        assert again.technical_of_lines == {2: RATNA}
        assert [one.technical_of_lines for one in versions.of_request(uow, filed.id)] == [{1: RATNA}, {2: RATNA}]


def test_who_is_named_by_a_line_alone_finds_the_request_and_no_other(world: World) -> None:
    with world.database.transaction() as uow:
        filed, other = world.file(uow, made=named(False, True), technical_of_lines={2: SARI.id}), world.file(uow)
        requests.move(uow, filed.id, state=RequestState.CLOSED)
        for person_id, expected in ((SARI.id, [filed.id]), (RINA.id, []), (TONO.id, [other.id, filed.id])):
            found = requests.page(uow, opds=frozenset(), technical_person_id=person_id)
            assert sorted(one.id for one in found) == sorted(expected)


def test_a_line_of_an_unknown_person_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="orang belum dikenal"), world.database.transaction() as uow:
        world.file(uow, made=named(True), technical_of_lines={1: "per_nobody"})


def test_other_lines_are_another_request(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow, WISH)
        line = draft().lines[0]
        for asked in (
            draft(WISH, WISH),
            draft(opd="DINKES"),
            replace(draft(), lines=(replace(line, verb="terminate", item_id=ITEM),)),
        ):
            with pytest.raises(Refused, match="berbeda dari semula"):
                resubmit(uow, filed, asked)
        assert requests.request(uow, filed.id) == filed


def test_erasing_the_persons_leaves_the_request_standing(world: World) -> None:
    with world.database.transaction() as uow:
        filed = world.file(uow)
        uow.connection.exec_driver_sql("DELETE FROM request_persons")
        uow.connection.exec_driver_sql("DELETE FROM originals")
        found = requests.request(uow, filed.id)
        assert (found.number, found.administrative, found.technical) == (filed.number, {}, {})


def test_no_personal_datum_lies_outside_the_tables_that_can_be_erased(world: World) -> None:
    with world.database.transaction() as uow:
        world.file(uow, made=named(False, True), technical_of_lines={2: SARI.id})
        names = set(sa.inspect(uow.connection).get_table_names()) - {"person_details", "request_persons", "originals"}
        found = [
            name
            for name in sorted(names)
            for row in uow.connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()  # noqa: S608
            for datum in (
                "198501012010012001",
                "081234567890",
                "@contoh.go.id",
                "Contoh Rina",
                "Contoh Tono",
                "Contoh Ratna",
            )
            if datum in str(row)
        ]
    assert found == []
    assert REQUESTS.name in names

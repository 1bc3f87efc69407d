"""Do drafts and scans live and go as they must, on both databases?"""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from provisioner.digests import digest_of_bytes
from provisioner.errors import NotFound, Refused
from provisioner.requests.mark import Mark
from provisioner.requests.saved_draft import LIFETIME, SavedDraft
from provisioner.requests.scan import Scan
from provisioner.store import drafts, scans, steps
from provisioner.store.tables.drafts import SCANS
from tests.storage.test_laws_in_sql import step_done
from tests.storage.world import NOW, RINA, SARI, World

BODY = b"%PDF-1.7\n\x00\xff%%EOF"


def draft(draft_id: str = "draft_a", author: str = RINA.id, request_id: str | None = None) -> SavedDraft:
    """A draft begun now."""
    document = {"letter": {"number": "1", "subject": "a\x00b \U0001f600"}}
    return SavedDraft(
        id=draft_id, author_id=author, request_id=request_id, document=document, saved_at=NOW, scan_id=None
    )


def scan(scan_id: str = "scan_a", body: bytes = BODY, request_id: str | None = None) -> Scan:
    """A scan that Rina filed now."""
    return Scan(
        id=scan_id,
        request_id=request_id,
        sha256=digest_of_bytes(body),
        media_type="application/pdf",
        size_bytes=len(body),
        filed_by=RINA.id,
        filed_at=NOW,
    )


def test_a_draft_comes_back_whole_to_its_author_alone_until_its_time_is_over(world: World) -> None:
    with world.database.transaction() as uow:
        drafts.begin(uow, draft())
        assert drafts.draft(uow, RINA.id, "draft_a", NOW) == draft()
        assert drafts.of_author(uow, SARI.id, NOW) == ()
        late = NOW + LIFETIME
        assert drafts.of_author(uow, RINA.id, late - timedelta(seconds=1)) == (draft(),)
        for author, now in ((SARI.id, NOW), (RINA.id, late)):
            with pytest.raises(NotFound):
                drafts.draft(uow, author, "draft_a", now)
        assert drafts.is_any_due(uow, late)
        drafts.expire(uow, late)
        assert not drafts.is_any_due(uow, late)


def test_of_a_returned_request_each_person_has_one_draft(world: World) -> None:
    with world.database.transaction() as uow:
        request_id = world.file(uow).id
        drafts.begin(uow, draft("draft_a", request_id=request_id))
        drafts.begin(uow, draft("draft_b", author=SARI.id, request_id=request_id))
        drafts.begin(uow, draft("draft_c"))
        with pytest.raises(Refused):
            drafts.begin(uow, draft("draft_d", request_id=request_id))
        found = drafts.of_request(uow, RINA.id, request_id, NOW)
        assert found is not None
        assert found.id == "draft_a"


def test_a_draft_takes_its_scan_along_when_it_goes(world: World) -> None:
    with world.database.transaction() as uow:
        for name in ("draft_a", "draft_b"):
            drafts.begin(uow, draft(name))
            scans.lay_with_draft(uow, name, scan(f"scan_{name}"), BODY)
        scans.lay_with_draft(uow, "draft_a", scan("scan_later", BODY + b"\n"), BODY + b"\n")
        assert drafts.draft(uow, RINA.id, "draft_a", NOW).scan_id == "scan_later"
        drafts.delete(uow, "draft_a")
        assert uow.connection.execute(sa.select(SCANS.c.id)).scalars().all() == ["scan_draft_b"]


def test_a_drafts_scan_becomes_its_requests_once_and_never_changes(world: World) -> None:
    with world.database.transaction() as uow:
        request_id = world.file(uow).id
        drafts.begin(uow, draft())
        scans.lay_with_draft(uow, "draft_a", scan(), BODY)
        later = NOW + timedelta(minutes=1)
        assert scans.hand_over(uow, "draft_a", request_id, later) == replace(
            scan(), request_id=request_id, filed_at=later
        )
        drafts.delete(uow, "draft_a")
        assert scans.body(uow, "scan_a") == BODY
        assert scans.hand_over(uow, "draft_a", request_id, later) is None
    for values in ({"body": b"x"}, {"sha256": "0" * 64}, {"filed_by": SARI.id}):
        with pytest.raises(Refused, match="tidak boleh diubah"), world.database.transaction() as uow:
            uow.connection.execute(sa.update(SCANS).values(values))
    with world.database.transaction() as uow:
        assert scans.body(uow, "scan_a") == BODY
        uow.connection.execute(sa.delete(SCANS))
        assert scans.of_request(uow, request_id) is None


def test_the_marks_of_a_step_come_back_as_they_were_and_none_stays_none(world: World) -> None:
    marks = {"letter.number": Mark(mark="same", note=""), "opd": Mark(mark="differs", note="surat: BKPSDM é")}
    with world.database.transaction() as uow:
        request_id = world.file(uow).id
        for kept in (marks, None):
            steps.write(uow, replace(step_done(request_id), marks=kept))
        assert [done.marks for done in steps.of_request(uow, request_id)] == [marks, None]


def test_the_last_scan_of_a_request_counts(world: World) -> None:
    with world.database.transaction() as uow:
        request_id = world.file(uow).id
        for minute, body in enumerate((BODY, BODY + b"\n")):
            one = scan(f"scan_{minute}", body, request_id)
            scans.file(uow, replace(one, filed_at=NOW + timedelta(minutes=minute)), body)
        found = scans.of_request(uow, request_id)
        assert found is not None
        assert found.id == "scan_1"
        assert scans.find(uow, request_id, digest_of_bytes(BODY)) is not None

"""Does the gate, in every reply and stream, tell an OPD less of a shared host than it tells staff?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from api.routes.live import Broadcast
from provisioner.plans.plan import Reason
from provisioner.runs.run import RunState
from provisioner.store import alarms, runs
from tests.chaos.desk_hands import others_line
from tests.gate.office import Office

WHY = "tetangga berubah selama pelaksanaan: web1 apache g7kq2mx4pd vhost"
FOR_STAFF = "perlu ditangani petugas"


def needing_attention(office: Office) -> str:
    """Let a run stop where a neighbour changed; return its id."""
    house = office.house
    run_id, now = house.to_run(), house.clock()
    with house.database.transaction() as uow:
        for state in (RunState.LOOKING, RunState.APPLYING):
            runs.move(uow, run_id, state, now=now)
        runs.move(uow, run_id, RunState.NEEDS_ATTENTION, why=WHY, now=now)
        said = [("log", "apache", "g7kq2mx4pd", now), ("state", "", f"needs_attention: {WHY}", now)]
        runs.add_events(uow, run_id, (*said, ("task", "apache", "changed", now)))
    return run_id


def test_a_plan_page_and_reply_name_no_other_opds_site(office: Office) -> None:
    house = office.house
    assert house.carry_out(house.to_run()) == "done"
    item = house.desk.items(office.person("opd"))[0]
    line = others_line(house)
    told: Mapping[str, Any] = office.client("lain").get(f"/api/v1/lines/{line.id}/plan").json()
    shown = office.browser("lain").get(f"/baris/{line.id}/rencana").text
    staff = office.browser("kabid").get(f"/baris/{line.id}/rencana").text
    words = (item.id, "simpeg", item.opd)
    assert [word for word in words if word in json.dumps(told)] == []
    assert [word for word in words if word in shown] == []
    assert [word for word in words if word in staff] == ["simpeg", item.opd]
    assert "1 situs OPD lain di web1 tidak ditampilkan." in shown


def test_a_run_reply_and_its_events_name_no_neighbour(office: Office) -> None:
    run_id = needing_attention(office)
    client = office.client("opd")
    run = client.get(f"/api/v1/runs/{run_id}").json()
    events = client.get(f"/api/v1/runs/{run_id}/events", params={"wait": 0}).json()["events"]
    assert (run["why"], run["attention"]) == (FOR_STAFF, [FOR_STAFF])
    assert [(event["kind"], event["text"]) for event in events] == [("state", "needs_attention"), ("task", "changed")]
    browser = office.browser("opd")
    for path in ("", "/bagian", "/log.txt"):
        assert "g7kq2mx4pd" not in browser.get(f"/pelaksanaan/{run_id}{path}").text
    assert office.client("kabid").get(f"/api/v1/runs/{run_id}").json()["why"] == WHY


def test_watchers_of_one_run_are_each_told_what_is_theirs(office: Office) -> None:
    """Staff and OPD share no channel: what one's poll brought never reaches the other."""
    run_id = needing_attention(office)
    desk = office.house.desk

    async def first_frames(broadcast: Broadcast, username: str) -> list[str]:
        stream = broadcast.watch(office.person(username), run_id, 0, may_still=lambda: None)
        frames: list[str] = []
        async for frame in stream:
            frames.append(frame)
            if frame.startswith("event: run"):
                break
        return frames

    async def watch() -> list[list[str]]:
        broadcast = Broadcast(desk, poll_seconds=0.005)
        async with asyncio.timeout(10):
            return list(await asyncio.gather(*(first_frames(broadcast, name) for name in ("kabid", "opd", "kabid"))))

    staff, opd, more = asyncio.run(watch())
    assert ["g7kq2mx4pd" in "".join(frames) for frames in (staff, opd, more)] == [True, False, True]


def test_an_item_tells_its_alarms(office: Office) -> None:
    house = office.house
    assert house.carry_out(house.to_run()) == "done"
    item = house.desk.items(office.person("opd"))[0]
    reason = Reason(code="storage_over", what="ruang simpan melampaui batas", mend="Hapus berkas")
    with house.database.transaction() as uow:
        alarms.keep(uow, item.id, (reason,), house.clock())
    told = office.client("opd").get(f"/api/v1/items/{item.id}").json()["alarms"]
    assert told == [{"code": reason.code, "what": reason.what, "mend": reason.mend}]
    assert reason.what in office.browser("opd").get(f"/layanan/{item.id}/kredensial").text

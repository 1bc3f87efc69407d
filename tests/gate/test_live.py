"""Does a watcher see every event once, go on after a lost connection, and stop when the run or the right ends?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from api.routes import live
from api.routes.live import Broadcast
from provisioner.desk import Desk
from provisioner.desk.runs import RunView
from provisioner.errors import NotFound
from provisioner.people.person import Person
from provisioner.runs.run import Event, Run, RunState
from tests.gate.office import Office
from tests.house import PEOPLE

NOW = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
RUN = Run(
    id="run_1",
    line_id="line_1",
    item_id="g7kq2mx4pd",
    plan_id="plan_1",
    decision_id="dec_1",
    host="web1",
    state=RunState.APPLYING,
    why="",
    cancel_asked_by=None,
    waiting_until=None,
    queued_at=NOW,
    started_at=NOW,
    ended_at=None,
)


@dataclass
class Told:
    """A desk of one run whose worker writes while it is watched; counts how often it was asked."""

    run_now: Run = RUN
    written: list[Event] = field(default_factory=list)
    asked: int = 0
    barred: set[str] = field(default_factory=set)
    page: int = 500

    def write(self, *texts: str, kind: str = "log") -> None:
        """Let the worker commit lines."""
        for text in texts:
            self.written.append(Event(sequence=len(self.written) + 1, kind=kind, task="account", text=text, at=NOW))

    def end(self, state: RunState = RunState.DONE) -> None:
        """Let the run end."""
        self.run_now = replace(RUN, state=state)
        self.write(state.value, kind="state")

    def events(self, person: Person, run_id: str, after: int) -> tuple[Event, ...]:
        """Answer as the desk does."""
        self.asked += 1
        self._see(person, run_id)
        return tuple(event for event in self.written if event.sequence > after)[: self.page]

    def run(self, person: Person, run_id: str) -> RunView:
        """Answer as the desk does; the gate reads the run alone."""
        self._see(person, run_id)
        nothing: Any = None
        return RunView(
            run=self.run_now,
            request=nothing,
            line=nothing,
            tasks=(),
            verdicts=(),
            attention=(),
            titles={},
            may_cancel=False,
            may_retry=False,
            may_look=False,
            follows=False,
        )

    def sees_all(self, person: Person) -> bool:
        """Staff see all; the desk tells an OPD less."""
        return person.acts_for_provider_on(NOW.date())

    def _see(self, person: Person, run_id: str) -> None:
        if person.id in self.barred:
            raise NotFound("pelaksanaan tidak ada", run_id, "")


def watching(told: Told, broadcast: Broadcast, after: int = 0, username: str = "kabid") -> AsyncIterator[str]:
    """Begin to watch as that person."""
    person = PEOPLE[username]
    return broadcast.watch(person, "run_1", after, may_still=lambda: told.run(person, "run_1"))


def broadcast_of(told: Told) -> Broadcast:
    """A broadcast that polls quickly."""
    return Broadcast(cast("Desk", told), poll_seconds=0.005)


async def all_frames(stream: AsyncIterator[str]) -> list[str]:
    """Read a stream to its end; a stream that does not end is a fault."""
    async with asyncio.timeout(5):
        return [frame async for frame in stream]


def ids(frames: list[str]) -> list[int]:
    """Read the sequences the frames bear."""
    return [int(frame.split("\n")[0][4:]) for frame in frames if frame.startswith("id: ")]


def test_a_watcher_sees_every_event_once_and_the_end_last() -> None:
    async def watch() -> list[str]:
        told = Told()
        told.write("satu", "dua")
        stream = watching(told, broadcast_of(told))
        reading = asyncio.create_task(all_frames(stream))
        await asyncio.sleep(0.03)
        told.write("tiga")
        await asyncio.sleep(0.03)
        told.end()
        return await reading

    frames = asyncio.run(watch())
    assert ids(frames) == [1, 2, 3, 4]
    assert frames[-1].startswith('event: end\ndata: {"state": "done"')


def test_events_written_after_the_run_ended_are_still_told_before_the_end() -> None:
    async def watch() -> list[str]:
        told = Told()
        told.end(RunState.FAILED)
        reading = asyncio.create_task(all_frames(watching(told, broadcast_of(told))))
        await asyncio.sleep(0.012)
        told.write("terlambat")
        return await reading

    assert ids(asyncio.run(watch())) == [1, 2]


def test_a_watcher_that_comes_back_goes_on_after_the_last_it_saw() -> None:
    async def watch() -> list[str]:
        told = Told()
        told.write(*"abcdef")
        told.end()
        return await all_frames(watching(told, broadcast_of(told), after=4))

    assert ids(asyncio.run(watch())) == [5, 6, 7]


def test_a_late_watcher_reads_what_the_channel_has_forgotten_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "KEPT_EVENTS", 3)

    async def watch() -> tuple[list[str], list[str]]:
        told = Told(page=4)
        told.write(*(f"baris {number}" for number in range(20)))
        broadcast = broadcast_of(told)
        first = asyncio.create_task(all_frames(watching(told, broadcast)))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(all_frames(watching(told, broadcast, username="pengkaji")))
        await asyncio.sleep(0.1)
        told.end()
        return await first, await second

    first, second = asyncio.run(watch())
    assert ids(first) == ids(second) == list(range(1, 22))


def test_many_watchers_cost_one_reader_and_nobody_watching_costs_none() -> None:
    async def watch() -> tuple[int, int, frozenset[str]]:
        told = Told()
        broadcast = broadcast_of(told)
        readers = [asyncio.create_task(all_frames(watching(told, broadcast))) for _ in range(50)]
        await asyncio.sleep(0.2)
        while_watched = told.asked
        told.end()
        await asyncio.gather(*readers)
        await asyncio.sleep(0.02)
        after_all = told.asked
        await asyncio.sleep(0.05)
        return while_watched, told.asked - after_all, broadcast.watched

    while_watched, after_all, watched = asyncio.run(watch())
    assert while_watched < 45
    assert (after_all, watched) == (0, frozenset())


def test_who_may_see_the_run_no_more_is_let_go_and_the_others_watch_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(live, "AUTHORITY_SECONDS", 0.01)

    async def watch() -> tuple[list[str], list[str]]:
        told = Told()
        broadcast = broadcast_of(told)
        barred = asyncio.create_task(all_frames(watching(told, broadcast, username="opd")))
        await asyncio.sleep(0.02)
        other = asyncio.create_task(all_frames(watching(told, broadcast)))
        await asyncio.sleep(0.02)
        told.barred.add(PEOPLE["opd"].id)
        await asyncio.sleep(0.1)
        told.write("rahasia OPD lain")
        told.end()
        return await barred, await other

    barred, other = asyncio.run(watch())
    assert ids(barred) == []
    assert ids(other) == [1, 2]


def test_silence_is_broken_by_a_heartbeat_and_authority_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(live, "AUTHORITY_SECONDS", 0.03)

    async def watch() -> tuple[list[str], int]:
        told, asked = Told(), 0

        def may_still() -> None:
            nonlocal asked
            asked += 1
            if asked == 3:
                raise NotFound("pelaksanaan tidak ada", "run_1", "")

        frames = await all_frames(broadcast_of(told).watch(PEOPLE["kabid"], "run_1", 0, may_still))
        return frames, asked

    frames, asked = asyncio.run(watch())
    assert asked == 3
    assert frames.count(": napas\n\n") >= 3
    assert not any(frame.startswith("event: end") for frame in frames)


def test_the_stream_of_an_ended_run_resumes_by_last_event_id_over_http(office: Office) -> None:
    run_id = office.house.to_run()
    office.house.carry_out(run_id)
    client = office.client("kabid")
    page = client.get(f"/api/v1/runs/{run_id}/events", params={"wait": 0}).json()
    last = page["events"][-1]["sequence"]
    answer = client.get(f"/api/v1/runs/{run_id}/events", headers={"Last-Event-ID": str(last - 2)})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert ids([frame + "\n\n" for frame in answer.text.split("\n\n")]) == [last - 1, last]
    assert 'event: end\ndata: {"state": "done"' in answer.text
    assert (page["state"], page["has_ended"]) == ("done", True)
    after = client.get(f"/api/v1/runs/{run_id}/events", params={"wait": 0, "after": last}).json()
    assert after["events"] == []

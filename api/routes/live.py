"""How do many watchers follow a run live, with one reader of the store between them?"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import structlog
from fastapi.concurrency import run_in_threadpool

from api.problems import Turned
from api.replies.runs import EventReply
from provisioner.desk import Desk
from provisioner.errors import GerbangError
from provisioner.people.person import Person
from provisioner.runs.run import Event, Run

POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 15.0
AUTHORITY_SECONDS = 60.0
RUN_EVERY_POLLS = 5
#: after the run's end the worker may still write its last batch of events
LAST_POLLS = 5
KEPT_EVENTS = 2000
log = structlog.get_logger(__name__)


@dataclass(eq=False)
class Watcher:
    """One open stream: who watches, and the bell that rings when something is new."""

    person: Person
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    refused: bool = False


@dataclass(eq=False)
class Channel:
    """One run that somebody watches, as staff or as an OPD sees it (`sees_all`): the two are told different things.

    `recent` holds every event after `floor`; older ones are read from the store.
    """

    run_id: str
    sees_all: bool
    floor: int
    watchers: set[Watcher] = field(default_factory=set)
    recent: deque[Event] = field(default_factory=deque)
    run: Run | None = None
    polls: int = 0
    quiet_polls_after_end: int = 0

    @property
    def last(self) -> int:
        """The newest sequence known."""
        return self.recent[-1].sequence if self.recent else self.floor

    @property
    def is_over(self) -> bool:
        """Tell whether the run ended and its last events were read."""
        return self.quiet_polls_after_end >= LAST_POLLS

    def add(self, events: tuple[Event, ...]) -> None:
        """Keep new events, forgetting the oldest."""
        self.recent.extend(events)
        while len(self.recent) > KEPT_EVENTS:
            self.floor = self.recent.popleft().sequence


class Broadcast:
    """The process's one poller and the channels it feeds; it sleeps while nobody watches."""

    def __init__(self, desk: Desk, poll_seconds: float = POLL_SECONDS) -> None:
        self._desk, self._poll_seconds = desk, poll_seconds
        self._channels: dict[tuple[str, bool], Channel] = {}
        self._poller: asyncio.Task[None] | None = None

    @property
    def watched(self) -> frozenset[str]:
        """The runs somebody watches now."""
        return frozenset(run_id for run_id, _ in self._channels)

    async def watch(
        self, person: Person, run_id: str, after: int, may_still: Callable[[], object]
    ) -> AsyncIterator[str]:
        """Yield the frames of one stream until the run ends or authority does.

        `after`: the last sequence the watcher has; `may_still` raises once the watcher may see the run no more.
        """
        watcher = Watcher(person=person)
        channel = self._join(run_id, watcher, after)
        asked, told = time.monotonic(), ""
        try:
            while not watcher.refused:
                watcher.bell.clear()
                ended, before = channel.is_over, after
                for event in await self._since(channel, watcher, after):
                    after = event.sequence
                    yield event_frame(event)
                if before < after < channel.floor:
                    continue  # the store answers in pages; the watcher has not caught up with the channel
                if channel.run is not None and channel.run.state != told:
                    told = channel.run.state
                    yield run_frame("run", channel.run)
                if ended and channel.run is not None:
                    yield run_frame("end", channel.run)
                    return
                if not await _rings(watcher.bell):
                    yield ": napas\n\n"
                if time.monotonic() - asked >= AUTHORITY_SECONDS:
                    await run_in_threadpool(may_still)
                    asked = time.monotonic()
        except (GerbangError, Turned):
            return
        finally:
            self._leave(channel, watcher)

    def _join(self, run_id: str, watcher: Watcher, after: int) -> Channel:
        sees_all = self._desk.sees_all(watcher.person)
        channel = self._channels.setdefault((run_id, sees_all), Channel(run_id=run_id, sees_all=sees_all, floor=after))
        channel.watchers.add(watcher)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.get_running_loop().create_task(self._poll_while_watched())
        return channel

    def _leave(self, channel: Channel, watcher: Watcher) -> None:
        channel.watchers.discard(watcher)
        key = (channel.run_id, channel.sees_all)
        if not channel.watchers and self._channels.get(key) is channel:
            del self._channels[key]

    async def _since(self, channel: Channel, watcher: Watcher, after: int) -> tuple[Event, ...]:
        """Return what is newer than `after`, from memory where the channel reaches back that far."""
        if after >= channel.floor:
            return tuple(event for event in channel.recent if event.sequence > after)
        return await run_in_threadpool(self._desk.events, watcher.person, channel.run_id, after)

    async def _poll_while_watched(self) -> None:
        while self._channels:
            for channel in tuple(self._channels.values()):
                watcher = next(iter(channel.watchers), None)
                if watcher is not None:
                    await self._poll_or_let_go(channel, watcher)
            await asyncio.sleep(self._poll_seconds)

    async def _poll_or_let_go(self, channel: Channel, watcher: Watcher) -> None:
        """Poll in the name of one watcher; who may see the run no more is let go, and a fault ends no other stream."""
        try:
            await self._poll(channel, watcher)
        except Exception as error:
            if not isinstance(error, GerbangError):
                log.exception("live_poll_failed", run_id=channel.run_id)
            watcher.refused = True
            watcher.bell.set()
            channel.watchers.discard(watcher)

    async def _poll(self, channel: Channel, watcher: Watcher) -> None:
        known = channel.run.state if channel.run else None
        if channel.polls % RUN_EVERY_POLLS == 0:
            channel.run = (await run_in_threadpool(self._desk.run, watcher.person, channel.run_id)).run
        events = await run_in_threadpool(self._desk.events, watcher.person, channel.run_id, channel.last)
        channel.add(events)
        # A state event says that the run moved: it is read again at the next poll.
        channel.polls = 0 if any(event.kind == "state" for event in events) else channel.polls + 1
        if channel.run is not None and channel.run.has_ended:
            channel.quiet_polls_after_end = 0 if events else channel.quiet_polls_after_end + 1
        if events or channel.is_over or (channel.run and channel.run.state != known):
            for each in tuple(channel.watchers):
                each.bell.set()


def event_frame(event: Event) -> str:
    """Write one event with its id, which the browser sends back as Last-Event-ID."""
    return f"id: {event.sequence}\nevent: {event.kind}\ndata: {EventReply.of(event).model_dump_json()}\n\n"


def run_frame(name: str, run: Run) -> str:
    """Write how the run stands: event 'run' at each change, 'end' as the last."""
    said = {"state": run.state, "why": run.why, "has_ended": run.has_ended}
    return f"event: {name}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n"


async def _rings(bell: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(bell.wait(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return False
    return True

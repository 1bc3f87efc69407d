"""How far is a run, and what may a person do about it?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.replies.base import Envelope
from api.replies.runs import EventPage, EventReply, RunReply
from api.routes.envelope import Words, new_router
from api.routes.live import Broadcast
from api.sending import Shown
from api.session import CallerOf, Door, DoorOf, caller
from provisioner.errors import NotAllowed

router = new_router("runs")


class ReasonEnvelope(Envelope):
    """Why."""

    reason: Words


@router.get("/runs/{run_id}")
def show_run(run_id: str, who: CallerOf, door: DoorOf) -> RunReply:
    """Show a run with its duties and verdicts."""
    return RunReply.of(door.desk.run(who.person, run_id))


@router.get("/runs/{run_id}/events", response_model=EventPage, responses={200: {"content": {"text/event-stream": {}}}})
async def watch_run(
    request: Request,
    run_id: str,
    who: CallerOf,
    door: DoorOf,
    after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[int, Query(ge=0, le=1)] = 1,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,18}$")] = None,
) -> Response:
    """Stream a run's events until it ends, or with wait=0 answer with what there is as JSON."""
    after = max(after, int(last_event_id or 0))
    if not wait:
        page = await run_in_threadpool(_events_now, door, who, run_id, after)
        return Response(page.model_dump_json(), media_type="application/json")
    # The first answer must be able to say 404, so authority is asked before the stream begins.
    await run_in_threadpool(door.desk.run, who.person, run_id)
    live: Broadcast = request.app.state.broadcast
    frames = live.watch(who.person, run_id, after, may_still=_recheck(door, request, who, run_id))
    return StreamingResponse(frames, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.post("/runs/{run_id}/cancel", status_code=202)
def cancel_run(run_id: str, sent: ReasonEnvelope, who: CallerOf, door: DoorOf) -> RunReply:
    """Ask the run to stop between two duties and to undo."""
    door.desk.cancel(who.person, run_id, sent.reason)
    return RunReply.of(door.desk.run(who.person, run_id))


@router.post("/runs/{run_id}/retry", status_code=202)
def retry_run(run_id: str, who: CallerOf, door: DoorOf) -> RunReply:
    """Queue a new run under the same decision, and show it."""
    return RunReply.of(door.desk.run(who.person, door.desk.retry(who.person, run_id).id))


@router.post("/runs/{run_id}/look", status_code=202)
def look_at_run(run_id: str, who: CallerOf, door: DoorOf) -> RunReply:
    """Queue another look at a run that needs attention, once a person mended what was off."""
    door.desk.look_at(who.person, run_id)
    return RunReply.of(door.desk.run(who.person, run_id))


@router.post("/runs/{run_id}/give_up", status_code=202)
def give_up_run(run_id: str, sent: ReasonEnvelope, who: CallerOf, door: DoorOf) -> RunReply:
    """Give a failed run up; its holds are released."""
    door.desk.give_up(who.person, run_id, sent.reason)
    return RunReply.of(door.desk.run(who.person, run_id))


def _events_now(door: Door, who: CallerOf, run_id: str, after: int) -> EventPage:
    run = door.desk.run(who.person, run_id).run
    events = door.desk.events(who.person, run_id, after)
    return EventPage(events=tuple(map(EventReply.of, events)), state=run.state, has_ended=run.has_ended)


def _recheck(door: Door, request: Request, who: CallerOf, run_id: str) -> Callable[[], object]:
    saw_all = door.desk.sees_all(who.person)

    def ask() -> object:
        person = caller(request, door, Shown()).person
        if door.desk.sees_all(person) != saw_all:
            # The browser comes back by itself, and is told then what the new position may see.
            raise NotAllowed("jabatan berubah sejak mulai mengikuti", run_id, "Muat ulang halaman.")
        return door.desk.run(person, run_id)

    return partial(ask)

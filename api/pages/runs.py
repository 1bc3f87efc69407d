"""Pelaksanaan: what is being done now, how long does it take, and did it end as asked?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse

from api import problems
from api.pages.changes import ChangeWords, in_words, stop_in_words
from api.pages.layout import page, see_other
from api.problems import Problem
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.runs import RunView, TaskView
from provisioner.errors import BadInput, NotAllowed, Refused
from provisioner.runs.run import Event, RunState

router = APIRouter()
MOST_EVENTS = 20_000
IDLE = frozenset({RunState.NEEDS_ATTENTION, RunState.WAITING_FOR_PERSON, RunState.WAITING_UNTIL, RunState.UNKNOWN})


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One duty as it is shown; `since` where it runs now."""

    task: TaskView
    since: datetime | None
    changes: tuple[ChangeWords, ...]


@router.get("/pelaksanaan/{run_id}")
def show_run(request: Request, run_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Show the run where it stands; on reload it stands there again."""
    return _shown(request, door, who, run_id, "pelaksanaan.html")


@router.get("/pelaksanaan/{run_id}/bagian")
def show_moving_part(request: Request, run_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Return what moves while the run goes; fetched at each live event."""
    return _shown(request, door, who, run_id, "_pelaksanaan.html")


@router.get("/pelaksanaan/{run_id}/log.txt")
def download_log(run_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Return the log as text, redacted as it is kept."""
    events = all_events(door, who, run_id)
    text = "".join(f"{e.at.isoformat()} {e.kind} {e.task} {e.text}\n" for e in events)
    name = "".join(letter for letter in run_id if letter.isalnum() or letter == "_")
    return PlainTextResponse(text, headers={"Content-Disposition": f'attachment; filename="{name}.txt"'})


@router.post("/pelaksanaan/{run_id}/hentikan")
def cancel(
    request: Request, run_id: str, door: DoorOf, who: CallerOf, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Ask the run to stop between two duties and to undo."""
    return _act(request, door, who, run_id, lambda: door.desk.cancel(who.person, run_id, reason), reason)


@router.post("/pelaksanaan/{run_id}/ulangi")
def retry(request: Request, run_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Queue a new run under the same decision and lead on to it."""
    return _act(request, door, who, run_id, lambda: door.desk.retry(who.person, run_id).id)


@router.post("/pelaksanaan/{run_id}/lihat")
def look(request: Request, run_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Have a run that needs attention looked at again."""
    return _act(request, door, who, run_id, lambda: door.desk.look_at(who.person, run_id))


@router.post("/pelaksanaan/{run_id}/akhiri")
def give_up(
    request: Request, run_id: str, door: DoorOf, who: CallerOf, reason: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Give a failed run up."""
    return _act(request, door, who, run_id, lambda: door.desk.give_up(who.person, run_id, reason), reason)


def all_events(door: Door, who: Caller, run_id: str) -> tuple[Event, ...]:
    """Read a run's events page by page, from the first."""
    found: list[Event] = []
    while len(found) < MOST_EVENTS:
        more = door.desk.events(who.person, run_id, found[-1].sequence if found else 0)
        if not more:
            break
        found += more
    return tuple(found)


def _act(
    request: Request,
    door: Door,
    who: Caller,
    run_id: str,
    act: Callable[[], str | None],
    reason: str = "",
) -> Response:
    try:
        following = act() or run_id
    except (BadInput, NotAllowed, Refused) as refusal:
        said = problems.of_error(refusal)
        return _shown(request, door, who, run_id, "pelaksanaan.html", said, reason)
    return see_other(f"/pelaksanaan/{following}")


def _shown(
    request: Request,
    door: Door,
    who: Caller,
    run_id: str,
    template: str,
    problem: Problem | None = None,
    reason: str = "",
) -> Response:
    view = door.desk.run(who.person, run_id)
    events = all_events(door, who, run_id)
    shown: dict[str, Any] = {
        "view": view,
        "run": view.run,
        "stops": [stop_in_words(text, door.desk.catalogue()[view.line.kind], view.titles) for text in view.attention],
        "duties": _duties(door, view, events),
        "blamed": next((task for task in view.tasks if view.run.why.startswith(f"{task.name}: ")), None),
        "undone": [task for task in view.tasks if task.state == "undone"],
        "log": [event for event in events if event.kind in {"log", "state"}],
        "trial_state": _trial_state(view),
        "trials_since": max((event.at for event in events if event.kind == "state"), default=None),
        "tried": [event.text for event in events if event.kind == "verdict"],
        "usual_seconds": sum(task.usual_seconds or 0 for task in view.tasks),
        "last": events[-1].sequence if events else 0,
        "is_live": not view.run.has_ended,
        "is_idle": view.run.state in IDLE,
        "problem": problem,
        "reason": reason,
    }
    return page(request, template, who, problem.status if problem else 200, **shown)


def _duties(door: Door, view: RunView, events: tuple[Event, ...]) -> tuple[Duty, ...]:
    """Lay the duties out; while the run acts, the first that waits is the one that runs."""
    kind = door.desk.catalogue()[view.line.kind]
    since = max((e.at for e in events if e.kind in {"state", "task"}), default=None)
    running = _running(view)
    return tuple(
        Duty(
            task=replace(task, state=_state(task, view, running)),
            since=since if task is running else None,
            changes=tuple(in_words(change, kind) for change in task.changes),
        )
        for task in view.tasks
    )


def _trial_state(view: RunView) -> str:
    if view.verdicts:
        return "changed" if all(verdict.holds for verdict in view.verdicts) else "failed"
    if view.run.state is RunState.VERIFYING:
        return "running"
    return "not_started" if view.run.has_ended or view.run.state is RunState.UNDOING else "waiting"


def _state(task: TaskView, view: RunView, running: TaskView | None) -> str:
    if task is running:
        return "running"
    if task.state == "waiting" and (view.run.has_ended or view.run.state is RunState.UNDOING):
        return "not_started"
    if task.state == "undone" and task.message:
        return "failed_undone"
    return task.state


def _running(view: RunView) -> TaskView | None:
    if view.run.state is RunState.UNDOING:
        made = [task for task in view.tasks if task.state in {"changed", "same", "failed", "cancelled"}]
        return made[-1] if made else None
    if view.run.state is RunState.APPLYING:
        return next((task for task in view.tasks if task.state == "waiting"), None)
    return None

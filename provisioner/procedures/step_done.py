"""Who did which step, as what, and who wrote it down?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.requests.mark import Mark


@dataclass(frozen=True, kw_only=True)
class StepDone:
    """One step done (law 10): name, position and office as they were that day.

    `actor_id` a person's id, or 'worker' for an automatic step. `recorder_id`: who wrote down an act done on paper,
    else None. `number`: the agenda's or letter's number where the step gives one. `happened_at` may lie before
    `recorded_at`. `marks`: what a step that compares found, place -> mark ({'letter.number': Mark(...)}), else None.
    """

    request_id: str
    step: str
    outcome: str | None
    actor_id: str
    actor_name: str
    position: str
    office: str
    recorder_id: str | None
    note: str
    number: str | None
    happened_at: datetime
    recorded_at: datetime
    marks: Mapping[str, Mark] | None = None

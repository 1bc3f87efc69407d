"""How does a task change record sets? From the controller, one signed message a zone, locked per zone."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible.plugins.action import ActionBase

from errand.errand import Data, Errand, the_errand
from errand.zone import Zone, ZoneFailure

LOCK_FOLDER = "/run/lock"
LOCK_SECONDS = 60


class ZoneDuty(ActionBase):  # type: ignore[misc]  # ansible ships no types
    """Changes of the system dns. Inventory: `nameserver` (an address), `visitors_tsig` (its secret lies in a file)."""

    TRANSFERS_FILES = False
    duty = ""

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        """Do it and return Ansible's result, which is the answer."""
        super().run(tmp, task_vars)
        self._variables = task_vars or {}
        errand = the_errand(self._variables, self.duty)
        if errand.is_stopped:
            return errand.answer({"failed": True, "cancelled": True, "msg": "cancelled before this task began"})
        try:
            return errand.answer(self.all_zones(errand))
        except (ZoneFailure, OSError) as error:
            return errand.answer({"failed": True, "msg": str(error)})

    def all_zones(self, errand: Errand) -> Data:
        """Zone after zone; the first that fails ends it, and what was applied before is told."""
        answer: Data = {"changes": []}
        planted = self.planted_fault()
        for name in sorted({change["target"].partition("/")[0] for change in errand.changes}):
            with locked(name):
                if planted == f"before:{self.duty}":
                    return answer | {"failed": True, "msg": f"planted fault {planted}"}
                answer |= self.one_zone(name, errand, answer["changes"])
            if answer.get("failed"):
                break
        if planted == f"after:{self.duty}":
            answer |= {"failed": True, "msg": f"planted fault {planted}"}
        return answer | {"changed": bool(answer["changes"])}

    def one_zone(self, name: str, errand: Errand, done: list[Data]) -> Data:
        """Change what stands at before; a third value, now or at the moment of the update, stops untouched."""
        zone = self.zone(name)
        to_do, foreign = sort_out(zone, [c for c in errand.changes if c["target"].startswith(f"{name}/")])
        may_act = to_do and not foreign and not self._task.check_mode
        if may_act and not zone.change(to_do, free_names(to_do, errand)):
            to_do, foreign = sort_out(zone, to_do)
            foreign = foreign or taken(to_do)
        if foreign:
            spots = ", ".join(f"{spot['target']} {spot['property']}" for spot in foreign)
            return {
                "failed": True,
                "foreign": foreign,
                "msg": f"{spots}: stands at a third value; nothing was touched.",
            }
        return {"changes": done + to_do}

    def zone(self, name: str) -> Zone:
        """The zone at its primary, with the key that the inventory names."""
        key = self._templar.template(self._variables["visitors_tsig"])
        server = self._templar.template(self._variables["nameserver"])
        return Zone(name, str(server), {word: str(key[word]) for word in ("name", "algorithm", "secret_file")})

    def planted_fault(self) -> str:
        """What a lab's test asks to fail, 'before:dns', by the same file on the host that every duty reads."""
        if self._variables.get("lab") is not True:
            return ""
        ended = self._low_level_execute_command("cat /etc/gerbang/fail_task 2>/dev/null || true")
        return str(ended["stdout"]).strip()


def sort_out(zone: Zone, changes: list[Data]) -> tuple[list[Data], list[Data]]:
    """Return (to do, foreign): what stands at before, and what stands at a third value."""
    to_do, foreign = [], []
    for change in changes:
        seen = zone.look(change["target"].partition("/")[2], change["property"])
        if seen == change["after"]:
            continue
        if seen == change["before"]:
            to_do.append(change)
        else:
            foreign.append({key: change[key] for key in ("system", "target", "property")} | {"seen": seen})
    return to_do, foreign


def free_names(to_do: list[Data], errand: Errand) -> list[str]:
    """Names that this part takes from nothing: they must own no record at all when their mark is set."""
    from_nothing = {c["target"] for c in errand.all_changes.get("dns", []) if c["before"] is None}
    marked = {c["target"] for c in to_do if c["property"] == "mark" and c["before"] is None}
    return [target.partition("/")[2] for target in sorted(marked & from_nothing)]


def taken(to_do: list[Data]) -> list[Data]:
    """The update was refused although all stands at before: another record stands at the name."""
    return [
        {key: change[key] for key in ("system", "target", "property")} | {"seen": "another record stands at this name"}
        for change in to_do
    ]


@contextmanager
def locked(zone: str) -> Iterator[None]:
    """Hold the zone's lock on this controller; TimeoutError (an OSError) after a minute."""
    handle = os.open(f"{LOCK_FOLDER}/gerbang-zone-{zone}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        wait_for_lock(handle, zone)
        yield
    finally:
        os.close(handle)


def wait_for_lock(handle: Any, zone: str) -> None:
    """Take it, trying for a minute."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(f"the lock of zone {zone} was held for {LOCK_SECONDS} s") from None
            time.sleep(0.02)
        else:
            return

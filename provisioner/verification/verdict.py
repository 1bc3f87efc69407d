"""What was tried, what was seen, and does it hold?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Something to try as a user would, as data.

    `name` 'https_page' (unique in its list); `system` whose provider performs it; `label` Indonesian; `wanted`
    what must
    be seen, e.g. {"status": 200}; `arguments` whatever the provider's trial of that name takes, e.g. {"url": "https://..."}.
    A secret is named, never held: {"secret": "sftp_password"}.
    """

    name: str
    system: str
    label: str
    wanted: Mapping[str, Value]
    arguments: Mapping[str, Any]
    takes_time: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One trial's end. `seen` are the values seen ({"status": 200, "issuer": "..."}); `note` says why not."""

    name: str
    label: str
    wanted: Mapping[str, Value]
    seen: Mapping[str, Value]
    holds: bool
    note: str = ""


def judge(trial: Trial, seen: Mapping[str, Value]) -> Verdict:
    """Every wanted value must be seen, exactly; a value not seen at all is no, with its name in the note."""
    off = [key for key, value in trial.wanted.items() if key not in seen or seen[key] != value]
    note = "" if not off else "berbeda: " + ", ".join(off)
    return Verdict(name=trial.name, label=trial.label, wanted=trial.wanted, seen=seen, holds=not off, note=note)

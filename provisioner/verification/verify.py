"""What came of all trials together, and how is it said in one sentence?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from provisioner.digests import Value
from provisioner.verification.verdict import Trial, Verdict, judge


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Whether everything is as asked: `holds`, names of those that are not, an Indonesian sentence for the record."""

    holds: bool
    failed: tuple[str, ...]
    sentence: str


def verify(trials: tuple[Trial, ...], seen: Mapping[str, Mapping[str, Value]]) -> tuple[Verdict, ...]:
    """Judge every trial by what was seen under its name, in order; one that nobody tried does not hold.

    ValueError where two trials bear one name: a verdict must say which of them it is about.
    """
    names = [trial.name for trial in trials]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"trials of the same name: {', '.join(twice)}")
    return tuple(_verdict(trial, seen.get(trial.name)) for trial in trials)


def summary(verdicts: tuple[Verdict, ...]) -> Summary:
    """Sum up; no verdict at all is no proof."""
    failed = [verdict for verdict in verdicts if not verdict.holds]
    if not verdicts:
        return Summary(holds=False, failed=(), sentence="Tidak ada yang diuji.")
    if not failed:
        return Summary(holds=True, failed=(), sentence=f"Semua {len(verdicts)} uji sesuai.")
    said = "; ".join(f"{verdict.label} ({verdict.note})" for verdict in failed)
    names = tuple(verdict.name for verdict in failed)
    return Summary(holds=False, failed=names, sentence=f"{len(failed)} dari {len(verdicts)} uji tidak sesuai: {said}.")


def _verdict(trial: Trial, seen: Mapping[str, Value] | None) -> Verdict:
    if seen is None:
        return replace(judge(trial, {}), holds=False, note="tidak diuji")
    verdict = judge(trial, seen)
    if "unreachable" in seen:
        return replace(verdict, holds=False, note=f"tidak terjawab: {seen['unreachable']}")
    return verdict

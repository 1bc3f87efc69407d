"""What moved between a plan that somebody saw and the one that stands now, in words?"""

from __future__ import annotations

from provisioner.digests import canonical_json
from provisioner.plans.plan import Plan


def moved(planned: Plan, now: Plan) -> tuple[str, ...]:
    """Say what moved, change by change; what is digested besides changes is named by its part of the plan."""
    was = {change.spot: change for change in planned.changes}
    are = {change.spot: change for change in now.changes}
    words = []
    for spot in sorted(was.keys() | are.keys()):
        before, after = was.get(spot), are.get(spot)
        if before != after:
            place = f"{spot.system} {spot.target} {spot.property}"
            words.append(f"{place}: saat disetujui {_shown(before)}, kini {_shown(after)}")
    for name, old, new in (
        ("pilihan", planned.choices, now.choices),
        ("berkas playbook", planned.reach.files, now.reach.files),
        ("variabel inventaris", planned.reach.variables, now.reach.variables),
        ("versi", planned.reach.versions, now.reach.versions),
    ):
        keys = sorted(key for key in {**old, **new} if old.get(key) != new.get(key))
        words += [f"{name} {key} berubah" for key in keys]
    return tuple(words) or ("isian atau urutan tugas berubah",)


def told_apart(seen: Plan, now: Plan) -> tuple[str, ...]:
    """Say to who saw the one plan what the other plans differently: 'ruang simpan web1: 5 GB menjadi 3 GB'.

    First by what their pages say of it; where those are alike, what moved in the world or in our own files.
    """
    was, now_is = _planned(seen), _planned(now)
    words = [
        f"{label}: {was.get(label, 'tidak ada')} menjadi {now_is.get(label, 'tidak ada')}"
        for label in dict.fromkeys([*was, *now_is])
        if was.get(label) != now_is.get(label)
    ]
    return tuple(words) or moved(seen, now)


def _planned(plan: Plan) -> dict[str, str]:
    """Return what a plan's page says is planned: label -> words; the host first."""
    rows = {str(row["label"]): str(row["planned"]) for row in plan.page.get("columns", ())}
    return {"host": str(plan.choices.get("host", "")), **rows}


def _shown(change: object) -> str:
    before = getattr(change, "before", None)
    if change is None:
        return "tidak perlu diubah"
    return "tidak ada" if before is None else canonical_json(before)[:200]

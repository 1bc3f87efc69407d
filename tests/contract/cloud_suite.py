"""What must hold for every hand that looks at a cloud and tries it, the fake world and a Nextcloud alike?

A subclass's fixture `ground` says on what. The same sentences, the same answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot
from provisioner.providers.base import Attempt, Looker
from provisioner.verification.verdict import Trial, judge

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HOST, ACCOUNT, NEIGHBOUR, FOREIGN = "cloud1", "arsip.disdik", "arsip.dishub", "orang"
OPD, GROUP = "opd-disdik", "gerbang-limit-2mb-dokumen"
PASSWORD, WRONG = "Kenari-di-dahan-2026", "Kutilang-di-dahan-2025"
MB = 1 << 20
QUOTA, LARGEST = 200 * MB, 2 * MB
DOORS = ("login", "webdav", "app_password", "session")

OURS: dict[str, Value] = {
    "account": {"mark": "gerbang"},
    "groups": sorted([OPD, GROUP]),
    "quota": {"bytes": QUOTA},
    "password": {"version": 1},
}
#: an account of ours with its four limits, another beside it, and one that others made
STANDING: dict[tuple[str, str], Value] = {
    **{(account, prop): value for account in (ACCOUNT, NEIGHBOUR) for prop, value in OURS.items()},
    (FOREIGN, "account"): {"mark": None},
    (OPD, "group"): {"exists": True},
    (GROUP, "group"): {"exists": True},
    (GROUP, "size_rule"): {"largest_bytes": LARGEST},
    (GROUP, "type_rule"): {"types": ["application/pdf"]},
}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A cloud on which STANDING stands, the passwords of our accounts known.

    `lock` disables an account, `remove` takes one away, `silence` makes the server give no answer.
    """

    looker: Looker
    estate: Estate
    folder: Path
    lock: Callable[[str], None]
    remove: Callable[[str], None]
    silence: Callable[[], None]

    def look(self) -> Observation:
        return self.looker.look(("nextcloud",), (HOST,), self.estate, lambda: NOW)

    def seen(self, name: str, wanted: dict[str, Value], password: str = PASSWORD, **arguments: Any) -> bool:
        """Whether the trial holds: what is wanted was seen."""
        given = {"host": HOST, "account": ACCOUNT, "secret": "account_password", "ending": "pdf", **arguments}
        trial = Trial(name=name, system="nextcloud", label=name, wanted=wanted, arguments=given)
        secrets = {"account_password": password, "earlier_account_password": WRONG}
        context = Attempt(run_id="run_x", estate=self.estate, folder=self.folder, secrets=secrets, patience_seconds=0)
        return judge(trial, self.looker.try_all((trial,), context)[name]).holds


QUOTA_BITES: dict[str, Value] = {"under": "not full", "over": "full"}
SIZE_BITES: dict[str, Value] = {"under": "accepted", "over": "forbidden"}
TYPES: dict[str, Any] = {"allowed": ["pdf"], "refused": ["mp4"]}
BY_PROBE: dict[str, Value] = {
    "under_quota": "not full",
    "over_quota": "full",
    "under_size": "accepted",
    "over_size": "forbidden",
    "folder": "made",
}


class CloudSuite:
    """The sentences."""

    def test_what_stands_there_is_seen_and_nothing_else(self, ground: Ground) -> None:
        seen = ground.look()
        found = {(spot.object, spot.property): value for spot, value in seen.values.items()}
        known = {place: value for place, value in found.items() if place[0] in {name for name, _ in STANDING}}
        assert {place: value for place, value in known.items() if place in STANDING} == STANDING
        assert (HOST in {host for _, host in seen.looked}) is True
        absent = Spot(system="nextcloud", target=f"{HOST}/tidak.ada", property="account")
        assert seen.value(absent) is None

    def test_no_answer_is_unreachable_and_never_absence(self, ground: Ground) -> None:
        ground.silence()
        with pytest.raises(Unreachable) as off:
            ground.look()
        assert off.value.where == HOST

    def test_the_owner_comes_in_with_the_right_password_alone(self, ground: Ground) -> None:
        wanted: dict[str, Value] = {"login": True, "folder": "made"}
        assert ground.seen("cloud_login", wanted)
        assert not ground.seen("cloud_login", wanted, WRONG)

    def test_the_quota_bites(self, ground: Ground) -> None:
        limits: dict[str, Any] = {"limit_bytes": QUOTA, "largest_bytes": LARGEST}
        assert ground.seen("cloud_quota_bites", QUOTA_BITES, **limits)
        assert not ground.seen("cloud_quota_bites", QUOTA_BITES, WRONG, **limits)

    @pytest.mark.parametrize("granted", [QUOTA - 1, QUOTA + 1, MB, 5 << 30])
    def test_another_quota_than_was_granted_never_holds(self, ground: Ground, granted: int) -> None:
        assert not ground.seen("cloud_quota_bites", QUOTA_BITES, limit_bytes=granted, largest_bytes=LARGEST)

    def test_the_largest_file_bites(self, ground: Ground) -> None:
        assert ground.seen("cloud_size_bites", SIZE_BITES, limit_bytes=LARGEST)
        assert not ground.seen("cloud_size_bites", SIZE_BITES, limit_bytes=LARGEST // 2), "a rule of another size"

    def test_the_types_bite(self, ground: Ground) -> None:
        assert ground.seen("cloud_types_bite", TYPES, **TYPES)
        assert not ground.seen("cloud_types_bite", TYPES, WRONG, **TYPES)

    def test_a_neighbour_is_not_reached(self, ground: Ground) -> None:
        assert ground.seen("cloud_neighbour_unreachable", {"readable": []}, neighbours=[NEIGHBOUR])
        assert not ground.seen("cloud_neighbour_unreachable", {"readable": []}, WRONG, neighbours=[NEIGHBOUR])

    def test_limits_bite_a_probe_of_the_same_groups_and_none_of_others(self, ground: Ground) -> None:
        given: dict[str, Any] = {"quota_bytes": QUOTA, "largest_bytes": LARGEST, **TYPES}
        wanted: dict[str, Value] = {**BY_PROBE, "other_type": "forbidden"}
        assert ground.seen("cloud_limits_bite_probe", wanted, groups=[OPD, GROUP], **given)
        assert not ground.seen("cloud_limits_bite_probe", wanted, groups=[OPD], **given)

    def test_a_disabled_account_is_shut_at_every_door_and_an_open_one_at_none(self, ground: Ground) -> None:
        assert ground.seen("cloud_refused", dict.fromkeys(DOORS, "open"))
        ground.lock(ACCOUNT)
        assert ground.seen("cloud_refused", dict.fromkeys(DOORS, "refused"))
        assert ground.seen("cloud_login", {"login": False})

    def test_a_replaced_password_opens_nothing(self, ground: Ground) -> None:
        assert ground.seen("cloud_old_refused", {"login": False}, secret="earlier_account_password")
        assert not ground.seen("cloud_old_refused", {"login": False}, secret="account_password")

    def test_absence_is_seen_where_it_is(self, ground: Ground) -> None:
        assert not ground.seen("cloud_absent", {"found": False})
        ground.remove(ACCOUNT)
        assert ground.seen("cloud_absent", {"found": False})

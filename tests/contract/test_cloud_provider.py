"""Does the provider of a Nextcloud see what stands there, and try it as its owners would? On the lab's stand-in."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from provisioner import providers
from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.observation import Spot
from provisioner.ocs import Nextcloud
from provisioner.providers.base import Attempt
from provisioner.providers.nextcloud import look as looking
from provisioner.providers.nextcloud import service
from provisioner.verification.verdict import Trial
from tests.cloud import Served
from tests.contract.cloud_ground import (
    GROUP,
    MB,
    NOW,
    OLD,
    OPD,
    PASSWORD,
    TYPES,
    accounts,
    attempt,
    estate,
    look,
    make,
    tried,
)
from tests.contract.cloud_suite import BY_PROBE


def files_of(served: Served, name: str = "sari") -> set[str]:
    return set(accounts(served)[name]["files"]) | set(accounts(served)[name]["trash"])


@pytest.mark.usefixtures("cloud")
def test_a_look_sees_accounts_groups_rules_and_what_is_used(served: Served) -> None:
    seen = look(served)
    ours = {spot.property: value for spot, value in seen.values.items() if spot.target == "cloud1/sari"}
    assert ours == {
        "account": {"mark": "gerbang"},
        "password": {"version": 1},
        "groups": [GROUP, OPD],
        "quota": {"bytes": 200 * MB},
    }
    of_class = {spot.property: value for spot, value in seen.values.items() if spot.target == f"cloud1/{GROUP}"}
    assert of_class == {"group": {"exists": True}, "size_rule": {"largest_bytes": 2 * MB}, "type_rule": TYPES}
    assert seen.value(Spot(system="nextcloud", target="cloud1/admin", property="account")) == {"mark": None}
    assert seen.value(Spot(system="nextcloud", target="cloud1/", property="server")) == {"missing": []}
    assert seen.looked == {("nextcloud", "cloud1")}
    measured = {name: seen.measurements[f"cloud1:{name}"] for name in ("accounts", "quotas_bytes")}
    assert measured == {"accounts": 3, "quotas_bytes": 200 * MB}
    assert seen.measurements["cloud1:storage_free_bytes"] > 0


def test_accounts_of_all_pages_are_seen(cloud: Nextcloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PAGE", 3)
    for number in range(7):
        make(cloud, f"akun{number}", quota=5 * MB)
    assert set(looking.fetch_users(cloud)) == {"admin", "gerbang", "sari", *(f"akun{n}" for n in range(7))}


@pytest.mark.parametrize("total", [2, 3, 4, 5, 6, 7, 8])
def test_a_page_that_is_just_full_one_short_or_one_over_ends_the_list_where_it_ends(
    cloud: Nextcloud, monkeypatch: pytest.MonkeyPatch, total: int
) -> None:
    """Pages of three, each but the first with one that is known: they are full at 3, 5 and 7."""
    monkeypatch.setattr(looking, "PAGE", 3)
    real, offsets = looking._page, []

    def page(admin: Nextcloud, offset: int) -> dict[str, Any]:
        offsets.append(offset)
        return real(admin, offset)

    monkeypatch.setattr(looking, "_page", page)
    names = {"admin", "gerbang", *(f"akun{number}" for number in range(total - 2))}
    assert cloud.delete("/cloud/users/sari").ok
    for name in sorted(names - {"admin", "gerbang"}):
        make(cloud, name, quota=5 * MB)
    assert set(looking.fetch_users(cloud)) == names
    assert offsets == [0, *range(2, total, 2)]


def test_an_account_removed_while_the_pages_are_asked_hides_no_other(
    cloud: Nextcloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PAGE", 3)
    for number in range(7):
        make(cloud, f"akun{number}", quota=5 * MB)
    real, pages = looking._page, []

    def page(admin: Nextcloud, offset: int) -> dict[str, Any]:
        pages.append(offset)
        if len(pages) == 2:
            assert admin.delete("/cloud/users/akun0").ok
        return real(admin, offset)

    monkeypatch.setattr(looking, "_page", page)
    assert {f"akun{n}" for n in range(1, 7)} < set(looking.fetch_users(cloud))
    assert pages.count(0) == 2, "asked again from the beginning"


FAULTS = ("cut", "html_error", "redirect_elsewhere", "wrong_json_type", "wrong_certificate", "error_after_work")


@pytest.mark.parametrize("path", ["/cloud/users/details", "/cloud/groups", "workflows/global", "/cloud/apps"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.usefixtures("cloud")
def test_no_answer_is_never_not_there(served: Served, fault: str, path: str) -> None:
    served.ask(do="fault", name=fault, path="" if fault == "wrong_certificate" else path)
    try:
        with pytest.raises(Unreachable) as off:
            look(served)
    finally:
        served.ask(do="fault", name=fault, on=False)
    assert off.value.where == "cloud1" or "cloud.kota.lab" in off.value.where
    assert served.app_password not in str(off.value)


@pytest.mark.usefixtures("cloud")
def test_a_server_that_hangs_is_given_up_in_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.3)
    served.ask(do="fault", name="hang", path="/cloud/groups")
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="not in time"):
        look(served)
    assert time.monotonic() - begun < 2
    served.ask(do="fault", name="hang", on=False)


@pytest.mark.usefixtures("cloud")
def test_a_server_in_maintenance_is_waited_for_and_then_named(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PATIENCE_SECONDS", 0)
    served.ask(do="maintain", on=True)
    with pytest.raises(Unreachable, match="maintenance"):
        look(served)
    served.ask(do="maintain", on=False)


@pytest.mark.usefixtures("cloud")
def test_a_missing_variable_or_password_file_is_named(served: Served) -> None:
    with pytest.raises(GerbangError, match="sets no nextcloud_url"):
        look(served, nextcloud_url="")
    with pytest.raises(GerbangError, match="FileNotFoundError"):
        look(served, nextcloud_app_password_file="/tidak/ada")


@pytest.mark.usefixtures("cloud")
def test_a_web_host_is_not_asked_about_a_cloud(served: Served) -> None:
    seen = providers.look(("nextcloud", "account"), ("cloud1",), estate(served), lambda: NOW)
    assert seen.looked == {("nextcloud", "cloud1")}


@pytest.mark.usefixtures("cloud")
def test_a_wrong_password_is_sent_once_by_all_trials_of_a_round(served: Served, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"host": "cloud1", "account": "sari", "secret": "account_password", "neighbours": []}
    arguments["ending"] = "pdf"
    arguments |= {"limit_bytes": 2 * MB, "largest_bytes": MB, "allowed": ["pdf"], "refused": []}
    names = ("cloud_login", "cloud_quota_bites", "cloud_size_bites", "cloud_types_bite", "cloud_neighbour_unreachable")
    trials = tuple(Trial(name=n, system="nextcloud", label="", wanted={"x": 1}, arguments=arguments) for n in names)
    context = Attempt(
        run_id="r", estate=estate(served), folder=tmp_path, secrets={"account_password": OLD}, patience_seconds=0
    )
    seen = providers.try_all(trials, context)
    assert [
        name for name, values in seen.items() if "unreachable" not in values and values.get("login") is not False
    ] == []
    assert sum(served.ask(do="dump")["wrong_passwords"].values()) == 1


@pytest.mark.usefixtures("cloud")
def test_the_owner_comes_in_and_makes_a_folder(served: Served, tmp_path: Path) -> None:
    attempt(served, tmp_path, "cloud_login", {"login": True, "folder": "made"})
    assert [name for name in files_of(served) if "gerbang" in name] == []
    assert tried(served, tmp_path, "cloud_login", OLD) == {"login": False}


SAMPLES = 20174294  # what the first login lays into every home


@pytest.mark.usefixtures("cloud")
def test_a_large_quota_bites_to_the_byte_by_the_declared_length(served: Served, tmp_path: Path) -> None:
    """What just fits is more than the size rule takes: that rule alone refuses it, one byte more the quota."""
    granted: dict[str, Any] = {"limit_bytes": 200 * MB, "largest_bytes": 2 * MB, "ending": "pdf"}
    seen = tried(served, tmp_path, "cloud_quota_bites", **granted)
    assert seen == {
        "under": "not full",
        "over": "full",
        "by": "declared length, the size rule alone refused what fits",
        "used_bytes": SAMPLES,
        "free_bytes": 200 * MB - SAMPLES,
        "under_bytes": 200 * MB - SAMPLES,
        "over_bytes": 200 * MB - SAMPLES + 1,
    }
    assert [name for name in files_of(served) if "gerbang" in name] == []


@pytest.mark.parametrize("largest", [2 * MB, 512 * MB])
@pytest.mark.parametrize(
    ("granted", "under", "over"),
    [
        (200 * MB - 1, "not full", "not full"),
        (200 * MB + 1, "full", "full"),
        (20 * MB, "not full", "not full"),
        (5 << 30, "full", "full"),
    ],
)
def test_another_quota_than_was_granted_is_seen(
    served: Served, cloud: Nextcloud, tmp_path: Path, granted: int, under: str, over: str, largest: int
) -> None:
    """On both sides of the size rule: where it refuses all of that size, and where it lets all through."""
    make(cloud, "ani", quota=200 * MB, groups=(OPD, GROUP) if largest == 2 * MB else (OPD,))
    given: dict[str, Any] = {"account": "ani", "limit_bytes": granted, "largest_bytes": largest, "ending": "pdf"}
    seen = tried(served, tmp_path, "cloud_quota_bites", **given)
    is_over_the_rule = int(str(seen["over_bytes"])) > largest
    assert (seen["under"], seen["used_bytes"], seen["free_bytes"]) == (under, SAMPLES, 200 * MB - SAMPLES)
    assert seen["over"] == (over if over == "full" else "forbidden" if is_over_the_rule else "accepted")


def test_a_small_quota_bites_by_the_bytes_sent(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    make(cloud, "ani", quota=21 * MB, groups=(OPD,))
    wanted: dict[str, Value] = {"under": "not full", "over": "full", "by": "bytes sent"}
    attempt(
        served,
        tmp_path,
        "cloud_quota_bites",
        wanted,
        account="ani",
        limit_bytes=21 * MB,
        largest_bytes=5 * MB,
        ending="x",
    )


def test_what_a_rule_refuses_of_a_size_that_it_should_let_through_does_not_count_as_room(
    served: Served, cloud: Nextcloud, tmp_path: Path
) -> None:
    make(cloud, "ani", quota=21 * MB)
    granted: dict[str, Any] = {"account": "ani", "limit_bytes": 21 * MB, "largest_bytes": 2 * MB, "ending": "mp4"}
    seen = tried(served, tmp_path, "cloud_quota_bites", **granted)
    assert (seen["under"], seen["over"]) == ("forbidden", "full")


def test_a_quota_that_is_not_there_is_seen(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    assert cloud.put("/cloud/users/sari", {"key": "quota", "value": "none"}).ok
    seen = tried(served, tmp_path, "cloud_quota_bites", limit_bytes=200 * MB, largest_bytes=MB, ending="pdf")
    assert (seen["under"], seen["over"]) == ("no quota", "no quota")


@pytest.mark.usefixtures("cloud")
def test_the_largest_file_bites(served: Served, tmp_path: Path) -> None:
    wanted: dict[str, Value] = {"under": "accepted", "over": "forbidden", "by": "bytes sent"}
    attempt(served, tmp_path, "cloud_size_bites", wanted, limit_bytes=2 * MB, ending="pdf")
    assert "as" not in tried(served, tmp_path, "cloud_size_bites", limit_bytes=2 * MB, ending="pdf")


def test_the_largest_file_bites_where_the_quota_would_answer_first(
    served: Served, cloud: Nextcloud, tmp_path: Path
) -> None:
    make(cloud, "ani", quota=21 * MB)
    wanted: dict[str, Value] = {"under": "accepted", "over": "forbidden", "as": "probe in the same groups"}
    attempt(served, tmp_path, "cloud_size_bites", wanted, account="ani", limit_bytes=2 * MB, ending="pdf")


def test_a_size_rule_that_does_not_bite_is_seen(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    make(cloud, "ani", quota=200 * MB, groups=(OPD,))
    seen = tried(served, tmp_path, "cloud_size_bites", account="ani", limit_bytes=2 * MB, ending="pdf")
    assert seen["over"] == "accepted"


@pytest.mark.usefixtures("cloud")
def test_types_are_refused_as_granted(served: Served, tmp_path: Path) -> None:
    wanted: dict[str, Value] = {"allowed": ["pdf", "png"], "refused": ["mp4", "zip"]}
    attempt(served, tmp_path, "cloud_types_bite", wanted, allowed=["pdf", "png"], refused=["mp4", "zip"])


def test_a_neighbours_files_are_not_read(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    make(cloud, "ani", quota=50 * MB)
    assert tried(served, tmp_path, "cloud_login", account="ani")["login"] is True
    seen = attempt(served, tmp_path, "cloud_neighbour_unreachable", {"readable": [], "tried": 2}, neighbours=["ani"])
    assert seen["readable"] == []
    own = tried(served, tmp_path, "cloud_neighbour_unreachable", neighbours=["sari"])
    assert own["readable"] == ["sari"], "what can be read is seen: a trial that cannot fail proves nothing"


@pytest.mark.usefixtures("cloud")
def test_limits_are_tried_with_a_probe_of_the_same_groups(served: Served, tmp_path: Path) -> None:
    arguments: dict[str, Any] = {
        "groups": [GROUP, OPD],
        "quota_bytes": 200 * MB,
        "largest_bytes": 2 * MB,
        "ending": "pdf",
    }
    wanted: dict[str, Value] = {**BY_PROBE, "other_type": "forbidden"}
    attempt(served, tmp_path, "cloud_limits_bite_probe", wanted, **arguments, allowed=["pdf"], refused=["mp4"])
    narrow = {**arguments, "quota_bytes": 21 * MB}
    attempt(served, tmp_path, "cloud_limits_bite_probe", wanted, **narrow, allowed=["pdf"], refused=["mp4"])
    loose = {**arguments, "groups": [OPD]}
    seen = tried(served, tmp_path, "cloud_limits_bite_probe", **loose, allowed=["pdf"], refused=["mp4"])
    assert (seen["over_size"], seen["other_type"]) == ("accepted", "accepted")


def test_a_probe_that_a_killed_run_left_is_made_anew(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    make(cloud, "gerbang-probe-run_abc", quota=MB)
    assert (
        Spot(system="nextcloud", target="cloud1/gerbang-probe-run_abc", property="account") not in look(served).values
    )
    assert look(served).measurements["cloud1:accounts"] == 3
    assert cloud.put("/cloud/users/sari/disable").ok
    attempt(served, tmp_path, "cloud_refused", {"login": "refused"})


def test_an_account_of_the_probes_name_that_others_made_is_not_touched(
    served: Served, cloud: Nextcloud, tmp_path: Path
) -> None:
    assert cloud.post("/cloud/users", {"userid": "gerbang-probe-run_abc", "password": PASSWORD}).ok
    assert "bears no mark" in str(tried(served, tmp_path, "cloud_refused")["unreachable"])
    assert "gerbang-probe-run_abc" in accounts(served)
    assert cloud.delete("/cloud/users/gerbang-probe-run_abc").ok


@pytest.mark.usefixtures("cloud")
def test_the_replaced_password_is_refused_and_never_often(served: Served, tmp_path: Path) -> None:
    """The right password, sent after the old one, makes the server forget; where none is known, we stop in time."""
    for _ in range(12):
        attempt(served, tmp_path, "cloud_old_refused", {"login": False}, secret="earlier_account_password")
    assert sum(served.ask(do="dump")["wrong_passwords"].values()) == 0
    seen = [tried(served, tmp_path, "cloud_old_refused", OLD, secret="earlier_account_password") for _ in range(8)]
    assert seen[0] == {"login": False}
    assert "slows our address" in str(seen[-1]["unreachable"])
    wrong = served.ask(do="dump")["wrong_passwords"]
    assert sum(wrong.values()) <= 6, "ten lock out everybody who comes from our address"
    served.ask(do="forgive")
    assert tried(served, tmp_path, "cloud_old_refused") == {"login": True}, "the right one, tried as if it were old"


def test_absence_is_seen(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    assert tried(served, tmp_path, "cloud_absent") == {"found": True}
    assert cloud.delete("/cloud/users/sari").ok
    attempt(served, tmp_path, "cloud_absent", {"found": False})

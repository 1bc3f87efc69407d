"""Does the check of a registered Nextcloud name what it lacks, in the office's words?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from structlog.testing import capture_logs

from provisioner import admin, worker
from provisioner.errors import GerbangError
from provisioner.facts.nextcloud_server import LACKS
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud.check import check_server, check_servers
from provisioner.workflow.hands import Hands
from tests.cloud import ADMIN, ADMIN_PASSWORD, Served, serving
from tests.contract.cloud_ground import PASSWORD, estate, look

CONFIG = "/apps/provisioning_api/api/v1/config/apps"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(served: Served) -> Iterator[Nextcloud]:
    """A server to which nothing is missing."""
    served.ask(do="reset")
    with Nextcloud(
        served.url, served.user, served.app_password, address=served.address, ca_file=str(served.ca_file)
    ) as client:
        assert client.post(f"{CONFIG}/core/newUser.sendEmail", {"value": "no"}).ok
        yield client


def codes(served: Served) -> list[str]:
    return check_server(estate(served).hosts["cloud1"])


@pytest.mark.usefixtures("cloud")
def test_a_whole_server_lacks_nothing(served: Served) -> None:
    assert check_servers(estate(served)) == []


@pytest.mark.parametrize("app", ["files_accesscontrol", "serverinfo"])
def test_an_app_that_is_off_is_named(served: Served, cloud: Nextcloud, app: str) -> None:
    assert cloud.delete(f"/cloud/apps/{app}").ok
    assert codes(served) == [app]
    values = {spot.property: value for spot, value in look(served).values.items() if spot.target == "cloud1/"}
    needed = [app] if LACKS[app].is_needed else []
    assert values == {"server": {"missing": needed}}, "a plan is shown what nothing can be made without"


def test_settings_of_the_server_are_named(served: Served, cloud: Nextcloud) -> None:
    assert cloud.delete(f"{CONFIG}/core/newUser.sendEmail").ok
    assert cloud.post(f"{CONFIG}/files/max_quota", {"value": "8589934592"}).ok
    assert codes(served) == ["max_quota", "welcome_mail"]
    found = check_servers(estate(served))
    assert [one.is_needed for one in found] == [False, False]
    assert str(found[0]).startswith("cloud1: server membatasi kuota terbesar")


LINK = {"nextcloud_handover": "link", "nextcloud_waiting_email": "tunggu@kota.lab"}


@pytest.mark.parametrize(
    ("more", "setting", "lacks"),
    [
        ({}, "no", []),
        ({}, "yes", ["welcome_mail"]),
        (LINK, "yes", []),
        (LINK, "no", ["link_mail"]),
        (LINK, "", []),
    ],
)
def test_what_a_server_mails_is_told_by_how_its_accounts_are_handed_over(
    served: Served, cloud: Nextcloud, more: dict[str, str], setting: str, lacks: list[str]
) -> None:
    assert cloud.post(f"{CONFIG}/core/newUser.sendEmail", {"value": setting}).ok
    said = estate(served, **more)
    assert check_server(said.hosts["cloud1"]) == lacks
    since = len(served.ask(do="journal"))
    (server,) = [value for spot, value in look(served, **more).values.items() if spot.property == "server"]
    assert server == {"missing": [code for code in lacks if LACKS[code].is_needed]}
    asked = [row["target"] for row in served.ask(do="journal", since=since) if "sendEmail" in row["target"]]
    assert len(asked) == bool(more), "a call more only where it matters"


@pytest.mark.usefixtures("cloud")
def test_a_handover_that_the_inventory_does_not_say_whole_is_named_first(served: Served) -> None:
    first, *_ = check_servers(estate(served, nextcloud_handover="link"))
    assert str(first).startswith(
        "cloud1: nextcloud_waiting_email belum ditulis, padahal nextcloud_handover: link. tulis"
    )
    assert first.is_needed
    (only,) = check_servers(estate(served, nextcloud_handover="surel"))
    assert "nextcloud_handover 'surel' tidak dikenal" in only.what


def test_a_probe_that_a_killed_run_left_is_named(served: Served, cloud: Nextcloud) -> None:
    assert cloud.post("/cloud/users", {"userid": "gerbang-probe-run_x", "password": PASSWORD}).ok
    assert codes(served) == ["probes"]


def test_one_who_is_no_admin_is_told_which_right_is_missing(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    assert cloud.post("/cloud/users", {"userid": "biasa", "password": PASSWORD}).ok
    (tmp_path / "password").write_text(PASSWORD)
    said = estate(served, nextcloud_user="biasa", nextcloud_app_password_file=str(tmp_path / "password"))
    first, second = check_servers(said)
    assert (first.is_needed, "kelompok admin" in first.what) == (True, True)
    assert (second.is_needed, "sandi aplikasi" in second.what) == (False, True)


@pytest.mark.usefixtures("cloud")
def test_a_password_that_is_no_app_password_is_named(served: Served, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(ADMIN_PASSWORD)
    said = estate(served, nextcloud_user=ADMIN, nextcloud_app_password_file=str(tmp_path / "password"))
    assert check_server(said.hosts["cloud1"]) == ["app_password"]


@pytest.mark.usefixtures("cloud")
def test_a_server_that_refuses_us_is_named_with_how_to_mend_it(served: Served, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("salah-sandi-aplikasi")
    wrong = estate(served, nextcloud_user="lain", nextcloud_app_password_file=str(tmp_path / "password"))
    (only,) = check_servers(wrong)
    assert only.is_needed
    assert "nextcloud_app_password_file" in only.what
    assert "salah-sandi-aplikasi" not in only.what
    assert codes(served) == ["slowed"], "one wrong password makes the server wait for our address"


@pytest.mark.usefixtures("cloud")
def test_the_command_says_it_and_fails_where_nothing_can_be_made(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served.ask(do="forgive")
    monkeypatch.setattr(admin, "read_estate", lambda _path: estate(served))
    monkeypatch.setenv("GERBANG_DATABASE_URL", "sqlite:///tidak-dibuka.db")
    assert admin.main(["check"]) == 0
    assert capsys.readouterr().out == "Tidak ada yang kurang.\n"
    monkeypatch.setattr(admin, "read_estate", lambda _path: estate(served, nextcloud_url=""))
    assert admin.main(["check"]) == 1
    assert capsys.readouterr().out.startswith("kurang: cloud1: tidak dapat diperiksa:")


def test_the_worker_says_it_once_at_its_start_and_a_broken_inventory_stops_nobody(
    served: Served, cloud: Nextcloud
) -> None:
    assert cloud.delete("/cloud/apps/files_accesscontrol").ok
    with capture_logs() as lines:
        worker.say_what_lacks(cast("Hands", SimpleNamespace(estate=lambda: estate(served))))
    (only,) = lines
    assert (only["event"], only["host"], only["needed"]) == ("service lacks", "cloud1", True)

    def broken() -> None:
        raise GerbangError("no inventory")

    worker.say_what_lacks(cast("Hands", SimpleNamespace(estate=broken)))

"""Which server do the tests of its plugins meet? One of the module's own, fresh for each test, with a neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.facts.nextcloud import rule_body
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud import look as looking
from tests.cloud import Served, serving
from tests.cloud_errands import OTHER_CLASS, CloudWorker, Data, creation, limit_class, module_of
from tests.contract.cloud_ground import GROUP, MB, OPD, TYPES, accounts, make

NEIGHBOURS = ("admin", "budi")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def worker(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWorker]:
    """A worker before a fresh server on which a neighbour has an account, and the office's setting mails nobody."""
    served.ask(do="reset")
    served.cloud.state.config["core"] = {"newUser.sendEmail": "no"}
    served.ask(do="account", id="budi", password="Sandi-budi-2026", groups=["admin"], quota="1 GB")
    module_of("cloud_account")
    monkeypatch.setattr("provisioner.ocs.FIRST_PAUSE_SECONDS", 0.01)
    before = picture(CloudWorker(cloud=served, folder=tmp_path), *NEIGHBOURS)
    worker = CloudWorker(cloud=served, folder=tmp_path)
    yield worker
    assert picture(worker, *NEIGHBOURS) == before
    assert served.ask(do="dump")["wrong_passwords"] == {}


@pytest.fixture
def ready(worker: CloudWorker) -> CloudWorker:
    """The same with two limit classes."""
    worker.do("limit_class", *limit_class())
    worker.do("limit_class", *limit_class({"largest_bytes": 2 * 2**30}, None, OTHER_CLASS))
    return worker


@pytest.fixture
def sari(ready: CloudWorker) -> CloudWorker:
    """The same with an account of ours."""
    assert ready.do("cloud_account", *creation())["failed"] is False
    return ready


def picture(worker: CloudWorker, *names: str) -> Data:
    """Accounts as the server keeps them, but when they last came in."""
    accounts = worker.state()["accounts"]
    return {name: {**accounts[name], "last_login": 0, "first_login": 0} for name in names if name in accounts}


@pytest.fixture
def cloud(served: Served) -> Iterator[Nextcloud]:
    """A fresh server with a limit class, and the account 'sari' in it; who changes it is the test."""
    served.ask(do="reset")
    with Nextcloud(
        served.url, served.user, served.app_password, address=served.address, ca_file=str(served.ca_file)
    ) as admin:
        for group in ("gerbang", OPD, GROUP):
            assert admin.post("/cloud/groups", {"groupid": group}).ok
        for prop, value in (("size_rule", {"largest_bytes": 2 * MB}), ("type_rule", TYPES)):
            assert admin.post(looking.RULES, json=rule_body(GROUP, prop, value)).ok
        make(admin, "sari", quota=200 * MB)
        yield admin
        assert [name for name in accounts(served) if name.startswith("gerbang-probe-")] == []

"""Does the digest notice every file that a run would read?"""

import shutil
from pathlib import Path

import pytest

from provisioner.errors import Unavailable
from provisioner.facts.estate import Estate, Host
from provisioner.runner import reach
from provisioner.runner.reach import files_of, name_of, reach_of

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"
ESTATE = Estate(
    hosts={"web1": Host(name="web1", groups=frozenset({"shared_web"}), variables={"ansible_host": "10.77.0.11"})},
    variables={"nameserver": "10.77.0.2", "sums": {"storage_bytes": 1}, "visitors_tsig": {"secret_file": "/x"}},
)


@pytest.fixture
def playbooks(tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(
        shutil.copytree(PLAYBOOKS, tmp_path / "playbooks", ignore=shutil.ignore_patterns("roles", "__pycache__"))
    )


def test_hosting_reaches_its_plugins_its_duties_and_all_that_these_open() -> None:
    found = {str(path.relative_to(PLAYBOOKS)) for path in files_of("hosting", PLAYBOOKS)}
    assert found >= {
        "hosting.yml",
        "ansible.cfg",
        "launcher.py",
        "errand/errand.py",
        "action_plugins/gerbang_apache.py",
        "action_plugins/gerbang_dns.py",
        "duties/duty.py",
        "duties/apache.py",
        "duties/storage.py",
        "duties/client.py",
        "duties/program.py",
    }
    assert not {
        name
        for name in found
        if "gerbang_look" in name or "gerbang_try" in name or "site.yml" in name or "pycache" in name
    }


def test_every_file_of_the_reach_changes_the_reach(playbooks: Path) -> None:
    before = reach_of("hosting", playbooks, ESTATE)
    for path in files_of("hosting", playbooks):
        text = path.read_bytes()
        path.write_bytes(text + b"\n# changed\n")
        after = reach_of("hosting", playbooks, ESTATE)
        assert [name for name in before.files if before.files[name] != after.files[name]] == [
            str(path.relative_to(playbooks))
        ]
        path.write_bytes(text)


def test_a_change_of_site_yml_or_the_probe_leaves_it_alone(playbooks: Path) -> None:
    before = reach_of("hosting", playbooks, ESTATE)
    (playbooks / "site.yml").write_text("# changed\n")
    (playbooks / "duties" / "gerbang_look.py").write_text("# changed\n")
    assert reach_of("hosting", playbooks, ESTATE) == before


def test_sums_and_other_hosts_are_not_in_it() -> None:
    found = reach_of("hosting", PLAYBOOKS, ESTATE)
    assert found.variables == {"nameserver": "10.77.0.2", "visitors_tsig": {"secret_file": "/x"}}
    assert set(found.versions) == {"ansible_core"}
    assert found.versions["ansible_core"].startswith("2.19.")


def test_a_missing_plugin_is_unavailable(playbooks: Path) -> None:
    (playbooks / "action_plugins" / "gerbang_dns.py").unlink()
    with pytest.raises(Unavailable, match=r"gerbang_dns\.py"):
        reach_of("hosting", playbooks, ESTATE)


def test_a_kind_on_a_server_reaches_what_its_plugins_open_of_the_engine() -> None:
    found = {name_of(path, PLAYBOOKS) for path in files_of("data_cloud", PLAYBOOKS)}
    assert found >= {
        "data_cloud.yml",
        "action_plugins/gerbang_cloud_account.py",
        "action_plugins/gerbang_limit_class.py",
        "errand/errand.py",
        "errand/service_duty.py",
        "errand/cloud_account.py",
        "provisioner/__init__.py",
        "provisioner/errors.py",
        "provisioner/ocs.py",
        "provisioner/https_line.py",
        "provisioner/facts/nextcloud.py",
    }
    assert not {name for name in found if "zone" in name or "pycache" in name or name.startswith("provisioner/runner")}


def test_a_kind_on_hosts_opens_nothing_of_the_engine_and_no_other_kinds_errand() -> None:
    found = {name_of(path, PLAYBOOKS) for path in files_of("hosting", PLAYBOOKS)}
    assert not {name for name in found if "provisioner" in name or "service" in name or "cloud" in name}


def test_a_file_of_the_engine_that_a_plugin_opens_is_in_the_digest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(PLAYBOOKS, project / "playbooks", ignore=shutil.ignore_patterns("roles", "__pycache__"))
    shutil.copytree(
        PLAYBOOKS.parent / "provisioner", project / "provisioner", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setattr(reach, "PROJECT", project)
    before = reach_of("data_cloud", project / "playbooks", ESTATE)
    for name in ("provisioner/ocs.py", "provisioner/facts/nextcloud.py", "provisioner/errors.py"):
        text = (project / name).read_bytes()
        (project / name).write_bytes(text + b"\n# changed\n")
        after = reach_of("data_cloud", project / "playbooks", ESTATE)
        assert [one for one in before.files if before.files[one] != after.files[one]] == [name]
        (project / name).write_bytes(text)


def test_of_a_server_what_the_plugins_read_is_in_it_and_of_no_other() -> None:
    servers = {
        name: Host(
            name=name,
            groups=frozenset({"nextcloud"}),
            variables={
                "nextcloud_url": f"https://{name}.kota.lab",
                "nextcloud_app_password_file": "/etc/gerbang/app",
                "sums": {"quota_bytes": 1},
                "service_lock_folder": "/run/lock",
            },
        )
        for name in ("cloud1", "cloud2")
    }
    estate = Estate(hosts={**ESTATE.hosts, **servers}, variables={"lab": True})
    assert reach_of("data_cloud", PLAYBOOKS, estate).at(("cloud1",)).variables == {
        "lab": True,
        "cloud1:nextcloud_url": "https://cloud1.kota.lab",
        "cloud1:nextcloud_app_password_file": "/etc/gerbang/app",
        "cloud1:service_lock_folder": "/run/lock",
    }
    assert reach_of("hosting", PLAYBOOKS, estate).at(("web1",)).variables == {"lab": True}

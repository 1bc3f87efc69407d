"""Does the digest notice every file that a run would read?"""

import shutil
from pathlib import Path

import pytest

from provisioner.errors import Unavailable
from provisioner.facts.estate import Estate, Host
from provisioner.runner.reach import files_of, reach_of

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
    reach = reach_of("hosting", PLAYBOOKS, ESTATE)
    assert reach.variables == {"nameserver": "10.77.0.2", "visitors_tsig": {"secret_file": "/x"}}
    assert set(reach.versions) == {"ansible_core"}
    assert reach.versions["ansible_core"].startswith("2.19.")


def test_a_missing_plugin_is_unavailable(playbooks: Path) -> None:
    (playbooks / "action_plugins" / "gerbang_dns.py").unlink()
    with pytest.raises(Unavailable, match=r"gerbang_dns\.py"):
        reach_of("hosting", playbooks, ESTATE)

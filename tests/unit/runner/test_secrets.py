"""Are a run's secrets made sealed, and opened for the run alone?"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.errors import Unavailable
from provisioner.items.sealed_secret import SecretState
from provisioner.runner.secrets import make_secrets, open_secrets
from provisioner.sealing import DESTROYED, ensure_key_file


@dataclass(frozen=True)
class Wanted:
    name: str
    label: str = "Kata sandi"
    user: str = "g7kq2mx4pd"
    use: dict[str, Value] = field(default_factory=lambda: {"host": "web1.kota.lab", "port": 22})
    version: int = 1


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "sealing.json"
    ensure_key_file(path)
    return path


def test_each_wanted_secret_is_made_sealed_and_bound_to_its_own_row(key_file: Path) -> None:
    made = make_secrets(key_file, (Wanted("sftp_password"), Wanted("database_password")), "run_x", "g7kq2mx4pd")
    opened = open_secrets(key_file, made)
    assert [(one.name, one.state, one.version, one.item_id) for one in made] == [
        ("sftp_password", SecretState.MADE, 1, "g7kq2mx4pd"),
        ("database_password", SecretState.MADE, 1, "g7kq2mx4pd"),
    ]
    assert set(opened) == {"sftp_password", "database_password"}
    assert opened["sftp_password"] != opened["database_password"]
    assert not any(secret in repr(made) for secret in opened.values())
    with pytest.raises(Unavailable):
        open_secrets(key_file, (replace(made[0], sealed=made[1].sealed),))


def test_a_destroyed_secret_is_left_out(key_file: Path) -> None:
    made = make_secrets(key_file, (Wanted("sftp_password"),), "run_x", "g7kq2mx4pd")
    assert open_secrets(key_file, (replace(made[0], sealed=DESTROYED),)) == {}


def test_a_run_without_secrets_needs_no_key(tmp_path: Path) -> None:
    assert make_secrets(tmp_path / "none.json", (), "run_x", "g7kq2mx4pd") == ()
    assert open_secrets(tmp_path / "none.json", ()) == {}


def test_without_the_key_nothing_is_begun(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        make_secrets(tmp_path / "none.json", (Wanted("sftp_password"),), "run_x", "g7kq2mx4pd")

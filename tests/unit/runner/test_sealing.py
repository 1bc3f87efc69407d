"""Is a sealed secret readable by its own row alone, and are the keys held as keys are?"""

import json
from pathlib import Path

import pytest

from provisioner.errors import Unavailable
from provisioner.sealing import SECRET_ALPHABET, ensure_key_file, make_secret, read_keys, rotate


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "sealing.json"
    ensure_key_file(path)
    return path


def test_a_secret_opens_for_its_own_row(key_file: Path) -> None:
    key_id, sealed = read_keys(key_file).seal("rahasia", "sec_1")
    assert b"rahasia" not in sealed
    assert read_keys(key_file).open(sealed, key_id, "sec_1") == "rahasia"


def test_a_sealed_secret_moved_to_another_row_does_not_open(key_file: Path) -> None:
    key_id, sealed = read_keys(key_file).seal("rahasia", "sec_1")
    with pytest.raises(Unavailable, match="does not belong to this row"):
        read_keys(key_file).open(sealed, key_id, "sec_2")


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_sealed_secret_with_one_changed_bit_does_not_open(key_file: Path, place: int) -> None:
    key_id, sealed = read_keys(key_file).seal("rahasia", "sec_1")
    spoilt = bytearray(sealed)
    spoilt[place] ^= 1
    with pytest.raises(Unavailable):
        read_keys(key_file).open(bytes(spoilt), key_id, "sec_1")


@pytest.mark.parametrize("sealed", [b"", b"short"])
def test_a_destroyed_or_cut_secret_is_unavailable(key_file: Path, sealed: bytes) -> None:
    keys = read_keys(key_file)
    with pytest.raises(Unavailable):
        keys.open(sealed, keys.newest, "sec_1")


def test_after_rotation_the_newest_seals_and_the_old_one_still_opens(key_file: Path) -> None:
    old_id, sealed = read_keys(key_file).seal("rahasia", "sec_1")
    new_id = rotate(key_file)
    keys = read_keys(key_file)
    assert (keys.newest, old_id != new_id) == (new_id, True)
    assert keys.seal("lain", "sec_2")[0] == new_id
    assert keys.open(sealed, old_id, "sec_1") == "rahasia"


def test_a_key_taken_out_of_the_file_makes_its_secrets_unavailable(key_file: Path) -> None:
    old_id, sealed = read_keys(key_file).seal("rahasia", "sec_1")
    rotate(key_file)
    rows = json.loads(key_file.read_text())["keys"]
    key_file.write_text(json.dumps({"keys": rows[1:]}))
    with pytest.raises(Unavailable, match="is not in the key file"):
        read_keys(key_file).open(sealed, old_id, "sec_1")


def test_the_key_file_is_its_owners_alone_and_an_existing_one_stays(key_file: Path) -> None:
    before = key_file.read_bytes()
    ensure_key_file(key_file)
    assert key_file.read_bytes() == before
    assert (key_file.stat().st_mode & 0o777, key_file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_key_file_open_to_others_is_refused(key_file: Path) -> None:
    key_file.chmod(0o640)
    with pytest.raises(Unavailable, match="open to others"):
        read_keys(key_file)


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"keys": [{"id": "k", "key": "AAAA"}]}', '{"keys": 3}'])
def test_a_spoilt_key_file_is_unavailable_and_says_so(key_file: Path, text: str) -> None:
    key_file.write_text(text)
    with pytest.raises(Unavailable):
        read_keys(key_file)


def test_a_missing_key_file_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        read_keys(tmp_path / "none.json")


def test_keys_are_not_shown_by_repr(key_file: Path) -> None:
    rows = json.loads(key_file.read_text())["keys"]
    assert rows[0]["key"] not in repr(read_keys(key_file))
    assert "by_id" not in repr(read_keys(key_file))


def test_secrets_are_long_drawn_from_readable_letters_and_never_twice_the_same() -> None:
    made = {make_secret() for _ in range(500)}
    assert len(made) == 500
    assert {len(secret) for secret in made} == {24}
    assert set("".join(made)) <= set(SECRET_ALPHABET)

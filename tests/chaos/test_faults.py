"""What if our own side fails: the database, the key, the clock, the code? The end comes late, but it is right."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import tests.house
from provisioner.errors import Unavailable
from provisioner.facts.observation import Observation
from provisioner.providers.fake_runner import FakeRunner
from provisioner.runner.secrets import make_secrets, open_secrets
from provisioner.runs.run import RunState
from provisioner.sealing import ensure_key_file
from provisioner.unit_of_work import UnitOfWork
from tests.house import PEOPLE, EngineHouse, password_of, sha256_of

MOST_COMMITS = 200
MOST_STARTS = 50


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    return opened(tmp_path)


def opened(folder: Path) -> EngineHouse:
    """An office in that folder."""
    house = EngineHouse(folder)
    house.open()
    return house


@contextmanager
def refusing_commit(house: EngineHouse, number: int) -> Iterator[list[int]]:
    """Let the transaction of that number fail at its end, as a full disk or a lost server would; yields the count."""
    original, counted = house.database.transaction, list[int]()

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        mine = len(counted)
        counted.append(mine)
        with original() as uow:
            yield uow
            if mine == number:
                raise Unavailable("the disk is full", "basis data", "Make room.")

    house.database.transaction = transaction  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        house.database.transaction = original  # type: ignore[method-assign]


def test_a_database_that_refuses_any_one_commit_only_delays_the_run(tmp_path: Path) -> None:
    """Every commit of a run refused once: it is taken up again and ends done, with one of each object."""
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    first = opened(prepared)
    run_id = first.to_run()
    first.close()
    for number in range(MOST_COMMITS):
        house = EngineHouse(shutil.copytree(prepared, tmp_path / str(number)))
        house.clock.now = first.clock.now
        with refusing_commit(house, number) as commits, contextlib.suppress(Unavailable):
            house.carry_out(run_id)
        assert house.carry_out(run_id) == "done", f"commit {number}"
        made = [(a["system"], a["target"], a["property"]) for a in house.world.read().journal if a["before"] is None]
        assert len(made) == len(set(made)), f"commit {number}"
        assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""
        house.close()
        if len(commits) <= number:
            break
    assert 10 < number < MOST_COMMITS - 1


def test_a_run_that_our_own_fault_ends_again_and_again_waits_for_a_person_and_others_go_on(house: EngineHouse) -> None:
    """Nothing was begun: once the fault is mended, a person's look lets it go on as if nothing had been."""
    run_id, other = house.to_run(), house.to_run(sub_domain="lainnya")
    own = house.hands

    def broken(_systems: tuple[str, ...], _hosts: tuple[str, ...]) -> Observation:
        raise RuntimeError("a fault of ours")

    house.hands = replace(own, look=broken)
    for _ in range(MOST_STARTS):
        with contextlib.suppress(RuntimeError):
            house.carry_out(run_id)
    run = house.desk.run(PEOPLE["kabid"], run_id).run
    assert (run.state, run.why) == (RunState.NEEDS_ATTENTION, "kesalahan berulang pada Gerbang: RuntimeError")
    house.hands = own
    assert house.carry_out(other) == "done"
    house.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert house.carry_out(run_id) == "done"


def test_without_its_sealing_key_a_run_waits_before_its_first_act_and_a_claim_consumes_nothing(
    house: EngineHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file, away = tmp_path / "sealing.json", tmp_path / "away.json"
    ensure_key_file(key_file)
    monkeypatch.setattr(tests.house, "password_of", lambda secret: open_secrets(key_file, (secret,))[secret.name])
    runner = FakeRunner(house.world, lambda sealed: open_secrets(key_file, sealed))
    house.hands = replace(house.hands, make_secrets=partial(make_secrets, key_file), do=runner)
    run_id = house.to_run()
    key_file.rename(away)
    with pytest.raises(Unavailable):
        house.carry_out(run_id)
    assert house.world.read().journal == []
    away.rename(key_file)
    assert house.carry_out(run_id) == "done"
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    secret = next(s for s in house.desk.credentials(PEOPLE["teknis"], item_id) if s.name == "sftp_password")
    claim = partial(house.desk.claim, PEOPLE["teknis"], secret.id, statement_accepted=True)
    key_file.rename(away)
    with pytest.raises(Unavailable):
        claim(open_envelope=lambda sealed: open_secrets(key_file, (sealed,))[sealed.name])
    away.rename(key_file)
    _, opened_one = claim(open_envelope=lambda sealed: open_secrets(key_file, (sealed,))[sealed.name])
    assert house.world.read().secret_digests[f"web1/{item_id}:sftp_password"] == sha256_of(opened_one)


def test_a_clock_that_jumps_back_in_mid_run_changes_neither_its_end_nor_the_chain(house: EngineHouse) -> None:
    """Order is by sequence, never by time."""
    run_id = house.to_run()
    house.world.plant({"kind": "lose_after", "task": "database"})
    house.clock.move(days=-1)
    assert house.carry_out(run_id) in {"done", "unknown"}
    house.clock.move(hours=-1)
    assert house.carry_out(run_id) == "done"
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    for secret in house.desk.credentials(PEOPLE["teknis"], item_id):
        house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=True, open_envelope=password_of)

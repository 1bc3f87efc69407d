"""Can two checkouts have a lab on one machine, and does `down` leave nothing of one and all of the other?"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import dns.rdatatype
import pytest

from lab import footprint
from lab.hosts import HOSTS
from lab.instance import Instance
from lab.preparation import ansible_playbook


@pytest.fixture
def other(instance: Instance, tmp_path: Path) -> Iterator[Instance]:
    """Another checkout: the same files elsewhere; images are shared, keys, layers and addresses its own."""
    for name in ("lab", "playbooks", "inventories"):
        shutil.copytree(instance.checkout / name, tmp_path / name)
    (tmp_path / "var" / "cache").mkdir(parents=True)
    (tmp_path / "var" / "cache" / "images").symlink_to(instance.cache / "images")
    another = Instance(checkout=tmp_path.resolve())
    yield another
    call_lab(instance, another, "down")


def call_lab(own: Instance, other: Instance, *words: str) -> str:
    """Call the other checkout's lab command as a person would; returns what it says."""
    path = f"{ansible_playbook(own).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "lab", *words],
        cwd=other.checkout,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(other.checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def address_of_web1(instance: Instance) -> str:
    """What the lab's own name server says of web1.kota.lab."""
    question = dns.message.make_query("web1.kota.lab", dns.rdatatype.A)
    answer = dns.query.udp(question, instance.address(HOSTS["ns1"].octet), timeout=3)
    return str(answer.answer[0][0])


def test_two_labs_share_no_name_and_down_leaves_nothing_of_one_and_all_of_the_other(
    instance: Instance, other: Instance
) -> None:
    before, own_before = footprint.besides(instance), footprint.of_lab(instance)
    call_lab(instance, other, "up", "ns1", "acme", "mail", "cloud1")

    made = set(footprint.of_lab(other))
    kinds = {"namespace", "link", "route", "mount", "cgroup", "folder", "process"}
    assert {kind for kind in kinds if any(line.startswith(f"{kind} ") for line in made)} == kinds
    assert made & set(own_before) == set()
    seen = {lab.id: address_of_web1(lab) for lab in (instance, other)}
    assert seen == {lab.id: lab.address(HOSTS["web1"].octet) for lab in (instance, other)}

    call_lab(instance, other, "down")
    assert footprint.of_lab(other) == []
    assert footprint.besides(instance) == before
    assert [path.name for path in (other.checkout / "var").iterdir()] == ["cache"]
    assert address_of_web1(instance) == instance.address(HOSTS["web1"].octet)


def test_down_of_a_lab_that_is_not_up_says_nothing_and_takes_nothing(instance: Instance, other: Instance) -> None:
    before = footprint.besides(instance)
    assert call_lab(instance, other, "down") == ""
    assert footprint.besides(instance) == before


def test_a_subnet_that_is_taken_is_refused_with_the_way_out(other: Instance) -> None:
    subprocess.run(["ip", "route", "add", other.subnet, "dev", "lo"], check=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "lab", "up", "ns1"],
            cwd=other.checkout,
            env={**os.environ, "PYTHONPATH": str(other.checkout)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        subprocess.run(["ip", "route", "delete", other.subnet, "dev", "lo"], check=True)
    assert done.returncode == 1
    assert f"{other.subnet} is already routed through lo on this machine" in done.stderr
    assert "move the checkout" in done.stderr

"""What if the world moves between plan and run, or cannot hold the wish? Nothing is touched, and a person reads why."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from lab.instance import Instance
from provisioner.plans.plan import PlanState
from provisioner.workflow.look import look
from tests.house import PEOPLE
from tests.lab.behind_our_back import file_at, record_at, space_taken
from tests.lab.host_objects import named
from tests.lab.office_house import OfficeHouse, drawn_name, office_house
from tests.lab.site_part import ROOT

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]


@pytest.fixture(scope="module")
def house(instance: Instance) -> Iterator[OfficeHouse]:  # noqa: ARG001  the lab must be up
    """One office for all: no run of it may ever touch anything, but for the last."""
    with office_house() as house:
        before = house.others()
        yield house
        assert house.others() == before


def is_stale(house: OfficeHouse, run_id: str) -> str:
    """Carry out, see that nothing was done and that a person can go on; return what is shown as moved."""
    before = house.look().values
    assert house.carry_out(run_id) == "stale"
    assert house.look().values == before
    view = house.desk.run(PEOPLE["kabid"], run_id)
    assert {task.state for task in view.tasks} == {"waiting"}
    plan = house.desk.plan(PEOPLE["kabid"], view.line.id)
    assert (plan.record.state, view.request.step, view.line.state.value) == (PlanState.STALE, "decide", "open")
    assert plan.decisions[-1].voided_at is not None
    assert house.secret_states(run_id) == []
    return "; ".join(plan.record.moved)


def looked_again(house: OfficeHouse, line_id: str) -> PlanState:
    """Ask for a new look, as the decider would; return how the plan stands now."""
    plan_id = house.desk.look_again(PEOPLE["pengkaji"], line_id, wishes={}, reason="")
    look(house.hands, plan_id)
    return house.plan_of(line_id).state


# -- Between plan and run ----------------------------------------------------------------------------------------------


def test_a_file_laid_by_hand_at_our_path_is_stale_and_stays_as_it_is(house: OfficeHouse, on: On) -> None:
    run_id = house.to_run()
    item, line_id = house.item_of(run_id), house.desk.run(PEOPLE["kabid"], run_id).line.id
    digest = house.approved(run_id).digest
    with file_at(on("web1"), f"/etc/apache2/gerbang/{item}.conf"):
        assert is_stale(house, run_id) == f"vhost {item} di web1 sudah ada dan bukan buatan Gerbang"
        assert looked_again(house, line_id) is PlanState.IMPOSSIBLE
        assert named(on("web1"), item) == {"file /etc/apache2/gerbang/ITEM.conf"}
    assert looked_again(house, line_id) is PlanState.CURRENT
    assert house.plan_of(line_id).plan.digest == digest  # type: ignore[union-attr]


def test_a_name_taken_meanwhile_is_stale_and_the_record_stays(
    house: OfficeHouse, instance: Instance, lab: dict[str, Any]
) -> None:
    run_id = house.to_run()
    (name,) = house.names_of(run_id)
    with record_at(instance, lab, name, "A", "192.0.2.80"):
        assert is_stale(house, run_id) == f"nama {name} sudah terpakai: alamat DNS 192.0.2.80"


def test_a_disk_filled_meanwhile_breaks_the_limit_and_is_stale(house: OfficeHouse, on: On) -> None:
    """Somebody's files leave less than the promised gigabytes."""
    run_id = house.to_run(storage_gb=15)
    with space_taken(on("web1"), "8G"):
        moved = is_stale(house, run_id)
    assert moved.startswith("disk web1 penuh: diminta 15 GB, kosong ")


def test_a_playbook_file_changed_after_the_approval_is_stale(tmp_path: Path) -> None:
    playbooks = tmp_path / "playbooks"
    shutil.copytree(ROOT / "playbooks", playbooks, ignore=shutil.ignore_patterns("__pycache__"))
    with office_house(playbooks=playbooks) as house:
        run_id = house.to_run()
        duty = playbooks / "duties" / "folders.py"
        duty.write_text(f"{duty.read_text()}# sebaris lagi\n")
        assert is_stale(house, run_id) == "berkas playbook duties/folders.py berubah"


def test_an_inventory_variable_changed_after_the_approval_is_stale(
    tmp_path: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The visitors' key now lies in another file: the same secret, but no longer what was approved."""
    monkeypatch.setenv("GERBANG_LAB_JSON", str(instance.shown / "lab.json"))
    inventory = tmp_path / "inventories" / "lab"
    shutil.copytree(ROOT / "inventories" / "lab", inventory, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(instance.keys / "tsig-visitors", tmp_path / "tsig-visitors")
    with office_house(inventory=inventory / "hosts.py") as house:
        run_id = house.to_run()
        script = inventory / "hosts.py"
        moved = f'"visitors_tsig": {{**lab["tsig"]["visitors"], "secret_file": "{tmp_path}/tsig-visitors"}}'
        text = script.read_text()
        assert '"visitors_tsig": lab["tsig"]["visitors"]' in text
        script.write_text(text.replace('"visitors_tsig": lab["tsig"]["visitors"]', moved))
        assert is_stale(house, run_id) == "variabel inventaris visitors_tsig berubah"


def test_free_space_moved_and_the_digest_is_the_same(house: OfficeHouse, on: On) -> None:
    """A measurement that breaks no limit is no reason to stop: looked at again, approved, and done."""
    line_id = house.to_decision()
    plan = house.plan_of(line_id).plan
    assert plan is not None
    before = house.look().measurements["web1:storage_free_bytes"]
    with space_taken(on("web1"), "300M"):
        assert before - house.look().measurements["web1:storage_free_bytes"] >= 300 << 20
        assert looked_again(house, line_id) is PlanState.CURRENT
        assert house.plan_of(line_id).plan.digest == plan.digest  # type: ignore[union-attr]
        run_id = house.approve(line_id)
    assert house.carry_out(run_id) == "done"
    house.unmake(run_id)


# -- Wishes that cannot be ---------------------------------------------------------------------------------------------


def impossible(house: OfficeHouse, **fields: Any) -> list[str]:
    """Ask for it; return the codes of the reasons of an impossible plan that holds nothing and says what would help."""
    line_id = house.to_plan(**fields)
    record = house.plan_of(line_id)
    assert (record.state, record.plan) == (PlanState.IMPOSSIBLE, None)
    assert house.desk.plan(PEOPLE["kabid"], line_id).things == ()
    assert all(reason.what and reason.mend for reason in record.reasons)
    return [reason.code for reason in record.reasons]


def test_a_name_that_another_record_stands_at_is_impossible(
    house: OfficeHouse, instance: Instance, lab: dict[str, Any]
) -> None:
    label = drawn_name()
    with record_at(instance, lab, f"{label}.{lab['zone']}", "TXT", '"milik orang lain"'):
        assert impossible(house, sub_domain=label) == ["name_taken"]


def test_a_name_that_looks_like_a_living_one_is_impossible(
    house: OfficeHouse, instance: Instance, lab: dict[str, Any]
) -> None:
    label = f"{drawn_name()}m"
    with record_at(instance, lab, f"{label}.{lab['zone']}", "A", "192.0.2.80"):
        assert impossible(house, sub_domain=f"{label.removesuffix('m')}rn") == ["look_alike"]


def test_more_than_the_host_has_left_is_impossible(house: OfficeHouse) -> None:
    assert set(impossible(house, storage_gb=100)) == {"host_full", "disk_full"}

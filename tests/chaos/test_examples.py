"""Does each example in examples/ do what it says, as it is sent, but for the item's id?"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from provisioner.items.item import ItemState, Verb
from provisioner.items.verbs import VERBS
from provisioner.workflow.look import look
from tests.house import PEOPLE, ROOT, EngineHouse

ITEM = "g7kq2mx4pd"
ON_ITEMS = sorted((ROOT / "examples").glob("hosting-*.yml"))


@pytest.mark.parametrize("path", ON_ITEMS, ids=lambda path: path.stem)
def test_an_example_on_a_standing_item_is_delivered_as_it_is_written(path: Path, tmp_path: Path) -> None:
    house, text = EngineHouse(tmp_path), path.read_text(encoding="utf-8")
    verb = Verb(yaml.safe_load(text)["lines"][0]["verb"])
    house.open()
    made = house.to_run()
    assert house.carry_out(made) == "done"
    item_id = house.desk.run(PEOPLE["kabid"], made).run.item_id
    if ItemState.ACTIVE not in VERBS[verb].starts_from:
        assert house.carry_out(house.verb("suspend", item_id)) == "done"
    assert text.count(ITEM) == 1
    run_id = sent(house, text.replace(ITEM, item_id).encode())
    assert house.carry_out(run_id) == "done"
    assert house.desk.item(PEOPLE["kabid"], item_id).life[-1].verb is verb
    house.close()


def sent(house: EngineHouse, document: bytes) -> str:
    """Send the document in and bring it to its approved run; return the run's id."""
    request = house.desk.submit(PEOPLE["opd"], document, "application/yaml")
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    line = house.desk.request(PEOPLE["umum"], request.id).request.lines[0]
    look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    return house.approve(line.id)

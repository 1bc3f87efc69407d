"""Does anything that a person may write, or try to write, run anywhere: on a host, or on the machine of the worker?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from testinfra.host import Host

from provisioner.decisions.decision import Outcome
from provisioner.errors import BadInput, Refused
from provisioner.workflow.look import look
from tests.gate.payloads import CANARY, LEGAL, PAYLOADS, WORDS
from tests.house import EXAMPLE, PEOPLE
from tests.lab.office_house import OfficeHouse, office_house

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
#: all that would make the canary if a shell, Jinja, cron or PHP obeyed it, in one person's words
OBEYED = " ".join(str(value) for value in PAYLOADS.values() if CANARY in str(value))
HIDDEN_FROM_FIND = "-path /proc -prune -o -path /sys -prune -o"


@pytest.fixture(scope="module")
def house() -> Iterator[OfficeHouse]:
    """An office whose hosts are real."""
    with office_house() as opened:
        yield opened


@pytest.fixture
def nothing_ran(on: On, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """After the test no file of the canary's name lies on the host, nor where the worker stands."""
    monkeypatch.chdir(tmp_path)
    yield
    found = on("web1").check_output(f"find / {HIDDEN_FROM_FIND} -name '*{CANARY}*' -print")
    assert (found, [*tmp_path.rglob(f"*{CANARY}*")]) == ("", [])


@pytest.mark.usefixtures("nothing_ran")
def test_what_a_shell_or_jinja_would_obey_is_refused_in_every_field_and_nothing_is_looked_at(
    house: OfficeHouse,
) -> None:
    asked = 0
    for name, value in PAYLOADS.items():
        if CANARY not in str(value) or name in LEGAL:
            continue
        line = {**dict.fromkeys(EXAMPLE["lines"][0], value), "kind": "hosting", "verb": "create"}
        with pytest.raises(BadInput) as refused:
            house.desk.submit(PEOPLE["opd"], yaml.safe_dump({**EXAMPLE, "lines": [line]}).encode(), "application/yaml")
        assert {fault.where for fault in refused.value.faults} >= {"lines[0].sub_domain", "lines[0].runtime"}
        asked += 1
    assert (asked, house.desk.requests(PEOPLE["kabid"])) == (6, ())


@pytest.mark.usefixtures("nothing_ran")
def test_words_that_a_machine_could_obey_go_through_a_whole_run_as_words(house: OfficeHouse) -> None:
    words = str(PAYLOADS["quoted words"])
    document: dict[str, Any] = yaml.safe_load(house.example(runtime="php", database="mariadb"))
    for place in sorted(place for place in WORDS if place.count(".") < 2):  # a line's own words are another kind's
        part, _, field = place.rpartition(".")
        (document[part] if part else document)[field] = words
    document["technical"]["email"] = "budi@dincontoh.example"
    request = house.desk.submit(PEOPLE["opd"], yaml.safe_dump(document).encode(), "application/yaml")
    house.desk.do_step(PEOPLE["umum"], request.id, "register", note=OBEYED)
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition", note=OBEYED)
    line = house.desk.request(PEOPLE["umum"], request.id).request.lines[0]
    look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review", note=OBEYED)
    plan = house.plan_of(line.id).plan
    assert plan is not None
    house.desk.decide(PEOPLE["kabid"], line.id, Outcome.APPROVED, digest=plan.digest, reason=OBEYED)
    run_id = str(house.desk.plan(PEOPLE["kabid"], line.id).line.run_id)
    assert house.carry_out(run_id) == "done"
    assert house.desk.request(PEOPLE["kabid"], request.id).request.application_name == words
    with pytest.raises(Refused):
        house.desk.cancel(PEOPLE["kabid"], run_id, OBEYED)
    house.unmake(run_id)

"""Does every verb that a kind has built keep the promises of kinds/port.py? A verb joins by tests/verbs.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest

from provisioner.errors import BadInput
from provisioner.facts.observation import Observation
from provisioner.facts.property import Undo
from provisioner.kinds.catalogue import KINDS
from provisioner.kinds.port import Kind, Question
from provisioner.plans.compare import parts_of, unreached
from provisioner.plans.plan import Plan
from provisioner.providers.trials import PERFORMERS
from provisioner.requests.fields import Known
from provisioner.requests.parse import parse_line
from provisioner.runs.resume import cannot_be_undone, undo_of
from provisioner.store import requests
from provisioner.workflow.look import question_of
from tests.house import EXAMPLE, EXAMPLES, PEOPLE, EngineHouse
from tests.verbs import SAMPLES, VERBS_ON_ITEMS, Asked, ask, case_id, give_receipt, made

KNOWN = Known(
    opd_codes=frozenset({EXAMPLE["opd"]}), zone="kota.lab", reserved_labels=frozenset(), today=date(2026, 11, 23)
)
CREATE = {
    kind: Asked(
        verb="create",
        fields={k: v for k, v in document["lines"][0].items() if k not in {"kind", "verb"}},
        credentials=SAMPLES[kind].credentials,
    )
    for kind, document in EXAMPLES.items()
}
CASES = [(kind, asked) for kind, listed in VERBS_ON_ITEMS.items() for asked in (CREATE[kind], *listed)]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A verb's approved run on fakes, and the question it answers."""

    kind: Kind
    asked: Asked
    house: EngineHouse
    run_id: str
    plan: Plan
    question: Question

    def look(self) -> Observation:
        """The world as it is now."""
        return self.house.hands.look(self.kind.systems, self.kind.hosts(self.house.estate))


@pytest.fixture(scope="module", params=CASES, ids=case_id)
def planned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    """Each verb of each kind, up to its approved run; the last test of this file carries it out."""
    name, asked = request.param
    house = EngineHouse(tmp_path_factory.mktemp(asked.verb), kind=name)
    house.open()
    run_id = house.to_run() if asked.verb == "create" else ask(house, asked, made(house, asked))
    line = house.desk.run(PEOPLE["kabid"], run_id).line
    plan = house.desk.plan(PEOPLE["kabid"], line.id).record.plan
    assert plan is not None
    kind = KINDS[name]
    with house.database.reading() as uow:
        seen = house.hands.look(kind.systems, kind.hosts(house.estate))
        question = question_of(house.hands, uow, requests.line(uow, line.id), seen, plan.choices)
    yield Planned(kind=kind, asked=asked, house=house, run_id=run_id, plan=plan, question=question)
    house.close()


def test_its_line_is_read_by_its_own_table_and_a_strange_field_is_a_fault(planned: Planned) -> None:
    said = planned.kind.verbs[planned.asked.verb]
    item = {"item": planned.question.item_id} if said.names_item else {}
    line = {"kind": planned.kind.name, "verb": planned.asked.verb, **item, **planned.asked.fields}
    kinds = {planned.kind.name: planned.kind.verbs}
    read = parse_line(line, kinds, KNOWN)
    assert (read.verb, read.item_id) == (planned.asked.verb, item.get("item"))
    assert set(read.wish) == (set(planned.asked.fields) if said.partial else {field.name for field in said.fields})
    with pytest.raises(BadInput) as caught:
        parse_line({**line, "root": True}, kinds, KNOWN)
    assert [fault.where for fault in caught.value.faults] == ["root"]
    names = [field.name for field in said.fields]
    assert len(set(names)) == len(names)
    assert [field.name for field in said.fields if not field.label] == []


def test_its_plan_has_something_to_do_and_says_so_in_a_sentence(planned: Planned) -> None:
    assert planned.plan.changes
    assert planned.plan.page["sentence"].startswith("Jika disetujui, ")
    assert {task.name for part in planned.plan.parts for task in part.tasks} <= set(planned.kind.task_labels)
    assert planned.plan.verb == planned.asked.verb


def test_the_same_question_gives_the_same_digest(planned: Planned) -> None:
    again = planned.kind.choose(planned.question)
    assert again == planned.plan.choices
    assert parts_of(planned.kind.stages(planned.question, again), planned.question.seen, planned.kind.properties) == (
        planned.plan.parts
    )


def test_what_it_does_can_be_undone_part_by_part_but_what_comes_last_and_says_so(planned: Planned) -> None:
    told = planned.plan.page["cannot_undo"]
    last = planned.plan.parts[-1]
    for part in planned.plan.parts:
        final = cannot_be_undone(part.changes)
        assert not final or part is last, "what cannot be undone comes last"
        back = undo_of(part, part.changes)
        taken_back = {(c.spot, str(c.before)) for c in part.changes if c not in final and c.undo is not Undo.KEEP}
        assert {(c.spot, str(c.after)) for c in back.changes} == taken_back
    assert len(told) == len(cannot_be_undone(planned.plan.changes))


def test_its_trials_prove_something_and_somebody_can_perform_each(planned: Planned) -> None:
    trials = planned.kind.trials(planned.question, planned.plan.choices)
    assert trials
    assert len({trial.name for trial in trials}) == len(trials)
    assert [trial.name for trial in trials if trial.name not in PERFORMERS[trial.system] or not trial.label] == []
    assert [trial.name for trial in trials if not trial.wanted] == []


def test_what_it_hands_over_is_what_the_item_then_has_and_bears_its_version(planned: Planned) -> None:
    made_by_it = planned.kind.secrets(planned.question, planned.plan.choices)
    handed = sorted(secret.name for secret in made_by_it if not secret.is_probe)
    assert handed == sorted(planned.asked.credentials)
    assert all(secret.version >= 1 and secret.label and secret.user for secret in made_by_it)


def test_planning_it_in_another_order_of_looking_changes_nothing(planned: Planned) -> None:
    turned = dict(reversed(list(planned.question.seen.values.items())))
    question = replace(planned.question, seen=replace(planned.question.seen, values=turned))
    choices = planned.kind.choose(question)
    assert choices == planned.plan.choices


def test_after_its_run_the_plan_is_empty_and_asked_again_there_is_nothing_to_do(planned: Planned) -> None:
    assert planned.house.carry_out(planned.run_id) == ("done" if planned.asked.through is None else "waiting_until")
    if planned.asked.through is not None:
        give_receipt(planned.house, PEOPLE["teknis"], planned.question.item_id)
        planned.house.clock.move(days=31)
        assert planned.house.carry_out(planned.run_id) == "done"
    stages, seen = planned.kind.stages(planned.question, planned.plan.choices), planned.look()
    assert unreached(stages, seen) == ()
    left = [change for part in parts_of(stages[-1:], seen, planned.kind.properties) for change in part.changes]
    assert [change for change in left if change.undo is not Undo.KEEP] == []

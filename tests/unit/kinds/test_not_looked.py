"""Does a kind take for absent what nobody looked at? A host that gave no answer says nothing of what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.facts.observation import Observation
from provisioner.kinds.data_cloud import traffic
from provisioner.kinds.port import Question
from provisioner.plans.plan import Reason
from tests.plans import data_cloud_world, hosting_world

CHANGED: Mapping[str, Mapping[str, Any]] = {"hosting": {"storage_gb": 8}, "data_cloud": {"quota_gb": 8}}
WORLDS = {"web1": hosting_world.WORLD, "cloud1": data_cloud_world.WORLD}
PROXY = {"traffic_driver": "nginx", "traffic_proxy": "proxy1"}


def standing(host: str, verb: str, **table: Any) -> Question:
    """The verb asked of what stands on that host."""
    world = WORLDS[host]
    asked = CHANGED[world.kind.name] if verb == "change" else {}
    return world.question_of({"standing": True, "verb": verb, "asked": asked, **table})


def without(seen: Observation, host: str) -> Observation:
    """What is seen where that host gives no answer."""
    values = {spot: value for spot, value in seen.values.items() if spot.host != host}
    return replace(seen, values=values, looked=frozenset(one for one in seen.looked if one[1] != host))


def reasons(host: str, question: Question) -> tuple[Reason, ...]:
    """Why it cannot be; a choice is none."""
    made = WORLDS[host].kind.choose(question)
    assert isinstance(made, tuple)
    return made


@pytest.mark.parametrize("verb", ["create", "change", "suspend", "resume", "rotate", "appoint", "terminate"])
@pytest.mark.parametrize("host", WORLDS)
def test_nothing_is_called_absent_on_a_host_that_was_not_looked_at(host: str, verb: str) -> None:
    question = standing(host, verb)
    found = reasons(host, replace(question, seen=without(question.seen, host)))
    assert [(one.code, one.what) for one in found] == [("not_looked", f"{host} tidak menjawab")]


@pytest.mark.parametrize("verb", ["create", "change", "suspend", "terminate"])
def test_a_proxy_that_is_silent_and_one_that_stands_before_no_server_any_more_are_told_apart(verb: str) -> None:
    """Chosen earlier, it holds the account's limit: silent, it stops the plan; gone, what stands goes on without it."""
    question = standing("cloud1", verb, hosts={"cloud1": PROXY, "proxy1": {}})
    seen, cloud = without(question.seen, "proxy1"), question.estate.hosts["cloud1"]
    found = reasons("cloud1", replace(question, seen=seen))
    assert [(one.code, one.what) for one in found] == [("not_looked", "proksi proxy1 di depan cloud1 tidak menjawab")]
    bare = replace(cloud, variables={**cloud.variables, "traffic_driver": "none"})
    for hosts in ({**question.estate.hosts, "cloud1": bare}, {"cloud1": cloud}):
        asked = replace(question, seen=seen, estate=replace(question.estate, hosts=hosts))
        if verb == "create":
            assert {one.code for one in reasons("cloud1", asked)} == {"no_proxy"}
        else:
            choices = WORLDS["cloud1"].kind.choose(asked)
            assert isinstance(choices, Mapping), choices
            assert (traffic.lost(choices), WORLDS["cloud1"].kind.places(choices)) == ("proxy1", ("cloud1",))

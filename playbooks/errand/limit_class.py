"""How do a limit class's groups and rules come to stand on a server? Each is made where it is absent, never twice.

Many accounts share them: they are ensured, and nothing here takes one away.
"""

from __future__ import annotations

from typing import Any

from errand.errand import Data
from errand.service import Refused, Service, refused
from errand.service_duty import ServiceDuty
from errand.third_value import Seen, foreign_answer, sort_out, spot_of
from provisioner.facts.nextcloud import read_groups, read_rules, rule_body

GROUPS, RULES = "/cloud/groups", "/apps/workflowengine/api/v1/workflows/global"
EXISTS = 102
ORDER = ("group", "size_rule", "type_rule")


class LimitClassDuty(ServiceDuty):
    """Groups, and the rules for the members of a limit class's group."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._seen: Seen = {}
        self._looked: set[str] = set()

    def objects(self, changes: list[Data]) -> list[list[Data]]:
        """All of them at once: one look at all groups and one at all rules."""
        return [changes]

    def one_object(self, service: Service, changes: list[Data], secrets: dict[str, str], done: list[Data]) -> Data:
        """Make what is absent, groups before the rules that name them.

        A rule that says anything else is foreign, whatever the plan saw there before: another laid beside it would
        hold the class to both.
        """
        if any(change["after"] is None for change in changes):
            raise Refused("a group and its rules are shared: they are never taken away")
        seen = self.seen(service, {change["property"] for change in changes})
        to_do, foreign = sort_out(changes, seen)
        foreign += [spot_of(change) | {"seen": stands} for change in to_do if (stands := _there(seen, change))]
        if foreign:
            return foreign_answer(foreign)
        for change in sorted(to_do, key=lambda one: ORDER.index(one["property"])):
            if not self._task.check_mode:
                make(service, change)
                seen[change["target"], change["property"]] = change["after"]
            done.append(change)
        return {}

    def seen(self, service: Service, asked: set[str]) -> Seen:
        """What stands there, looked at once for all runs of this call: under the lock nobody of us makes any but we."""
        if "group" in asked and GROUPS not in self._looked:
            listed = whole(service, GROUPS)
            groups = read_groups(listed.get("groups") if isinstance(listed, dict) else None)
            self._seen |= {(service.target(group), "group"): {"exists": True} for group in groups}
            self._looked.add(GROUPS)
        if asked - {"group"} and RULES not in self._looked:
            rules = read_rules(whole(service, RULES))
            self._seen |= {
                (service.target(group), name): rule for group, of in rules.items() for name, rule in of.items()
            }
            self._looked.add(RULES)
        return self._seen


def _there(seen: Seen, change: Data) -> Any:
    """What stands where the change would be made; None where nothing does."""
    return seen.get((change["target"], change["property"]))


def whole(service: Service, path: str) -> Any:
    """All that stands there."""
    answer = service.get(path)
    if not answer.ok:
        raise refused(f"look at {path}", answer)
    return answer.data


def make(service: Service, change: Data) -> None:
    """One call; a group that came to be in between is as good as made."""
    group = str(change["target"]).partition("/")[2]
    if change["property"] == "group":
        answer = service.change("post", GROUPS, {"groupid": group})
        if not answer.ok and answer.ocs_code != EXISTS:
            raise refused(f"create the group {group}", answer)
        return
    answer = service.change("post", RULES, json=rule_body(group, change["property"], change["after"]))
    if not answer.ok:
        raise refused(f"create the {change['property']} of {group}", answer)

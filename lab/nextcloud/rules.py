"""Which flow rules may be written, and whom do they stop? files_accesscontrol: every check of a rule met = denied."""

import re
from dataclasses import dataclass
from typing import Any

from lab.nextcloud import sizes
from lab.nextcloud.answers import OcsError
from lab.nextcloud.routes import Call, Routes
from lab.nextcloud.state import Account, State

OPERATION = "OCA\\FilesAccessControl\\Operation"
ENTITY = "OCA\\WorkflowEngine\\Entity\\File"
CHECK = "OCA\\WorkflowEngine\\Check\\"
GLOBAL = "/apps/workflowengine/api/v1/workflows/global"
SIZE = re.compile(r"\d+ ?[kmgt]?b", re.ASCII | re.IGNORECASE)
FIELDS = {"class": str, "name": str, "checks": list, "operation": str, "entity": str, "events": list}
OPERATORS = {
    "FileSize": ("less", "!less", "greater", "!greater"),
    "FileMimeType": ("is", "!is", "matches", "!matches"),
    "UserGroupMembership": ("is", "!is"),
}
routes = Routes()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What somebody tries with a file: its type by its name, and the size that the call names, where it names one."""

    mime: str
    size_bytes: int | None


@routes.add("GET", GLOBAL, "admin")
def listed(call: Call) -> Any:
    """All rules by their class; an empty list where there is none."""
    return {OPERATION: scoped(call.state)} if call.state.rules else []


@routes.add("GET", GLOBAL + "/{any}", "admin")
def of_class(call: Call, name: str) -> list[Any]:
    """The rules of one class: the last part is no id."""
    return scoped(call.state) if name == OPERATION else []


def scoped(state: State) -> list[dict[str, Any]]:
    return [{**rule, "scope_type": 0, "scope_actor_id": ""} for _, rule in sorted(state.rules.items())]


@routes.add("POST", GLOBAL, "admin")
def create(call: Call) -> dict[str, Any]:
    """Write a rule; a second one of the same words is another rule."""
    rule = checked(call)
    call.state.last_rule += 1
    return keep(call, call.state.last_rule, rule)


@routes.add("PUT", GLOBAL + "/{user}", "admin")
def update(call: Call, number: str) -> dict[str, Any]:
    """Write a rule anew: all its fields must come."""
    fields = typed(call)
    if not number.isdecimal() or int(number) not in call.state.rules:
        raise OcsError(403, "Target operation not within scope")
    validate(call.state, fields)
    return keep(call, int(number), fields)


@routes.add("DELETE", GLOBAL + "/{user}", "admin")
def delete(call: Call, number: str) -> int:
    if not number.isdecimal() or int(number) not in call.state.rules:
        raise OcsError(403, "Target operation not within scope")
    del call.state.rules[int(number)]
    call.state.save()
    return 1


@routes.add("POST", "/apps/workflowengine/api/v1/workflows/user", "user")
def create_own(call: Call) -> None:
    raise OcsError(400, f"Operation {call.text('class')} is invalid")


def keep(call: Call, number: int, fields: dict[str, Any]) -> dict[str, Any]:
    rule = {"id": number, **fields}
    call.state.rules[number] = rule
    call.state.save()
    return rule


def checked(call: Call) -> dict[str, Any]:
    fields = typed(call)
    validate(call.state, fields)
    return fields


def typed(call: Call) -> dict[str, Any]:
    """The fields with the types that PHP's signature asks for; a missing or wrong one is a fault inside."""
    fields = {name: call.params.get(name) for name in FIELDS}
    if not all(isinstance(fields[name], kind) for name, kind in FIELDS.items()):
        raise OcsError(996, "Internal Server Error\n")
    return fields


def validate(state: State, fields: dict[str, Any]) -> None:
    """Raise OcsError 400 with what the server says first."""
    if fields["class"] != OPERATION:
        raise OcsError(400, f"Operation {fields['class']} does not exist")
    for event in fields["events"]:
        raise OcsError(400, f"Entity {fields['entity']} has no event {event}")
    if not fields["checks"]:
        raise OcsError(400, "At least one check needs to be provided")
    for check in fields["checks"]:
        validate_check(state, fields["class"], check)


def validate_check(state: State, operation: str, check: dict[str, str]) -> None:
    kind, value, operator = check["class"].removeprefix(CHECK), check["value"], check["operator"]
    if kind not in OPERATORS or not check["class"].startswith(CHECK):
        raise OcsError(400, f"Check {operation} does not exist")
    if operator not in OPERATORS[kind]:
        raise OcsError(400, "The given operator is invalid")
    if kind == "FileSize" and not SIZE.fullmatch(value):
        raise OcsError(400, "The given file size is invalid")
    if kind == "FileMimeType" and operator.endswith("matches") and expression(value) is None:
        raise OcsError(400, "The given regular expression is invalid")
    if kind == "UserGroupMembership" and value not in state.groups:
        raise OcsError(400, "The given group does not exist")


def expression(text: str) -> re.Pattern[str] | None:
    """Read PHP's /.../ with its flags; None where it is no expression."""
    found = re.fullmatch(r"/(.*)/([a-z]*)", text, re.DOTALL)
    try:
        return re.compile(found[1], re.IGNORECASE if "i" in found[2] else 0) if found else None
    except re.error:
        return None


def is_denied(state: State, account: Account, attempt: Attempt) -> bool:
    """Say whether any rule stops the account from doing this."""
    if "files_accesscontrol" not in state.apps:
        return False
    return any(all(is_met(account, attempt, check) for check in rule["checks"]) for rule in state.rules.values())


def is_met(account: Account, attempt: Attempt, check: dict[str, str]) -> bool:
    kind, operator, value = check["class"].removeprefix(CHECK), check["operator"].lstrip("!"), check["value"]
    is_turned = check["operator"].startswith("!")
    if kind == "FileSize":
        if attempt.size_bytes is None:
            return False
        limit = sizes.in_bytes(value) or 0
        met = attempt.size_bytes > limit if operator == "greater" else attempt.size_bytes < limit
    elif kind == "UserGroupMembership":
        met = value in account.groups
    elif operator == "matches":
        pattern = expression(value)
        met = pattern is not None and pattern.search(attempt.mime) is not None
    else:
        met = attempt.mime == value
    return met != is_turned

"""Which rules of files_accesscontrol hold a group, and how are ours written?

A rule refuses a file where all its checks are true. Ours are two a limit class: larger than, and of a type that is not
in the list. Recordings flow-*: duplicates are taken, the body must be whole and JSON, `httpd/unix-directory` must be in
every list or no folder can be made. Source: apps/workflowengine and files_accesscontrol of Nextcloud 32.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.nextcloud_size import read_rule, rule_text

OPERATION = "OCA\\FilesAccessControl\\Operation"
FILE = "OCA\\WorkflowEngine\\Entity\\File"
_CHECK = "OCA\\WorkflowEngine\\Check\\"
MEMBER, SIZE, TYPE = f"{_CHECK}UserGroupMembership", f"{_CHECK}FileSize", f"{_CHECK}FileMimeType"
FOLDER = "httpd/unix-directory"
_HEAD, _TAIL = "/^(", ")$/"
_WORD = r"[a-z0-9][a-z0-9+._-]{0,100}"
MIME = re.compile(rf"{_WORD}/(?:{_WORD}|\*)", re.ASCII)


def rule_body(group: str, prop: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Write the body that creates a group's rule: rule_body('gerbang-limit-x', 'size_rule', {'largest_bytes': n})."""
    if prop == "size_rule":
        check, name = _check(SIZE, "greater", rule_text(value["largest_bytes"])), "berkas paling besar"
    elif prop == "type_rule":
        check, name = _check(TYPE, "!matches", type_pattern(value["types"])), "jenis berkas yang diizinkan"
    else:
        raise ValueError(f"{prop!a} is not a rule")
    return {
        "class": OPERATION,
        "name": f"{group}: {name}",
        "checks": [_check(MEMBER, "is", group), check],
        "operation": "deny",
        "entity": FILE,
        "events": [],
    }


def type_pattern(types: Sequence[Any]) -> str:
    r"""Write the list as the server's regular expression: /^(httpd\/unix-directory|application\/pdf|image\/.*)$/."""
    off = [one for one in types if not isinstance(one, str) or not MIME.fullmatch(one) or one == FOLDER]
    if off or not types:
        raise ValueError(f"{off!a} are not types of files")
    return _HEAD + "|".join(_pattern(one) for one in (FOLDER, *sorted(set(types)))) + _TAIL


def read_rules(data: Any) -> dict[str, dict[str, Value]]:
    """Read all rules: group -> {'size_rule': {'largest_bytes': n}, 'type_rule': {'types': [...]}}.

    A rule that names the group in another form than ours, or beside one that says otherwise, gives a third value:
    {'other': ['is gerbang-limit-x, greater 1 MB', ...]}. `data` of GET .../workflows/global; else Unreachable.
    """
    found: dict[str, dict[str, list[Any]]] = {}
    for rule in _rules(data):
        checks = _checks(rule)
        for group in {value for kind, _, value in checks if kind == MEMBER}:
            of_group = found.setdefault(group, {})
            kinds = {kind for kind, _, _ in checks}
            prop = "type_rule" if TYPE in kinds and SIZE not in kinds else "size_rule"
            of_group.setdefault(prop, []).append(_ours(rule, checks, group) or _words(checks))
    return {group: {prop: _agreed(all_of) for prop, all_of in props.items()} for group, props in found.items()}


def rules_for_everybody(data: Any) -> int:
    """Count the rules that name no group: they may hold every account, ours too."""
    return sum(1 for rule in _rules(data) if all(kind != MEMBER for kind, _, _ in _checks(rule)))


def _rules(data: Any) -> Iterator[Mapping[str, Any]]:
    """PHP writes an empty object as []."""
    if data == []:
        return
    of_ours = data.get(OPERATION, []) if isinstance(data, dict) else None
    if not isinstance(of_ours, list) or not all(isinstance(rule, dict) for rule in of_ours):
        raise _wrong("the list of rules")
    yield from of_ours


def _checks(rule: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    checks = rule.get("checks")
    if not isinstance(checks, list) or not all(isinstance(check, dict) for check in checks):
        raise _wrong("the checks of a rule")
    words = [(check.get("class"), check.get("operator"), check.get("value")) for check in checks]
    if not all(isinstance(word, str) for check in words for word in check):
        raise _wrong("a check of a rule")
    return [(str(kind), str(operator), str(value)) for kind, operator, value in words]


def _ours(rule: Mapping[str, Any], checks: list[tuple[str, str, str]], group: str) -> Value:
    """Return the value of a rule in our own form, else None."""
    if (rule.get("operation"), rule.get("entity"), rule.get("events")) != ("deny", FILE, []):
        return None
    other = [check for check in checks if check != (MEMBER, "is", group)]
    if len(checks) != 2 or len(other) != 1:
        return None
    kind, operator, text = other[0]
    if (kind, operator) == (SIZE, "greater") and (size := read_rule(text)):
        return {"largest_bytes": size}
    if (kind, operator) == (TYPE, "!matches") and (types := _read_pattern(text)):
        return {"types": types}
    return None


def _read_pattern(text: str) -> list[Value]:
    if not (text.startswith(_HEAD) and text.endswith(_TAIL)):
        return []
    words = text.removeprefix(_HEAD).removesuffix(_TAIL).split("|")
    types = [re.sub(r"\\(.)", r"\1", word.removesuffix(".*") + "*" * word.endswith(".*")) for word in words[1:]]
    try:
        return list(types) if text == type_pattern(types) else []
    except ValueError:
        return []


def _agreed(values: list[Any]) -> Value:
    """Duplicates do what one does; what differs or is not ours is shown as it is."""
    if isinstance(values[0], dict) and all(value == values[0] for value in values):
        return dict(values[0])
    return {"other": sorted(value if isinstance(value, str) else str(value) for value in values)}


def _words(checks: list[tuple[str, str, str]]) -> str:
    return ", ".join(f"{operator} {value}"[:80] for _, operator, value in checks)


def _check(kind: str, operator: str, value: str) -> dict[str, str]:
    return {"class": kind, "operator": operator, "value": value}


def _pattern(mime: str) -> str:
    return re.sub(r"[/.+]", lambda found: f"\\{found[0]}", mime.removesuffix("*")) + ".*" * mime.endswith("*")


def _wrong(what: str) -> Unreachable:
    return Unreachable(
        f"{what} cannot be read: it is of another type.", "nextcloud", "Check that it is a Nextcloud 30+."
    )

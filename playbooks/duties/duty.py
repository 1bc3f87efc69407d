"""How does a duty look, act and answer? The frame around every duty; sent with it to `python3 -I -S -`.

A duty is a module with

    look(change)             the value that stands there now, in the words of the change; None: absent
    apply(change, given)     takes it from before to after; raises Failure. `given`: {"secrets": {...}, "php": True}
    half_made(change, seen)  may be missing: True where `seen` is what a lost power leaves of our own act
    object_of(change)        may be missing: refuses a target that is none of this duty's; else it is an item id
    settle(changes)          may be missing: once after all of a call's changes stand, also where nothing was to do

and `carry_out` does the rest: the lock, the look first, the third value that stops everything, the answer. Standard
library only, and few imports of it: each costs every task some milliseconds (no subprocess, no json, no re).
"""

from __future__ import annotations

import fcntl
import os
import signal
import time

from program import Failure

LOCK = "/run/lock/gerbang.lock"
LOCK_SECONDS = 60
PLANTED_FAULT = "/etc/gerbang/fail_task"
PLANTED_SECONDS = 3
ITEM_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
Data = dict  # a change as JSON data: system, target, property, before, after, undo


def item_of(change: Data) -> str:
    """Return the object of a target, 'web1/g7kq2mx4pd' -> 'g7kq2mx4pd'; Failure unless it is an item id of ours.

    It becomes a path, a user and a database name, so it is tested here again, by the rule of provisioner/names.py.
    """
    item = change["target"].partition("/")[2]
    if len(item) != 10 or item[0] != "g" or any(letter not in ITEM_LETTERS for letter in item[1:]):
        raise Failure(f"{change['target']!r} does not end in an item id of ours; nothing of that name is touched.")
    return item


def carry_out(duty: object, changes: list[Data], given: Data, *, check: bool, in_lab: bool) -> None:
    """Do a duty whole and print its answer, one Python literal, as the last line."""
    (answer,) = answers_of(duty, [changes], given, check=check, in_lab=in_lab)
    print(ascii(answer), flush=True)


def carry_out_all(duty: object, shares: list[list[Data]], given: Data, *, check: bool, in_lab: bool) -> None:
    """The same for several runs that share a call: {"answers": [...]}, one for each; they settle together."""
    print(ascii({"answers": answers_of(duty, shares, given, check=check, in_lab=in_lab)}), flush=True)


def answers_of(duty: object, shares: list[list[Data]], given: Data, *, check: bool, in_lab: bool) -> list[Data]:
    """An answer for each share, under the host's one lock; what cannot settle fails them all."""
    if given["secrets"]:
        leave_no_dump()
    answers = [{"changed": False, "changes": [], "failed": False, "foreign": [], "msg": ""} for _ in shares]
    if not told(answers, lock_host):
        return answers
    for changes, answer in zip(shares, answers, strict=True):
        told([answer], lambda: act(duty, changes, given, answer, check=check, in_lab=in_lab))  # noqa: B023
        answer["changed"] = bool(answer["changes"])
    if hasattr(duty, "settle") and not check:
        stand = [(changes, answer) for changes, answer in zip(shares, answers, strict=True) if not answer["foreign"]]
        told([answer for _, answer in stand], lambda: duty.settle([one for changes, _ in stand for one in changes]))
    return answers


def told(answers: list[Data], work: object) -> bool:
    """Do it; where it fails say why in these answers, in one line."""
    try:
        work()
    except Failure as error:
        why = str(error)
    except OSError as error:
        why = f"{error.strerror} {error.filename or ''}".strip()
    except Exception as error:  # noqa: BLE001 - whatever it is, the controller must hear it in one line
        why = f"{type(error).__name__}: {error}"
    else:
        return True
    for answer in answers:
        answer.update(failed=True, msg=answer["msg"] or why)
    return False


def leave_no_dump() -> None:
    """A core dump of this process or its children would hold the secrets."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def act(duty: object, changes: list[Data], given: Data, answer: Data, *, check: bool, in_lab: bool) -> None:
    """Look at all, stop at a third value, then apply one after another; `answer` grows with what was applied."""
    to_do, answer["foreign"] = sort_out(duty, changes)
    if answer["foreign"]:
        spots = ", ".join(f"{spot['target']} {spot['property']}" for spot in answer["foreign"])
        raise Failure(f"{spots}: stands at a third value, neither what was planned from nor to; nothing was touched.")
    if check:
        answer["changes"] = to_do
        return
    planted_fault("before", duty.__name__, in_lab=in_lab)
    for change in to_do:
        duty.apply(change, given)
        answer["changes"].append(change)
        if len(answer["changes"]) == 1:
            planted_fault("midway", duty.__name__, in_lab=in_lab)
    planted_fault("after", duty.__name__, in_lab=in_lab)


def lock_host() -> None:
    """Take the host's one lock, at most a minute; an orphan of a killed run holds it until it ends.

    Children inherit it, so that it is free only when the last of them has ended.
    """
    handle = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.set_inheritable(handle, True)
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Failure(f"{LOCK} was held for {LOCK_SECONDS} s. See who holds it: fuser -v {LOCK}") from None
            time.sleep(0.02)
        else:
            return


def sort_out(duty: object, changes: list[Data]) -> tuple[list[Data], list[Data]]:
    """Return (to do, foreign): what stands at before or half-made by us, and what stands at a third value."""
    to_do, foreign = [], []
    half_made = getattr(duty, "half_made", lambda _change, _seen: False)
    for change in changes:
        getattr(duty, "object_of", item_of)(change)
        seen = duty.look(change)
        if seen == change["after"]:
            continue
        if seen == change["before"] or half_made(change, seen):
            to_do.append(change)
        else:
            foreign.append({key: change[key] for key in ("system", "target", "property")} | {"seen": seen})
    return to_do, foreign


def planted_fault(moment: str, name: str, *, in_lab: bool) -> None:
    """Fail where a test asks for it: the file holds 'before:account', 'midway:account' (its first change is applied) or
    'after:account'; with ' slowly' behind it the duty goes on after 3 s instead, with ' killed' it dies there, once.
    In a lab only.
    """
    if not in_lab:
        return
    try:
        with open(PLANTED_FAULT, encoding="ascii") as file:
            wanted = file.read().strip()
    except OSError:
        return
    if wanted == f"{moment}:{name} slowly":
        time.sleep(PLANTED_SECONDS)
    elif wanted == f"{moment}:{name} killed":
        os.unlink(PLANTED_FAULT)
        os.kill(os.getpid(), signal.SIGKILL)
    elif wanted == f"{moment}:{name}":
        raise Failure(f"planted fault {wanted}")

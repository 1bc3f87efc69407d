"""What is sent to a host for one duty? The duty and the modules it opens, as one program for `python3 -I -S -`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

DUTIES = Path(__file__).resolve().parents[1] / "duties"
IMPORT = re.compile(r"^(?:import|from) ([a-z_]+)\b", re.MULTILINE | re.ASCII)
LOADER = """import sys
def load(name, text):
    module = type(sys)(name)
    sys.modules[name] = module
    exec(compile(text, name + ".py", "exec"), module.__dict__)
"""


def modules_of(duty: str) -> list[str]:
    """Names of the modules a duty opens, each before those that open it, itself last, the frame among them."""
    found: list[str] = []
    for name in ("duty", duty):
        gather(name, found)
    return found


def gather(name: str, found: list[str]) -> None:
    """Add what `name` opens, then itself."""
    if name in found:
        return
    for inner in IMPORT.findall((DUTIES / f"{name}.py").read_text(encoding="utf-8")):
        if (DUTIES / f"{inner}.py").is_file():
            gather(inner, found)
    found.append(name)


@cache
def text_of(duty: str) -> str:
    """The program without its call; made once, in Ansible's parent process."""
    loads = (f"load({name!r}, {(DUTIES / f'{name}.py').read_text(encoding='utf-8')!a})\n" for name in modules_of(duty))
    return LOADER + "".join(loads)


def call_of(duty: str, changes: list[Any], given: dict[str, Any], *, check: bool, in_lab: bool) -> str:
    """The last line of the program: values as literals, in nobody's argv."""
    told = f"{changes!a}, {given!a}, check={check!r}, in_lab={in_lab!r}"
    return f"sys.modules['duty'].carry_out(sys.modules[{duty!r}], {told})\n"


def shared_call_of(duty: str, shares: list[Any], *, check: bool, in_lab: bool) -> str:
    """The same where several runs share the call: the changes of each, and no secret."""
    told = f"{shares!a}, {{'secrets': {{}}, 'php': False}}, check={check!r}, in_lab={in_lab!r}"
    return f"sys.modules['duty'].carry_out_all(sys.modules[{duty!r}], {told})\n"

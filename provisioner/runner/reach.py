"""What does a run of this kind read besides its changes? All of it is in the digest that is approved."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import Unavailable
from provisioner.facts.estate import Estate
from provisioner.plans.plan import Reach

#: what the plugins look at besides their variable; references, never secrets, pools or sums
VARIABLES = ("nameserver", "visitors_tsig", "lab")
_TASK = re.compile(r"^\s+gerbang_([a-z_]+):", re.MULTILINE | re.ASCII)
_IMPORT = re.compile(r"^(?:import|from) ([a-z_]+)\b", re.MULTILINE | re.ASCII)


def reach_of(kind: str, playbooks: Path, estate: Estate) -> Reach:
    """Return the files, inventory variables and versions that the playbook of `kind` reaches.

    Unavailable where one of its files is missing: an approval could not say what runs.
    """
    try:
        files = {
            str(path.relative_to(playbooks)): digest_of_bytes(path.read_bytes()) for path in files_of(kind, playbooks)
        }
    except FileNotFoundError as error:
        raise Unavailable("a file of the playbook is missing.", str(error.filename), "Restore the checkout.") from error
    return Reach(files=files, variables=variables_of(estate), versions={"ansible_core": ansible_core_version()})


def files_of(kind: str, playbooks: Path) -> tuple[Path, ...]:
    """The playbook, the plugins of its tasks, the duties they send with all that those open, and what runs them."""
    playbook = playbooks / f"{kind}.yml"
    tasks = sorted(set(_TASK.findall(playbook.read_text(encoding="utf-8"))))
    plugins = {playbooks / "action_plugins" / f"gerbang_{task}.py" for task in tasks}
    duties: set[Path] = set()
    for name in ("duty", *tasks):
        _gather(playbooks / "duties" / f"{name}.py", duties)
    always = {playbook, playbooks / "ansible.cfg", playbooks / "launcher.py", *(playbooks / "errand").glob("*.py")}
    return tuple(sorted(always | plugins | duties))


def _gather(path: Path, found: set[Path]) -> None:
    if path in found or not path.is_file():
        return  # challenge and dns have no duty: their plugins act from the controller
    found.add(path)
    for name in _IMPORT.findall(path.read_text(encoding="utf-8")):
        _gather(path.with_name(f"{name}.py"), found)


def variables_of(estate: Estate) -> dict[str, Value]:
    """Return what the plugins read of group `all`; one host's own variables would make another's plan stale."""
    return {word: estate.variables[word] for word in VARIABLES if word in estate.variables}


def ansible_core_version() -> str:
    """Return '2.19.14' from the installed package's own folder; Unavailable where it is not installed."""
    found = sorted(Path(sysconfig.get_paths()["purelib"]).glob("ansible_core-*.dist-info"))
    if len(found) != 1:
        raise Unavailable(
            f"ansible-core is installed {len(found)} times.", sysconfig.get_paths()["purelib"], "make setup"
        )
    return found[0].name.removeprefix("ansible_core-").removesuffix(".dist-info")

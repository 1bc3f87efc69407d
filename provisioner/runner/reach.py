"""What does a run of this kind read besides its changes? All of it is in the digest that is approved."""

from __future__ import annotations

import ast
import functools
import re
import sysconfig
from pathlib import Path

from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import Unavailable
from provisioner.facts.estate import Estate
from provisioner.plans.plan import Reach
from provisioner.runner.environment import PROJECT

#: what the plugins look at besides their variable; references, never secrets, pools or sums
VARIABLES = ("nameserver", "visitors_tsig", "lab")
#: the same, of the hosts that the parts go to
HOST_VARIABLES = (
    "nextcloud_url",
    "nextcloud_address",
    "nextcloud_ca_file",
    "nextcloud_user",
    "nextcloud_app_password_file",
    "nextcloud_handover",
    "nextcloud_waiting_email",
    "service_lock_folder",
    "service_longest_call_seconds",
    "traffic_driver",
    "traffic_proxy",
)
_OURS = ("errand", "provisioner")  # what a plugin opens besides Ansible and libraries
_TASK = re.compile(r"^\s+gerbang_([a-z_]+):", re.MULTILINE | re.ASCII)
_IMPORT = re.compile(r"^(?:import|from) ([a-z_]+)\b", re.MULTILINE | re.ASCII)


def reach_of(kind: str, playbooks: Path, estate: Estate) -> Reach:
    """Return the files, inventory variables and versions that the playbook of `kind` reaches, on whichever host.

    A file of the engine that a plugin opens is named by its path in the project: 'provisioner/ocs.py'. Unavailable
    where one of its files is missing: an approval could not say what runs.
    """
    try:
        files = {name_of(path, playbooks): digest_of_bytes(path.read_bytes()) for path in files_of(kind, playbooks)}
    except FileNotFoundError as error:
        raise Unavailable("a file of the playbook is missing.", str(error.filename), "Restore the checkout.") from error
    return Reach(files=files, variables=variables_of(estate), versions={"ansible_core": ansible_core_version()})


def files_of(kind: str, playbooks: Path) -> tuple[Path, ...]:
    """The playbook, the plugins of its tasks with all that they open, the duties they send with all that those open."""
    playbook = playbooks / f"{kind}.yml"
    tasks = sorted(set(_TASK.findall(playbook.read_text(encoding="utf-8"))))
    plugins: set[Path] = set()
    duties: set[Path] = set()
    for task in tasks:
        _gather_opened(playbooks / "action_plugins" / f"gerbang_{task}.py", playbooks, plugins)
    for name in ("duty", *tasks):
        _gather(playbooks / "duties" / f"{name}.py", duties)
    return tuple(sorted({playbook, playbooks / "ansible.cfg", playbooks / "launcher.py"} | plugins | duties))


def name_of(path: Path, playbooks: Path) -> str:
    """'errand/errand.py' within the playbooks, 'provisioner/ocs.py' outside."""
    return str(path.relative_to(playbooks if playbooks in path.parents else PROJECT))


def _gather(path: Path, found: set[Path]) -> None:
    if path in found or not path.is_file():
        return  # challenge and dns have no duty: their plugins act from the controller
    found.add(path)
    for name in _IMPORT.findall(path.read_text(encoding="utf-8")):
        _gather(path.with_name(f"{name}.py"), found)


def _gather_opened(path: Path, playbooks: Path, found: set[Path]) -> None:
    """Add a file that runs on the controller, and all of ours that it opens: playbooks/errand and the engine's own."""
    if path in found:
        return
    found.add(path)
    for module, names in _imports(path.read_bytes()):
        for opened in _opened(module, names, playbooks):
            _gather_opened(opened, playbooks, found)


@functools.lru_cache(maxsize=1000)
def _imports(content: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (module, names) of each import of ours in a file of that content."""
    nodes = [node for node in ast.parse(content).body if isinstance(node, ast.ImportFrom)]
    ours = [node for node in nodes if str(node.module).partition(".")[0] in _OURS]
    return tuple((str(node.module), tuple(alias.name for alias in node.names)) for node in ours)


def _opened(module: str, names: tuple[str, ...], playbooks: Path) -> list[Path]:
    """The module, the packages above it, and those of the names that are modules of it."""
    words = module.split(".")
    place = (playbooks if words[0] == "errand" else PROJECT).joinpath(*words)
    packages = [above / "__init__.py" for above in (place, *place.parents[: len(words) - 1])]
    modules = [place.with_suffix(".py"), *(place / f"{name}.py" for name in names)]
    return [path for path in (*packages, *modules) if path.is_file()]


def variables_of(estate: Estate) -> dict[str, Value]:
    """Return what the plugins read of group `all`, and of each host under 'cloud1:nextcloud_url' (`Reach.at`)."""
    general: dict[str, Value] = {word: estate.variables[word] for word in VARIABLES if word in estate.variables}
    own = {name: host.variables for name, host in estate.hosts.items()}
    of_hosts = {f"{name}:{word}": own[name][word] for name in own for word in HOST_VARIABLES if word in own[name]}
    return general | of_hosts


def ansible_core_version() -> str:
    """Return '2.19.14' from the installed package's own folder; Unavailable where it is not installed."""
    found = sorted(Path(sysconfig.get_paths()["purelib"]).glob("ansible_core-*.dist-info"))
    if len(found) != 1:
        raise Unavailable(
            f"ansible-core is installed {len(found)} times.", sysconfig.get_paths()["purelib"], "make setup"
        )
    return found[0].name.removeprefix("ansible_core-").removesuffix(".dist-info")

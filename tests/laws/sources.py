"""Which files are ours, and what do they say? What the laws read."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = ROOT / "provisioner"
HANDS = ("providers", "runner", "store", "jobs", "press", "post")
NOUNS = (
    *("people", "requests", "procedures", "facts", "plans", "decisions"),
    *("runs", "verification", "items", "evidence", "letters"),
)
GROUND = ("errors.py", "names.py", "digests.py", "clock.py", "audit_events.py")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One Python file: its place below the root, e.g. provisioner/plans/plan.py, and what it says."""

    place: str
    text: str

    def tree(self) -> ast.Module:
        """Parse it."""
        return ast.parse(self.text, self.place)


@cache
def python_files(*folders: str) -> tuple[Source, ...]:
    """Every .py file below these folders (or the file itself), in order of place."""
    found = [path for folder in folders for path in below(ROOT / folder)]
    return tuple(Source(place=str(path.relative_to(ROOT)), text=path.read_text()) for path in sorted(set(found)))


def below(path: Path) -> Iterator[Path]:
    """The file, or every .py file below the folder."""
    yield from [path] if path.is_file() else path.rglob("*.py")


@cache
def nouns() -> tuple[Source, ...]:
    """Files of the rooms that do no input or output, and of the ground they stand on."""
    ground = [f"provisioner/{name}" for name in GROUND]
    return python_files(*[f"provisioner/{room}" for room in NOUNS], *ground)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git holds or would take, as a path that exists."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


def kind_names() -> set[str]:
    """The kinds there are: one folder each, e.g. {"hosting"}."""
    return {path.name for path in (ENGINE / "kinds").iterdir() if path.is_dir() and path.name != "__pycache__"}

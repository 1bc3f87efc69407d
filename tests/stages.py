"""In which order is the house tried, and where does the time go? `make check` and `make test` call it.

Standard library only, run by Debian's Python: the first stage makes the environment the others need. `test`
stops at the first stage that fails and cleans up in any case; `check` goes on, to show all at once. The last line is
`N passed, M failed`: tests, and one for each stage of another kind.

The lab's hosts are mostly waited for, so `test` runs what needs none of them, and at last what needs only the cloud
and its proxies, beside, in a process of its own that yields to it; what that wrote is shown when both are through.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "var" / "cache" / "venv" / "bin"
PYTHON = str(BIN / "python")
RESULTS = ROOT / "var" / "test-results"
TIMES = ROOT / "var" / "test-times.json"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One thing to try. `needs` is a glob that must find something, tests/lab/test_*.py, else it is left out.

    `second_try`: of real hosts, processes and browsers on a busy machine; what failed is run once more, alone,
    aloud; what fails twice has failed.
    """

    name: str
    command: list[str]
    needs: str = ""
    second_try: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def is_pytest(self) -> bool:
        """Whether its counts are read from pytest's own report."""
        return "pytest" in self.command

    @property
    def report(self) -> Path:
        """Where pytest writes what it counted."""
        return RESULTS / f"{self.name.replace(' ', '-')}.xml"


@dataclass
class Tally:
    """What was counted so far: {"passed": 210, "failed": 0, "skipped": 3}, and seconds by stage."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    again: int = 0
    seconds: list[tuple[str, float]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in what was counted elsewhere."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.again += other.again
        self.seconds += other.seconds


BOTH_CORES = ("-n", "2", "--dist", "worksteal")  # of CI's machine, for tests that share nothing


def pytest_stage(name: str, *words: str, folder: str = "", second_try: bool = False) -> Stage:
    """A folder of tests/, by pytest: pytest_stage("unit") runs tests/unit.

    Each stage remembers its failures in a folder of its own, since two of them can run side by side.
    """
    folder = f"tests/{folder or name}"
    command = [PYTHON, "-m", "pytest", folder, *words, "-o", f"cache_dir=var/cache/pytest/{name}"]
    return Stage(name=name, command=command, needs=f"{folder}/**/test_*.py", second_try=second_try)


def cloud_stage() -> Stage:
    """The lab's tests of cloud and proxies; its first one waits until the lab is up."""
    whole = pytest_stage("lab cloud", folder="lab", second_try=True)
    at = whole.command.index("tests/lab")
    return replace(whole, command=[*whole.command[:at], *OF_THE_CLOUD, *whole.command[at + 1 :]])


def scenario() -> str:
    """The molecule scenario to run, e.g. `probe`; GERBANG_SCENARIO names another."""
    found = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
    return os.environ.get("GERBANG_SCENARIO") or next(iter(found), "")


SETUP = Stage(name="set-up", command=["/usr/bin/python3", "setup/install.py", "--tests"])
FAST = [
    Stage(name="format", command=[str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    Stage(name="lint", command=[str(BIN / "ruff"), "check", "--quiet", "."]),
    Stage(name="types", command=[PYTHON, "-m", "mypy"]),
    Stage(name="import law", command=[str(BIN / "lint-imports"), "--no-logo", "--no-cache"]),
    pytest_stage("laws", *BOTH_CORES),
    pytest_stage("unit", *BOTH_CORES, second_try=True),
    pytest_stage("plans", *BOTH_CORES),
]
LAB = ["web1", "web2", "ns1", "acme", "mail", "cloud1"]
# These and the others meet no host in common, so that they run side by side, in the one lab that is up.
OF_THE_CLOUD = sorted(
    str(file.relative_to(ROOT)) for word in ("cloud", "traffic") for file in ROOT.glob(f"tests/lab/test_*{word}*.py")
)
LAB_UP = Stage(name="lab up", command=[PYTHON, "-m", "lab", "up", *LAB], needs="tests/lab/test_*.py")
LAB_DOWN = Stage(name="lab down", command=[PYTHON, "-m", "lab", "down"], needs="tests/lab/test_*.py")
ON_HOSTS = [
    LAB_UP,
    pytest_stage("lab", *(f"--ignore={file}" for file in OF_THE_CLOUD), second_try=True),
    Stage(name="molecule", command=[str(BIN / "molecule"), "test", "-s", scenario()], needs="molecule/*/molecule.yml"),
]
BESIDE = [
    pytest_stage("gate", *BOTH_CORES, second_try=True),
    pytest_stage("storage", *BOTH_CORES, second_try=True),
    pytest_stage("contract", *BOTH_CORES, second_try=True),
    Stage(name="ansible-lint", command=[str(BIN / "ansible-lint"), "--offline", "-q"], needs="playbooks/*.yml"),
    pytest_stage("chaos", *BOTH_CORES, second_try=True),
    pytest_stage("browser", second_try=True),
    pytest_stage("setup"),
    cloud_stage(),
]


def run_stage(stage: Stage, tally: Tally) -> bool:
    """Run it before the reader's eyes and count; False when it failed."""
    if stage.needs and not any(ROOT.glob(stage.needs)):
        print(f"\n== {stage.name}: left out, {stage.needs} finds nothing", flush=True)
        return True
    print(f"\n== {stage.name}", flush=True)
    stage.report.unlink(missing_ok=True)
    command = [*stage.command, f"--junitxml={stage.report}"] if stage.is_pytest else stage.command
    started = time.monotonic()
    code = call(command, stage)
    count(stage, code, tally)
    if code and stage.second_try and stage.report.exists():
        code = try_again(stage, command, tally)
    tally.seconds.append((stage.name, time.monotonic() - started))
    print(f"== {stage.name}: {'failed' if code else 'passed'} after {tally.seconds[-1][1]:.1f} s", flush=True)
    return code == 0


def call(command: list[str], stage: Stage) -> int:
    """Run one command of the stage with the environment's programs first; return its exit code."""
    path = {"PATH": f"{BIN}:{os.environ.get('PATH', '')}"}
    environment = {**os.environ, **path, **stage.environment}
    return subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, env=environment).returncode


def try_again(stage: Stage, command: list[str], tally: Tally) -> int:
    """Run what failed once more; when all of it passes, count it as passed and say how many needed it."""
    failed = numbers_of(stage.report)["failed"]
    print(f"\n== {stage.name}: {failed} failed and are tried once more, alone", flush=True)
    code = call(
        [*command[:-1], "-n", "0", "--last-failed", f"--junitxml={stage.report.with_suffix('.again.xml')}"], stage
    )
    if code == 0:
        tally.failed -= failed
        tally.passed += failed
        tally.again += failed
    return code


def count(stage: Stage, code: int, tally: Tally) -> None:
    """Add what pytest reports, or one for a stage of another kind; a report that is missing is one failure."""
    if not stage.is_pytest or not stage.report.exists():
        tally.passed += code == 0
        tally.failed += code != 0
        return
    numbers = numbers_of(stage.report)
    tally.failed += max(numbers["failed"], int(code != 0))
    tally.skipped += numbers["skipped"]
    tally.passed += numbers["tests"] - numbers["failed"] - numbers["skipped"]


def numbers_of(report: Path) -> dict[str, int]:
    """Return what pytest counted: {"tests": 12, "failed": 1, "skipped": 0}."""
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - we wrote it a moment ago
    numbers = {
        name: int((suite.get(name) if suite is not None else None) or 0)
        for name in ("tests", "failures", "errors", "skipped")
    }
    return {
        "tests": numbers["tests"],
        "failed": numbers["failures"] + numbers["errors"],
        "skipped": numbers["skipped"],
    }


def run_beside(meanwhile: Callable[[Tally], bool], tally: Tally, command: list[str]) -> bool:
    """Run `command` (of this file: `beside`) while `meanwhile` runs; count both; False when one of them failed.

    The other process yields the cores (nice 10) and writes into a file, so that two voices do not mix.
    """
    told, counted = RESULTS / "beside.txt", RESULTS / "beside.json"
    counted.unlink(missing_ok=True)
    print(f"\n== beside: what needs no web host runs along; its words are in {told} and follow at the end", flush=True)
    with (
        told.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as other,
    ):
        try:
            good = meanwhile(tally)
            code = other.wait()
        except BaseException:
            other.terminate()
            raise
    print(told.read_text(errors="replace"), flush=True)
    if counted.exists():
        tally.add(Tally(**json.loads(counted.read_text())))
    else:
        tally.failed += 1
        print(f"== beside: ended with {code} before it could say what it counted", flush=True)
    return good and code == 0


def beside() -> int:
    """Be the other process of `run_beside`: the stages one after the other, then what was counted, as JSON."""
    os.nice(10)
    tally = Tally()
    with cleaning(lambda: None):
        good = in_order(BESIDE, tally)
    (RESULTS / "beside.json").write_text(json.dumps(asdict(tally)))
    return 0 if good else 1


def in_order(stages: list[Stage], tally: Tally) -> bool:
    """Run one after the other, until one fails."""
    return all(run_stage(stage, tally) for stage in stages)


def write_times(tally: Tally, seconds: float) -> None:
    """var/test-times.json: [{"stage": "unit", "seconds": 4.1}, ...], at last "everything", less than their sum."""
    TIMES.parent.mkdir(exist_ok=True)
    rows = [{"stage": name, "seconds": round(each, 2)} for name, each in [*tally.seconds, ("everything", seconds)]]
    TIMES.write_text(json.dumps(rows, indent=2) + "\n")


def clean_up() -> None:
    """Take lab, gate and worker of this checkout down, whatever state they are in; silent when there is nothing."""
    office = (ROOT / "lab" / "office.py").exists()
    python = PYTHON if Path(PYTHON).exists() else sys.executable
    command = [python, "-m", "lab.office" if office else "lab", "down"]
    if (ROOT / "lab").is_dir():
        subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def cleaning(cleaner: Callable[[], None]) -> Iterator[None]:
    """Call `cleaner` at the end, also when CI ends us with SIGTERM."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        cleaner()


def whole(tally: Tally) -> bool:
    """Everything: what is fast first, then the lab's web hosts and, beside them, the rest."""
    if not in_order([SETUP, *FAST], tally):
        return False
    command = [sys.executable, str(Path(__file__)), "beside"]
    good = run_beside(lambda counted: in_order(ON_HOSTS, counted), tally, command)
    return run_stage(LAB_DOWN, tally) and good


def main(words: list[str]) -> int:
    """`stages.py check` for the fast part, `stages.py test` for everything; 1 when a stage failed."""
    if words == ["beside"]:
        return beside()
    everything = words == ["test"]
    RESULTS.mkdir(parents=True, exist_ok=True)
    tally = Tally()
    started = time.monotonic()
    with cleaning(clean_up if everything else lambda: None):
        if everything:
            good = whole(tally)
            write_times(tally, time.monotonic() - started)
        else:
            good = run_stage(SETUP, tally) and False not in [run_stage(stage, tally) for stage in FAST]
    again = f", {tally.again} passed at the second try" if tally.again else ""
    print(f"\n{time.monotonic() - started:.0f} s, {tally.skipped} skipped{again}")
    print(f"{tally.passed} passed, {tally.failed} failed", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Does the driver of `make test` count rightly, stop at a failure and clean up? Its last line is what CI reads."""

import signal
import subprocess
import sys
import textwrap
import time
import tomllib
from pathlib import Path

import pytest

from tests import stages


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for reports, in place of var/test-results."""
    monkeypatch.setattr(stages, "RESULTS", tmp_path)
    return tmp_path


def pytest_stage_of(folder: Path, code: str) -> stages.Stage:
    """A stage that runs this code as one test file."""
    (folder / "test_it.py").write_text(textwrap.dedent(code))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(folder)]
    return stages.Stage(name="tried", command=command)


def test_passed_failed_and_skipped_are_counted_from_the_report(results: Path) -> None:
    code = """
        import pytest
        def test_a(): pass
        def test_b(): pass
        def test_c(): assert 1 == 2
        def test_d(): pytest.skip("not here")
    """
    tally = stages.Tally()
    assert stages.run_stage(pytest_stage_of(results, code), tally) is False
    assert (tally.passed, tally.failed, tally.skipped) == (2, 1, 1)


def test_a_test_file_that_cannot_be_read_is_a_failure(results: Path) -> None:
    tally = stages.Tally()
    assert stages.run_stage(pytest_stage_of(results, "import nothing_of_that_name\n"), tally) is False
    assert (tally.passed, tally.failed) == (0, 1)


def test_the_house_lets_pytest_remember_what_failed() -> None:
    """Without its cache the second try ends at once with a usage error."""
    settings = tomllib.loads((stages.ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert "no:cacheprovider" not in settings["addopts"]


@pytest.mark.usefixtures("results")
def test_another_stage_counts_as_one() -> None:
    tally = stages.Tally()
    assert stages.run_stage(stages.Stage(name="good", command=["true"]), tally) is True
    assert stages.run_stage(stages.Stage(name="bad", command=["false"]), tally) is False
    assert (tally.passed, tally.failed) == (1, 1)
    assert [name for name, _ in tally.seconds] == ["good", "bad"]


@pytest.mark.usefixtures("results")
def test_a_stage_without_files_is_left_out_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    tally = stages.Tally()
    stage = stages.Stage(name="absent", command=["false"], needs="tests/nowhere/test_*.py")
    assert stages.run_stage(stage, tally) is True
    assert tally == stages.Tally()
    assert "absent: left out" in capsys.readouterr().out


def test_what_was_begun_is_cleaned_up_when_ci_ends_us(tmp_path: Path) -> None:
    """In a process of its own, because the signal's handler is the process's."""
    program = f"""
        import pathlib, sys, time
        sys.path.insert(0, {str(stages.ROOT)!r})
        from tests import stages
        with stages.cleaning(lambda: pathlib.Path({str(tmp_path / "cleaned")!r}).touch()):
            pathlib.Path({str(tmp_path / "begun")!r}).touch()
            time.sleep(30)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)]) as process:
        while not (tmp_path / "begun").exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
    assert (tmp_path / "cleaned").exists()


def test_what_failed_once_and_passes_alone_is_counted_as_such_and_said(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second failure would be one: the file is left by the first try, so only the second one passes."""
    code = """
        from pathlib import Path
        def test_a(): pass
        def test_b():
            seen = Path(__file__).with_name("seen")
            was = seen.exists()
            seen.touch()
            assert was
    """
    stage = pytest_stage_of(results, code)
    cached = [*stage.command[:4], "-o", f"cache_dir={results / 'cache'}", *stage.command[6:]]
    tally = stages.Tally()
    assert stages.run_stage(stages.Stage(name="tried", command=cached, second_try=True), tally) is True
    assert (tally.passed, tally.failed, tally.again) == (2, 0, 1)
    assert "1 failed and are tried once more, alone" in capsys.readouterr().out


def test_what_fails_twice_has_failed(results: Path) -> None:
    stage = pytest_stage_of(results, "def test_a(): assert False")
    tally = stages.Tally()
    assert stages.run_stage(stages.Stage(name="tried", command=stage.command, second_try=True), tally) is False
    assert (tally.passed, tally.failed, tally.again) == (0, 1, 0)


def program_that_tells(results: Path, code: str) -> list[str]:
    """A command for `run_beside`: this code, with `counted`, where it must write what it counted."""
    return [
        sys.executable,
        "-c",
        f"import json, sys; counted = {str(results / 'beside.json')!r}\n{textwrap.dedent(code)}",
    ]


COUNTS_THREE = """
    print("three of them")
    numbers = dict(passed=3, failed=0, skipped=1, again=0, seconds=[["chaos", 2.5]])
    json.dump(numbers, open(counted, "w"))
"""


def test_what_runs_beside_is_counted_with_the_rest_and_shown_afterwards(
    results: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def meanwhile(tally: stages.Tally) -> bool:
        return stages.run_stage(stages.Stage(name="lab", command=["echo", "of the lab"]), tally)

    tally = stages.Tally()
    assert stages.run_beside(meanwhile, tally, program_that_tells(results, COUNTS_THREE)) is True
    assert (tally.passed, tally.failed, tally.skipped) == (4, 0, 1)
    assert [name for name, _ in tally.seconds] == ["lab", "chaos"]
    said = capfd.readouterr().out
    assert said.index("of the lab") < said.index("three of them")


@pytest.mark.parametrize(
    ("lab_holds", "code"),
    [(False, COUNTS_THREE), (True, COUNTS_THREE + "    sys.exit(1)"), (True, "sys.exit(3)")],
    ids=["the lab fails", "what runs beside fails", "what runs beside ends without a word"],
)
def test_either_side_can_fail_the_whole(results: Path, lab_holds: bool, code: str) -> None:
    tally = stages.Tally()
    command = program_that_tells(results, code)
    assert stages.run_beside(lambda _: lab_holds, tally, command) is False
    assert tally.failed == int(code == "sys.exit(3)")


def test_what_runs_beside_ends_when_we_are_ended(results: Path) -> None:
    def ended(_: stages.Tally) -> bool:
        raise SystemExit(143)

    started = time.monotonic()
    with pytest.raises(SystemExit):
        stages.run_beside(ended, stages.Tally(), program_that_tells(results, "import time; time.sleep(60)"))
    assert time.monotonic() - started < 10


def test_every_folder_of_tests_has_its_stage() -> None:
    tried = {word for stage in [*stages.FAST, *stages.ON_HOSTS, *stages.BESIDE] for word in stage.command}
    folders = {
        f"tests/{file.relative_to(stages.ROOT / 'tests').parts[0]}" for file in stages.ROOT.glob("tests/*/**/test_*.py")
    }
    assert folders <= {*tried, "tests/lab"}


def test_every_file_of_the_lab_is_in_one_of_its_two_stages() -> None:
    (web,) = [stage for stage in stages.ON_HOSTS if stage.name == "lab"]
    (cloud,) = [stage for stage in stages.BESIDE if stage.name == "lab cloud"]
    left_out = {word.removeprefix("--ignore=") for word in web.command if word.startswith("--ignore=")}
    chosen = {word for word in cloud.command if word.startswith("tests/lab/")}
    assert left_out == chosen
    assert {"tests/lab/test_data_cloud.py", "tests/lab/test_traffic.py"} <= chosen
    assert "tests/lab" in web.command
    assert "tests/lab" not in cloud.command

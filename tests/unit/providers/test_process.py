"""Is a program that hangs, floods or fails met as what it is?"""

import os
import sys
import time

import pytest

from provisioner.errors import Unreachable
from provisioner.providers.process import run


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def test_stdout_stderr_and_code_come_back() -> None:
    program = "import sys; print(sys.stdin.read()[::-1]); print('why', file=sys.stderr); sys.exit(3)"
    ended = run(python(program), where="here", timeout_seconds=10, cap_bytes=100, stdin=b"abc")
    assert (ended.code, ended.stdout, ended.stderr) == (3, b"cba\n", "why\n")


def test_a_program_that_hangs_is_unreachable_and_gone() -> None:
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"here: no answer within 0\.3 s"):
        run(python("import time; time.sleep(60)"), where="here", timeout_seconds=0.3, cap_bytes=100)
    assert time.monotonic() - started < 5


def test_a_flood_is_cut_off() -> None:
    with pytest.raises(Unreachable, match="answered more than 1000 bytes"):
        run(python("while True: print('x' * 1000)"), where="here", timeout_seconds=10, cap_bytes=1000)


def test_a_flood_of_complaints_is_cut_and_the_answer_kept() -> None:
    program = "import sys; sys.stderr.write('y' * 1_000_000); print('answer')"
    ended = run(python(program), where="here", timeout_seconds=10, cap_bytes=1000)
    assert (ended.stdout, len(ended.stderr)) == (b"answer\n", 65_536)


def test_a_program_that_does_not_read_what_is_handed_in_is_no_error() -> None:
    ended = run(python("pass"), where="here", timeout_seconds=10, cap_bytes=10, stdin=b"x" * 60_000)
    assert ended.code == 0


def test_the_environment_is_an_allow_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GERBANG_CANARY", "kenari")
    program = "import os; print(sorted(os.environ))"
    ended = run(python(program), where="here", timeout_seconds=10, cap_bytes=1000, environment={"PGPASSFILE": "/x"})
    assert os.environ["GERBANG_CANARY"] == "kenari"
    assert ended.stdout.decode().strip() == "['LC_ALL', 'PATH', 'PGPASSFILE']"

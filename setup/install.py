"""What must stand on this machine before anything of Gerbang can run? Called by `make setup`; standard library only.

Debian packages, one Python environment in var/cache/venv from hash-locked files, the browser's files in
var/cache/static, and the command var/cache/venv/bin/gerbang. Doing it again changes nothing and takes 0.1 s: a stamp
names what the environment was made from.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import debian
import frontend

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "var" / "cache"
VENV = CACHE / "venv"
STAMP = CACHE / "setup.sha256"
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's own: another Python in PATH has other packages and another version
LOCKS = [ROOT / "requirements" / name for name in ("runtime.txt", "test.txt")]
FRONTEND_LOCK = ROOT / "requirements" / "frontend.txt"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

COMMAND = """#!{python}
import sys

from provisioner.cli import main

sys.exit(main())
"""


def fingerprint() -> str:
    """sha256 over all that the environment is made from: locks, browser files, command, our path, Debian's Python."""
    made_from = [str(ROOT), str(Path(SYSTEM_PYTHON).resolve()), COMMAND, repr(frontend.FILES)]
    made_from += [lock.read_text() for lock in (*LOCKS, FRONTEND_LOCK)]
    return hashlib.sha256("\0".join(made_from).encode()).hexdigest()


def say(what: str, started: float) -> None:
    """One line a finished piece, with its seconds: a person waiting wants to see that it moves."""
    print(f"setup: {what} ({time.monotonic() - started:.1f} s)", flush=True)


def make_packages(*, tests: bool) -> None:
    """Install the Debian packages that are missing; asks dpkg each time: a cache may come from another machine."""
    started = time.monotonic()
    files = [ROOT / "setup" / "packages.apt", *([ROOT / "setup" / "packages-test.apt"] if tests else [])]
    if absent := debian.missing(debian.listed(*files)):
        debian.install(absent)
        say(f"{len(absent)} Debian packages: {' '.join(absent)}", started)


def make_environment() -> None:
    """A fresh var/cache/venv with exactly the locked packages.

    `--no-deps`: the lock is complete, and Debian's pip stumbles over extras in a hashed one; `pip check` proves it
    afterwards. Byte code is compiled here in any case, because without it each Ansible run starts 1.2 s later.
    """
    started = time.monotonic()
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.parent.mkdir(parents=True, exist_ok=True)
    run([SYSTEM_PYTHON, "-m", "venv", VENV])
    locks = [word for lock in LOCKS for word in ("-r", lock)]
    run([VENV / "bin" / "pip", "install", "-qq", "--no-deps", "--no-compile", "--require-hashes", *locks])
    run([VENV / "bin" / "pip", "check"], stdout=subprocess.DEVNULL)
    say("Python environment from locked packages", started)
    started = time.monotonic()
    run([VENV / "bin" / "python", "-m", "compileall", "-q", "-j", "0", site_packages()], check=False)
    say("byte code", started)


def make_command() -> None:
    """Put the checkout on the environment's path and write bin/gerbang: nothing is built or downloaded."""
    (site_packages() / "gerbang.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "gerbang"
    command.write_text(COMMAND.format(python=VENV / "bin" / "python"))
    command.chmod(0o755)


def site_packages() -> Path:
    """The environment's folder of packages, e.g. var/cache/venv/lib/python3.11/site-packages."""
    return next((VENV / "lib").glob("python3.*")) / "site-packages"


def run(command: list[str | Path], *, check: bool = True, stdout: int | None = None) -> None:
    """Run with nobody at the keyboard."""
    subprocess.run(command, check=check, stdin=subprocess.DEVNULL, stdout=stdout, cwd=ROOT)


def speak_tls() -> None:
    """Let pip trust what this machine trusts, also behind an office's own authority; a set PIP_CERT stays."""
    if SYSTEM_CERTIFICATES.exists():
        os.environ.setdefault("PIP_CERT", str(SYSTEM_CERTIFICATES))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time in this checkout: `make demo` and `make test` may be started together."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_all_of(wanted: str) -> None:
    """Environment, browser files and command, unless the stamp says that they were made from `wanted`."""
    if STAMP.exists() and STAMP.read_text() == wanted and (VENV / "bin" / "python").exists():
        return
    STAMP.unlink(missing_ok=True)
    make_environment()
    started = time.monotonic()
    frontend.fetch(VENV / "bin" / "pip", FRONTEND_LOCK, CACHE / "static")
    say("browser files", started)
    make_command()
    STAMP.write_text(wanted)


def main(arguments: list[str]) -> int:
    """`install.py [--tests]`: 0 when everything stands, 1 with the command that failed and how to go on."""
    if sys.version_info[:2] != (3, 11):
        running = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(f"make setup: {SYSTEM_PYTHON} is Python {running}; the locks are for 3.11, Debian 12's.", file=sys.stderr)
        print("Use Debian 12, or renew the locks for this version: Makefile, `make lock`.", file=sys.stderr)
        return 1
    try:
        with alone():
            make_packages(tests="--tests" in arguments)
            speak_tls()
            make_all_of(fingerprint())
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        print(f"make setup: `{command}` ended with {error.returncode}.", file=sys.stderr)
        print("Its own message stands above. Network and apt sources mended, `make setup` goes on.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

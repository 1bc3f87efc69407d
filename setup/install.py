"""What must stand on this machine before anything of Gerbang can run? Called by `make setup`; standard library only.

Debian packages, one Python environment in var/cache/venv from hash-locked files, the browser's files in
var/cache/static, and the command var/cache/venv/bin/gerbang. Doing it again changes nothing and takes 0.1 s: a stamp
names what the environment was made from.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
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
    """sha256 over all that the environment is made from: locks, this folder, the checkout's path, Debian's Python."""
    digest = hashlib.sha256(f"{ROOT} {os.path.realpath(SYSTEM_PYTHON)}".encode())
    for file in [*LOCKS, FRONTEND_LOCK, *sorted((ROOT / "setup").glob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def say(what: str, started: float) -> None:
    """One line a finished piece, with its seconds: a person waiting wants to see that it moves."""
    print(f"setup: {what} ({time.monotonic() - started:.1f} s)", flush=True)  # noqa: T201 - a command speaks


def make_packages(*, tests: bool) -> None:
    """Install the Debian packages that are missing; asks dpkg each time, because a cache may come from another machine."""
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
    run([VENV / "bin" / "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes", *locks])
    run([VENV / "bin" / "pip", "check"], stdout=subprocess.DEVNULL)
    say("Python environment from locked packages", started)
    started = time.monotonic()
    run([VENV / "bin" / "python", "-m", "compileall", "-q", "-j", "0", site_packages()], check=False)
    say("byte code", started)


def make_command() -> None:
    """Put the checkout on the environment's path and write bin/gerbang: nothing is built, nothing else is downloaded."""
    (site_packages() / "gerbang.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "gerbang"
    command.write_text(COMMAND.format(python=VENV / "bin" / "python"))
    command.chmod(0o755)


def site_packages() -> Path:
    """The environment's folder of packages, e.g. var/cache/venv/lib/python3.11/site-packages."""
    return next((VENV / "lib").glob("python3.*")) / "site-packages"


def run(command: list[str | Path], *, check: bool = True, stdout: int | None = None) -> None:
    """Run with nobody at the keyboard; pip uses the machine's certificates unless told otherwise."""
    environment = dict(os.environ)
    if SYSTEM_CERTIFICATES.exists():
        environment.setdefault("PIP_CERT", str(SYSTEM_CERTIFICATES))
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    subprocess.run(command, check=check, stdin=subprocess.DEVNULL, stdout=stdout, env=environment, cwd=ROOT)


def main(arguments: list[str]) -> int:
    """`install.py [--tests]`: 0 when everything stands, 1 with the command that failed and how to go on."""
    try:
        make_packages(tests="--tests" in arguments)
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted and (VENV / "bin" / "python").exists():
            return 0
        STAMP.unlink(missing_ok=True)
        make_environment()
        started = time.monotonic()
        frontend.fetch(VENV / "bin" / "pip", FRONTEND_LOCK, CACHE / "static")
        say("browser files", started)
        make_command()
        STAMP.write_text(wanted)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        print(f"make setup: `{command}` ended with {error.returncode}.", file=sys.stderr)  # noqa: T201
        print("Its own message stands above. Network and apt sources mended, `make setup` goes on.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How does the lab's office open and close? Lab, migrations, persons, pools, gate and worker; and all of it away again.

python3 -m lab.office up | down | status      `down` needs nothing but Debian's own Python
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

from lab import mail, verbs
from lab.commands import LabError
from lab.hosts import DEFAULT_UP
from lab.instance import CHECKOUT, Instance, this_instance

PATIENCE_SECONDS = 30.0
HTTP_OK = 200
PRIVATE = (
    "surat.pdf",
    "gerbang.db",
    "gerbang.db-shm",
    "gerbang.db-wal",
    "keys",
    "passwords.json",
    "log",
    "worker.lock",
)


def var() -> Path:
    """Return where this checkout keeps what it makes."""
    return CHECKOUT / "var"


def gate_port(instance: Instance) -> int:
    """Return a port that follows from the checkout's path, so that two checkouts differ: 20000 to 29999."""
    return 20000 + int(instance.id, 16) % 10000


def environment(instance: Instance) -> dict[str, str]:
    """Return the settings of this office's gate and worker, as environment variables."""
    port = gate_port(instance)
    return {
        "GERBANG_DATABASE_URL": os.environ.get("GERBANG_DATABASE_URL", f"sqlite:///{var() / 'gerbang.db'}"),
        "GERBANG_STATE_DIRECTORY": str(var()),
        "GERBANG_RUNTIME_DIRECTORY": str(instance.state / "office"),
        "GERBANG_INVENTORY": str(CHECKOUT / "inventories" / "lab" / "hosts.py"),
        "GERBANG_KEY_FILE": str(var() / "keys" / "sealing.json"),
        "GERBANG_STATIC_DIRECTORY": str(var() / "cache" / "static"),
        "GERBANG_GATE_PORT": str(port),
        "GERBANG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GERBANG_SMTP_HOST": mail.address(instance),
        "GERBANG_SMTP_PORT": str(mail.PORT),
        "GERBANG_SMTP_CA_FILE": str(mail.ca_path(instance)),
        "GERBANG_SMTP_SENDER": "gerbang@kota.lab",
    }


def up(instance: Instance, hosts: tuple[str, ...] = tuple(DEFAULT_UP)) -> None:
    """Bring everything up; what runs already stays untouched."""
    verbs.up(instance, hosts)
    (var() / "log").mkdir(parents=True, exist_ok=True)
    (instance.state / "office").mkdir(mode=0o700, exist_ok=True)
    admin(instance, "migrate")
    admin(instance, "office", "sync")
    admin(
        instance, "people", "load", str(CHECKOUT / "lab" / "people.yml"), "--passwords", str(var() / "passwords.json")
    )
    start(instance, "worker", ["-m", "provisioner.worker"])
    start(instance, "gate", ["-m", "provisioner.cli", "gate"])
    wait_for_gate(instance)


def down(instance: Instance) -> None:
    """End gate, worker and lab; remove their database, keys and logs: only var/cache stays."""
    for name in ("gate", "worker"):
        stop(instance, name)
    for name in PRIVATE:
        path = var() / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    verbs.down(instance)


def status(instance: Instance) -> list[str]:
    """One line for gate and worker, then the lab's own."""
    lines = [f"{name}: {'running' if running(instance, name) else 'not running'}" for name in ("gate", "worker")]
    return [*lines, *verbs.status(instance)]


def admin(instance: Instance, *words: str) -> None:
    """Run one administrator's verb; LabError with its last words where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "provisioner.admin", *words],
        cwd=CHECKOUT,
        env={**os.environ, **environment(instance)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LabError(f"gerbang admin {' '.join(words)}: {(done.stderr or done.stdout).strip()[-2000:]}")


def start(instance: Instance, name: str, words: list[str]) -> None:
    """Start a process of the office under its watcher, unless it runs already, and with these settings."""
    wanted, pid = settings_of({**os.environ, **environment(instance)}), running(instance, name)
    if pid and settings_in_use(pid) == wanted:
        return
    if pid:
        stop(instance, name)
    log = var() / "log" / f"{name}.log"
    watcher = subprocess.Popen(
        ["/usr/bin/python3", "-m", "lab.watch", str(log), sys.executable, *words],
        cwd=CHECKOUT,
        env={**os.environ, **environment(instance)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    pid_file(instance, name).write_text(str(watcher.pid))


def settings_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment the office's processes read; a person's own token is none of it."""
    return {name: value for name, value in variables.items() if name.startswith("GERBANG_") and name != "GERBANG_TOKEN"}


def settings_in_use(pid: int) -> dict[str, str]:
    """Return the settings that a running process was started with."""
    words = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return settings_of(dict(word.partition("=")[::2] for word in words))


def stop(instance: Instance, name: str) -> None:
    """End a process of the office with all below it."""
    pid = running(instance, name)
    if not pid:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(300):
        if not running(instance, name):
            break
        time.sleep(0.05)
    else:
        os.kill(pid, signal.SIGKILL)
    pid_file(instance, name).unlink(missing_ok=True)


def running(instance: Instance, name: str) -> int:
    """Return the watcher's process id, 0 where it does not run: the id must still be a watcher of this checkout."""
    with contextlib.suppress(OSError, ValueError):
        pid = int(pid_file(instance, name).read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"lab.watch" in words and Path(f"/proc/{pid}/cwd").resolve() == CHECKOUT:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            return pid if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" else 0
    return 0


def pid_file(instance: Instance, name: str) -> Path:
    """Return where the watcher's process id lies, on the lab's tmpfs."""
    return instance.state / "office" / f"{name}.pid"


def wait_for_gate(instance: Instance) -> None:
    """Return when the gate says it is ready; LabError with the end of its log where it does not."""
    url, begun = f"http://127.0.0.1:{gate_port(instance)}/readyz", time.monotonic()
    while time.monotonic() - begun < PATIENCE_SECONDS:
        with contextlib.suppress(URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == HTTP_OK:
                return
        time.sleep(0.1)
    log = var() / "log" / "gate.log"
    words = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
    raise LabError(f"the gate did not become ready within {PATIENCE_SECONDS:.0f} s at {url}; its log ends:\n{words}")


def main(words: list[str]) -> int:
    """Do one verb; 1 with the reason on stderr where it fails."""
    parser = argparse.ArgumentParser(prog="python3 -m lab.office")
    parser.add_argument("verb", choices=("up", "down", "status"))
    asked, instance = parser.parse_args(words), this_instance()
    try:
        if asked.verb == "up":
            up(instance)
            print(
                json.dumps(
                    {"gate": environment(instance)["GERBANG_PUBLIC_URL"], "passwords": str(var() / "passwords.json")}
                )
            )
        elif asked.verb == "down":
            down(instance)
        else:
            print("\n".join(status(instance)))
    except LabError as fault:
        print(f"lab: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

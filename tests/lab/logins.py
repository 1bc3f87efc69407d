"""Does a password open what it should, and nothing after its end? Tried by Debian's own clients, as an OPD would."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.office_house import MEMORY

Lab = dict[str, Any]  # var/lab/lab.json, as the fixture `lab` gives it
SECONDS = 20
#: sftp asks for the password through this; it stands in the environment of sftp alone
ASKPASS = '#!/bin/sh\nprintf "%s\\n" "$TRIED_PASSWORD"\n'


def sftp(lab: Lab, address: str, user: str, password: str, batch: str = "ls -1") -> subprocess.CompletedProcess[str]:
    """Log in by SFTP with that password and do `batch`; the code is 255 where the server refuses."""
    known_hosts = str(lab["known_hosts"])
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        ask = Path(folder) / "askpass"
        ask.write_text(ASKPASS)
        ask.chmod(0o700)
        options = {
            "UserKnownHostsFile": known_hosts,
            "StrictHostKeyChecking": "yes",
            "PubkeyAuthentication": "no",
            "NumberOfPasswordPrompts": "1",
            "ConnectTimeout": "10",
            "LogLevel": "ERROR",
            "BatchMode": "no",  # the first word counts, and -b says yes
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return subprocess.run(
            ["sftp", "-F", "none", "-q", *words, "-b", "-", f"{user}@{address}"],
            input=batch,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": folder,
                "SSH_ASKPASS": str(ask),
                "SSH_ASKPASS_REQUIRE": "force",
                "TRIED_PASSWORD": password,
            },
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


def sftp_lists(lab: Lab, address: str, user: str, password: str) -> set[str] | None:
    """What the user sees at the root of an SFTP login; None where the login is refused."""
    done = sftp(lab, address, user, password)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("sftp>")]
    return set(lines) if done.returncode == 0 else None


def databases(engine: str, address: str, user: str, password: str) -> set[str] | None:
    """The databases that this user sees over the network; None where the login is refused."""
    argv = {
        "mariadb": ["mariadb", "--no-defaults", "--ssl", "-h", address, "-u", user, "-BNe", "SHOW DATABASES"],
        "postgresql": [
            "psql",
            f"host={address} user={user} dbname={user} sslmode=require",
            "-XAtc",
            "SELECT current_database()",
        ],
    }[engine]
    secret: Mapping[str, str] = {"MYSQL_PWD": password, "PGPASSWORD": password}
    done = subprocess.run(
        argv, env={**os.environ, **secret}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return set(done.stdout.split()) - {"information_schema"} if done.returncode == 0 else None

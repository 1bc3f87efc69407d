"""`gerbang gate`, `worker`, `user`, `migrate`, `login`: how do the parts start, and who am I to them?"""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer
import uvicorn

from provisioner.cli.asking import Gate, keep_token
from provisioner.cli.requests import Json
from provisioner.cli.showing import show
from provisioner.settings import Settings

user = typer.Typer(no_args_is_help=True, help="Orang dan login.")
HANDED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
#: streams of live events stay open; a stopping gate does not wait for them
GRACE_SECONDS = 3


def gate() -> None:
    """Jalankan gerbang di alamat dan porta dari pengaturan (GERBANG_GATE_HOST, GERBANG_GATE_PORT)."""
    settings = Settings()
    uvicorn.run(
        "api.app:build",
        factory=True,
        host=settings.gate_host,
        port=settings.gate_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def worker() -> None:
    """Jalankan pekerja; hanya pekerja yang memegang kunci ke sistem sasaran."""
    raise typer.Exit(subprocess.call([sys.executable, "-m", "provisioner.worker"]))


def migrate() -> None:
    """Bawa basis data ke bentuk terbaru."""
    raise typer.Exit(subprocess.call([sys.executable, "-m", "provisioner.admin", "migrate"]))


@user.command("add", context_settings=HANDED_ON)
def add_user(context: typer.Context) -> None:
    """Tambah orang dengan jabatan, hak dan login; pilihan lihat `gerbang user add --help`."""
    raise typer.Exit(subprocess.call([sys.executable, "-m", "provisioner.admin", "user", "add", *context.args]))


def login(
    username: Annotated[str, typer.Option(prompt="Nama masuk", help="Nama masuk.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Baca kata sandi dari masukan.")] = False,
    print_token: Annotated[bool, typer.Option("--print-token", help="Cetak token, jangan simpan.")] = False,
    json: Json = False,
) -> None:
    """Masuk; token disimpan di ~/.config/gerbang/token, hanya terbaca oleh Anda."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Kata sandi", hide_input=True)
    answer = Gate(Settings(), token="").sign_in(username, password, "gerbang")
    if print_token:
        sys.stdout.write(str(answer["token"]) + "\n")
        return
    kept = keep_token(str(answer["token"]))
    show({"person": answer["person"], "token_file": str(kept)}, json, f"Masuk sebagai {answer['person']['name']}")


def whoami(json: Json = False) -> None:
    """Sebagai siapa saya masuk."""
    found = Gate(Settings()).get("/session")
    show(found, json, f"{found['person']['name']} ({', '.join(found['person']['rights'])})")

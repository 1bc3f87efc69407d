"""`gerbang code` and `gerbang password`: how does a person come by a password, and change it?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from provisioner.cli.asking import Gate
from provisioner.cli.requests import Json
from provisioner.cli.showing import moment, show, table
from provisioner.settings import Settings

code = typer.Typer(no_args_is_help=True, help="Kode dari loket: beri, dan buat kata sandi dengannya.")
Stdin = Annotated[bool, typer.Option("--stdin", help="Baca rahasianya dari masukan, satu baris satu.")]


@code.command("find")
def find(words: Annotated[str, typer.Argument(help="Nama, NIP atau nama masuk.")], json: Json = False) -> None:
    """Cari nama masuk orang yang datang ke loket."""
    found = Gate(Settings()).get("/logins", words=words)
    rows = (
        (one["username"], one["name"], "; ".join(one["positions"]), one["why_not"] or "-") for one in found["logins"]
    )
    show(found, json, table("id", "nama", "jabatan", "halangan", rows=rows))


@code.command("give")
def give(
    username: Annotated[str, typer.Argument(help="Nama masuk orang yang datang.")],
    letter: Annotated[str, typer.Option(help="Nomor surat tugas yang ditunjukkan.")],
    json: Json = False,
) -> None:
    """Beri kode sepuluh menit; kata sandi, sesi dan token lamanya berakhir."""
    made = Gate(Settings()).post("/codes", {"username": username, "letter": letter})
    show(made, json, f"{made['code']}  untuk {made['username']}, sampai {moment(made['expires_at'])}, sekali pakai.")


@code.command("use")
def use(
    username: Annotated[str, typer.Argument(help="Nama masuk Anda.")], stdin: Stdin = False, json: Json = False
) -> None:
    """Buat kata sandi dengan kode dari loket; keduanya diketik, tidak pernah ditulis di baris perintah."""
    typed = _secret("Kode", stdin=stdin)
    sent = {"username": username, "code": typed, "password": _new(stdin=stdin)}
    made = Gate(Settings(), token="").post("/codes/use", sent)
    show(made, json, f"Kata sandi {made['username']} sudah dibuat. Masuk: gerbang login.")


def password(stdin: Stdin = False, json: Json = False) -> None:
    """Ganti kata sandi sendiri; sesi dan token lain berakhir."""
    old = _secret("Kata sandi lama", stdin=stdin)
    made = Gate(Settings()).post("/session/password", {"old_password": old, "password": _new(stdin=stdin)})
    show(made, json, f"Kata sandi {made['username']} sudah diganti.")


def _new(*, stdin: bool) -> str:
    if stdin:
        return _secret("", stdin=True)
    return str(typer.prompt("Kata sandi baru", hide_input=True, confirmation_prompt="Sekali lagi"))


def _secret(label: str, *, stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\n") if stdin else str(typer.prompt(label, hide_input=True))

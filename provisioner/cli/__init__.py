"""How does a person at a terminal ask the gate? It stands on the ground and speaks HTTP; it starts the others."""

from __future__ import annotations

import sys

import typer

from provisioner.cli import (
    adjustments,
    evidence,
    hosts,
    items,
    letters,
    lines,
    passwords,
    plans,
    processes,
    requests,
    runs,
)
from provisioner.cli.asking import Stopped
from provisioner.cli.showing import refused

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Gerbang: permohonan layanan pusat data, dari surat sampai terbukti berjalan.",
    epilog="Kode keluar: 0 selesai, 1 gagal, 2 salah pakai, 3 ditolak, 4 keadaan berubah, 5 perlu orang.",
)
app.add_typer(requests.request, name="request")
app.add_typer(requests.step, name="step")
app.add_typer(plans.plan, name="plan")
app.command("look")(plans.look)
app.add_typer(adjustments.adjust, name="adjust")
app.command("decide")(plans.decide)
app.command("decide-lines")(lines.decide_lines)
app.add_typer(runs.run, name="run")
app.add_typer(items.item, name="item")
app.add_typer(items.credentials, name="credentials")
app.add_typer(letters.letter, name="letter")
app.add_typer(hosts.host, name="host")
app.add_typer(evidence.audit, name="audit")
app.command("waiting")(evidence.waiting)
app.command("gate")(processes.gate)
app.command("worker")(processes.worker)
app.command("migrate")(processes.migrate)
app.add_typer(processes.user, name="user")
app.command("login")(processes.login)
app.command("password")(passwords.password)
app.add_typer(passwords.code, name="code")
app.command("whoami")(processes.whoami)


def main() -> None:
    """Run one command; every end is one of the exit codes of `Exit`."""
    try:
        app()
    except Stopped as stopped:
        refused(stopped, "--json" in sys.argv)
        sys.exit(int(stopped.code))

"""What does one request look like from letter to closed? The main job, live, on real hosts: `make demo`."""

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import yaml
from rich.console import Console
from rich.table import Table

from lab import mail, office
from lab.commands import LabError
from lab.instance import CHECKOUT, Instance, this_instance

EXAMPLE = CHECKOUT / "examples" / "hosting.yml"
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.15
ROLES = {
    "opd": "OPD (pemohon)",
    "teknis": "Tim teknis OPD",
    "umum": "Bagian Umum",
    "kepala": "Kepala Dinas",
    "pengkaji": "Sub Koordinator (pengkaji)",
    "kabid": "Kabid Aplikasi (pemutus)",
    "auditor": "Auditor",
}
console = Console(highlight=False)


@dataclass(kw_only=True)
class Gate:
    """The gate as its people use it: one signed-in client each, over HTTP like anybody."""

    url: str
    passwords: dict[str, str]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def of(self, role: str) -> httpx.Client:
        """Return the client of a role, signed in."""
        if role not in self.clients:
            client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=30)
            answer = client.post("/session", json={"username": role, "password": self.passwords[role]})
            client.headers["Authorization"] = f"Bearer {checked(answer)['token']}"
            self.clients[role] = client
        return self.clients[role]

    def get(self, role: str, path: str) -> Any:
        """Ask for something as `role`."""
        return checked(self.of(role).get(path))

    def post(self, role: str, path: str, **body: Any) -> Any:
        """Do something as `role`."""
        return checked(self.of(role).post(path, json=body))


def checked(answer: httpx.Response) -> Any:
    """Return the answer's data; LabError with the gate's own words where it refused."""
    if answer.is_success:
        return answer.json()
    raise LabError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:1500]}")


def main() -> int:
    """Open the office if it is closed, walk one request, and say what can be looked at."""
    begun, instance = time.monotonic(), this_instance()
    try:
        say(0, "Kantor dibuka", "lab, migrasi, gerbang, pekerja")
        office.up(instance)
        gate = open_gate(instance)
        item = walk(gate, instance, begun)
    except (LabError, httpx.HTTPError) as fault:
        console.print(f"[bold red]Berhenti:[/] {fault}", markup=True, soft_wrap=True)
        console.print(
            f"Log: {CHECKOUT / 'var' / 'log'}. Keadaan: make up, python3 -m lab.office status. Ulang: make demo"
        )
        return 1
    farewell(gate, instance, item, begun)
    return 0


def open_gate(instance: Instance) -> Gate:
    """Return the gate with the passwords that were drawn when the office opened."""
    passwords = json.loads((CHECKOUT / "var" / "passwords.json").read_text(encoding="utf-8"))
    return Gate(url=office.environment(instance)["GERBANG_PUBLIC_URL"], passwords=passwords)


def walk(gate: Gate, instance: Instance, begun: float) -> dict[str, Any]:
    """One request through every step of its procedure."""
    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    document["technical"]["contract_end"] = f"{datetime.now(UTC).year}-12-31"  # the example's own year will have passed
    line, wished = document["lines"][0], document["lines"][0]["sub_domain"]
    line["sub_domain"] = free_name(gate, wished)
    if line["sub_domain"] != wished:
        line["storage_gb"] = 1  # the lab's disk promises 19 GB: with 5 each, the fourth demo would find the host full
    request = gate.post("opd", "/requests", **document)
    number, request_id = request["number"], request["id"]
    say(begun, "Permohonan diterima", f"{number} dari {document['opd']}: {document['lines'][0]['sub_domain']}")
    gate.post("umum", f"/requests/{request_id}/steps/register", number=f"AG-{number}")
    say(begun, "Diagendakan", "Bagian Umum")
    gate.post("kepala", f"/requests/{request_id}/steps/disposition", note="Tindak lanjuti")
    say(begun, "Didisposisikan", "Kepala Dinas ke Bidang Aplikasi")
    line_id = gate.get("umum", f"/requests/{request_id}")["request"]["lines"][0]["id"]
    plan = wait(lambda: gate.get("kabid", f"/lines/{line_id}/plan"), lambda p: p["state"] not in {"asked", "looking"})
    if plan["state"] != "current":
        raise LabError(f"rencana {plan['state']}: {plan['reasons']}")
    show_plan(begun, plan)
    gate.post("pengkaji", f"/requests/{request_id}/steps/review", note="Kapasitas cukup")
    say(begun, "Dikaji", "Sub Koordinator")
    gate.post("kabid", f"/lines/{line_id}/decision", outcome="approved", digest=plan["digest"], reason="Sesuai SOP")
    say(begun, "Disetujui", f"Kabid, orang lain dari pemohon; sidik {plan['digest'][:12]}")
    run = watch_run(gate, request_id, begun)
    show_verdicts(begun, run)
    claim(gate, run["item_id"], begun)
    gate.post("kabid", f"/requests/{request_id}/steps/notify", note="Surat pemberitahuan disampaikan")
    say(begun, "Diberitahukan", "Kabid memberikan surat; kirim dan lapor dikerjakan Gerbang")
    wait(lambda: gate.get("kepala", f"/requests/{request_id}")["request"], lambda r: r["step"] == "close")
    show_letter(gate, instance, request_id, begun)
    gate.post("kepala", f"/requests/{request_id}/steps/close")
    say(begun, "Selesai", f"{number} ditutup Kepala Dinas")
    chain = gate.get("auditor", "/audit/verify")
    say(begun, "Rantai audit", f"{'utuh' if not chain['broken'] else chain['broken']}: {chain['rows']} baris")
    outsider(instance, run, begun)
    return dict(gate.get("opd", f"/items/{run['item_id']}")["item"])


def free_name(gate: Gate, wished: str) -> str:
    """Return the wished name, or the next with a number that no item has: simpeg, simpeg2, simpeg3."""
    taken = set()
    for request in gate.get("kabid", "/requests?limit=200")["requests"]:
        taken |= {line["wish"].get("sub_domain") for line in request["lines"]}
    number = 1
    while (name := wished if number == 1 else f"{wished}{number}") in taken:
        number += 1
    return name


def wait(ask: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
    """Ask until it is enough; LabError after two minutes with what was seen last."""
    begun, seen = time.monotonic(), ask()
    while not enough(seen) and time.monotonic() - begun < PATIENCE_SECONDS:
        time.sleep(POLL_SECONDS)
        seen = ask()
    if enough(seen):
        return seen
    raise LabError(f"tidak selesai dalam {PATIENCE_SECONDS:.0f} detik; terakhir: {str(seen)[:800]}")


def watch_run(gate: Gate, request_id: str, begun: float) -> dict[str, Any]:
    """Print each duty as it ends, and return the ended run; LabError where it did not end done."""
    line = wait(
        lambda: gate.get("kabid", f"/requests/{request_id}")["request"]["lines"][0], lambda one: bool(one["run_id"])
    )
    told: set[str] = set()

    def ask() -> dict[str, Any]:
        run: dict[str, Any] = gate.get("kabid", f"/runs/{line['run_id']}")
        for task in run["tasks"]:
            if task["state"] != "waiting" and task["name"] not in told:
                told.add(task["name"])
                say(
                    begun,
                    "  tugas",
                    f"{task['label']}: {WORDS.get(task['state'], task['state'])} ({task['seconds']:.2f} detik)",
                )
        return run

    run = wait(ask, lambda r: r["has_ended"] or r["state"] == "needs_attention")
    if run["state"] != "done":
        raise LabError(
            f"pelaksanaan berakhir '{run['state']}': {run['why']} {[v for v in run['verdicts'] if not v['holds']]}"
        )
    return dict(run)


WORDS = {"changed": "dikerjakan", "same": "sudah demikian", "failed": "gagal", "undone": "dibatalkan"}


def claim(gate: Gate, item_id: str, begun: float) -> None:
    """The technical person takes each credential, once; it is not printed here: a terminal keeps what it shows."""
    for credential in gate.get("teknis", f"/items/{item_id}/credentials")["credentials"]:
        opened = gate.post("teknis", f"/credentials/{credential['id']}/claim", statement_accepted=True)
        again = gate.of("teknis").post(f"/credentials/{credential['id']}/claim", json={"statement_accepted": True})
        hidden = re.sub(r".", "•", opened["secret"])
        say(begun, "Kredensial diambil", f"{credential['label']}: {hidden}; kedua kali ditolak ({again.status_code})")


def show_letter(gate: Gate, instance: Instance, request_id: str, begun: float) -> None:
    """The letter as the OPD has it: filed with its sha256, and taken by the lab's mail server."""
    letter = gate.get("opd", f"/requests/{request_id}/letters")["letters"][-1]
    pdf = gate.of("opd").get(f"/letters/{letter['id']}/pdf").content
    digest = hashlib.sha256(pdf).hexdigest()
    if digest != letter["pdf_sha256"]:
        raise LabError(f"surat {letter['number']}: sidik {digest}, tercatat {letter['pdf_sha256']}")
    kept = CHECKOUT / "var" / "surat.pdf"
    kept.write_bytes(pdf)
    say(
        begun, "Surat", f"{letter['label']} {letter['number']} (sementara): {kept}, PDF/A, sidik {digest[:12]} tercatat"
    )
    took = [one for one in mail.messages(instance) if letter["id"] in str(one.parsed["Message-ID"])]
    if not took:
        raise LabError(f"surat {letter['number']} tidak ada di server surel")
    say(
        begun,
        "Terkirim",
        f"server surel menerima {took[-1].parsed['Message-ID']} untuk {', '.join(took[-1].recipients)}",
    )


def outsider(instance: Instance, run: dict[str, Any], begun: float) -> None:
    """What somebody outside sees who asks the office's name server and opens the site."""
    lab = json.loads((instance.shown / "lab.json").read_text(encoding="utf-8"))
    name = next(v for v in run["verdicts"] if v["name"] == "https_page")["wanted"]
    site = min(name, key=len)
    address = lab["hosts"][run["host"]]["address"]
    page = subprocess.run(
        [
            "curl",
            "-sS",
            "--max-time",
            "10",
            "--cacert",
            lab["acme_root"],
            "--resolve",
            f"{site}:443:{address}",
            "-w",
            "\n%{http_code} %{ssl_verify_result}",
            f"https://{site}/",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    title = re.search(r"<title>(.*?)</title>", page.stdout, re.DOTALL)
    status = page.stdout.rsplit("\n", 1)[-1]
    say(begun, "Dari luar", f"https://{site}/ menjawab {status.split()[0]}: {title.group(1).strip() if title else '-'}")


def show_plan(begun: float, plan: dict[str, Any]) -> None:
    """The plan in a screen: its sentence, what is asked and left, and each change in words."""
    say(begun, "Rencana", f"{plan['page']['sentence']} Sidik {plan['digest'][:12]}.")
    table = Table("Hal", "Diminta", "Direncanakan", "Sisa setelahnya", box=None, pad_edge=False, header_style="dim")
    for row in plan["page"]["columns"]:
        table.add_row(row["label"], str(row["asked"]), str(row["planned"]), str(row["left"]))
    console.print(table)
    for part in plan["parts"]:
        for task in part["tasks"]:
            spots = ", ".join(f"{c['property']} {c['target'].partition('/')[2]}" for c in task["changes"])
            console.print(f"    [green]+[/] {task['label']}: {spots}", soft_wrap=True)


def show_verdicts(begun: float, run: dict[str, Any]) -> None:
    """Each trial, asked and seen."""
    holding = sum(verdict["holds"] for verdict in run["verdicts"])
    say(begun, "Diuji dari luar", f"{holding} dari {len(run['verdicts'])} sesuai")
    for verdict in run["verdicts"]:
        console.print(
            f"    [green]✓[/] {verdict['label']}" if verdict["holds"] else f"    [red]✗[/] {verdict['label']}"
        )


def say(begun: float, what: str, detail: str) -> None:
    """Print one line of the walk with the seconds since it began."""
    seconds = f"{time.monotonic() - begun:6.1f} s" if begun else "   0.0 s"
    console.print(f"[dim]{seconds}[/]  [bold]{what}[/]  {detail}", soft_wrap=True)


def farewell(gate: Gate, instance: Instance, item: dict[str, Any], begun: float) -> None:
    """Say what a person can open now, and how to end it all."""
    lab = json.loads((instance.shown / "lab.json").read_text(encoding="utf-8"))
    site = min(item["choices"]["names"], key=len)
    address = lab["hosts"][item["choices"]["host"]]["address"]
    console.print(f"\n[bold]Selesai dalam {time.monotonic() - begun:.0f} detik.[/] Yang dapat dibuka sekarang:")
    console.print(f"  Gerbang   {gate.url}")
    for role, label in ROLES.items():
        console.print(f"            {role:9} {gate.passwords[role]}   {label}", markup=False)
    console.print(f"  Situs     https://{site}/   nama dicari di {lab['nameserver_address']}, atau:")
    console.print(
        f"            curl --cacert {lab['acme_root']} --resolve {site}:443:{address} https://{site}/", soft_wrap=True
    )
    console.print("  Akhiri    make down")


if __name__ == "__main__":
    sys.exit(main())

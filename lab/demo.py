"""What does one request look like from letter to closed? The main job, live, on real hosts: `make demo`.

Which steps there are, and whose, the demo reads from the office's procedure as the gate tells it: KIND=data_cloud
PROCEDURE=purbalingga_data_cloud walks four steps where PROCEDURE=tarakan_data_cloud walks ten.
"""

import hashlib
import json
import os
import re
import sys
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import yaml
from rich.console import Console
from rich.table import Table

from lab import mail, office
from lab.commands import LabError
from lab.demo_gate import Gate, wait
from lab.demo_kinds import Shown, example_of
from lab.instance import CHECKOUT, Instance, this_instance

ROLES = {
    "opd": "OPD (pemohon)",
    "teknis": "Tim teknis OPD",
    "umum": "Bagian Umum",
    "kepala": "Kepala Dinas",
    "pengkaji": "Sub Koordinator (pengkaji)",
    "kabid": "Kabid Aplikasi (pemutus)",
    "auditor": "Auditor",
}
#: what a step of that right is given beside itself
GIVEN = {"register": {"number": "AG-{}"}, "dispose": {"note": "Tindak lanjuti"}, "review": {"note": "Kapasitas cukup"}}
#: who is asked first whether a step is theirs
ASKED = ("umum", "kepala", "pengkaji", "kabid", "opd")
DECIDES = "decide"
console = Console(highlight=False)


def main() -> int:
    """Open the office if it is closed, walk one request, and say what can be looked at."""
    begun, instance = time.monotonic(), this_instance()
    kind, procedure = os.environ.get("KIND") or "hosting", os.environ.get("PROCEDURE", "")
    try:
        shown = example_of(kind)
        if procedure:
            os.environ["GERBANG_PROCEDURE_OF_KIND"] = json.dumps({kind: procedure})
        say(0, "Kantor dibuka", "lab, migrasi, gerbang, pekerja")
        office.up(instance)
        gate = open_gate(instance)
        item = walk(gate, instance, shown, begun)
    except (LabError, httpx.HTTPError) as fault:
        console.print(f"[bold red]Berhenti:[/] {fault}", markup=True, soft_wrap=True)
        console.print(
            f"Log: {CHECKOUT / 'var' / 'log'}. Keadaan: make up, python3 -m lab.office status. Ulang: make demo"
        )
        return 1
    farewell(gate, instance, shown, item, begun)
    return 0


def open_gate(instance: Instance) -> Gate:
    """Return the gate with the passwords that were drawn when the office opened."""
    passwords = json.loads((CHECKOUT / "var" / "passwords.json").read_text(encoding="utf-8"))
    return Gate(url=office.environment(instance)["GERBANG_PUBLIC_URL"], passwords=passwords)


def walk(gate: Gate, instance: Instance, shown: Shown, begun: float) -> dict[str, Any]:
    """One request through every step of its procedure, whichever that is."""
    request = gate.post("opd", "/requests", **document_of(gate, shown))
    number, request_id = request["number"], request["id"]
    detail = gate.get("umum", f"/requests/{request_id}")
    steps = detail["steps"]
    asked = request["lines"][0]["wish"][shown.name]
    say(begun, "Permohonan diterima", f"{number} dari {request['opd']}: {asked}")
    say(begun, "Prosedur", f"{detail['procedure_label']} ({request['procedure']}), {len(steps)} langkah")
    run: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    seen = ""
    while True:
        about = gate.get("umum", f"/requests/{request_id}")["request"]
        if not about["step"]:
            break
        step = next(one for one in steps if one["id"] == about["step"])
        line = about["lines"][0]
        if line["plan_id"] and line["plan_id"] != seen:
            seen = line["plan_id"]
            show_plan(begun, planned(gate, line["id"]))
        if step["automatic"]:
            if line["run_id"] and not run:
                run = watch_run(gate, request_id, begun)
                show_verdicts(begun, run)
                secrets = claim(gate, run["item_id"], begun)
            await_steps(gate, request_id, steps[step["number"] - 1 :], begun)
        else:
            do_step(gate, about, step, begun)
    say(begun, "Selesai", f"{number} ditutup: keadaan '{about['state']}'")
    if about["state"] != "closed":
        raise LabError(f"permohonan berakhir '{about['state']}'")
    show_letter(gate, instance, request_id, begun)
    chain = gate.get("auditor", "/audit/verify")
    say(begun, "Rantai audit", f"{'utuh' if not chain['broken'] else chain['broken']}: {chain['rows']} baris")
    item = dict(gate.get("opd", f"/items/{run['item_id']}")["item"])
    say(begun, *shown.outside(instance, run, item, secrets))
    return item


def document_of(gate: Gate, shown: Shown) -> dict[str, Any]:
    """Return the example's document, under a name that no earlier demo took."""
    document: dict[str, Any] = yaml.safe_load((CHECKOUT / "examples" / shown.example).read_text(encoding="utf-8"))
    if "contract_end" in document["technical"]:  # the example's own year will have passed
        document["technical"]["contract_end"] = f"{datetime.now(UTC).year}-12-31"
    line = document["lines"][0]
    wished = line[shown.name]
    line[shown.name] = free_name(gate, shown.name, wished)
    if line[shown.name] != wished:
        line.update(shown.less)
    return document


def free_name(gate: Gate, field: str, wished: str) -> str:
    """Return the wished name, or the next with a number that no item has: simpeg, simpeg2, simpeg3."""
    taken = set()
    for request in gate.get("kabid", "/requests?limit=200")["requests"]:
        taken |= {line["wish"].get(field) for line in request["lines"]}
    number = 1
    while (name := wished if number == 1 else f"{wished}{number}") in taken:
        number += 1
    return name


def do_step(gate: Gate, about: dict[str, Any], step: dict[str, Any], begun: float) -> None:
    """Let whoever may do the step do it; the decision is taken on exactly the plan that was shown."""
    role = who_may(gate, about["id"], step)
    if step["right"] == DECIDES:
        plan = planned(gate, about["lines"][0]["id"])
        body = {"outcome": "approved", "digest": plan["digest"], "reason": "Sesuai SOP"}
        gate.post(role, f"/lines/{about['lines'][0]['id']}/decision", **body)
        told(begun, step, f"disetujui {ROLES[role]}, orang lain dari pemohon; sidik {plan['digest'][:12]}")
        return
    given = {name: words.format(about["number"]) for name, words in GIVEN.get(step["right"], {}).items()}
    gate.post(role, f"/requests/{about['id']}/steps/{step['id']}", **given)
    told(begun, step, ROLES[role])


def who_may(gate: Gate, request_id: str, step: dict[str, Any]) -> str:
    """Return the first role that the gate lets do the step; LabError where none of this office may."""
    for role in ASKED:
        detail = gate.get(role, f"/requests/{request_id}")
        may = detail["may_do"]
        if may and step["right"] == DECIDES:
            may = planned(gate, detail["request"]["lines"][0]["id"], role)["may_decide"]
        if may:
            return role
    raise LabError(f"langkah '{step['id']}': tidak seorang pun di kantor ini yang boleh ({', '.join(step['actors'])})")


def await_steps(gate: Gate, request_id: str, steps: list[dict[str, Any]], begun: float) -> None:
    """Wait until the worker has done the automatic step at hand, and say it with those that it did right after."""
    at_hand = steps[0]["id"]
    about = wait(lambda: gate.get("umum", f"/requests/{request_id}")["request"], lambda one: one["step"] != at_hand)
    for step in steps:
        if step["id"] == about["step"] or not step["automatic"]:
            return
        told(begun, step, "Gerbang sendiri")


def planned(gate: Gate, line_id: str, role: str = "kabid") -> dict[str, Any]:
    """Return the line's plan once it is made; LabError where it cannot be."""
    plan = wait(lambda: gate.get(role, f"/lines/{line_id}/plan"), lambda p: p["state"] not in {"asked", "looking"})
    if plan["state"] not in {"current", "superseded"}:
        raise LabError(f"rencana {plan['state']}: {plan['reasons']}")
    return dict(plan)


def told(begun: float, step: dict[str, Any], who: str) -> None:
    """Say a step in the procedure's own words."""
    say(begun, f"Langkah {step['number']}", f"{step['activity']}: {who}")


def watch_run(gate: Gate, request_id: str, begun: float) -> dict[str, Any]:
    """Print each duty as it ends, and return the ended run; LabError where it did not end done."""
    line = gate.get("kabid", f"/requests/{request_id}")["request"]["lines"][0]
    seen: set[str] = set()

    def ask() -> dict[str, Any]:
        run: dict[str, Any] = gate.get("kabid", f"/runs/{line['run_id']}")
        for task in run["tasks"]:
            if task["state"] != "waiting" and task["name"] not in seen:
                seen.add(task["name"])
                say(begun, "  tugas", in_words(task))
        return run

    run = wait(ask, lambda r: r["has_ended"] or r["state"] == "needs_attention")
    if run["state"] != "done":
        raise LabError(
            f"pelaksanaan berakhir '{run['state']}': {run['why']} {[v for v in run['verdicts'] if not v['holds']]}"
        )
    return dict(run)


WORDS = {"changed": "dikerjakan", "same": "sudah demikian", "failed": "gagal", "undone": "dibatalkan"}


def in_words(task: dict[str, Any]) -> str:
    """Say how a duty ended: 'Kelompok batas: sudah demikian'; what stood there already took no time of its own."""
    took = "" if task["seconds"] is None else f" ({task['seconds']:.2f} detik)"
    return f"{task['label']}: {WORDS.get(task['state'], task['state'])}{took}"


def claim(gate: Gate, item_id: str, begun: float) -> dict[str, str]:
    """The technical person takes each credential, once; it is not printed here: a terminal keeps what it shows."""
    secrets = {}
    for credential in gate.get("teknis", f"/items/{item_id}/credentials")["credentials"]:
        opened = gate.post("teknis", f"/credentials/{credential['id']}/claim", statement_accepted=True)
        again = gate.of("teknis").post(f"/credentials/{credential['id']}/claim", json={"statement_accepted": True})
        hidden = re.sub(r".", "•", opened["secret"])
        say(begun, "Kredensial diambil", f"{credential['label']}: {hidden}; kedua kali ditolak ({again.status_code})")
        secrets[credential["name"]] = opened["secret"]
    return secrets


def show_letter(gate: Gate, instance: Instance, request_id: str, begun: float) -> None:
    """The letter as the OPD has it: filed with its sha256, and taken by the lab's mail server."""
    letters = wait(
        lambda: gate.get("opd", f"/requests/{request_id}/letters")["letters"],
        lambda found: found and found[-1]["state"] == "sent",
    )
    letter = letters[-1]
    pdf = gate.of("opd").get(f"/letters/{letter['id']}/pdf").content
    digest = hashlib.sha256(pdf).hexdigest()
    if digest != letter["pdf_sha256"]:
        raise LabError(f"surat {letter['number']}: sidik {digest}, tercatat {letter['pdf_sha256']}")
    kept = CHECKOUT / "var" / "surat.pdf"
    kept.write_bytes(pdf)
    said = f"{letter['label']} {letter['number']} (sementara): {kept}, PDF/A, sidik {digest[:12]} tercatat"
    say(begun, "Surat", said)
    took = [one for one in mail.messages(instance) if letter["id"] in str(one.parsed["Message-ID"])]
    if not took:
        raise LabError(f"surat {letter['number']} tidak ada di server surel")
    by = f"server surel menerima {took[-1].parsed['Message-ID']} untuk {', '.join(took[-1].recipients)}"
    say(begun, "Terkirim", by)


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


def farewell(gate: Gate, instance: Instance, shown: Shown, item: dict[str, Any], begun: float) -> None:
    """Say what a person can open now, and how to end it all."""
    console.print(f"\n[bold]Selesai dalam {time.monotonic() - begun:.0f} detik.[/] Yang dapat dibuka sekarang:")
    console.print(f"  Gerbang   {gate.url}")
    for role, label in ROLES.items():
        console.print(f"            {role:9} {gate.passwords[role]}   {label}", markup=False)
    for words in shown.opens(instance, item):
        console.print(f"  {words}", soft_wrap=True)
    console.print("  Akhiri    make down")


if __name__ == "__main__":
    sys.exit(main())

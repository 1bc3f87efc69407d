"""Does the command carry a request from its file to its credentials, and say how it ended by its exit code?"""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from provisioner import cli
from provisioner.cli import asking
from provisioner.cli.runs import events_of
from provisioner.runs.run import RunState
from provisioner.store import runs
from provisioner.workflow.look import look
from provisioner.workflow.watch import watch
from tests.gate.office import PASSWORD, URL, InProcess, Office
from tests.house import PEOPLE, ROOT


@dataclass(frozen=True, kw_only=True)
class Said:
    """How a command ended: its exit code and what it wrote."""

    code: int
    out: str
    error: str

    @property
    def data(self) -> Any:
        """What it wrote, read as JSON."""
        return json.loads(self.out)


Gerbang = Callable[..., Said]


@pytest.fixture
def gerbang(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gerbang:
    """`gerbang("kabid", "waiting")` runs the command as that person; the gate answers in the same process."""
    tokens: dict[str, str] = {}

    def in_process(**how: Any) -> httpx.Client:
        return httpx.Client(**how, transport=InProcess(office.app))

    monkeypatch.setattr(asking, "Client", in_process)
    monkeypatch.setenv("GERBANG_PUBLIC_URL", URL)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(username: str, *words: str) -> Said:
        if username and username not in tokens:
            header = office.client(username).headers["Authorization"]
            tokens[username] = header.removeprefix("Bearer ")
        monkeypatch.setenv("GERBANG_TOKEN", tokens.get(username, ""))
        monkeypatch.setattr("sys.argv", ["gerbang", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        written = capsys.readouterr()
        return Said(code=int(ended.value.code or 0), out=written.out, error=written.err)

    return run


def test_a_scan_is_filed_by_the_command_and_what_is_none_is_refused(
    office: Office, gerbang: Gerbang, tmp_path: Path
) -> None:
    filed = gerbang("opd", "request", "submit", EXAMPLE, "--json").data
    scan, wrong = tmp_path / "surat.pdf", tmp_path / "surat.txt"
    scan.write_bytes(b"%PDF-1.7\n%%EOF\n")
    wrong.write_text("bukan pindaian")
    said = gerbang("opd", "request", "scan", filed["number"], str(scan))
    assert (said.code, "Pindaian tersimpan: 15 bita" in said.out) == (0, True)
    assert office.house.desk.scan(PEOPLE["opd"], filed["id"])[1] == scan.read_bytes()
    assert gerbang("opd", "request", "scan", filed["number"], str(wrong)).code == 2
    scan.write_bytes(b"%PDF-1.7 terpotong")
    refused = gerbang("opd", "request", "scan", filed["number"], str(scan))
    assert (refused.code, "berkas terpotong" in refused.error) == (3, True)


def test_a_review_is_done_by_the_command_with_a_file_of_marks(office: Office, gerbang: Gerbang, tmp_path: Path) -> None:
    request_id = office.house.request_of(office.house.to_plan())
    office.house.desk.file_scan(PEOPLE["umum"], request_id, b"%PDF-1.7\n%%EOF\n")
    asked = office.house.desk.story(PEOPLE["pengkaji"], request_id).to_compare
    marks = tmp_path / "tanda.json"
    marks.write_text(json.dumps({one.where: {"mark": "same"} for one in asked[1:]}))
    refused = gerbang("pengkaji", "step", "do", request_id, "review", "--marks", str(marks))
    assert (refused.code, "belum dibandingkan" in refused.error) == (3, True)
    marks.write_text(json.dumps({one.where: {"mark": "same"} for one in asked}))
    assert gerbang("pengkaji", "step", "do", request_id, "review", "--marks", str(marks)).code == 0


class Nobody(httpx.BaseTransport):
    """An address where no gate listens."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Refuse, as the kernel does."""
        raise httpx.ConnectError("Connection refused", request=request)


EXAMPLE = str(ROOT / "examples" / "hosting.yml")


def to_decision(office: Office, gerbang: Gerbang) -> str:
    """Carry the example by command to its authorising step; return the line's id."""
    filed = gerbang("opd", "request", "submit", EXAMPLE, "--json").data
    assert gerbang("umum", "step", "do", filed["number"], "register", "--number", "1/2026").code == 0
    assert gerbang("kepala", "step", "do", filed["id"], "disposition").code == 0
    plan_id = gerbang("umum", "request", "show", filed["id"], "--json").data["request"]["lines"][0]["plan_id"]
    look(office.house.hands, plan_id)
    assert gerbang("pengkaji", "step", "do", filed["id"], "review").code == 0
    return str(filed["lines"][0]["id"])


def test_a_request_goes_from_its_file_to_its_credentials(office: Office, gerbang: Gerbang) -> None:
    line_id = to_decision(office, gerbang)
    shown = gerbang("kabid", "plan", "show", line_id, "--json")
    decided = gerbang("kabid", "decide", line_id, "approved", "--digest", shown.data["digest"])
    run_id = gerbang("kabid", "plan", "show", line_id, "--json").data["line"]["run_id"]
    office.house.carry_out(run_id)
    watched = gerbang("kabid", "run", "watch", run_id)
    item = gerbang("teknis", "item", "list", "--json").data["items"][0]
    kept = gerbang("teknis", "credentials", "list", item["id"], "--json").data["credentials"]
    assert (shown.code, decided.code, watched.code) == (0, 0, 0)
    assert watched.out.strip().splitlines()[-1].startswith("SELESAI, ")
    assert {credential["name"] for credential in kept} == {"sftp_password", "database_password"}
    assert gerbang("auditor", "audit", "verify").out.startswith("Rantai utuh: ")


def test_a_returned_request_is_sent_again_and_another_is_withdrawn(office: Office, gerbang: Gerbang) -> None:
    line_id = to_decision(office, gerbang)
    number = gerbang("kabid", "request", "list", "--json").data["requests"][0]["number"]
    assert gerbang("opd", "request", "submit", EXAMPLE, "--again", number).code == 3
    assert gerbang("kabid", "decide", line_id, "returned", "--reason", "lengkapi").code == 0
    again = gerbang("opd", "request", "submit", EXAMPLE, "--again", number)
    assert (again.code, again.out.split(" tercatat")[0]) == (0, f"Permohonan {number} versi 2")
    ended = gerbang("opd", "request", "withdraw", number, "--reason", "tidak jadi", "--json").data
    assert (ended["version"], ended["state"], ended["step"]) == (2, "withdrawn", "")
    assert [line["state"] for line in ended["lines"]] == ["withdrawn"]


def test_a_run_that_needs_attention_is_looked_at_again_by_command(office: Office, gerbang: Gerbang) -> None:
    run_id = office.house.approve(to_decision(office, gerbang))
    refused = gerbang("kabid", "run", "look", run_id)
    assert (refused.code, "Hanya yang perlu perhatian dilihat lagi" in refused.error) == (3, True)
    with office.house.database.transaction() as uow:
        for state in (RunState.LOOKING, RunState.APPLYING, RunState.NEEDS_ATTENTION):
            runs.move(uow, run_id, state, why="tugas", now=office.house.clock())
    assert gerbang("kabid", "run", "look", run_id).out == "Akan dilihat lagi. Keadaan: needs_attention.\n"


def test_tables_fit_eighty_columns_and_bear_no_colour_when_piped(office: Office, gerbang: Gerbang) -> None:
    line_id = to_decision(office, gerbang)
    run_id = office.house.approve(line_id)
    office.house.carry_out(run_id)
    request_id = office.house.request_of(line_id)
    for words in (
        ("request", "list"),
        ("request", "show", request_id),
        ("plan", "show", line_id),
        ("run", "show", run_id),
        ("item", "list"),
        ("waiting",),
    ):
        said = gerbang("kabid", *words)
        assert said.code == 0, said
        assert max(len(line) for line in said.out.splitlines()) <= 80, words
        assert "\x1b" not in said.out


def test_every_fault_of_a_request_is_a_line_and_the_end_is_refused(
    office: Office, gerbang: Gerbang, tmp_path: Path
) -> None:
    wrong = tmp_path / "salah.yml"
    wrong.write_bytes(office.house.example(sub_domain="Simpeg", storage_gb=5000))
    said = gerbang("opd", "request", "submit", str(wrong))
    assert said.code == 3
    assert [line.split(":")[0].strip() for line in said.error.splitlines()[1:]] == [
        "lines[0].sub_domain",
        "lines[0].storage_gb",
    ]


def test_an_approval_of_a_plan_that_moved_on_ends_with_stale(office: Office, gerbang: Gerbang) -> None:
    line_id = to_decision(office, gerbang)
    said = gerbang("kabid", "decide", line_id, "approved", "--digest", "0" * 64)
    assert said.code == 4
    assert gerbang("kabid", "decide", line_id, "rejected").code == 3


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ({"kind": "fail", "task": "database"}, "failed", 1),
        ({"kind": "third_value", "task": "account", "value": "x"}, "needs_attention", 5),
    ],
)
def test_the_exit_code_says_how_a_run_ended(
    office: Office, gerbang: Gerbang, fault: dict[str, str], state: str, code: int
) -> None:
    run_id = office.house.to_run()
    office.house.world.plant(fault)
    assert office.house.carry_out(run_id) == state
    assert gerbang("kabid", "run", "show", run_id, "--json").data["state"] == state
    if state == "failed":
        assert gerbang("kabid", "run", "watch", run_id).code == code


def test_without_a_login_or_a_gate_it_says_what_to_do(gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = gerbang("", "waiting")
    assert (stranger.code, "gerbang login" in stranger.error) == (3, True)

    monkeypatch.setenv("GERBANG_PUBLIC_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(asking, "Client", lambda **how: httpx.Client(**how, transport=Nobody()))
    silent = gerbang("", "waiting")
    assert (silent.code, "gerbang gate" in silent.error) == (1, True)


def test_usage_is_2_and_an_unknown_suffix_too(gerbang: Gerbang, tmp_path: Path) -> None:
    assert gerbang("", "decide", "line_x", "perhaps").code == 2
    assert gerbang("opd", "request", "submit", str(tmp_path / "x.csv")).code == 2
    assert gerbang("opd", "request", "submit", str(tmp_path / "x.yml")).code == 2


def test_login_keeps_the_token_for_its_owner_alone(
    gerbang: Gerbang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    said = gerbang("", "login", "--username", "kabid", "--password-stdin")
    kept = tmp_path / "config" / "gerbang" / "token"
    assert said.out == f"Masuk sebagai {PEOPLE['kabid'].name}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert gerbang("", "whoami").out.startswith(PEOPLE["kabid"].name)


def test_events_are_read_out_of_a_stream_heartbeats_passed_over() -> None:
    first = 'id: 7\nevent: task\ndata: {"sequence": 7, "text": "changed"}\n\n'
    last = 'event: end\ndata: {"state": "done"}\n\n'
    assert list(events_of(iter(f": napas\n\n{first}{last}".split("\n")))) == [
        {"event": "task", "sequence": 7, "text": "changed"},
        {"event": "end", "state": "done"},
    ]


def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    office: Office, gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost: list[str] = []

    class Losing(InProcess):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "POST" and not lost:
                lost.append(request.headers["Idempotency-Key"])
                raise httpx.ReadError("cut off")
            return answer

    monkeypatch.setattr(asking, "Client", lambda **how: httpx.Client(**how, transport=Losing(office.app)))
    file = tmp_path / "hosting.yml"
    file.write_bytes(office.house.example())
    said = gerbang("opd", "request", "submit", str(file), "--json")
    assert (said.code, len(lost)) == (0, 1)
    assert [one.id for one in office.house.desk.requests(PEOPLE["opd"])] == [said.data["id"]]


def test_usage_is_told_at_the_terminal_with_its_limit_and_what_it_leaves_out(office: Office, gerbang: Gerbang) -> None:
    run_id = office.house.to_run()
    office.house.carry_out(run_id)
    item_id = office.house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    empty = gerbang("opd", "item", "usage", item_id)
    assert (empty.code, "Belum ada pengukuran." in empty.out) == (0, True)
    office.house.world.measure(f"web1/{item_id}:storage_used_bytes", 3 * 1024**3 // 2)
    watch(office.house.hands, "hosting")
    said = gerbang("opd", "item", "usage", item_id)
    assert said.code == 0
    for words in ("Ruang simpan", "1,5 GB", "5 GB", "tidak dihitung"):
        assert words in said.out
    assert [point["value"] for point in gerbang("opd", "item", "usage", item_id, "--json").data["points"]] == [
        3 * 1024**3 // 2
    ]
    assert gerbang("lain", "item", "usage", item_id).code == 3

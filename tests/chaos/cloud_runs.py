"""Which runs on a cloud server are killed and disturbed, and how does one go on afterwards? As the workflow does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.nextcloud.state import opens
from provisioner.facts.estate import Estate, Host
from provisioner.facts.nextcloud import MARK
from provisioner.plans.plan import Part
from provisioner.runner.orphan import host_is_free
from provisioner.runs.resume import left_of, not_taken_back, standing, undo_of
from tests.cloud_errands import (
    CLASS,
    HOST,
    OPD,
    OTHER_CLASS,
    SECRET,
    WAITING,
    CloudWorker,
    Data,
    change,
    creation,
    handing_over,
    limit_class,
    link_class,
    link_creation,
    mailed,
    part,
    removal,
)

NEW_SECRET = "Sandi-baru-8k3m-x"
KNOWN = (SECRET, NEW_SECRET, "Sandi-budi-2026", "Sandi-admin-rekaan-2026")
OTHER = ({"largest_bytes": 2 * 2**30}, None, OTHER_CLASS)


@dataclass(frozen=True, kw_only=True)
class CloudRun:
    """A part, what stood there before it, and whether the server writes to new accounts."""

    part: Part
    before: tuple[tuple[str, tuple[Data, ...]], ...] = ()
    secret: str = SECRET
    server_writes: bool = False


BY_LINK = (("limit_class", link_class()), ("cloud_account", link_creation()))
MADE = (("limit_class", limit_class()), ("cloud_account", creation()))
LOCKED = (*MADE, ("cloud_account", (change("sari", "lock", None, {"disabled": True}),)))
RUNS: dict[str, CloudRun] = {
    "create": CloudRun(part=part("make", limit_class=limit_class(), cloud_account=creation())),
    "create where the server writes to new accounts": CloudRun(
        part=part("make", limit_class=limit_class(), cloud_account=creation()), server_writes=True
    ),
    "create for a link": CloudRun(
        part=part("make", limit_class=link_class(), cloud_account=link_creation()), server_writes=True
    ),
    "hand over a link": CloudRun(before=BY_LINK, part=part("make", cloud_account=handing_over()), server_writes=True),
    "change of class, quota, name and address": CloudRun(
        before=MADE,
        part=part(
            "make",
            limit_class=limit_class(*OTHER),
            cloud_account=(
                change("sari", "groups", [CLASS, OPD], [OTHER_CLASS, OPD]),
                change("sari", "quota", {"bytes": 5 * 2**30}, {"bytes": 7 * 2**30}),
                change("sari", "display_name", "Sari Dewi", "Sari D."),
                change("sari", "email", "sari@kota.lab", "dewi@kota.lab"),
            ),
        ),
    ),
    "suspend": CloudRun(
        before=MADE, part=part("unmake", cloud_account=(change("sari", "lock", None, {"disabled": True}),))
    ),
    "resume": CloudRun(
        before=LOCKED, part=part("make", cloud_account=(change("sari", "lock", {"disabled": True}, None),))
    ),
    "rotate": CloudRun(
        before=MADE,
        secret=NEW_SECRET,
        part=part(
            "make",
            limit_class=(change("gerbang-2", "group", None, {"exists": True}),),
            cloud_account=(change("sari", "password", {"version": 1}, {"version": 2}),),
        ),
    ),
    "terminate": CloudRun(
        before=LOCKED, part=part("unmake", cloud_account=removal(account=MARK, lock={"disabled": True}))
    ),
}
CANNOT_BE_UNDONE = ("hand over a link", "rotate", "terminate")


class Disturbed:
    """One run on its server, before which a neighbour has an account."""

    def __init__(self, worker: CloudWorker, run: CloudRun) -> None:
        self.worker, self.run = worker, run
        self.begin()

    def begin(self) -> None:
        """Put the server into the state before the run."""
        server = self.worker.cloud
        server.ask(do="reset")
        server.cloud.state.config["core"] = {"newUser.sendEmail": "yes" if self.run.server_writes else "no"}
        server.ask(do="account", id="budi", password="Sandi-budi-2026", groups=["admin"], quota="1 GB")
        self.worker.secret = SECRET
        for task, changes in self.run.before:
            assert self.worker.do(task, *changes)["failed"] is False
        self.worker.secret = self.run.secret

    def act(self, of: Part) -> list[Data]:
        """Do the part's tasks until one fails, as Ansible does."""
        answers = []
        for left in (self.worker.folder / "run0" / "answers").glob("*"):
            left.unlink()
        for task in of.tasks:
            answers.append(self.worker.do(task.name, *(one.as_data() for one in task.changes)))
            if answers[-1]["failed"]:
                break
        return answers

    def look(self) -> Any:
        """Wait for what may still act, then look."""
        variables = {**self.worker.task_vars(), "ansible_connection": "local"}
        host = Host(name=HOST, groups=frozenset(), variables=variables)
        assert host_is_free(HOST, Estate(hosts={HOST: host}, variables={}))
        return self.worker.look()

    def go_on(self) -> None:
        """Look, and do what is left: it is a part of what was approved, and nothing stands at a third value."""
        now_at = standing(self.run.part.changes, self.look())
        assert now_at.third == ()
        answers = self.act(left_of(self.run.part, now_at.left))
        assert [answer["msg"] for answer in answers if answer["failed"]] == []
        assert standing(self.run.part.changes, self.look()).left == ()

    def carry_out(self, **fault: Any) -> str:
        """Carry the part out as workflow/part.py does, the fault on while it acts.

        'done' at once; 'done later', after an outcome that was unknown, a look and a second try; or 'undone'.
        """
        tries = 0
        is_lost = True
        while is_lost and tries < 2:
            now_at = standing(self.run.part.changes, self.look())
            assert now_at.third == ()
            if fault and not tries:
                self.worker.cloud.ask(do="fault", **fault)
            answers = self.act(left_of(self.run.part, now_at.left))
            is_lost, tries = any(answer.get("lost") for answer in answers), tries + 1
        self.is_fault_spent = not self.worker.cloud.cloud.faults.on
        self.worker.cloud.cloud.faults.switch_off()
        if not standing(self.run.part.changes, self.look()).left:
            return "done" if tries == 1 else "done later"
        self.take_back()
        return "undone"

    def take_back(self) -> None:
        """Look, and take back what was begun, until nothing of it is left."""
        now_at = standing(self.run.part.changes, self.look())
        assert now_at.third == ()
        answers = self.act(undo_of(self.run.part, now_at.begun))
        assert [answer["msg"] for answer in answers if answer["failed"]] == []
        assert not_taken_back(self.run.part.changes, self.look()) == ()

    def picture(self, *, shared: bool = True) -> Data:
        """Everything that stands on the server, passwords by which of the known ones opens; `shared`: groups, rules.

        `mails`: who was written to; the office's own address that takes what a creation mails does not count.
        """
        state = self.worker.state()
        accounts = {name: of_account(kept) for name, kept in state["accounts"].items() if name != "gerbang"}
        rules = sorted(str((rule["name"], rule["checks"])) for rule in state["rules"].values())
        kept = {"groups": sorted(state["groups"]), "rules": rules} if shared else {}
        mails = sorted({to for to, _ in mailed(state)} - {WAITING})
        return {"accounts": accounts, "mails": mails, **kept}


def of_account(kept: Data) -> Data:
    """An account as the server keeps it, but when it came in and by which salt its password is kept."""
    words = ("display_name", "email", "quota", "enabled")
    password = next((word for word in KNOWN if opens(word, kept["password"])), "unknown")
    return {**{word: kept[word] for word in words}, "groups": sorted(kept["groups"]), "password": password}

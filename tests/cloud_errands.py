"""How does a test do errands on a Nextcloud, as the playbook does, without starting Ansible?

worker = CloudWorker(cloud, tmp_path)
worker.do("cloud_account", creation("sari")) -> the run's answer, {"changed", "changes", "failed", ...}
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from provisioner.facts.nextcloud import LINK_GROUPS, LINK_MAILED, LINK_WAITS, MARK, PROPERTIES, read
from provisioner.facts.observation import Observation
from provisioner.https_line import HttpsLine
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from tests.cloud import Served

PLAYBOOKS = Path(__file__).resolve().parents[1] / "playbooks"
HOST = "cloud1"
SECRET = "Sandi-rekaan-7h2k9"
RULES = "/apps/workflowengine/api/v1/workflows/global"
LOOK_AT_RULES, MAKE_A_RULE = f"GET {RULES}", f"POST {RULES}"
WELCOME = "GET /apps/provisioning_api/api/v1/config/apps/core/newUser.sendEmail"
OTHER_CLASS = "gerbang-limit-2gb-semua"
CLASS, OPD = "gerbang-limit-512mb-dokumen", "opd-disdik"
WAITING = "gerbang-tunggu@kota.lab"
LARGEST, TYPES = {"largest_bytes": 512 * 2**20}, {"types": ["application/pdf", "image/*"]}
LINK = re.compile(r"(/lostpassword)/reset/form/(\S+)")
REMOVED = ("account", "quota", "lock")
Data = dict[str, Any]


@dataclass(kw_only=True)
class CloudWorker:
    """What a run's call is: its folder with answers and secrets, and the server that it is about."""

    cloud: Served
    folder: Path
    secret: str = SECRET
    check_mode: bool = False
    variables: Data = field(default_factory=dict)

    def do(self, task: str, *changes: Data) -> Data:
        """Let one run's errand be done; its answer."""
        return self.do_together(task, changes)[0]

    def do_together(self, task: str, *errands: tuple[Data, ...]) -> list[Data]:
        """Let the errands of runs that share a call be done; the answer of each, {} where it gave none."""
        told = [self.errand(number, task, changes) for number, changes in enumerate(errands)]
        for one in told:
            (Path(one["answers"]) / f"{task}.json").unlink(missing_ok=True)
        self.result = self.plugin(task).run(task_vars=self.task_vars() | {"gerbang": told})
        return [self.answer(number, task) for number in range(len(errands))]

    def errand(self, number: int, task: str, changes: tuple[Data, ...]) -> Data:
        """What one run tells its tasks."""
        folder = self.folder / f"run{number}"
        (folder / "answers").mkdir(parents=True, exist_ok=True)
        (folder / "secrets.json").write_text(json.dumps({"account_password": self.secret}))
        return {
            "run_id": f"run_{number}",
            "item_id": "g7kq2mx4pd",
            "changes": {task: list(changes)},
            "secrets_file": str(folder / "secrets.json"),
            "stop_file": str(folder / "stop"),
            "answers": str(folder / "answers"),
        }

    def answer(self, number: int, task: str) -> Data:
        path = self.folder / f"run{number}" / "answers" / f"{task}.json"
        answer: Data = json.loads(path.read_text()) if path.exists() else {}
        return answer

    def said(self, task: str, number: int = 0) -> list[str]:
        """What the task told while it worked."""
        path = self.folder / f"run{number}" / "answers" / f"{task}.told"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def task_vars(self) -> Data:
        """The inventory's words for the server."""
        return {
            "inventory_hostname": HOST,
            "lab": True,
            "nextcloud_url": self.cloud.url,
            "nextcloud_address": self.cloud.address,
            "nextcloud_ca_file": str(self.cloud.ca_file),
            "nextcloud_user": self.cloud.user,
            "nextcloud_app_password_file": str(self.cloud.app_password_file),
            "service_lock_folder": str(self.folder),
            "service_longest_call_seconds": 0.3,
            "planted_fault_file": str(self.folder / "fail_task"),
        } | self.variables

    def plugin(self, task: str) -> Any:
        """The action plugin as Ansible would load it, without Ansible around it."""
        module = module_of(task)
        of_task = SimpleNamespace(check_mode=self.check_mode, async_val=0, action=f"gerbang_{task}", diff=False)
        return module.ActionModule(
            task=of_task,
            connection=SimpleNamespace(_shell=SimpleNamespace(tmpdir=None)),
            play_context=SimpleNamespace(check_mode=self.check_mode),
            loader=None,
            templar=SimpleNamespace(template=lambda value: value),
            shared_loader_obj=None,
        )

    def calls(self, since: int = 0) -> list[str]:
        """What was asked of the server: 'POST /cloud/users', sessions and queries left out."""
        rows = self.cloud.ask(do="journal", since=since)
        return [f"{row['method']} {row['target'].partition('?')[0].removeprefix('/ocs/v2.php')}" for row in rows]

    def mark(self) -> int:
        """How many calls came until now."""
        return len(self.cloud.ask(do="journal"))

    def state(self) -> Data:
        """Everything on the server but when it was last asked, for comparing."""
        dump: Data = self.cloud.ask(do="dump")
        return {name: dump[name] for name in ("accounts", "groups", "rules", "mails")}

    def look(self) -> Observation:
        """What the engine sees."""
        with self.client() as client:
            raw = {
                "users": client.fetched("/cloud/users/details")["users"],
                "groups": client.fetched("/cloud/groups")["groups"],
                "rules": client.fetched(RULES),
            }
        values = {spot: value for spot, value in read(raw, HOST).items() if value is not None}
        looked = frozenset({("nextcloud", HOST)})
        return Observation(values=values, measurements={}, looked=looked, seen_at=datetime.now(tz=UTC))

    def stands(self) -> dict[tuple[str, str], Any]:
        """(object, property) -> value, as the engine reads it."""
        return {(spot.object, spot.property): value for spot, value in self.look().values.items()}

    def account(self, name: str) -> Data:
        """Property -> value of one account."""
        return {prop: value for (of, prop), value in self.stands().items() if of == name}

    def client(self) -> Any:
        """The engine's own client."""
        from provisioner.ocs import Nextcloud

        cloud = self.cloud
        return Nextcloud(cloud.url, cloud.user, cloud.app_password, address=cloud.address, ca_file=str(cloud.ca_file))


def module_of(task: str) -> Any:
    """The plugin's module, loaded by its path."""
    if str(PLAYBOOKS) not in sys.path:
        sys.path.insert(0, str(PLAYBOOKS))
    spec = spec_from_file_location(f"gerbang_{task}", PLAYBOOKS / "action_plugins" / f"gerbang_{task}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def part(play: str, **tasks: tuple[Data, ...]) -> Part:
    """A part of the kind, from the plugins' own words."""
    of_tasks = tuple(Task(name=name, changes=tuple(map(Change.from_data, changes))) for name, changes in tasks.items())
    return Part(playbook="data_cloud", play=play, limit=HOST, stage="make", waits_for="", tasks=of_tasks)


def change(name: str, prop: str, before: Any, after: Any) -> Data:
    return {
        "system": "nextcloud",
        "target": f"{HOST}/{name}",
        "property": prop,
        "before": before,
        "after": after,
        "undo": PROPERTIES[prop].undo_of(before, after).value,
    }


def limit_class(largest: Data = LARGEST, types: Data | None = TYPES, group: str = CLASS) -> tuple[Data, ...]:
    """The changes of the task limit_class of a first account."""
    groups = tuple(change(name, "group", None, {"exists": True}) for name in ("gerbang", OPD, group))
    rules = (change(group, "size_rule", None, largest),)
    return groups + rules + ((change(group, "type_rule", None, types),) if types else ())


def creation(name: str = "sari", email: str | None = "sari@kota.lab", quota: int = 5 * 2**30) -> tuple[Data, ...]:
    """The changes of the task cloud_account of a new account."""
    values = {
        "account": MARK,
        "groups": [CLASS, OPD],
        "password": {"version": 1},
        "display_name": "Sari Dewi",
        "email": email,
        "quota": {"bytes": quota},
    }
    return tuple(change(name, prop, None, value) for prop, value in values.items() if value is not None)


def link_class() -> tuple[Data, ...]:
    """The changes of the task limit_class where a link shall be mailed."""
    return (*limit_class(), *(change(group, "group", None, {"exists": True}) for group in LINK_GROUPS))


def link_creation(name: str = "sari", email: str = WAITING) -> tuple[Data, ...]:
    """The changes of the task cloud_account of a new account whose person shall be mailed a link."""
    return (*creation(name, email), change(name, "link", None, LINK_WAITS))


def handing_over(name: str = "sari", email: str = "sari@kota.lab") -> tuple[Data, ...]:
    """The changes that mail the link, once the account is proved."""
    return (change(name, "email", WAITING, email), change(name, "link", LINK_WAITS, LINK_MAILED))


def mailed(state: Data) -> list[tuple[str, str]]:
    """Every mail the server wrote: to which address, and the path that the link in it sets a password by, or ''."""
    found = [(mail["to"], LINK.search(mail["text"])) for mail in state["mails"]]
    return [(to.rpartition("<")[2].rstrip(">"), f"{link[1]}/set/{link[2]}" if link else "") for to, link in found]


def follow(cloud: Served, link: str, password: str) -> str:
    """Set a password by a mailed link, as its page does: 'success', or the last word of why not."""
    line = HttpsLine(cloud.url, address=cloud.address, ca_file=str(cloud.ca_file), seconds=10)
    headers = {"OCS-APIRequest": "true", "Content-Type": "application/json"}
    body = json.dumps({"password": password, "proceed": True}).encode()
    said = json.loads(line.exchange("POST", link, headers, body).body)
    line.close()
    return str(said.get("msg", said["status"])).rpartition(" ")[2]


def removal(name: str = "sari", **values: Any) -> tuple[Data, ...]:
    """The changes that take such an account away: what nobody but us sets is named, all that it had goes with it."""
    whole = {made["property"]: made["after"] for made in creation(name) if made["property"] in REMOVED} | values
    return tuple(change(name, prop, value, None) for prop, value in whole.items())

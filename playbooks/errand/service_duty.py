"""How does a task act on a server that is called from here? Under the server's lock, one run after the other."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from ansible.plugins.action import ActionBase

from errand.errand import Data, Errand, cleared, errands_of
from errand.service import Broken, Cancelled, Refused, Service
from errand.service_lock import LOCK_FOLDER, LONGEST_CALL_SECONDS, locked
from provisioner.errors import GerbangError, Unknown, Unreachable

READ = ("nextcloud_url", "nextcloud_address", "nextcloud_ca_file", "nextcloud_user", "nextcloud_app_password_file")
SETTINGS = ("service_lock_folder", "service_longest_call_seconds", "planted_fault_file", "lab")
CANCELLED = {"failed": True, "cancelled": True, "msg": "cancelled before this task began"}


class ServiceDuty(ActionBase):  # type: ignore[misc]  # ansible ships no types
    """Changes of one server, for every run that shares this call; the task fails where all of them failed.

    A subclass names its duty and its secrets, and says in `one_object` what is done.
    """

    TRANSFERS_FILES = False
    duty = ""
    secret_names: tuple[str, ...] = ()

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        """Do it and return Ansible's result, which says how all went; each run has its own answer."""
        super().run(tmp, task_vars)
        self._variables = task_vars or {}
        answers, asked = [], []
        for errand in errands_of(self._variables, self.duty):
            if errand.has_failed:
                continue
            if errand.is_stopped or not errand.changes:
                answers.append(errand.answer(CANCELLED if errand.is_stopped else {}))
            else:
                asked.append(errand)
        answers += self.all_answers(asked) if asked else []
        if len(answers) == 1:
            return answers[0]
        return {"changed": any(one["changed"] for one in answers), "failed": all(one["failed"] for one in answers)}

    def all_answers(self, errands: list[Errand]) -> list[Data]:
        """Errand after errand under the server's lock; where the server falls silent, the rest is not begun."""
        host = str(self._variables["inventory_hostname"])
        told = self.told_by_inventory()
        answers: list[Data] = []
        lost: Data = {}
        try:
            seconds = float(told.get("service_longest_call_seconds", LONGEST_CALL_SECONDS))
            with (
                locked(host, told.get("service_lock_folder", LOCK_FOLDER), seconds) as lock,
                Service(host, told, lock, errands) as service,
            ):
                for number, errand in enumerate(errands, 1):
                    if len(errands) > 1:  # shows too that a call of many runs is alive (runner/stopper.py)
                        errand.tell(f"giliran {number} dari {len(errands)} di {host}")
                    answers.append(errand.answer(lost or self.answer_of(service, errand, planted_fault(told))))
                    lost = answers[-1] | {"changes": [], "changed": False} if answers[-1].get("silent") else {}
        except (OSError, KeyError, GerbangError) as error:
            why = {"failed": True, "msg": f"{host}: {type(error).__name__} {error}"}
            answers += [errand.answer(why) for errand in errands[len(answers) :]]
        return answers

    def told_by_inventory(self) -> Data:
        """The variables that are read, templates filled in."""
        words = [word for word in (*READ, *SETTINGS) if word in self._variables]
        return {word: self._templar.template(self._variables[word]) for word in words}

    def answer_of(self, service: Service, errand: Errand, planted: str) -> Data:
        """Object after object; the first that fails ends it, and what was applied before is told."""
        if errand.is_stopped:
            return CANCELLED
        if planted == f"before:{self.duty}":
            return {"failed": True, "msg": f"planted fault {planted}"}
        secrets = errand.secrets(self.secret_names)
        answer: Data = {"changes": []}
        for changes in self.objects(errand.changes):
            one = self.tried(service, changes, secrets)
            answer |= one | {"changes": answer["changes"] + one["changes"]}
            if answer.get("failed"):
                break
        if planted == f"after:{self.duty}":
            answer |= {"failed": True, "msg": f"planted fault {planted}"}
        answer |= {"changed": bool(answer["changes"])}
        return cleared(answer, {**secrets, "app_password": service.password})

    def objects(self, changes: list[Data]) -> list[list[Data]]:
        """What belongs together: the changes of each target, in the order in which the targets come first."""
        found: dict[str, list[Data]] = {}
        for change in changes:
            found.setdefault(change["target"], []).append(change)
        return list(found.values())

    def tried(self, service: Service, changes: list[Data], secrets: dict[str, str]) -> Data:
        """One object's changes, done; what went wrong as an answer. No answer of the server is `lost`, not failed."""
        done: list[Data] = []
        try:
            return {"changes": done} | self.one_object(service, changes, secrets, done)
        except (Refused, ValueError) as error:  # a writer's ValueError: a value that cannot be written for the server
            return {"failed": True, "msg": f"{service.host}: {error}", "changes": done}
        except Cancelled as error:
            return {"failed": True, "cancelled": True, "msg": f"cancelled while waiting: {error}", "changes": done}
        except Broken as error:
            return {"failed": True, "lost": True, "msg": str(error), "changes": done}
        except (Unreachable, Unknown) as error:
            return {"failed": True, "lost": True, "silent": True, "msg": str(error), "changes": done}

    @abstractmethod
    def one_object(self, service: Service, changes: list[Data], secrets: dict[str, str], done: list[Data]) -> Data:
        """Apply what stands at before and add it to `done`; at after do nothing; at a third value touch nothing."""


def planted_fault(told: Data) -> str:
    """What a lab's test asks to fail, 'before:cloud_account'; nothing outside a lab."""
    if told.get("lab") is not True or "planted_fault_file" not in told:
        return ""
    try:
        return Path(told["planted_fault_file"]).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""

"""How does a task act on a host for every run that shares its call? One program, one answer a run."""

from __future__ import annotations

from errand.duty_text import shared_call_of, text_of
from errand.errand import Data, Errand, errands_of
from errand.host_duty import HostDuty

CANCELLED = {"failed": True, "cancelled": True, "msg": "cancelled before this task began"}


class SharedHostDuty(HostDuty):
    """A duty that holds no secret and whose changes touch nothing of each other's; the task fails where all failed."""

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        """Do it and return Ansible's result, which says how all went; each run has its own answer."""
        super(HostDuty, self).run(tmp, task_vars)
        variables = task_vars or {}
        asked: list[Errand] = []
        answers: list[Data] = []
        for errand in errands_of(variables, self.duty):
            if errand.has_failed:
                continue
            if errand.is_stopped or not errand.changes:
                answers.append(errand.answer(CANCELLED if errand.is_stopped else {}))
            else:
                asked.append(errand)
        if asked:
            answers += self.all_answers(asked, in_lab=variables.get("lab") is True)
        if len(answers) == 1:
            return answers[0]
        return {"changed": any(one["changed"] for one in answers), "failed": all(one["failed"] for one in answers)}

    def all_answers(self, errands: list[Errand], *, in_lab: bool) -> list[Data]:
        """Send the program once; where no whole answer comes, nobody knows what was done, for any of them."""
        shares = [errand.changes for errand in errands]
        check = bool(self._task.check_mode)
        said = self.sent(text_of(self.duty) + shared_call_of(self.duty, shares, check=check, in_lab=in_lab))
        found = said.get("answers")
        if not isinstance(found, list) or len(found) != len(errands):
            found = [said if said.get("failed") else {"failed": True, "lost": True, "msg": "no answer for each"}] * len(
                errands
            )
        return [errand.answer(one) for errand, one in zip(errands, found, strict=True)]

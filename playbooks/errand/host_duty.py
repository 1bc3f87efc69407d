"""How does a task do one duty whole on its host? Program and values travel on stdin: no Jinja, no argv, no disk."""

from __future__ import annotations

import ast
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from errand.duty_text import call_of, text_of
from errand.errand import Data, cleared, the_errand

SHOWN_CHARACTERS = 1500
LOST = "the connection was lost; it may or may not have been done"


class HostDuty(ActionBase):  # type: ignore[misc]  # ansible ships no types
    """A duty of duties/<duty>.py. A subclass names it, and the secrets that it may read."""

    TRANSFERS_FILES = False
    duty = ""
    secret_names: tuple[str, ...] = ()

    def run(self, tmp: str | None = None, task_vars: Data | None = None) -> Data:
        """Do it and return Ansible's result, which is the answer."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        errand = the_errand(variables, self.duty)
        if errand.is_stopped:
            return errand.answer({"failed": True, "cancelled": True, "msg": "cancelled before this task began"})
        if not errand.changes:
            return errand.answer({})
        secrets = errand.secrets(self.secret_names)
        given = {"secrets": secrets, "php": errand.runs_php}
        in_lab = variables.get("lab") is True
        call = call_of(self.duty, errand.changes, given, check=bool(self._task.check_mode), in_lab=in_lab)
        return errand.answer(cleared(self.sent(text_of(self.duty) + call), secrets))

    def sent(self, program: str) -> Data:
        """Send the program; return its answer, or why there is none."""
        try:
            ended = self._low_level_execute_command("exec /usr/bin/python3 -I -S -", in_data=program.encode())
        except AnsibleConnectionFailure as error:
            return {"failed": True, "lost": True, "msg": f"{LOST}: {str(error)[:SHOWN_CHARACTERS]}"}
        return read_answer(ended)


def read_answer(ended: dict[str, Any]) -> Data:
    """The last line as a literal; no answer is `lost`: the program may have acted."""
    lines = str(ended["stdout"]).strip().splitlines()
    try:
        answer = ast.literal_eval(lines[-1])
    except (ValueError, SyntaxError, IndexError, MemoryError, RecursionError):
        said = str(ended["stderr"])[-SHOWN_CHARACTERS:]
        return {"failed": True, "lost": True, "msg": f"no answer (code {ended['rc']}): {said}"}
    if not isinstance(answer, dict):
        return {"failed": True, "lost": True, "msg": "the answer is no dictionary"}
    return answer

"""How does a duty speak with a server that is called from here? By the engine's own client, under the server's lock.

Inventory variables of the host: nextcloud_url, nextcloud_user, nextcloud_app_password_file, and where they are set
nextcloud_address and nextcloud_ca_file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from errand.errand import Data, Errand
from errand.service_lock import ServiceLock
from provisioner.errors import Unknown
from provisioner.facts.nextcloud_handover import SETTING, is_mailing
from provisioner.ocs import MAINTENANCE, TOO_MANY, Answer, Nextcloud

WAITS = {
    MAINTENANCE: "pemeliharaan",
    TOO_MANY: "server membatasi jumlah panggilan, dilanjutkan sendiri",
}
TIMEOUT_SECONDS = 30
PATIENCE_SECONDS = 660  # the server counts edits over 600 s: whoever waits a little longer than that is let in again


class Cancelled(Exception):
    """A person cancelled while the server was waited for; the call that waited was not done."""


class Refused(Exception):
    """The server said no: what was asked for, its code and its words. Nothing is known to have been done."""


class Broken(Unknown):
    """The server answered, but not in its own words (a 5xx): it may be done, and nothing is under way any more."""


class Service:
    """One server, as long as its lock is held."""

    def __init__(self, host: str, variables: Data, lock: ServiceLock, errands: list[Errand]) -> None:
        self.host = host
        self._lock, self._errands = lock, errands
        self._mail_setting: Answer | None = None
        self.password = Path(variables["nextcloud_app_password_file"]).read_text(encoding="utf-8").strip()
        self._client = Nextcloud(
            variables["nextcloud_url"],
            variables["nextcloud_user"],
            self.password,
            address=variables.get("nextcloud_address"),
            ca_file=variables.get("nextcloud_ca_file"),
            timeout_seconds=TIMEOUT_SECONDS,
            patience_seconds=PATIENCE_SECONDS,
            told=self._waits,
        )

    def target(self, name: str) -> str:
        """The target of an object of this server: 'cloud1/disdik-arsip'."""
        return f"{self.host}/{name}"

    def get(self, path: str, query: Data | None = None) -> Answer:
        """Ask; Unreachable where no answer can be read."""
        return self._client.get(path, query)

    def change(self, method: str, path: str, data: Any = None, *, json: Any = None) -> Answer:
        """Change something; noted in the lock until answered. Unknown where it may yet be done, Broken after a 5xx."""
        self._lock.note()
        asked = getattr(self._client, method)
        is_under_way = False
        try:
            answer: Answer = asked(path, json=json) if json is not None else asked(path, data)
        except Unknown as error:
            is_under_way = not self._client.was_answered
            raise error if is_under_way else Broken(*error.args) from None
        finally:
            if not is_under_way:
                self._lock.strike_out()
        return answer

    def sends_welcome_mail(self) -> bool:
        """True unless the server is known to write to nobody when an account with an e-mail address is created."""
        said = self._mail()
        return not said.ok or said.data != {"data": "no"}

    def mails_links(self) -> bool:
        """True where the server is known to write to whoever is created with an e-mail address."""
        said = self._mail()
        return said.ok and is_mailing(said.data)

    def _mail(self) -> Answer:
        """The server's setting, asked once for all runs of a call."""
        if self._mail_setting is None:
            self._mail_setting = self.get(SETTING)
        return self._mail_setting

    def _waits(self, text: str) -> None:
        """The client waits for the server, and asks again soon: a call that is sent later is noted later."""
        waiting = [errand for errand in self._errands if not errand.is_answered]
        if waiting[0].is_stopped:
            raise Cancelled(text)
        self._lock.note()
        said = next((words for why, words in WAITS.items() if why in text), text)
        for errand in waiting:
            errand.tell(f"menunggu server cloud {self.host}: {said}")

    def __enter__(self) -> Self:
        """Begin; the first call connects."""
        return self

    def __exit__(self, *_why: object) -> None:
        """End the connection."""
        self._client.close()


def refused(what: str, answer: Answer) -> Refused:
    """What the server said, as an exception: its words may come in any language, the code decides."""
    return Refused(f"{what}: the server says {answer.ocs_code} {answer.message}".strip())

"""How is an account of a cloud server made, changed and removed? One creating call; after that only what differs."""

from __future__ import annotations

from errand.errand import Data
from errand.service import Broken, Refused, Service, refused
from errand.service_duty import ServiceDuty
from errand.third_value import foreign_answer, sort_out, spot_of
from provisioner.facts.nextcloud import (
    LINK_GROUPS,
    LINK_WAITS,
    MARK,
    create_form,
    edit_form,
    link_group,
    mark_group,
    read_account,
)
from provisioner.ocs import segment

SECRET = "account_password"  # noqa: S105 - its name
EXISTS, GONE = 102, (404, 998)  # 404 of a look, 998 of a removal
EDITED = ("quota", "display_name", "email")
ORDER = ("groups", *EDITED, "link", "password", "lock")
BY_EDITS = frozenset({"link", "password", "lock"})  # of an account that is made for a link
NO_LINKS = (
    "no account was made: the server mails no links (core newUser.sendEmail). Set it: occ config:app:set core "
    "newUser.sendEmail --value yes; or write nextcloud_handover: claim into the inventory"
)
NOT_MAILED = "look at the server's mail settings (occ config:list system, mail_*), then run again"


class CloudAccountDuty(ServiceDuty):
    """Accounts with their groups, quota and password. Only one with our mark is touched (ADR 0030)."""

    secret_names = (SECRET,)

    def one_object(self, service: Service, changes: list[Data], secrets: dict[str, str], done: list[Data]) -> Data:
        """All changes of one account."""
        account = Account(service, changes, secrets.get(SECRET, ""))
        if self._task.check_mode:
            to_do, foreign = account.left()
            done += to_do if not foreign else []
        else:
            foreign = account.carry_out(done)
        return foreign_answer(foreign) if foreign else {}


class Account:
    """One account and the changes of it that are asked for: {"system", "target", "property", "before", "after"}."""

    def __init__(self, service: Service, changes: list[Data], password: str) -> None:
        self._service, self._changes, self._password = service, changes, password
        self.id = str(changes[0]["target"]).partition("/")[2]
        self._path = f"/cloud/users/{segment(self.id)}"
        self._seen: Data = {}
        self._was_used = False

    def left(self) -> tuple[list[Data], list[Data]]:
        """Look; return what is left to do, and what stands at a third value: then nothing may be touched."""
        self._seen = self.look()
        target = self._service.target(self.id)
        to_do, foreign = sort_out(self._changes, {(target, name): value for name, value in self._seen.items()})
        if self._seen.get("account") not in (None, MARK) and not foreign:
            foreign = [spot_of(change) | {"seen": "an account without our mark"} for change in to_do]
        return to_do, foreign

    def look(self) -> Data:
        """What stands there: property -> value, {} where there is no such account."""
        answer = self._service.get(self._path)
        if answer.ocs_code in GONE:
            return {}
        if not answer.ok:
            raise refused(f"look at {self.id}", answer)
        seen = dict(read_account(answer.data, self.id))
        self._was_used = was_used(answer.data)
        return seen

    def carry_out(self, done: list[Data]) -> list[Data]:
        """Do what is left, adding each change to `done` as it is done; return what is foreign.

        The creating call comes first: the server itself makes nothing where an account of that name stands.
        """
        asked = {change["property"]: change for change in self._changes}
        if "account" in asked and asked["account"]["before"] is None:
            return self.create(asked, done)
        to_do, foreign = self.left()
        if to_do and not foreign:
            if "account" in {change["property"] for change in to_do}:
                self.remove(to_do, done)
            else:
                self.finish(to_do, done)
        return foreign

    def create(self, asked: dict[str, Data], done: list[Data]) -> list[Data]:
        """Create it in one call; where the server has it and still said no, go on from what stands there."""
        password = self.known_password()
        if is_by_link := "link" in asked:
            password = self.none_but_a_link()
        by_edits = BY_EDITS if is_by_link else {"lock"}
        given = {name: change["after"] for name, change in asked.items() if name not in by_edits}
        if "email" in given and not is_by_link and self._service.sends_welcome_mail():
            given.pop("email")
        try:
            answer = self._service.change("post", "/cloud/users", create_form(self.id, given, password))
        except Broken as broken:
            return self.go_on(asked, done, broken)
        if answer.ok:
            done += [asked[name] for name in given]
            self.edit({name: change for name, change in asked.items() if name not in given}, done)
            return []
        return self.go_on(asked, done, refused(f"create {self.id}", answer), is_new=answer.ocs_code != EXISTS)

    def go_on(self, asked: dict[str, Data], done: list[Data], no: Exception, *, is_new: bool = True) -> list[Data]:
        """The creating call was answered by `no`: where an account of ours stands all the same, edit what is left."""
        to_do, foreign = self.left()
        if not self._seen:
            raise no
        if not foreign:
            done += [change for change in asked.values() if is_new and change not in to_do]
            self.finish(to_do, done)
        return foreign

    def none_but_a_link(self) -> str:
        """No password: then the server mails a link, to the address that waits. Refused where it would mail none."""
        if not self._service.mails_links():
            raise Refused(f"{self.id}: {NO_LINKS}")
        return ""

    def finish(self, to_do: list[Data], done: list[Data]) -> None:
        """Edit what is left; what was made for a link and stands without its address is made anew.

        Only the creating call can have the server mail a link, now and later: an address set by an edit does not.
        """
        left = {change["property"]: change for change in to_do}
        is_half = "email" in left and "link" in left and left["link"]["after"] == LINK_WAITS
        if is_half:
            self.make_anew(left, done)
        self.edit({name: change for name, change in left.items() if not is_half or name in BY_EDITS}, done)

    def make_anew(self, left: dict[str, Data], done: list[Data]) -> None:
        """Delete an account of ours that nobody ever came in to, and create it whole."""
        if self._was_used:
            raise Refused(
                f"{self.id} stands by half and was used: no link can be mailed. Remove it by hand, look again"
            )
        password = self.none_but_a_link()
        whole = {**self._seen, **{name: change["after"] for name, change in left.items()}}
        self.delete()
        form = create_form(self.id, {name: value for name, value in whole.items() if name not in BY_EDITS}, password)
        answer = self._service.change("post", "/cloud/users", form)
        if not answer.ok:
            raise refused(f"create {self.id} again", answer)
        done += [change for name, change in left.items() if name not in BY_EDITS]

    def edit(self, asked: dict[str, Data], done: list[Data]) -> None:
        """Apply each change to the account that stands there."""
        for name in ORDER:
            if name not in asked:
                continue
            change = asked[name]
            if name == "groups":
                self.regroup(set(change["after"] or ()))
            elif name == "link":
                self.link(change["after"])
            elif name == "password":
                if "link" not in asked:  # with which it was set
                    self.replace_password(change["after"]["version"])
            elif name == "lock":
                self.ask("put", "enable" if change["after"] is None else "disable")
            else:
                self.ask("put", "", edit_form(name, change["after"], self.id))
            done.append(change)

    def regroup(self, wanted: set[str]) -> None:
        """Join first, so that no limit is off in between; then leave."""
        now = set(self._seen.get("groups") or ())
        for group in sorted(wanted - now):
            self.join(group)
        for group in sorted(now - wanted):
            self.ask("delete", "groups", {"groupid": group})

    def join(self, group: str) -> None:
        """Become a member; a group that is missing was taken away since the approval."""
        self.ask("post", "groups", {"groupid": group})

    def link(self, value: Data | None) -> None:
        """Set the run's own password, or mail the link; then note it: killed in between, it is done once more."""
        if value is None:
            for group in LINK_GROUPS:
                self.ask("delete", "groups", {"groupid": group})
            return
        if value == LINK_WAITS:
            self.ask("put", "", {"key": "password", "value": self.known_password()})
        else:
            self.mail_link()
        self.join(link_group(value))

    def mail_link(self) -> None:
        """Let the server mail a link to the account's address; it makes the one before worthless."""
        answer = self._service.change("post", f"{self._path}/welcome")
        if not answer.ok:
            raise Refused(f"{refused(f'mail the link of {self.id}', answer)}: {NOT_MAILED}")

    def replace_password(self, version: int) -> None:
        """Set it, then count it: killed in between, the same password is set once more."""
        self.ask("put", "", {"key": "password", "value": self.known_password()})
        self.join(mark_group(version))

    def known_password(self) -> str:
        """The run's secret."""
        if not self._password:
            raise Refused(f"{self.id}: the run carries no password for it")
        return self._password

    def remove(self, to_do: list[Data], done: list[Data]) -> None:
        """Delete it with its files; what it was made of goes with it."""
        self.delete()
        done += to_do

    def delete(self) -> None:
        """Delete it; one that is gone already is as good as deleted."""
        try:
            answer = self._service.change("delete", self._path)
        except Broken:
            if self.look():
                raise
        else:
            if not answer.ok and answer.ocs_code not in GONE:
                raise refused(f"delete {self.id}", answer)

    def ask(self, method: str, what: str, data: Data | None = None) -> None:
        """One call on the account; Refused with the server's code where it said no."""
        path = f"{self._path}/{what}" if what else self._path
        answer = self._service.change(method, path, data or {})
        if not answer.ok:
            raise refused(f"{method} {what or (data or {}).get('key', '')} of {self.id}".replace("  ", " "), answer)


def was_used(record: Data) -> bool:
    """False where the server says that nobody ever came in and nothing lies there."""
    quota = record.get("quota")
    used = quota.get("used") if isinstance(quota, dict) else True
    return bool(record.get("lastLogin", True) or used)

"""Is a login closed to whoever knows its password, does a new password replace the old, and does each come back?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from lab.instance import Instance
from provisioner import providers
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.facts.login_lock import LOCKED
from provisioner.names import mark
from provisioner.plans.change import Change
from provisioner.plans.plan import Part
from provisioner.providers.base import Attempt
from provisioner.runs.part_result import PartOutcome
from provisioner.verification.verdict import Trial
from tests.lab.logins import databases, sftp_lists
from tests.lab.part_runner import PartRunner, as_user, look, of_site, outcomes, part_runner
from tests.lab.site_part import ENGINES, Site, new_site

OPEN = ({"private", "public", "tmp"}, True)
CLOSED = (None, False)


@dataclass(frozen=True, kw_only=True)
class Logins:
    """A site of account and database: `old` made it, `new` holds other passwords, both the same probes."""

    site: Site
    old: PartRunner
    new: PartRunner
    host: Host
    estate: Estate

    def opened_by(self, runner: PartRunner) -> tuple[set[str] | None, bool]:
        """What the runner's passwords open from outside: SFTP's listing, and whether the database lets in."""
        lab, item, address = self.site.lab, self.site.item, self.site.lab["hosts"]["web1"]["address"]
        with ThreadPoolExecutor() as both:
            listed = both.submit(sftp_lists, lab, address, item, runner.secrets["sftp_password"])
            seen = both.submit(databases, self.site.engine, address, item, runner.secrets["database_password"])
        return listed.result(), seen.result() == {item}

    def opened_by_old_and_new(self) -> tuple[tuple[set[str] | None, bool], ...]:
        """The same of both."""
        with ThreadPoolExecutor() as both:
            return tuple(both.map(self.opened_by, (self.old, self.new)))

    def tried(self, *names: str) -> dict[str, Mapping[str, Value]]:
        """What the provider's own trials see with these secrets: SFTP's, then the database's."""
        at: dict[str, Any] = {"address": self.site.lab["hosts"]["web1"]["address"], "item_id": self.site.item}
        trials = tuple(
            Trial(name=name, system=system, label=name, wanted={"login": False}, arguments={**at, "secret": secret})
            for (name, system), secret in zip(
                (("login_refused", "account"), ("database_refused", self.site.engine)), names, strict=True
            )
        )
        context = Attempt(
            run_id="run_x", estate=self.estate, folder=Path("/dev/shm"), secrets=self.old.secrets, patience_seconds=0
        )
        return dict(providers.try_all(trials, context))

    def asked_of_cron(self) -> Mapping[str, Value]:
        """What the probe hears where it asks as cron would."""
        at: dict[str, Value] = {"host": "web1", "item_id": self.site.item}
        trial = Trial(name="cron_permitted", system="account", label="cron", wanted={"job": "permitted"}, arguments=at)
        context = Attempt(
            run_id="run_x", estate=self.estate, folder=Path("/dev/shm"), secrets=self.old.secrets, patience_seconds=0
        )
        return providers.try_all((trial,), context)[trial.name]

    def change(self, prop: str, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> Change:
        """A change of a property of the account, or of the engine."""
        system = "account" if prop in ("user", "account lock") else self.site.engine
        return self.site.change(system, prop.rpartition(" ")[2], _table(before), _table(after))

    def locking(self) -> Part:
        """Close both logins."""
        locks = {
            "database": [self.change("lock", None, LOCKED)],
            "account": [self.change("account lock", None, LOCKED)],
        }
        return self.site.part(locks, "unmake")

    def rotating(self) -> Part:
        """Replace both passwords."""
        values, new = self.site.values(), {"mark": mark(self.site.item, 2)}
        user: Any = values["account", "user"]
        database: Any = values[self.site.engine, "database"]
        changes = {
            "account": [self.change("user", user, user | new)],
            "database": [self.change("database", database, database | new)],
        }
        return self.site.part(changes)

    def undone(self, part: Part) -> Part:
        """The part that takes it back."""
        back = {t.name: [change.reversed() for change in reversed(t.changes)] for t in reversed(part.tasks)}
        return self.site.part(back, "unmake" if part.play == "make" else "make")

    def removing(self) -> Part:
        """The part that takes the site away from wherever it stands now."""
        seen = of_site(look(self.estate), self.site)
        made = self.site.making("account", "database").tasks
        return self.site.part(
            {
                task.name: [
                    self.site.change(one.system, one.property, seen[one.system, one.property], None)
                    for one in reversed(task.changes)
                ]
                for task in reversed(made)
            },
            "unmake",
        )

    def kept(self) -> list[str]:
        """What root keeps beside: ['600 root replaced/ITEM.sftp', ...]."""
        found = self.host.check_output("cd /var/lib/gerbang && find . -type f -printf '%m %u %P\\n' | sort")
        return [line.replace(self.site.item, "ITEM") for line in found.splitlines() if self.site.item in line]


def begin_work(logins: Logins, password: str) -> None:
    """Let the site's user run something, something named as an SFTP session is, and a session of its database."""
    site, (login, pause, _) = logins.site, SESSIONS[logins.site.engine]
    logins.host.check_output(as_user(site, "nohup sleep 300 >/dev/null 2>&1 &"))
    logins.host.check_output(as_user(site, f'nohup sh -c "{AS_SSHD}" >/dev/null 2>&1 &'))
    session = login.format(item=site.item, password=password)
    logins.host.check_output(f"{{ echo '{pause}' | {session}; }} >/dev/null 2>&1 &")
    logins.host.run_expect([0], TRIED_FOR_5_SECONDS.format(what=f"[ {at_work(site)} = '1 1 1' ]"))


def still_at_work(logins: Logins, wanted: str) -> bool:
    """Whether what runs comes to be `wanted`: processes named sleep, and named sshd, and database sessions, '1 0 0'."""
    what = f"[ {at_work(logins.site)} = '{wanted}' ]"
    return bool(logins.host.run(TRIED_FOR_5_SECONDS.format(what=what)).rc == 0)


def at_work(site: Site) -> str:
    """A shell's word of what runs: "1 1 1"."""
    counted = SESSIONS[site.engine][2].format(item=site.item)
    return f'"$(pgrep -c -u {site.uid} -f "^sleep 300") $(pgrep -c -u {site.uid} -x sshd) $({counted})"'


AS_SSHD = "printf sshd > /proc/self/comm; while :; do sleep 1; done"
TRIED_FOR_5_SECONDS = "for n in $(seq 50); do {what} && exit 0; sleep 0.1; done; exit 1"
#: engine -> how its user logs in on the host, a statement that lasts, how root counts the user's sessions
SESSIONS = {
    "mariadb": (
        "mariadb -u{item} -p{password} {item}",
        "SELECT SLEEP(300)",
        "mariadb -BNe \"SELECT count(*) FROM information_schema.PROCESSLIST WHERE USER = '{item}'\"",
    ),
    "postgresql": (
        "PGPASSWORD={password} psql -U {item} {item}",
        "SELECT pg_sleep(300)",
        "runuser -u postgres -- psql -XAtc \"SELECT count(*) FROM pg_stat_activity WHERE usename = '{item}'\"",
    ),
}


def _table(value: Mapping[str, Value] | None) -> Value:
    return None if value is None else dict(value)


@pytest.fixture(params=ENGINES)
def logins(request: pytest.FixtureRequest, instance: Instance, web1: Host, estate: Estate) -> Iterator[Logins]:
    """A standing site; nothing of it is left, no kept hash either."""
    site = new_site(engine=request.param)
    probes = {name: f"Probe{secrets.token_hex(8)}" for name in ("sftp_probe", "database_probe")}
    with ExitStack() as stack:
        drawn = [{name: f"Kata{secrets.token_hex(8)}" for name in ("sftp_password", "database_password")} for _ in "12"]
        old, new = (stack.enter_context(part_runner(instance, words | probes)) for words in drawn)
        assert old.run(site.making("account", "database")).outcome is PartOutcome.DONE
        logins = Logins(site=site, old=old, new=new, host=web1, estate=estate)
        yield logins
        assert old.run(logins.removing()).outcome is PartOutcome.DONE
        assert logins.kept() == []


def test_a_closed_login_refuses_even_the_right_password_ends_what_runs_and_opens_again_as_it_was(
    logins: Logins, web1: Host
) -> None:
    site = logins.site
    assert logins.opened_by(logins.old) == OPEN
    begin_work(logins, logins.old.secrets["database_password"])
    assert outcomes(logins.old.run(logins.locking())) == {"database": "changed", "account": "changed"}
    assert web1.run(f"pgrep -u {site.uid}").rc == 1
    assert still_at_work(logins, "0 0 0")
    seen = of_site(look(logins.estate), site)
    assert {spot: seen[spot] for spot in seen if spot[1] == "lock"} == {
        ("account", "lock"): LOCKED,
        (site.engine, "lock"): LOCKED,
    }
    assert logins.opened_by(logins.old) == CLOSED
    right = {"login": False, "locked": True}
    assert logins.tried("sftp_probe", "database_probe") == {"login_refused": right, "database_refused": right}
    wrong = {"login": False, "locked": False}
    assert logins.tried("none", "none") == {"login_refused": wrong, "database_refused": wrong}
    assert logins.kept() == [f"600 root frozen/ITEM.{site.engine}", "600 root frozen/ITEM.sftp"]
    web1.check_output(f"{as_user(site, 'nohup sleep 300 >/dev/null 2>&1 &')}")
    assert set(outcomes(logins.old.run(logins.locking())).values()) == {"same"}
    assert web1.run(f"pgrep -u {site.uid}").rc == 1, "as a duty leaves it that was killed before it had ended them"
    assert outcomes(logins.old.run(logins.undone(logins.locking()))) == {"account": "changed", "database": "changed"}
    assert of_site(look(logins.estate), site) == {
        spot: value for spot, value in site.values().items() if spot[0] in ("account", site.engine)
    }
    assert (logins.opened_by(logins.old), logins.kept()) == (OPEN, [])


@pytest.mark.parametrize("logins", ["mariadb"], indirect=True)
def test_real_cron_runs_a_job_of_an_open_account_and_none_of_a_closed_one_as_the_question_to_pam_says(
    logins: Logins, web1: Host
) -> None:
    ran, asked = jobs_run(web1, logins.site.item), logins.asked_of_cron()
    assert (ran, asked) == ({"www-data", "ITEM"}, {"job": "permitted"})
    logins.old.run(logins.locking())
    ran, asked = jobs_run(web1, logins.site.item), logins.asked_of_cron()
    assert (ran, asked) == ({"www-data"}, {"job": "refused", "reason": "Authentication failure"})
    logins.old.run(logins.undone(logins.locking()))
    ran, asked = jobs_run(web1, logins.site.item), logins.asked_of_cron()
    assert (ran, asked) == ({"www-data", "ITEM"}, {"job": "permitted"})


# A started cron runs its @reboot jobs at once, by the same way as any other; www-data's shows that it read the table.
JOBS = """
printf '@reboot %s touch /tmp/gerbang-probe-%s\\n' www-data www-data {item} {item} > /etc/cron.d/gerbang-probe-lab
rm -f /run/crond.reboot
since=$(date '+%F %T')
systemctl restart cron
for n in $(seq 100); do
  said=$(journalctl --unit cron --since "$since" --output cat)
  case "$said" in
    *'(www-data) CMD'*'({item}) CMD'* | *'({item}) CMD'*'(www-data) CMD'*) break ;;
    *'(www-data) CMD'*'account {item} has expired'* | *'account {item} has expired'*'(www-data) CMD'*) break ;;
  esac
  sleep 0.1
done
sleep 0.2
rm /etc/cron.d/gerbang-probe-lab
find /tmp -name 'gerbang-probe-*' -printf '%f\\n' -delete
"""


def jobs_run(web1: Host, item: str) -> set[str]:
    """Whose job real cron ran, of two that stood in its table: the site's user's and another's."""
    made = web1.check_output(JOBS.format(item=item)).split()
    return {name.removeprefix("gerbang-probe-").replace(item, "ITEM") for name in made}


def test_a_new_password_replaces_the_old_one_and_the_undo_puts_the_old_one_back(logins: Logins) -> None:
    assert outcomes(logins.new.run(logins.rotating())) == {"account": "changed", "database": "changed"}
    assert logins.opened_by_old_and_new() == (CLOSED, OPEN)
    assert logins.kept() == [f"600 root replaced/ITEM.{logins.site.engine}", "600 root replaced/ITEM.sftp"]
    begin_work(logins, logins.new.secrets["database_password"])
    assert set(outcomes(logins.new.run(logins.rotating())).values()) == {"same"}
    assert still_at_work(logins, "1 0 0"), (
        "the sessions, as a duty leaves them that was killed before it had ended them"
    )
    back = logins.undone(logins.rotating())
    assert outcomes(logins.new.run(back)) == {"database": "changed", "account": "changed"}
    assert logins.opened_by_old_and_new() == (OPEN, CLOSED)
    assert logins.kept() == []


def test_a_rotation_cut_short_is_ended_and_one_whose_old_hash_is_gone_is_never_undone_into_a_lie(
    logins: Logins, web1: Host
) -> None:
    site = logins.site
    web1.check_output(f"usermod -c 'gerbang item={site.item}' {site.item}")
    assert outcomes(logins.new.run(logins.rotating())) == {"account": "changed", "database": "changed"}
    assert logins.opened_by(logins.new) == OPEN
    web1.check_output(f"rm -f /var/lib/gerbang/replaced/{site.item}.*")
    result = logins.new.run(logins.undone(logins.rotating()))
    assert outcomes(result) == {"database": "failed"}
    assert "is not kept any more" in result.tasks[0].message
    assert logins.opened_by(logins.new) == OPEN

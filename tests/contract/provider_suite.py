"""What must hold for every hand that looks and tries, the fake world and a real lab alike?

A subclass's fixtures say on what: `ground` for its own data centre. The same sentences, the same answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Observation, Spot
from provisioner.providers.base import Attempt, Looker
from provisioner.verification import verify
from provisioner.verification.verdict import Trial

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SYSTEMS = ("account", "apache", "php_fpm", "mariadb", "postgresql", "certificate", "dns")


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A data centre with one PHP site on MariaDB, its passwords known.

    `silenced` returns an estate in which that host or zone gives no answer. `limit_*` what the site was given.
    """

    looker: Looker
    estate: Estate
    host: str
    item: str
    name: str
    address: str
    secrets: dict[str, str] = field(repr=False)
    silenced: Callable[[str], Estate]
    folder: Path
    storage_bytes: int
    upload_bytes: int
    bandwidth_bytes_per_second: int

    @property
    def zone(self) -> str:
        return str(self.estate.variables["zone"])

    def look(self, *systems: str, estate: Estate | None = None) -> Observation:
        return self.looker.look(systems or SYSTEMS, (self.host,), estate or self.estate, lambda: NOW)

    def attempt(self, run_id: str, **secrets: str) -> Attempt:
        """What a trial is tried with; `secrets` in place of the right ones."""
        held = {**self.secrets, **secrets}
        return Attempt(run_id=run_id, estate=self.estate, folder=self.folder, secrets=held, patience_seconds=2)

    @property
    def by_user(self) -> dict[str, Value]:
        """The arguments of trials that log in as the site's user."""
        return {
            "name": self.name,
            "address": self.address,
            "host": self.host,
            "item_id": self.item,
            "secret": "sftp_password",
        }

    @property
    def by_database(self) -> dict[str, Value]:
        """The arguments of trials that log in to the database from outside."""
        named = {"address": self.address, "host": self.host, "item_id": self.item}
        return {**named, "secret": "database_password", "via": "network"}


def trial(system: str, name: str, wanted: dict[str, Value], arguments: dict[str, Value]) -> Trial:
    return Trial(name=name, system=system, label=name, wanted=wanted, arguments=arguments)


def trials_that_hold(on: Ground) -> tuple[Trial, ...]:
    """Every trial of a standing site but the one that takes seconds."""
    names: dict[str, Value] = {"names": [on.name]}
    at: dict[str, Value] = {**names, "address": on.address}
    redirect: Value = {"status": 301, "location": f"https://{on.name}/"}
    login: dict[str, Value] = {"login": True, "writes": True, "encrypted": True}
    sftp: dict[str, Value] = {"login": True, "round_trip": True, "escapes": []}
    served: dict[str, Value] = {"names": [on.name], "trusted": True, "long_enough": True}
    uploads: dict[str, Value] = {**on.by_user, "limit_bytes": on.upload_bytes}
    mail: dict[str, Value] = {**on.by_user, "to": "gerbang-probe@kota.lab", "servers": [["127.0.0.1", 25]]}
    site: dict[str, Value] = {"host": on.host, "item_id": on.item}
    return (
        trial("dns", "resolves", {on.name: {"A": [on.address], "AAAA": []}}, names),
        trial("apache", "https_page", {on.name: {"status": 200, "marker_found": True}}, at),
        trial("apache", "http_redirects", {on.name: redirect}, at),
        trial("certificate", "certificate_names", served, {"name": on.name, "address": on.address}),
        trial("php_fpm", "php_runs_as_site", {"user": on.item}, on.by_user),
        trial("php_fpm", "php_cannot_read_neighbour", {"readable": []}, {**on.by_user, "neighbours": ["gzzzzzzzzz"]}),
        trial("php_fpm", "upload_limit_bites", {"under": "accepted", "over": "refused"}, uploads),
        trial("php_fpm", "mail_as_asked", {"sent": False, "sender": "", "open": []}, mail),
        trial("mariadb", "database_login", login, on.by_database),
        trial("mariadb", "database_isolated", {"databases": [on.item]}, on.by_database),
        trial("account", "sftp_inside", sftp, on.by_user),
        trial(
            "account",
            "storage_limit_bites",
            {"under": "ok", "over": "EDQUOT"},
            {**site, "limit_bytes": on.storage_bytes},
        ),
        trial("account", "cron_permitted", {"job": "permitted"}, site),
    )


class ProviderSuite:
    """The suite. A subclass gives the fixture `ground`."""

    def test_a_look_lists_exactly_what_it_looked_at(self, ground: Ground) -> None:
        hosts = {(system, ground.host) for system in SYSTEMS if system != "dns"}
        assert ground.look().looked == hosts | {("dns", ground.zone)}
        assert ground.look("apache").looked == {("apache", ground.host)}
        assert ground.look("dns").looked == {("dns", ground.zone)}

    def test_what_was_not_looked_at_is_never_called_absent(self, ground: Ground) -> None:
        seen = ground.look("apache")
        with pytest.raises(KeyError):
            seen.value(Spot(system="account", target=f"{ground.host}/{ground.item}", property="user"))
        absent = Spot(system="apache", target=f"{ground.host}/gzzzzzzzzz", property="vhost")
        assert seen.value(absent) is None

    def test_every_value_is_plain_json_of_a_system_and_host_that_was_looked_at(self, ground: Ground) -> None:
        seen = ground.look()
        assert {(spot.system, spot.host) for spot in seen.values} <= seen.looked
        assert json.loads(json.dumps(list(seen.values.values()))) == list(seen.values.values())
        assert all(isinstance(amount, int) for amount in seen.measurements.values())

    def test_the_site_is_seen_in_every_system(self, ground: Ground) -> None:
        target = f"{ground.host}/{ground.item}"
        seen = {
            (s.system, s.property) for s in ground.look().values if s.target in (target, f"{ground.zone}/{ground.name}")
        }
        assert {
            ("account", "user"),
            ("account", "storage"),
            ("apache", "vhost"),
            ("php_fpm", "pool"),
            ("mariadb", "database"),
            ("mariadb", "user"),
            ("certificate", "certificate"),
            ("dns", "mark"),
            ("dns", "address"),
        } <= seen

    def test_a_second_look_sees_the_same(self, ground: Ground) -> None:
        target = (f"{ground.host}/{ground.item}", f"{ground.zone}/{ground.name}")
        first, second = (
            {spot: value for spot, value in ground.look().values.items() if spot.target in target} for _ in range(2)
        )
        assert first == second

    def test_a_silent_host_is_unreachable_and_never_empty(self, ground: Ground) -> None:
        with pytest.raises(Unreachable) as why:
            ground.look("account", "apache", estate=ground.silenced(ground.host))
        assert why.value.where == ground.host

    def test_a_silent_zone_is_unreachable_and_never_empty(self, ground: Ground) -> None:
        with pytest.raises(Unreachable) as why:
            ground.look("dns", estate=ground.silenced(ground.zone))
        assert why.value.where == ground.zone

    def test_every_trial_of_a_standing_site_holds(self, ground: Ground) -> None:
        trials = trials_that_hold(ground)
        seen = ground.looker.try_all(trials, ground.attempt("run_holds"))
        assert [(v.name, v.note, v.seen) for v in verify(trials, seen) if not v.holds] == []

    def test_what_is_seen_is_json_without_a_secret(self, ground: Ground) -> None:
        trials = trials_that_hold(ground)
        said = json.dumps(ground.looker.try_all(trials, ground.attempt("run_said")))
        assert not [name for name, secret in ground.secrets.items() if secret in said]

    def test_a_wrong_password_does_not_hold(self, ground: Ground) -> None:
        trials = tuple(
            t for t in trials_that_hold(ground) if t.name in ("sftp_inside", "database_login", "database_isolated")
        )
        context = ground.attempt("run_wrong", sftp_password="bukan-ini", database_password="bukan-itu")
        seen = ground.looker.try_all(trials, context)
        assert seen["sftp_inside"] == {"login": False, "round_trip": False, "escapes": []}
        assert seen["database_login"] == {"login": False, "writes": False, "encrypted": False}
        assert seen["database_isolated"] == {"databases": []}

    def test_a_login_that_must_be_refused_is_told_from_one_that_works(self, ground: Ground) -> None:
        at: dict[str, Value] = {"address": ground.address, "item_id": ground.item, "host": ground.host}
        for system, name, secret in (
            ("account", "login_refused", "sftp_password"),
            ("mariadb", "database_refused", "database_password"),
        ):
            right = trial(system, name, {"login": False}, {**at, "secret": secret})
            wrong = ground.attempt("run_refused", **{secret: "bukan-ini"})
            opened, refused = {"login": True, "locked": False}, {"login": False, "locked": False}
            assert ground.looker.try_all((right,), ground.attempt("run_refused"))[name] == opened
            assert ground.looker.try_all((right,), wrong)[name] == refused

    def test_a_standing_site_is_not_gone_and_one_that_never_was_is(self, ground: Ground) -> None:
        absent = f"tidak-ada.{ground.zone}"
        names: dict[str, Value] = {"names": [ground.name, absent]}
        trials = (
            trial("dns", "name_gone", {absent: {"A": [], "AAAA": []}}, names),
            trial("apache", "site_gone", {absent: "gone"}, {**names, "address": ground.address}),
        )
        seen = ground.looker.try_all(trials, ground.attempt("run_gone"))
        assert seen["name_gone"] == {ground.name: {"A": [ground.address], "AAAA": []}, absent: {"A": [], "AAAA": []}}
        assert seen["site_gone"] == {ground.name: "answers 200", absent: "gone"}

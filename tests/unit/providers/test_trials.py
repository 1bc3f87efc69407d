"""Do fake and real providers know the same trials, and is patience limited?"""

from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Estate
from provisioner.providers import provider, trials, try_all
from provisioner.providers.base import Attempt
from provisioner.providers.fake_cloud_trials import TRIALS as CLOUD_TRIALS
from provisioner.providers.fake_trials import BY_VALUE, SEEN_BY_PASSWORD
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

NOWHERE = Estate(hosts={}, variables={})
CONTEXT = Attempt(run_id="run_test", estate=NOWHERE, folder=Path("/nonexistent"), secrets={"sftp_password": "kenari"})


def trial(name: str, system: str = "apache") -> Trial:
    return Trial(name=name, system=system, label="Uji", wanted={"status": 200}, arguments={})


def test_the_fake_world_answers_exactly_the_trials_that_real_providers_perform() -> None:
    real = {name for performers in trials.PERFORMERS.values() for name in performers}
    assert real == set(BY_VALUE) | set(SEEN_BY_PASSWORD) | set(CLOUD_TRIALS)


def test_every_system_with_trials_has_a_provider() -> None:
    assert {system: provider(system).systems for system in trials.PERFORMERS} == {
        system: frozenset({system})
        for system in (
            "account",
            "apache",
            "certificate",
            "dns",
            "mariadb",
            "nextcloud",
            "php_fpm",
            "postgresql",
            "traffic",
        )
    }


def test_an_unknown_system_or_trial_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(
        GerbangError,
        match=r"Known are: account, apache, certificate, dns, mariadb, nextcloud, php_fpm, postgresql, traffic\.",
    ):
        provider("proxmox")
    seen = try_all((trial("levitates"),), CONTEXT)
    assert seen == {
        "levitates": {
            "unreachable": "apache: nobody knows the trial levitates. Known are: "
            "bandwidth_limit_bites, http_redirects, https_page, site_frozen, site_gone, site_served."
        }
    }


def test_a_secret_that_the_run_does_not_hold_is_named_and_nothing_else_is_said() -> None:
    with Visits(CONTEXT) as visits, pytest.raises(GerbangError, match="no secret database_password any more") as off:
        visits.secret("database_password")
    assert "kenari" not in str(off.value)
    assert "kenari" not in repr(CONTEXT)


def test_a_trial_is_tried_again_until_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = iter([0, 503, 200, 500])

    def once(_trial: Trial, _visits: Visits) -> dict[str, Value]:
        status = next(statuses)
        if not status:
            raise Unreachable("no answer")
        return {"status": status}

    patient = trials.Performer(perform=once, patience_seconds=5)
    monkeypatch.setattr(trials, "PERFORMERS", {"apache": {"https_page": patient}})
    assert trials.perform(trial("https_page"), Visits(CONTEXT)) == {"status": 200}


def test_when_patience_is_over_what_was_seen_last_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = trials.Performer(perform=lambda _t, _v: {"status": 503}, patience_seconds=0.25)
    monkeypatch.setattr(trials, "PERFORMERS", {"apache": {"https_page": patient}})
    assert trials.perform(trial("https_page"), Visits(CONTEXT)) == {"status": 503}

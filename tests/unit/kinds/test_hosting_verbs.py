"""What does each verb on a standing site make and try?"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.kinds.port import Question
from tests.plans.hosting_world import KIND, plan_for, question_of

PHP: dict[str, Any] = {"wish": {"runtime": "php", "database": "mariadb", "second_name": "www"}}


def choices_of(question: Question) -> Any:
    """What is chosen there."""
    return plan_for(question).choices


def asked_of_the_site(verb: str, **more: Any) -> Question:
    """The question of a verb on the standing site."""
    return question_of({**PHP, "standing": True, "verb": verb, **more})


def test_a_suspension_is_proved_with_probes_that_nobody_is_given() -> None:
    question = asked_of_the_site("suspend")
    choices = choices_of(question)
    assert [(secret.name, secret.is_probe) for secret in KIND.secrets(question, choices)] == [
        ("sftp_probe", True),
        ("database_probe", True),
    ]
    tried = {trial.name: (trial.wanted, trial.arguments.get("secret")) for trial in KIND.trials(question, choices)}
    closed = {"login_refused", "cron_refused", "database_refused"}
    assert set(tried) == {"resolves", "http_redirects", "site_frozen"} | closed
    assert tried["login_refused"] == ({"login": False, "locked": True}, "sftp_probe")
    assert tried["database_refused"] == ({"login": False, "locked": True}, "database_probe")


def test_a_database_that_is_reached_from_nowhere_is_closed_without_a_trial() -> None:
    question = asked_of_the_site("suspend", hosts={"web1": {"database_client_networks": []}})
    names = {trial.name for trial in KIND.trials(question, choices_of(question))}
    assert names == {"resolves", "http_redirects", "site_frozen", "login_refused", "cron_refused"}


@pytest.mark.parametrize("cron", ["none", "hourly"])
@pytest.mark.parametrize(
    ("verb", "name", "job", "after"),
    [("suspend", "cron_refused", "refused", []), ("resume", "cron_permitted", "permitted", ["suspend"])],
)
def test_of_every_site_cron_is_asked_whether_it_may_run_a_job_whatever_was_wished(
    cron: str, verb: str, name: str, job: str, after: list[str]
) -> None:
    question = question_of({"wish": {**PHP["wish"], "cron": cron}, "standing": True, "verb": verb, "after": after})
    choices = choices_of(question)
    (asked,) = (trial for trial in KIND.trials(question, choices) if trial.name == name)
    assert (asked.system, asked.wanted) == ("account", {"job": job})
    assert asked.arguments == {"host": "web1", "item_id": choices["item_id"]}


def test_after_a_resume_what_needs_no_password_is_tried() -> None:
    question = asked_of_the_site("resume", after=["suspend"])
    assert KIND.secrets(question, choices_of(question)) == ()
    names = {trial.name for trial in KIND.trials(question, choices_of(question))}
    assert names == {"resolves", "site_served", "http_redirects", "cron_permitted", "php_answers"}


@pytest.mark.parametrize(
    ("credential", "networks", "made", "tried"),
    [
        (
            "all",
            ["10.9.0.0/16"],
            {"sftp_password": 2, "database_password": 2},
            {"sftp_login", "login_refused", "database_login", "database_isolated", "database_refused"},
        ),
        ("sftp", ["10.9.0.0/16"], {"sftp_password": 2}, {"sftp_login", "login_refused"}),
        (
            "database",
            ["10.9.0.0/16"],
            {"database_password": 2},
            {"database_login", "database_isolated", "database_refused"},
        ),
        (
            "all",
            [],
            {"sftp_password": 2, "database_password": 2},
            {"sftp_login", "login_refused", "database_login", "database_isolated"},
        ),
        ("database", [], {"database_password": 2}, set()),
    ],
)
def test_a_rotation_makes_the_next_version_of_what_is_asked_and_tries_old_and_new(
    credential: str, networks: list[str], made: dict[str, int], tried: set[str]
) -> None:
    hosts = {"web1": {"database_client_networks": networks}}
    question = asked_of_the_site("rotate", asked={"credential": credential}, hosts=hosts)
    choices = choices_of(question)
    assert {secret.name: secret.version for secret in KIND.secrets(question, choices)} == made
    assert {trial.name for trial in KIND.trials(question, choices)} == tried

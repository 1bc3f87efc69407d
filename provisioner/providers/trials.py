"""Which trial is performed by whom, and how long may it take to come true?"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provisioner.digests import Value
from provisioner.errors import GerbangError, Unreachable
from provisioner.providers import database
from provisioner.providers.account import trial as account
from provisioner.providers.apache import trial as apache
from provisioner.providers.certificate import trial as certificate
from provisioner.providers.dns import trial as dns
from provisioner.providers.mariadb.trial import DIALECT as MARIADB
from provisioner.providers.nextcloud import traffic
from provisioner.providers.nextcloud import trial as nextcloud
from provisioner.providers.php_fpm import trial as php_fpm
from provisioner.providers.postgresql.trial import DIALECT as POSTGRESQL
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial, judge

PAUSE_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Performer:
    """Who performs a trial. `patience_seconds`: how long a service may take to reload before a wrong value counts."""

    perform: Callable[[Trial, Visits], Mapping[str, Value]]
    patience_seconds: float = 0


def _of_engine(dialect: database.Dialect) -> Mapping[str, Performer]:
    return {
        "database_login": Performer(perform=functools.partial(database.database_login, dialect=dialect)),
        "database_isolated": Performer(perform=functools.partial(database.database_isolated, dialect=dialect)),
        "database_refused": Performer(perform=functools.partial(database.login_refused, dialect=dialect)),
    }


PERFORMERS: Mapping[str, Mapping[str, Performer]] = {
    "dns": {
        "resolves": Performer(perform=dns.resolves, patience_seconds=5),
        "name_gone": Performer(perform=dns.resolves, patience_seconds=5),
    },
    "apache": {
        "https_page": Performer(perform=apache.https_page, patience_seconds=10),
        "http_redirects": Performer(perform=apache.http_redirects, patience_seconds=10),
        "site_gone": Performer(perform=apache.site_gone, patience_seconds=10),
        "site_frozen": Performer(perform=apache.site_frozen, patience_seconds=10),
        "site_served": Performer(perform=apache.site_served, patience_seconds=10),
        "bandwidth_limit_bites": Performer(perform=apache.bandwidth_limit_bites),
    },
    "traffic": {"traffic_limit_bites": Performer(perform=traffic.traffic_limit_bites, patience_seconds=10)},
    "certificate": {"certificate_names": Performer(perform=certificate.certificate_names, patience_seconds=10)},
    "php_fpm": {
        "php_runs_as_site": Performer(perform=php_fpm.php_runs_as_site, patience_seconds=10),
        "php_cannot_read_neighbour": Performer(perform=php_fpm.php_cannot_read_neighbour, patience_seconds=10),
        "upload_limit_bites": Performer(perform=php_fpm.upload_limit_bites),
        "php_answers": Performer(perform=php_fpm.php_answers, patience_seconds=10),
        "mail_as_asked": Performer(perform=php_fpm.mail_as_asked),
    },
    "mariadb": _of_engine(MARIADB),
    "postgresql": _of_engine(POSTGRESQL),
    "account": {
        "sftp_inside": Performer(perform=account.sftp_inside),
        "sftp_login": Performer(perform=account.sftp_login),
        "storage_limit_bites": Performer(perform=account.storage_limit_bites),
        "login_refused": Performer(perform=account.login_refused),
        "cron_refused": Performer(perform=account.cron_job),
        "cron_permitted": Performer(perform=account.cron_job),
    },
    "nextcloud": {
        "cloud_login": Performer(perform=nextcloud.login),
        "cloud_quota_bites": Performer(perform=nextcloud.quota_bites),
        "cloud_size_bites": Performer(perform=nextcloud.size_bites),
        "cloud_types_bite": Performer(perform=nextcloud.types_bite),
        "cloud_neighbour_unreachable": Performer(perform=nextcloud.neighbour_unreachable),
        "cloud_limits_bite_probe": Performer(perform=nextcloud.limits_bite_probe),
        "cloud_refused": Performer(perform=nextcloud.refused),
        "cloud_old_refused": Performer(perform=nextcloud.old_refused),
        "cloud_absent": Performer(perform=nextcloud.absent),
    },
}


def perform(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Try until what is wanted is seen or patience is over, and return what was seen last.

    One who does not answer is asked again as long as the context's patience lasts: another run may be reloading the
    same service just now. Unreachable where nobody answered even then; GerbangError for a trial that no provider knows.
    """
    performer = PERFORMERS.get(trial.system, {}).get(trial.name)
    if performer is None:
        known = ", ".join(sorted(PERFORMERS.get(trial.system, {})))
        raise GerbangError(f"nobody knows the trial {trial.name}.", trial.system, f"Known are: {known}.")
    started, most = time.monotonic(), visits.context.patience_seconds
    while True:
        waited = time.monotonic() - started
        try:
            seen = performer.perform(trial, visits)
            if waited >= min(performer.patience_seconds, most) or judge(trial, seen).holds:
                return seen
        except Unreachable:
            if waited >= most:
                raise
        time.sleep(PAUSE_SECONDS)

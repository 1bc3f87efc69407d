"""What would a user see who tries the fake world?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.apache import FROZEN_WORDS
from provisioner.facts.observation import Spot
from provisioner.facts.traffic import read_rate
from provisioner.providers.base import Attempt
from provisioner.providers.fake_cloud_trials import NEXTCLOUD, of_account
from provisioner.verification.verdict import Trial

Values = Mapping[Spot, Value]
Seen = Mapping[str, Value]


def answer(trial: Trial, context: Attempt, values: Values, secret_digests: Mapping[str, str]) -> Seen:
    """Return what the trial sees; KeyError for a trial that no provider knows, as with the real ones."""
    if trial.system == NEXTCLOUD:
        return of_account(trial, context, values, secret_digests)
    if trial.name not in SEEN_BY_PASSWORD:
        return BY_VALUE[trial.name](trial, values)
    right, locked = _password_is_right(trial, context, secret_digests), _is_locked(trial, values)
    if trial.name in REFUSALS:
        return {"login": right and not locked, "locked": right and locked}
    holds = right and not locked
    return {key: yes if holds else no for key, (yes, no) in SEEN_BY_PASSWORD[trial.name](trial).items()}


def _password_is_right(trial: Trial, context: Attempt, digests: Mapping[str, str]) -> bool:
    """Compare what is given with what stands: `secret` names what is given, the system what it is given for."""
    login = "sftp_password" if trial.system == "account" else "database_password"
    given = context.secrets.get(str(trial.arguments.get("secret", login)), "")
    return digests.get(f"{_target(trial)}:{login}") == hashlib.sha256(given.encode()).hexdigest()


def _is_locked(trial: Trial, values: Values) -> bool:
    return Spot(system=trial.system, target=_target(trial), property="lock") in values


def _target(trial: Trial) -> str:
    return f"{trial.arguments.get('host', 'web1')}/{trial.arguments['item_id']}"


def _resolves(trial: Trial, values: Values) -> Seen:
    found = {spot.object: value for spot, value in values.items() if (spot.system, spot.property) == ("dns", "address")}
    return {name: _addresses(found.get(name)) for name in trial.arguments["names"]}


def _addresses(value: Value) -> Value:
    held = value if isinstance(value, dict) else {}
    return {"A": sorted(held.get("A", [])), "AAAA": sorted(held.get("AAAA", []))}


def _page(trial: Trial, values: Values) -> Seen:
    up, down = {"status": 200, "marker_found": True}, {"status": 0, "marker_found": False}
    return {name: dict(up if _serves(name, values) else down) for name in trial.arguments["names"]}


def _redirects(trial: Trial, values: Values) -> Seen:
    return {name: _redirect(name, trial, values) for name in trial.arguments["names"]}


def _redirect(name: str, trial: Trial, values: Values) -> Value:
    if not _serves(name, values):
        return {"status": 0}
    return {"status": 301, "location": f"https://{name}{trial.arguments.get('path', '/')}"}


def _gone(trial: Trial, values: Values) -> Seen:
    return {name: "answers 200" if _serves(name, values) else "gone" for name in trial.arguments["names"]}


def _frozen(trial: Trial, values: Values) -> Seen:
    marker = str(trial.arguments["marker"])
    return {name: "frozen" if _serves(name, values, marker) else "answers 200" for name in trial.arguments["names"]}


def _served(trial: Trial, values: Values) -> Seen:
    return {name: _who_answers(name, values) for name in trial.arguments["names"]}


def _who_answers(name: str, values: Values) -> str:
    if not _serves(name, values):
        return "gone"
    return "answers 503" if _serves(name, values, FROZEN_WORDS) else "served"


def _certificate(trial: Trial, values: Values) -> Seen:
    name = trial.arguments["name"]
    held = [v for s, v in values.items() if s.system == "certificate" and isinstance(v, dict) and name in v["names"]]
    names = sorted(held[0]["names"]) if held else []
    return {"names": names, "trusted": bool(held), "long_enough": bool(held)}


def _serves(name: str, values: Values, words: str = "") -> bool:
    said = re.compile(rf"^\s*Server(Name|Alias)\s.*?(?<![\w.-]){re.escape(name)}(?![\w.-])", re.MULTILINE)
    files = (value for spot, value in values.items() if (spot.system, spot.property) == ("apache", "vhost"))
    return any(said.search(file["text"]) and words in file["text"] for file in files if isinstance(file, dict))


def _item_value(trial: Trial, values: Values, system: str, prop: str) -> Any:
    target = f"{trial.arguments['host']}/{trial.arguments['item_id']}"
    return values.get(Spot(system=system, target=target, property=prop))


def _php_user(trial: Trial, values: Values) -> Seen:
    return {"user": str(trial.arguments["item_id"]) if _item_value(trial, values, "php_fpm", "pool") else ""}


def _php_answers(trial: Trial, values: Values) -> Seen:
    return {"answers": _item_value(trial, values, "php_fpm", "pool") is not None}


def _php_reads(trial: Trial, values: Values) -> Seen:
    return {"readable": [] if _item_value(trial, values, "php_fpm", "pool") else ["nothing was tried: no pool"]}


def _upload(trial: Trial, values: Values) -> Seen:
    bites = _item_value(trial, values, "php_fpm", "pool") is not None
    return {"under": "accepted" if bites else "no answer", "over": "refused" if bites else "no answer"}


def _mail(trial: Trial, values: Values) -> Seen:
    """Taken where pool and group both say so."""
    pool, user = _item_value(trial, values, "php_fpm", "pool"), _item_value(trial, values, "account", "user")
    if not pool or not user or "gerbang-mail" not in user.get("groups", ()):
        return {"sent": False, "sender": "", "open": []}
    sender = f"{trial.arguments['item_id']}@kota.lab"
    return {"sent": "/usr/sbin/sendmail" in pool["text"], "sender": sender, "open": []}


def _bandwidth(trial: Trial, values: Values) -> Seen:
    return {"within": _item_value(trial, values, "apache", "vhost") is not None}


def _storage(trial: Trial, values: Values) -> Seen:
    held = _item_value(trial, values, "account", "storage")
    same = isinstance(held, dict) and held.get("limit_bytes") == trial.arguments["limit_bytes"]
    return {"under": "ok", "over": "EDQUOT" if same else "ok"}


def _cron(trial: Trial, values: Values) -> Seen:
    return {"job": "refused" if _is_locked(trial, values) else "permitted"}


def _traffic(trial: Trial, values: Values) -> Seen:
    spot = Spot(system="traffic", target=f"{trial.arguments['proxy']}/{trial.arguments['account']}", property="rate")
    held: Any = values.get(spot)
    limit = int(trial.arguments["limit_bytes_per_second"])
    return {"within": held is not None and read_rate(held["text"]).bytes_per_second == limit}


REFUSALS = ("login_refused", "database_refused")
YES_NO: tuple[Value, Value] = (True, False)
SEEN_BY_PASSWORD: Mapping[str, Callable[[Trial], Mapping[str, tuple[Value, Value]]]] = {
    "database_login": lambda _: dict.fromkeys(("login", "writes", "encrypted"), YES_NO),
    "database_isolated": lambda trial: {"databases": ([str(trial.arguments["item_id"])], [])},
    **dict.fromkeys(REFUSALS, lambda _: {}),
    "sftp_login": lambda _: {"login": YES_NO},
    "sftp_inside": lambda _: {"login": YES_NO, "round_trip": YES_NO, "escapes": ([], [])},
}
BY_VALUE: Mapping[str, Callable[[Trial, Values], Seen]] = {
    "resolves": _resolves,
    "name_gone": _resolves,
    "https_page": _page,
    "http_redirects": _redirects,
    "site_gone": _gone,
    "site_frozen": _frozen,
    "site_served": _served,
    "certificate_names": _certificate,
    "php_runs_as_site": _php_user,
    "php_answers": _php_answers,
    "php_cannot_read_neighbour": _php_reads,
    "upload_limit_bites": _upload,
    "mail_as_asked": _mail,
    "bandwidth_limit_bites": _bandwidth,
    "storage_limit_bites": _storage,
    "traffic_limit_bites": _traffic,
    "cron_refused": _cron,
    "cron_permitted": _cron,
}

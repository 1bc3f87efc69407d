"""What would the owner of a cloud account see who tries the fake world?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.providers.base import Attempt
from provisioner.verification.verdict import Trial

NEXTCLOUD = "nextcloud"
Values = Mapping[Spot, Value]
Seen = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class _Server:
    """What stands on the server, as one trial asks for it."""

    trial: Trial
    values: Values
    may_enter: bool

    def of(self, name: str, prop: str) -> Any:
        """A value of an account or group of the server."""
        return self.values.get(Spot(system=NEXTCLOUD, target=f"{self.trial.arguments['host']}/{name}", property=prop))

    def rule(self, prop: str) -> Any:
        """The rule that holds for the account, or for a probe in the groups that are named."""
        account = self.of(str(self.trial.arguments["account"]), "groups") or []
        groups = self.trial.arguments.get("groups", account)
        return next((found for group in groups if (found := self.of(str(group), prop)) is not None), None)


def of_account(trial: Trial, context: Attempt, values: Values, digests: Mapping[str, str]) -> Seen:
    """Return what the trial sees; KeyError for a trial that no provider knows, as with the real ones."""
    account = f"{trial.arguments['host']}/{trial.arguments['account']}"
    given = context.secrets.get(str(trial.arguments.get("secret", "account_password")), "")
    right = digests.get(f"{account}:account_password") == hashlib.sha256(given.encode()).hexdigest()
    locked = Spot(system=NEXTCLOUD, target=account, property="lock") in values
    return TRIALS[trial.name](_Server(trial=trial, values=values, may_enter=right and not locked))


def _login(at: _Server) -> Seen:
    return {"login": at.may_enter, "folder": "made" if at.may_enter else "refused"}


def _old_refused(at: _Server) -> Seen:
    return {"login": at.may_enter}


def _quota(at: _Server) -> Seen:
    quota, granted = at.of(str(at.trial.arguments["account"]), "quota"), int(at.trial.arguments["limit_bytes"])
    size = int(quota["bytes"]) if quota else granted + 1
    under = "not full" if granted <= size else "full"
    return {"under": under if at.may_enter else "refused", "over": "full" if granted >= size else "accepted"}


def _size(at: _Server) -> Seen:
    bites = at.rule("size_rule") == {"largest_bytes": at.trial.arguments["limit_bytes"]}
    return {"under": "accepted" if at.may_enter else "refused", "over": "forbidden" if bites else "accepted"}


def _types(at: _Server) -> Seen:
    bites = at.rule("type_rule") is not None
    refused = at.trial.arguments["refused"] if bites else []
    return {"allowed": at.trial.arguments["allowed"] if at.may_enter else [], "refused": refused}


def _neighbour(at: _Server) -> Seen:
    return {"readable": [] if at.may_enter else ["nothing was tried: no login"]}


def _limits_by_probe(at: _Server) -> Seen:
    """The probe's quota is what is asked: that the account's own is so, the look says."""
    size = at.rule("size_rule") == {"largest_bytes": at.trial.arguments["largest_bytes"]}
    types = at.rule("type_rule") is not None
    return {
        "under_quota": "not full",
        "over_quota": "full",
        "under_size": "accepted",
        "over_size": "forbidden" if size else "accepted",
        "other_type": "forbidden" if types else "accepted",
        "folder": "made",
    }


def _closed(at: _Server) -> Seen:
    """A probe is disabled as the account is: where that one is not, nothing was proved."""
    locked = at.of(str(at.trial.arguments["account"]), "lock") is not None
    return dict.fromkeys(("login", "webdav", "app_password", "session"), "refused" if locked else "open")


def _absent(at: _Server) -> Seen:
    return {"found": at.of(str(at.trial.arguments["account"]), "account") is not None}


TRIALS: Mapping[str, Callable[[_Server], Seen]] = {
    "cloud_login": _login,
    "cloud_old_refused": _old_refused,
    "cloud_quota_bites": _quota,
    "cloud_size_bites": _size,
    "cloud_types_bite": _types,
    "cloud_neighbour_unreachable": _neighbour,
    "cloud_limits_bite_probe": _limits_by_probe,
    "cloud_refused": _closed,
    "cloud_absent": _absent,
}

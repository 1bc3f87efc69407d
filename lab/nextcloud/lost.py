"""What becomes of a mailed link that sets a password? So do core/Controller/LostController.php and VerificationToken.

A link is bound to the address it was mailed to and to the account's last login, lives seven days, and opens nothing
once it was used, once another was mailed, or while the account is disabled.
"""

import re
from typing import Any
from urllib.parse import unquote

from lab.nextcloud import policy
from lab.nextcloud.answers import Answer, OcsError, plain_json
from lab.nextcloud.request import Request
from lab.nextcloud.state import State, hashed

LIFETIME_SECONDS = 7 * 24 * 3600
SET = re.compile(r"/lostpassword/set/([^/]+)/([^/]+)")
INVALID = "Could not reset password because the token is invalid"
EXPIRED = "Could not reset password because the token is expired"


def set_password(request: Request, state: State, now: float, token: str, name: str) -> Answer:
    """Set the password of whoever was mailed this link; a good one opens nothing afterwards."""
    if "ocs-apirequest" not in request.headers:
        return plain_json({"message": "CSRF check failed"}, 412)
    password = str(request.params.get("password", ""))
    refused = why_not(state, now, token, name)
    if not refused:
        try:
            policy.check_password(state, password, "en")
        except OcsError as error:
            refused = error.message
    if refused:
        return plain_json({"status": "error", "msg": refused})
    account = state.accounts[name.lower()]
    account.password = hashed(password)
    del state.reset_links[account.id]
    state.save()
    return plain_json({"user": name, "status": "success"})


def why_not(state: State, now: float, token: str, name: str) -> str:
    """Why the link opens nothing; empty where it does."""
    account = state.account(name)
    link: dict[str, Any] = state.reset_links.get(account.id, {}) if account is not None else {}
    if account is None or not account.enabled or not link or link["email"] != account.email:
        return INVALID
    if link["at"] < now - LIFETIME_SECONDS or account.last_login > link["at"]:
        return EXPIRED
    return "" if link["token"] == token else INVALID


def asked(request: Request) -> tuple[str, str] | None:
    """The token and the account's id where the request is one to set a password."""
    found = SET.fullmatch(request.path.removeprefix("/index.php"))
    return (unquote(found[1]), unquote(found[2])) if found and request.method == "POST" else None

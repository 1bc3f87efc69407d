"""What can be changed of an account? PUT /cloud/users/{id} with one key and one value."""

import re
from collections.abc import Callable
from typing import Any

from lab.nextcloud import policy, sizes
from lab.nextcloud.answers import OcsError
from lab.nextcloud.routes import Call, Routes
from lab.nextcloud.state import PROFILE, Account, State, hashed

LANGUAGES = ("en", "id", "ja", "de", "fr", "es", "nl", "en_GB")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
routes = Routes()


@routes.add("PUT", "/cloud/users/{user}", "user")
def edit(call: Call, name: str) -> list[Any]:
    """Change one field. 101 refuses the value, 113 the key, 998 knows no such account."""
    key, value = call.text("key"), call.text("value")
    account = call.state.account(name)
    if account is None or (account is not call.me and not call.is_admin):
        raise OcsError(998)
    if key not in EDITS or (key in ("quota", "manager") and not call.is_admin):
        raise OcsError(113)
    EDITS[key](call, account, value)
    call.state.save()
    return []


def set_quota(state: State, account: Account, text: str) -> None:
    """Keep a quota as the server does: rounded, as a text."""
    state.told.pop(account.id, None)
    if text in ("none", "default"):
        if text == "none" and state.setting("files", "allow_unlimited_quota", "1") == "0":
            raise OcsError(101, "Unlimited quota is forbidden on this instance")
        account.quota = text
        return
    size = sizes.in_bytes(text)
    if size is None:
        raise OcsError(101, f"Invalid quota value: {text}")
    if size < 0:
        raise OcsError(996, "Internal Server Error\n")
    most = float(state.setting("files", "max_quota", "-1"))
    if 0 < most < size:
        raise OcsError(101, f"Invalid quota value. {text} is exceeding the maximum quota")
    account.quota = sizes.in_words(size)


def set_language(account: Account, language: str) -> None:
    if language not in LANGUAGES:
        raise OcsError(101, "Invalid language")
    account.language = language


def _quota(call: Call, account: Account, value: str) -> None:
    set_quota(call.state, account, value)


def _language(_call: Call, account: Account, value: str) -> None:
    set_language(account, value)


def _display_name(_call: Call, account: Account, value: str) -> None:
    if len(value) > policy.LONGEST_NAME:
        raise OcsError(101, "Invalid displayname")
    account.display_name = value


def _email(_call: Call, account: Account, value: str) -> None:
    if value and not EMAIL.fullmatch(value):
        raise OcsError(101)
    account.email = value.lower() or None


def _password(call: Call, account: Account, value: str) -> None:
    policy.check_password(call.state, value, call.language)
    account.password = hashed(value)


def _phone(_call: Call, account: Account, value: str) -> None:
    if value and not re.fullmatch(r"\+[0-9]{6,15}", value, re.ASCII):
        raise OcsError(101, "Invalid phone")
    account.profile["phone"] = value


def _notify_email(_call: Call, account: Account, value: str) -> None:
    del account, value
    raise OcsError(101)


def _plain(key: str) -> Callable[[Call, Account, str], None]:
    def keep(_call: Call, account: Account, value: str) -> None:
        if key in ("locale", "timezone", "manager"):
            setattr(account, key, value)
        else:
            account.profile[key] = value

    return keep


EDITS: dict[str, Callable[[Call, Account, str], None]] = {
    **{key: _plain(key) for key in (*PROFILE, "locale", "timezone", "manager")},
    "quota": _quota,
    "language": _language,
    "display": _display_name,
    "displayname": _display_name,
    "email": _email,
    "password": _password,
    "phone": _phone,
    "notify_email": _notify_email,
}

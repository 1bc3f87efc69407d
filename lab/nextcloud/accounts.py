"""What can be asked of accounts? Make, look, list, disable, enable, delete, groups; as provisioning_api does."""

from typing import Any

from lab.nextcloud import mails, policy, sizes
from lab.nextcloud.account_edit import set_language, set_quota
from lab.nextcloud.answers import OcsError
from lab.nextcloud.messages import say
from lab.nextcloud.routes import Call, Routes
from lab.nextcloud.state import PROFILE, SCOPED_V2_FEDERATED, Account, State

routes = Routes()


@routes.add("POST", "/cloud/users", "sub")
def create(call: Call) -> dict[str, str]:
    """Make an account. Not atomic: what fails after the account was stored leaves it there."""
    name, password = call.text("userid"), call.text("password", "")
    display_name, email = call.text("displayName", ""), call.text("email", "")
    quota, language = call.text("quota", ""), call.text("language", "")
    groups = wanted_groups(call)
    if call.state.account(name) is not None:
        raise OcsError(102, say("User already exists", call.language))
    check_groups(call, groups)
    is_password_made_here = password == ""
    if is_password_made_here:
        if not email:
            raise OcsError(108, "An email address is required, to send a password link to the user.")
        password = mails.any_password()
    policy.check_id(name)
    policy.check_password(call.state, password, call.language)
    if len(display_name) > policy.LONGEST_NAME:
        raise OcsError(101, "Invalid displayname")
    account = call.state.add_account(name, password, display_name=display_name, groups=sorted(set(groups)))
    try:
        finish(call, account, quota, language, email)
    finally:
        call.state.save()
    if email and call.state.setting("core", "newUser.sendEmail", "yes") == "yes":
        mails.welcome(call, account, with_link=is_password_made_here)
    return {"id": name}


def finish(call: Call, account: Account, quota: str, language: str, email: str) -> None:
    """The second half of making: what is wrong here answers 101 and leaves the first half."""
    if quota:
        set_quota(call.state, account, quota)
    if language:
        set_language(account, language)
    if email:
        account.email = email.lower()


def wanted_groups(call: Call) -> list[str]:
    groups = call.params.get("groups") or []
    if not isinstance(groups, list):
        raise OcsError(996, "Internal Server Error\n")
    return [str(group) for group in groups]


def check_groups(call: Call, groups: list[str]) -> None:
    """A group must exist (104), and a sub admin names one at least (106) of his own (105)."""
    for group in groups:
        if group not in call.state.groups:
            raise OcsError(104, f"Group {group} does not exist")
        if not call.is_admin and group not in call.me.admin_of:
            raise OcsError(105, say("Insufficient privileges for group %s", call.language, group))
    if not groups and not call.is_admin:
        raise OcsError(106, say("No group specified (required for sub-admins)", call.language))


@routes.add("GET", "/cloud/users", "sub")
def listed(call: Call) -> dict[str, list[str]]:
    return {"users": [account.id for account in found(call)]}


@routes.add("GET", "/cloud/users/details", "sub")
def details(call: Call) -> dict[str, Any]:
    """A page of accounts with all their fields, by id; an empty page is a list."""
    return {"users": {account.id: described(call, account) for account in found(call)} or []}


@routes.add("GET", "/cloud/users/disabled", "sub")
def disabled(call: Call) -> dict[str, Any]:
    accounts = [account for account in found(call) if not account.enabled]
    return {"users": {account.id: described(call, account) for account in accounts} or []}


def found(call: Call) -> list[Account]:
    """The accounts that `search` finds (id, name, e-mail), `limit` of them from `offset` on; limit -1 is all."""
    search = call.text("search", "").lower()
    accounts = [account for key, account in sorted(call.state.accounts.items()) if search in searched(account)]
    if not call.is_admin:
        accounts = [account for account in accounts if {*account.groups} & {*call.me.admin_of}]
    limit, offset = call.whole("limit", None), call.whole("offset", 0) or 0
    accounts = accounts[offset:]
    return accounts if limit is None or limit < 0 else accounts[:limit]


def searched(account: Account) -> str:
    return "\n".join((account.id, account.display_name, account.email or "")).lower()


@routes.add("GET", "/cloud/user", "user")
def self_described(call: Call) -> dict[str, Any]:
    return described(call, call.me, is_self=True)


@routes.add("GET", "/cloud/users/{user}", "user")
def one(call: Call, name: str) -> dict[str, Any]:
    account = call.state.account(name)
    if account is None:
        raise OcsError(404, "User does not exist")
    if account is not call.me and not call.is_admin and not {*account.groups} & {*call.me.admin_of}:
        raise OcsError(998)
    return described(call, account, is_self=account is call.me)


@routes.add("GET", "/cloud/user/fields/{user}", "user")
def editable(call: Call, name: str) -> list[str]:
    if call.state.account(name) is None:
        raise OcsError(998)
    return ["displayname", "email", "additional_mail", *PROFILE]


def quota_bytes(state: State, account: Account) -> int:
    """What limits the account: its own quota, else the server's default."""
    quota = account.quota
    return sizes.kept_bytes(state.setting("files", "default_quota", "none") if quota == "default" else quota)


def described(call: Call, account: Account, *, is_self: bool = False) -> dict[str, Any]:
    """All fields of an account, in the server's order; to oneself (and not in a list) each with its scope."""
    said: dict[str, Any] = {"enabled": account.enabled}
    if call.is_admin:
        said["storageLocation"] = f"/srv/nextcloud/data/{account.id}"
    said |= {
        "id": account.id,
        "firstLoginTimestamp": account.first_login,
        "lastLoginTimestamp": account.last_login,
        "lastLogin": account.last_login * 1000,
        "backend": "Database",
        "subadmin": sorted(account.admin_of),
        "quota": sizes.details(quota_bytes(call.state, account), account.used_bytes),
        "manager": account.manager if call.is_admin and not is_self else "",
    }
    name = account.display_name or account.id
    fields: list[tuple[str, Any]] = [("email", account.email), ("additional_mail", []), ("displayname", name)]
    fields += [("profile_enabled" if key == "profile_enabled" else key, profile(account, key)) for key in PROFILE]
    if is_self:
        said["avatarScope"] = "v2-federated"
    for key, value in fields:
        said[key] = value
        if key == "displayname":
            said["display-name"] = value
        if is_self:
            said[f"{key}Scope"] = [] if key == "additional_mail" else scope(key)
    return said | {
        "groups": sorted(account.groups),
        "language": account.language or "en",
        "locale": account.locale,
        "timezone": account.timezone,
        "notify_email": None,
        "backendCapabilities": {"setDisplayName": True, "setPassword": True},
    }


def profile(account: Account, key: str) -> str:
    return account.profile.get(key, "1" if key == "profile_enabled" else "")


def scope(key: str) -> str:
    return "v2-federated" if key in SCOPED_V2_FEDERATED else "v2-local"


def other(call: Call, name: str, code: int) -> Account:
    """The account that an admin acts on: neither a missing one nor himself."""
    account = call.state.account(name)
    if account is None:
        raise OcsError(code)
    if account is call.me:
        raise OcsError(101)
    return account


@routes.add("DELETE", "/cloud/users/{user}", "admin")
def delete(call: Call, name: str) -> list[Any]:
    account = other(call, name, 998)
    call.guard.end_sessions(account.id)
    call.state.remove_account(account)
    call.state.save()
    return []


@routes.add("PUT", "/cloud/users/{user}/disable", "admin")
def disable(call: Call, name: str) -> list[Any]:
    """Disable an account; its open sessions end. Again is as once."""
    account = other(call, name, 101)
    account.enabled = False
    call.guard.end_sessions(account.id)
    call.state.save()
    return []


@routes.add("PUT", "/cloud/users/{user}/enable", "admin")
def enable(call: Call, name: str) -> list[Any]:
    other(call, name, 101).enabled = True
    call.state.save()
    return []


@routes.add("POST", "/cloud/users/{user}/wipe", "admin")
def wipe(call: Call, name: str) -> list[Any]:
    """Mark the account's devices to be wiped: its app passwords open nothing any more; its files stay."""
    account = other(call, name, 998)
    call.state.end_tokens(account.id)
    call.state.save()
    return []


@routes.add("POST", "/cloud/users/{user}/welcome", "admin")
def welcome(call: Call, name: str) -> list[Any]:
    """Mail the account; with a set-password link where one was mailed before and not used, which it makes worthless."""
    account = call.state.account(name)
    if account is None:
        raise OcsError(998)
    if not account.email:
        raise OcsError(101, "Email address not available")
    if not mails.welcome(call, account, with_link=account.id in call.state.reset_links):
        raise OcsError(102, "Sending email failed")
    return []
